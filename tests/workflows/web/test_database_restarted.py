"""PostgreSQL is restarted while a file is being judged: the page says so for a moment, and the verdict comes, once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office
from demo.pki import Server
from demo.servers import GreenMail, Postgres
from tests.fixtures_office import furnish
from tests.workflows.application.processes import eventually, workers
from tests.workflows.web.reading import hand_in, text_of
from tests.workflows.web.site import SECRET, running
from workflows import database
from workflows.application.kinds.grant.documents import Part
from workflows.evidence.models import Verification
from workflows.jobs import Tools
from workflows.migrating import migrate
from workflows.settings import Settings
from workflows.signed_forms.models import Upload

_numbers = count(1)


@pytest.fixture
def server(servers_folder: Path) -> Iterator[Postgres]:
    """A PostgreSQL of this test's own, durable as in earnest."""
    with Postgres(servers_folder / f"restarted-{next(_numbers)}") as up:
        yield up


@pytest.fixture
def office(server: Postgres, mail_server: GreenMail, pki_server: Server) -> Iterator[Office]:
    """The service on that server, furnished."""
    url = server.create("viis")
    migrate(url)
    furnish(url, pki_server)
    settings = Settings.model_validate(
        {
            "database_url": url,
            "web_port": 0,
            "secret_key": SECRET,
            "smtp_host": "127.0.0.1",
            "smtp_port": mail_server.smtp_port,
            "private_addresses_allowed": ("127.0.0.1",),
            "keycloak_url": "http://127.0.0.1:9",
        }
    )
    engine = database.engine(url)
    with Tools(settings) as tools:
        yield Office(settings, database.session_factory(engine), tools, pki_server.built, datetime.now(UTC))
    engine.dispose()


def how_many(sessions: sessionmaker[Session], what: type[object]) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(what)) or 0


@pytest.mark.parametrize("away_for", ["a moment", "longer than the worker waits"])
def test_a_file_on_its_way_outlives_a_restart_of_the_database(
    server: Postgres, office: Office, tmp_path: Path, away_for: str
) -> None:
    submitted = office.submit()
    signed = office.sign(submitted, "user", Part.LETTER)
    judging, go_on = tmp_path / "judging", tmp_path / "go on"
    with running(office.settings) as site, workers(office.settings) as start, site.visitor() as visitor:
        worker = start(str(judging), str(go_on))
        visitor.follow_redirects = True
        page = visitor.get(f"/track/{submitted.reference}?key={submitted.token}").text

        def shown() -> httpx.Response:
            return visitor.get(f"/track/{submitted.reference}")

        sent = hand_in(visitor, submitted.reference, page, "parakstits.edoc", signed)
        assert sent.status_code == 200
        eventually(judging.exists)
        server.stop()
        away = shown()
        assert away.status_code == 503
        assert "Pakalpojums pašlaik nav pieejams" in text_of(away.text)
        assert visitor.get("/").status_code == 200, "what needs no database is there"
        go_on.touch()
        if away_for != "a moment":
            eventually(lambda: worker.poll() is not None)
        server.start()
        assert shown().status_code == 200
        running_now = [worker]

        def judged() -> bool:
            # A worker may end when its database goes away, with status 0; whoever supervises it starts it again.
            if running_now[-1].poll() is not None:
                running_now.append(start())
            return "Tiek pārbaudīts" not in text_of(shown().text)

        eventually(judged)
        said = text_of(shown().text)
        assert "Pieņemts" in said
        assert {one.poll() for one in running_now} <= {None, 0}
    assert (how_many(office.sessions, Upload), how_many(office.sessions, Verification)) == (1, 1)
