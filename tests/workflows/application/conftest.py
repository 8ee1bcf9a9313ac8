"""What do the tests of applications lean on? The PDF validator, and invented people and places."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import pytest

from builders.workflows.office import Office, Submitted
from demo.servers import GreenMail, Postgres, cache_dir
from iam.grants.models import Level
from iam.institutions.models import ScopeKind
from workflows.application.facts import Place, StatedPerson
from workflows.application.kinds.grant.stated import Basis, ScopeLevel, SectionWish, Stated
from workflows.application.states import State
from workflows.settings import Settings

_numbers = count(1)

_VERAPDF = """<project><modelVersion>4.0.0</modelVersion>
<groupId>tests</groupId><artifactId>verapdf</artifactId><version>1</version><dependencies><dependency>
<groupId>org.verapdf.apps</groupId><artifactId>greenfield-apps</artifactId><version>1.28.2</version>
</dependency></dependencies></project>"""


@pytest.fixture
def at() -> datetime:
    """The moment these stories happen."""
    return datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def school() -> Place:
    """An invented school."""
    return Place(ScopeKind.INSTITUTION, "4013900001", "Kalnāju sākumskola", "Kalnāju novads")


@pytest.fixture
def stated(school: Place) -> Stated:
    """A complete application of that school, as simple as they come."""
    return Stated(
        applicant=school,
        head=StatedPerson("Ilze", "Ābeltiņa", "320000-00011", "direktore", "ilze@kalnaji.example"),
        user=StatedPerson("Jānis", "Ķirķītis", "320000-00022", "lietvedis", "janis@kalnaji.example", "+371 20000000"),
        head_is_user=False,
        level=ScopeLevel.INSTITUTION,
        scope=(school,),
        sections=(
            SectionWish("learners", "Izglītojamie un piederība", Level.EDIT),
            SectionWish("staff", "Pedagogi un tehniskais personāls", Level.VIEW),
        ),
        basis=Basis.NEW,
        basis_detail="",
        since=date(2026, 12, 1),
        until=None,
    )


@pytest.fixture(scope="session")
def verapdf() -> Callable[[str, list[Path]], list[str]]:
    """Ask veraPDF about files by one profile ("3a", "ua1"): its lines, one a file, beginning with PASS or FAIL."""
    folder = cache_dir() / "verapdf-1.28.2"
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=cache_dir()) as work:
            (Path(work) / "pom.xml").write_text(_VERAPDF)
            command = ["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={work}/lib"]
            subprocess.run(command, cwd=work, check=True, capture_output=True, timeout=240)
            if not folder.exists():  # another test process may have been faster
                shutil.move(f"{work}/lib", folder)

    def ask(profile: str, files: list[Path]) -> list[str]:
        java = Path(os.environ["JAVA_HOME"]) / "bin/java" if "JAVA_HOME" in os.environ else "java"
        # A short run: it ends before a better compiler would pay.
        command = [str(java), "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
        command += ["-cp", f"{folder}/*", "org.verapdf.apps.GreenfieldCliWrapper"]
        command += ["-f", profile, "--format", "text", *map(str, files)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
        return [line for line in done.stdout.splitlines() if line.startswith(("PASS", "FAIL", "ERROR"))]

    return ask


@pytest.fixture
def settings(database_url: str, mail_server: GreenMail) -> Settings:
    """The service's settings: the test's own database, the real mail server, the demo PKI on the loopback."""
    return Settings.model_validate(
        {
            "database_url": database_url,
            "base_url": "https://viis.test",
            "smtp_port": mail_server.smtp_port,
            "smtp_host": "127.0.0.1",
            "private_addresses_allowed": ("127.0.0.1",),
            "keycloak_url": "http://127.0.0.1:9",  # nobody answers there: stories that need Keycloak say so
        }
    )


@pytest.fixture
def database_url(postgres: Postgres, furnished: str) -> Iterator[str]:
    """A furnished database of this test's own."""
    name = f"office_{next(_numbers)}"
    yield postgres.create(name, template=furnished)
    postgres.drop(name)


@pytest.fixture
def waiting(office: Office) -> Submitted:
    """An application in review, both parts proven, the right to sign to be confirmed."""
    submitted = office.submit()
    office.prove(submitted)
    assert office.track(submitted).state is State.IN_REVIEW
    return submitted
