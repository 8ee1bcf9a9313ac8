"""What an operator types about orders, and what comes of it; nothing of it is written."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from builders.iam.register import AT, BY_REVIEWER, REVIEWER, imported
from builders.iam.rights import given, opened
from iam.audit import AuditEntry, Door
from iam.institutions import service as institutions
from iam.orders import service as orders
from iam.orders.models import Order
from iam.orders.states import OrderState
from workflows import clock, staff
from workflows.cli import main
from workflows.jobs import drain
from workflows.proposals import service as proposals
from workflows.proposals.models import Proposal
from workflows.proposals.service import SecondPerson
from workflows.reorganisation.checking import checked
from workflows.reorganisation.order_files import read_orders
from workflows.reorganisation.tags import PlanTag
from workflows.settings import Settings
from workflows.staff import Role

Viis = Callable[..., tuple[int, str]]
HEADER = "reference,legal_basis,effective,change,sources,targets,new_name,new_code\n"
FIELDS = ["change", "order", "account", "scope", "section", "level", "last_day", "reason", "reference"]

UNDO_FIELDS = [
    "change",
    "order",
    "account",
    "signatory",
    "scope",
    "section",
    "level",
    "since",
    "until",
    "reason",
]


@pytest.fixture
def recorded(database_url: str, tmp_path: Path) -> Iterator[Session]:
    """A register of three schools, and one right in the first."""
    engine = create_engine(database_url, poolclass=NullPool)
    with Session(engine) as session:
        imported(session, tmp_path)
        school = institutions.scope_of_institution(session, "4113900001").id
        given(session, opened(session), school)
        session.commit()
        yield session
    engine.dispose()


@pytest.fixture
def viis(monkeypatch: pytest.MonkeyPatch, database_url: str, capsys: pytest.CaptureFixture[str]) -> Viis:
    monkeypatch.setenv("VIIS_DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "200")

    def typed(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as left:
            main(words)
        said = capsys.readouterr()
        code = left.value.code
        return (code if isinstance(code, int) else 0), said.out + said.err

    return typed


def file(folder: Path, lines: str) -> str:
    path = folder / "orders.csv"
    path.write_text(HEADER + lines, encoding="utf-8")
    return str(path)


JOINED = "1-3/7,Domes lēmums,2026-10-01,joined,4113900001,4213900003,,\n"


def test_a_plan_is_an_object_a_change_with_exactly_the_fields_others_rely_on(
    viis: Viis, recorded: Session, tmp_path: Path
) -> None:
    before = recorded.scalar(select(func.max(AuditEntry.id)))
    status, printed = viis("reorganise", "plan", file(tmp_path, JOINED), "--json")
    changes = [json.loads(line) for line in printed.splitlines()]
    assert status == 0
    assert all(list(change) == FIELDS for change in changes)
    end = changes[0]
    reason = end.pop("reason")
    assert end == {
        "change": "ends",
        "order": "1-3/7",
        "account": "anna.berzina",
        "scope": "i-4113900001",
        "section": "learners",
        "level": "edit",
        "last_day": "2026-09-30",
        "reference": None,
    }
    assert reason == (
        "Aldas vidusskola (number 4113900001) is joined to Cīruļu pamatskola (number 4213900003);"
        " rights are not carried over."
    )
    assert [change["change"] for change in changes] == ["ends", "needs_application", "gap", "gap"]
    recorded.rollback()
    assert recorded.scalar(select(func.max(AuditEntry.id))) == before
    assert recorded.scalar(select(func.count()).select_from(Order)) == 0


@pytest.mark.usefixtures("recorded")
def test_without_json_there_are_counts_in_words(viis: Viis, tmp_path: Path) -> None:
    status, printed = viis("reorganise", "plan", file(tmp_path, JOINED), "--language", "lv")
    assert status == 0
    assert "1-3/7 Domes lēmums, 01.10.2026." in printed
    assert "Tiesības beidzas" in printed
    assert "Iestādi vai pašvaldību pievieno citai" in printed
    assert "Ir viens tiesību pārņēmējs" in printed
    assert "Paliek bez tiesībām: 2" in printed
    assert "anna.berzina" in printed


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize(
    "line",
    [
        "joined,4113900001,4213900003,,",
        "joined,4113900001,4101900002|4213900003,,",
        "merged,4113900001|4101900002,4113900009=Jaunā,,",
        "split,4113900001,4101900002|4113900009=Jaunā,,",
        "part_split_off,4113900001,4113900009=Jaunā,,",
        "transformed,4113900001,4113900009=Jaunā,,",
        "closed,4113900001,,,",
        "branch_created,4113900001,,Filiāle,",
        "renamed,4113900001,,Jauns nosaukums,",
        "recoded,0099000,,,0099001",
        "joined,0099000,0099100,,",
        "renamed,0099000,,Jauns novads,",
    ],
)
def test_no_code_stands_where_a_person_reads_why(viis: Viis, tmp_path: Path, line: str, language: str) -> None:
    status, printed = viis(
        "reorganise", "plan", file(tmp_path, f"1,Likums,2026-10-01,{line}\n"), "--language", language
    )
    assert status == 0
    whys = [row.split("│")[2].strip() for row in printed.splitlines() if row.count("│") == 4]
    assert whys
    assert not {why for why in whys if "_" in why or why[:1].islower()}


@pytest.mark.usefixtures("recorded")
def test_every_fault_is_named_with_its_line_and_nothing_is_planned(viis: Viis, tmp_path: Path) -> None:
    lines = (
        JOINED
        + "1-3/8,Domes lēmums,2026-10-01,closed,4113900001,,,\n"
        + "1-3/9,Domes lēmums,2026-10-01,closed,4113900099,,,\n"
        + "1-4/1,Domes lēmums,2026-10-01,joined,4113900001,4101900002|4101900002,,\n"
    )
    status, told = viis("reorganise", "plan", file(tmp_path, lines), "--json")
    assert status == 1
    assert told.splitlines() == [
        "Line 3: Aldas vidusskola (number 4113900001) ends by the order 1-3/7 too.",
        "Line 4: The institution 4113900099 is not known.",
        'Line 5: Birzas PII "Zīlīte" (number 4101900002) is named twice.',
        "Line 5: Aldas vidusskola (number 4113900001) ends by the order 1-3/7 too.",
    ]
    status, told = viis("reorganise", "plan", file(tmp_path, lines), "--language", "lv")
    assert "4. rinda: Iestāde 4113900099: reģistrā tādas nav." in told


@pytest.mark.usefixtures("recorded")
def test_a_mapping_names_municipalities_by_code_on_the_day_that_counts(viis: Viis, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.csv"
    mapping.write_text(
        "old_atvk,old_name,new_atvk,new_name,changed\n"
        "0990200,Aldas novads,0099000,Aldas novads,yes\n"
        "0990400,Birzas novads,0099000,Aldas novads,yes\n"
        "0990600,Cīruļu novads,0099100,Cīruļu novads,no\n",
        encoding="utf-8",
    )
    status, printed = viis("reorganise", "plan", str(mapping), "--json")
    assert status == 0
    changes = [json.loads(line) for line in printed.splitlines()]
    # The school lies in Alda since the reform. Only one other municipality is left alone by it.
    assert [(one["change"], one["order"], one["account"]) for one in changes] == [
        ("stays", "ATR 2021-07-01", "anna.berzina"),
        ("recoded", "ATR 2021-07-01", None),
    ]
    mapping.write_text(mapping.read_text("utf-8").replace("0990600", "0990699"), encoding="utf-8")
    status, told = viis("reorganise", "plan", str(mapping))
    assert (status, told) == (1, "Line 4: Cīruļu novads (code 0990699) is not known.\n")


def test_recorded_orders_are_listed_and_one_is_shown_with_what_it_would_change(
    viis: Viis, recorded: Session, tmp_path: Path
) -> None:
    said = checked(recorded, read_orders((HEADER + JOINED).encode())).orders
    (row,) = orders.draft(recorded, said, origin=BY_REVIEWER, at=AT)
    recorded.commit()
    assert "1-3/7" in viis("reorganise", "show")[1]
    status, told = viis("reorganise", "show", "1-3/7")
    assert status == 0
    assert "01.09.2026 at\N{NO-BREAK SPACE}11:00  recorded  staff:inese.kalna" in told
    assert "Right ends" in told
    # the same file once more contradicts what waits
    assert viis("reorganise", "plan", file(tmp_path, JOINED))[1].splitlines()[0] == (
        "Line 2: An order with this reference is recorded and in force already."
    )
    orders.move(recorded, row, OrderState.REPEALED, origin=BY_REVIEWER, at=AT, reason="Tiesa")
    recorded.commit()
    told = viis("reorganise", "show", "1-3/7", "--language", "lv")[1]
    assert "atcelts  staff:inese.kalna  Tiesa" in told
    assert "Tiesības beidzas" not in told
    assert viis("reorganise", "show", "9") == (1, "No order has the reference 9.\n")


@pytest.mark.parametrize("command", ["plan", "show", "apply", "undo", "pause", "resume", "raise-cap"])
def test_each_reorganise_command_has_an_example(viis: Viis, command: str) -> None:
    assert f"Example: viis reorganise {command}" in viis("reorganise", command, "--help")[1]


def test_a_plan_is_proposed_here_and_carried_out_once_a_second_person_has_confirmed_it(
    viis: Viis, recorded: Session, tmp_path: Path
) -> None:
    for username, role in (
        ("inese.kalna", Role.REVIEWER),
        ("valdis.upe", Role.APPROVER),
        ("una.a", Role.ADMINISTRATOR),
    ):
        staff.add(recorded, username, name=username, roles={role}, by=REVIEWER, door=Door.CLI, at=AT)
    recorded.commit()
    said = file(tmp_path, JOINED.replace("2026-10-01", "2026-09-15"))
    refused = "valdis.upe does not work here as reviewer. See viis staff list.\n"
    assert viis("reorganise", "apply", said, "--by", "valdis.upe", "--because", "Domes lēmums") == (1, refused)
    status, told = viis("reorganise", "apply", said, "--by", "inese.kalna", "--because", "Domes lēmums")
    assert (status, told.partition(" A second")[0]) == (0, "Proposed: 1 ends.")
    again = viis("reorganise", "apply", "1-3/7", "--by", "inese.kalna", "--because", "Domes lēmums")
    assert again[0] == 1
    recorded.rollback()
    (proposal,) = recorded.scalars(select(Proposal))
    assert told.rstrip().endswith(f"/proposals/{proposal.id}")
    now = clock.now()
    proposals.confirm(
        recorded,
        proposal.id,
        seen=proposal.seen_digest,
        count=1,
        by=SecondPerson("valdis.upe", now),
        base_url="https://viis.test",
        at=now,
    )
    recorded.commit()
    assert viis("reorganise", "pause", "1-3/7") == (0, "1-3/7: paused\n")
    drain(Settings.model_validate({"database_url": database_url_of(recorded)}))
    told = viis("reorganise", "show", "1-3/7")[1]
    assert "Done: 0 of 1\nPaused.\n" in told
    assert viis("reorganise", "resume", "1-3/7") == (0, "1-3/7: goes on\n")
    drain(Settings.model_validate({"database_url": database_url_of(recorded)}))
    assert "Done: 1 of 1\n" in viis("reorganise", "show", "1-3/7")[1]
    assert "carried out" in viis("reorganise", "show", "1-3/7")[1]
    told = viis("reorganise", "show", "1-3/7", "--language", "lv")[1]
    assert "Tiesības atkal ir spēkā" in told
    assert "Tās izbeidza rīkojums" in told
    (digest,) = re.findall(r"[0-9a-f]{64}", told)
    undo = ("reorganise", "undo", "1-3/7", "--by", "inese.kalna", "--because", "Kļūda")
    status, refused = viis(*undo, "--seen", "0" * 64)
    assert status == 1
    assert "It has changed since it was shown" in refused
    lines = viis("reorganise", "show", "1-3/7", "--json")[1].splitlines()
    status, told = viis(*undo, "--seen", digest, "--json")
    assert told.splitlines()[:-1] == lines
    assert (status, told.splitlines()[-1].partition(" A second")[0]) == (0, "Proposed: 1 rights hold again.")
    back = [json.loads(line) for line in lines]
    assert all(list(one) == UNDO_FIELDS for one in back)
    assert back[0] == {
        "change": "right_again",
        "order": "1-3/7",
        "account": "anna.berzina",
        "signatory": None,
        "scope": "i-4113900001",
        "section": "learners",
        "level": "edit",
        "since": back[0]["since"],
        "until": None,
        "reason": "The order ended it; the days between stay a gap.",
    }
    assert [one["change"] for one in back] == ["right_again", "place_back"]
    assert viis("reorganise", "pause", "9")[0] == 1


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (OrderState.DRAFTED, "has not been begun, so there is nothing to undo. Repeal it instead: "),
        (OrderState.APPROVED, "has not been begun, so there is nothing to undo. Repeal it instead: "),
        (OrderState.REPEALED, "Nothing to do: the order 1-3/7 is repealed already."),
        (OrderState.UNDONE, "Nothing to do: the order 1-3/7 is undone already."),
    ],
)
def test_what_cannot_be_undone_says_how_far_it_is_and_what_to_do(
    viis: Viis, recorded: Session, state: OrderState, told: str
) -> None:
    said = checked(recorded, read_orders((HEADER + JOINED).encode())).orders
    (row,) = orders.draft(recorded, said, origin=BY_REVIEWER, at=AT)
    ways = {OrderState.UNDONE: (OrderState.APPROVED, OrderState.APPLYING, OrderState.UNDOING, OrderState.UNDONE)}
    for step in () if state is OrderState.DRAFTED else ways.get(state, (state,)):
        orders.move(recorded, row, step, origin=BY_REVIEWER, at=AT)
    staff.add(recorded, "inese.kalna", name="Inese", roles={Role.REVIEWER}, by=REVIEWER, door=Door.CLI, at=AT)
    recorded.commit()
    status, printed = viis("reorganise", "undo", "1-3/7", "--by", "inese.kalna", "--because", "Kļūda")
    assert status == 1
    assert told in printed
    assert ("/reorganise/" in printed) == (state in {OrderState.DRAFTED, OrderState.APPROVED})


def test_a_plan_above_the_cap_names_the_command_that_raises_it(viis: Viis, recorded: Session, tmp_path: Path) -> None:
    for username, role in (("inese.kalna", Role.REVIEWER), ("una.a", Role.ADMINISTRATOR)):
        staff.add(recorded, username, name=username, roles={role}, by=REVIEWER, door=Door.CLI, at=AT)
    school = institutions.scope_of_institution(recorded, "4113900001")
    given(recorded, opened(recorded, "Zane Kalna"), school.id)
    recorded.commit()
    assert viis("policy", "set", "plan_cap_accounts", "1", "--from", "2026-01-01", "--because", "test")[0] == 0
    words = ("apply", file(tmp_path, JOINED), "--by", "inese.kalna", "--because", "Domes lēmums")
    status, told = viis("reorganise", *words)
    assert status == 1
    assert told.startswith("The plan ends rights of 2 accounts, 1 are allowed.")
    (digest,) = re.findall(r"[0-9a-f]{64}", told)
    raising = ("raise-cap", digest, "--accounts", "2", "--because", "Reforma", "--by")
    assert viis("reorganise", *raising, "inese.kalna")[0] == 1
    assert viis("reorganise", *raising, "una.a")[0] == 0
    assert viis("reorganise", *words)[0] == 0
    noted = recorded.scalars(select(AuditEntry).where(AuditEntry.tag == PlanTag.CAP_RAISED)).one()
    assert noted.actor_id.startswith("viis@")
    assert noted.details["raised_by"] == "staff:una.a"


@pytest.mark.parametrize(
    ("digest", "accounts", "because"),
    [
        ("ab", "2", "Reforma"),
        ("g" * 64, "2", "Reforma"),
        ("a" * 63, "2", "Reforma"),
        ("a" * 64, "0", "Reforma"),
        ("a" * 64, "999999999999", "Reforma"),
        ("a" * 64, "2", " "),
        ("a" * 64, "2", ""),
    ],
)
def test_a_cap_is_raised_for_a_digest_to_a_number_and_with_a_reason(
    viis: Viis, recorded: Session, digest: str, accounts: str, because: str
) -> None:
    staff.add(recorded, "una.a", name="Una", roles={Role.ADMINISTRATOR}, by=REVIEWER, door=Door.CLI, at=AT)
    recorded.commit()
    words = ("raise-cap", digest, "--accounts", accounts, "--because", because, "--by", "una.a")
    status, told = viis("reorganise", *words)
    assert status != 0
    assert "Traceback" not in told


@pytest.mark.parametrize("because", ["", " ", "\t"])
def test_nothing_is_proposed_without_a_reason(viis: Viis, recorded: Session, tmp_path: Path, because: str) -> None:
    staff.add(recorded, "inese.kalna", name="Inese", roles={Role.REVIEWER}, by=REVIEWER, door=Door.CLI, at=AT)
    recorded.commit()
    words = ("apply", file(tmp_path, JOINED), "--by", "inese.kalna", "--because", because)
    status, told = viis("reorganise", *words)
    assert (status, "--because" in told) == (1, True)


def database_url_of(session: Session) -> str:
    return session.get_bind().engine.url.render_as_string(hide_password=False)
