"""What an operator types, and what comes of it."""

import importlib
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

import workflows
from builders.iam.codes import invented_code
from iam.audit import AuditEntry
from workflows.cli import COMMANDS, main
from workflows.cli.settings import as_markdown
from workflows.cli.worker import JOBS
from workflows.jobs.registry import defined, definitions
from workflows.settings import Settings, unknown_variables
from workflows.staff import Role, staff_roles

_ROOT = Path(__file__).parents[3]

Viis = Callable[..., tuple[int, str]]


@pytest.fixture
def viis(monkeypatch: pytest.MonkeyPatch, database_url: str, capsys: pytest.CaptureFixture[str]) -> Viis:
    """Type a command; returns its exit status and everything it said."""
    monkeypatch.setenv("VIIS_DATABASE_URL", database_url)

    def typed(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as left:
            main(words)
        said = capsys.readouterr()
        code = left.value.code
        return (code if isinstance(code, int) else 0), said.out + said.err

    return typed


def test_every_command_is_listed_and_has_help_with_an_example(viis: Viis) -> None:
    status, overview = viis()
    assert status == 0
    for name in COMMANDS:
        assert f"  {name} " in overview
        status, help_text = viis(name, "--help")
        assert status == 0
        assert "xample" in help_text or "add" in help_text, name  # staff is a group of three
    (added,) = (line for line in overview.splitlines() if line.startswith("  demo "))
    assert added.split(maxsplit=1)[1] == "Sign files as an invented person; nothing here has legal effect"


def test_a_number_of_policy_is_changed_with_a_reason_and_shown(viis: Viis, session: Session) -> None:
    status, said = viis("policy", "set", "draft_kept", "20", "--from", "2027-01-15", "--because", "order 17")
    assert (status, said) == (0, "draft_kept: 20 days from 2027-01-15\n")
    assert "from 2027-01-15  system:viis@" in viis("policy", "list")[1]
    assert session.scalars(select(AuditEntry.details).where(AuditEntry.tag == "policy:changed")).one()["value"] == 20
    unused = " (not used by this version)"
    assert viis("policy", "set", "raw_mail_kept", "20", "--from", "2027-01-15", "--because", "order 17") == (
        0,
        f"raw_mail_kept: 20 months from 2027-01-15{unused}\n",
    )
    listed = viis("policy", "list")[1].splitlines()
    assert {one.partition(" ")[0] for one in listed if one.endswith(unused)} >= {"raw_mail_kept", "four_eyes_bulk"}
    assert not any(one.startswith("draft_kept") and one.endswith(unused) for one in listed)
    assert viis("policy", "set", "draft_kept", "0", "--from", "2027-01-15", "--because", "x")[0] == 1
    status, said = viis("policy", "set", "draft_keptt", "1", "--from", "2027-01-15", "--because", "x")
    assert (status, said) == (1, "There is no number draft_keptt. See viis policy list.\n")


@pytest.mark.parametrize("command", ["add", "end", "list"])
def test_each_staff_command_has_an_example(viis: Viis, command: str) -> None:
    assert "Example: viis staff" in viis("staff", command, "--help")[1]


def test_a_slip_is_answered_with_the_command_that_was_meant(viis: Viis) -> None:
    assert viis("servr") == (2, "viis: there is no command servr. Did you mean serve? See viis --help.\n")


def test_verify_starts_fast_and_loads_neither_web_nor_database() -> None:
    program = (
        "import sys; from workflows.cli import main\n"
        "try: main(['verify', '--policies'])\n"
        "except SystemExit: pass\n"
        "print({'fastapi', 'sqlalchemy', 'typer', 'pydantic', 'procrastinate'} & set(sys.modules))"
    )
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        # Processor time: what else the machine does is not the command's fault.
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        assert ran.stdout.splitlines()[-1] == "set()"
    assert min(spent) < 0.8, spent


def test_missing_settings_are_named_and_nothing_else_is_said(
    viis: Viis, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)  # no .env here
    monkeypatch.delenv("VIIS_DATABASE_URL")
    status, said = viis("staff", "list")
    assert status == 78
    assert said.startswith("VIIS_DATABASE_URL: Field required\n")
    assert "Traceback" not in said


def test_a_database_that_is_away_is_a_sentence(viis: Viis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIIS_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    status, said = viis("staff", "list")
    assert status == 69
    assert said.startswith("The database does not answer:")


def test_migrate_says_where_it_went_and_may_be_repeated(
    viis: Viis, monkeypatch: pytest.MonkeyPatch, empty_database_url: str
) -> None:
    monkeypatch.setenv("VIIS_DATABASE_URL", empty_database_url)
    assert re.search(r"Schema empty → \d{4}", viis("migrate")[1])
    assert re.fullmatch(r"Schema \d{4}\n", viis("migrate")[1])


def test_the_invented_register_is_imported_twice_and_changes_nothing_the_second_time(viis: Viis) -> None:
    register = str(_ROOT / "demo" / "data" / "institutions.csv")
    status, first = viis("import-institutions", register)
    assert status == 0
    assert re.search(r"\d+ rows: \d+ added, 0 changes, 0 unchanged", first)
    assert re.search(r"\d+ rows: 0 added, 0 changes, \d+ unchanged", viis("import-institutions", register)[1])


def test_the_audit_knows_which_files_were_taken_over_by_whom_and_what_they_changed(
    viis: Viis, session: Session, tmp_path: Path
) -> None:
    register = _ROOT / "demo" / "data" / "institutions.csv"
    heads = tmp_path / "heads.csv"
    code = invented_code("Ilze Liepa").written
    heads.write_text(
        "scope;person_code;name;capacity;from;until;email;source\n"
        f"s;{code};Ilze Liepa;power_of_attorney;2026-01-01;;;Pilnvara\n"
    )
    assert viis("import-institutions", str(register))[0] == 0
    assert viis("import-signatories", str(heads))[0] == 0
    heads.write_text("nothing;of;the;kind\n")
    assert viis("import-signatories", str(heads))[0] == 1
    first, *people, second = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert (first.tag, first.evidence) == ("institutions:imported", sha256(register.read_bytes()).hexdigest())
    assert first.details["added"] == first.details["rows"] != 0
    assert [entry.tag for entry in people] == ["person:registered", "signatory:recorded"]
    assert people[1].evidence == second.evidence
    assert second.tag == "signatories:imported"
    assert second.details == {"recorded": 1, "changed": 0, "unchanged": 0}
    assert second.actor_id.startswith("viis@")
    assert code not in str(second.details) + second.subject


def test_a_bad_register_names_its_lines_and_changes_nothing(viis: Viis, session: Session, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("nothing;of;the;kind\n")
    status, said = viis("import-institutions", str(bad))
    assert status == 1
    assert "Traceback" not in said
    assert session.scalar(text("SELECT count(*) FROM institutions")) == 0


def test_staff_are_added_listed_and_ended_and_the_audit_knows_by_whom(viis: Viis, session: Session) -> None:
    assert (
        viis("staff", "add", "Inese.Kalna", "--name", "Inese Kalna", "--role", "reviewer", "--role", "auditor")[0] == 0
    )
    assert staff_roles(session, "inese.kalna") == {Role.REVIEWER, Role.AUDITOR}
    assert "Inese Kalna" in viis("staff", "list")[1]

    assert viis("staff", "end", "inese.kalna")[0] == 0
    session.expire_all()
    assert staff_roles(session, "inese.kalna") == frozenset()
    assert viis("staff", "end", "nobody")[0] == 1

    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.tag for entry in entries] == ["staff:added", "staff:ended"]
    assert all(entry.actor_id.startswith("viis@") for entry in entries)


def test_a_consultant_needs_a_municipality(viis: Viis) -> None:
    assert viis("staff", "add", "juris.kalns", "--name", "Juris Kalns", "--role", "consultant")[0] == 2


def test_the_doctor_says_what_is_wrong_and_what_to_do(viis: Viis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIIS_DATABSE_URL", "a slip")
    monkeypatch.setenv("VIIS_KEYCLOAK_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("VIIS_SMTP_PORT", "1")
    status, said = viis("doctor")
    assert status == 1
    assert "UNWELL settings: VIIS_DATABSE_URL" in said
    assert "well   database: schema" in said
    assert "UNWELL workers: 0 heard of\n       Start viis worker." in said
    assert "UNWELL trusted lists: missing" in said
    assert "UNWELL keycloak" in said
    assert "UNWELL mail server" in said


def test_secrets_come_from_files_and_are_never_shown(
    viis: Viis, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("very secret\n")
    monkeypatch.setenv("VIIS_SECRET_KEY_FILE", str(secret))
    assert Settings.load().secret_key.get_secret_value() == "very secret"
    assert "very secret" not in viis("settings")[1]

    monkeypatch.setenv("VIIS_SECRET_KEY", "another")
    status, said = viis("staff", "list")
    assert status == 78
    assert "VIIS_SECRET_KEY and VIIS_SECRET_KEY_FILE are both set" in said


def test_the_documentation_lists_every_setting() -> None:
    assert as_markdown() in (_ROOT / "docs" / "operations.md").read_text("utf-8")


def test_the_documentation_names_every_command() -> None:
    documented = (_ROOT / "docs" / "operations.md").read_text("utf-8")
    assert [name for name in COMMANDS if f"`viis {name}" not in documented] == []


def test_a_worker_knows_every_job_there_is() -> None:
    package = Path(workflows.__file__).parent
    defining = {
        ".".join(("workflows", *file.relative_to(package).with_suffix("").parts))
        for file in package.rglob("*.py")
        if re.search(r"^@job\(", file.read_text("utf-8"), re.MULTILINE)
    }
    program = f"import sys, importlib\nfor name in {JOBS!r}: importlib.import_module(name)\nprint(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert defining - set(ran.stdout.split()) == set()


def test_every_job_that_comes_after_a_failure_is_known_to_the_worker_and_never_given_up() -> None:
    for module in JOBS:
        importlib.import_module(module)
    ours = [one for one in definitions().values() if one.function.__module__.startswith("workflows.")]
    after = {name for one in ours if (name := one.after_failure)}
    assert after
    assert all(defined(name).retry.times is None for name in after)


def test_a_variable_of_ours_that_means_nothing_is_noticed() -> None:
    assert unknown_variables({"VIIS_UPLOAD_MAX_MB": "1", "VIIS_UPLAOD_MAX_MB": "1"}) == ("VIIS_UPLAOD_MAX_MB",)
