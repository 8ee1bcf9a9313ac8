"""What a mapping of municipalities says against itself or the register is named with its lines, all of it at once."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from builders.iam.register import BY_REVIEWER
from iam.ids import OrderId
from iam.institutions.models import MunicipalityCode
from iam.orders import service as orders
from iam.orders.models import ChangeKind
from tests.workflows.reorganisation.office import Office
from workflows.i18n import translator
from workflows.reorganisation.checking import read_and_checked
from workflows.reorganisation.faults import BadOrderFile
from workflows.reorganisation.order_files import read_orders

HEADER = "effective,old_atvk,old_name,new_atvk,new_name,changed,extent\n"
DAY = "2026-09-01"
ALDA, CIRULI = "0099000,Aldas novads", "0099100,Cīruļu novads"


def line(old: str, new: str, changed: str = "", extent: str = "") -> str:
    return f"{DAY},{old},{new},{changed},{extent}\n"


def faults(lines: str, session: Session | None = None) -> list[tuple[int, str]]:
    content = (HEADER + lines).encode()
    with pytest.raises(BadOrderFile) as bad:
        read_orders(content) if session is None else read_and_checked(session, content)
    for one in bad.value.faults:
        for language in ("lv", "en"):
            assert "%(" not in one.in_words(translator(language))
    return [(one.line, one.code) for one in bad.value.faults]


THEMSELVES = {
    "goes on and is given away in part": (
        line(ALDA, "0099001,Aldas novads", "no") + line(ALDA, CIRULI, "yes", "part"),
        [(3, "mapping.contradicts")],
    ),
    "goes on in part": (
        line(ALDA, "0099001,Aldas novads", "no", "part") + line(ALDA, CIRULI, "yes", "part"),
        [(2, "mapping.goes_on_in_part")],
    ),
    "goes on in part, by its code alone": (
        line(ALDA, CIRULI, "", "part") + line(ALDA, "0099001,Aldas novads", "", "part"),
        [(3, "mapping.goes_on_in_part")],
    ),
    "two names of a new code": (
        line(ALDA, "0097000,Jaunais novads", "yes") + line(CIRULI, "0097000,Jaunākais novads", "yes"),
        [(3, "mapping.two_names")],
    ),
    "two names of a new code, in parts": (
        line(ALDA, "0097000,A novads", "yes", "part")
        + line(ALDA, "0098000,B novads", "yes", "part")
        + line(CIRULI, "0098000,C novads", "yes"),
        [(4, "mapping.two_names")],
    ),
    "two names of an old code": (
        line(ALDA, "0097000,A novads", "yes", "part") + line("0099000,Citas novads", "0098000,B novads", "yes", "part"),
        [(3, "mapping.two_names")],
    ),
    "the same twice, otherwise written": (
        line(ALDA, "0097000,A novads", "yes") + line(ALDA, "0097000,a  novads", "no"),
        [(3, "line.twice")],
    ),
    "whole into two": (
        line(ALDA, "0097000,A novads", "yes") + line(ALDA, "0098000,B novads", "yes"),
        [(3, "mapping.contradicts")],
    ),
    "everything at once": (
        line(ALDA, "0097000,A novads", "yes")
        + line(ALDA, "0097000,A novads", "yes")
        + line(CIRULI, "0097000,B novads", "perhaps")
        + line("0096000,D novads", "0097000,E novads", "yes"),
        [(3, "line.twice"), (4, "changed"), (5, "mapping.two_names")],
    ),
}


@pytest.mark.parametrize(("lines", "expected"), THEMSELVES.values(), ids=THEMSELVES)
def test_a_mapping_that_contradicts_itself_is_named(lines: str, expected: list[tuple[int, str]]) -> None:
    assert faults(lines) == expected


def test_one_that_goes_on_under_another_name_is_renamed() -> None:
    (order,) = read_orders((HEADER + line(ALDA, "0099001,Aldas pilsēta", "no")).encode()).orders
    assert [(one.kind, one.new_atvk, one.new_name) for one in order.changes] == [
        (ChangeKind.RECODED, "0099001", None),
        (ChangeKind.RENAMED, None, "Aldas pilsēta"),
    ]


def test_a_code_of_a_municipality_that_is_called_otherwise_is_named(office: Office) -> None:
    with office.sessions() as session:
        wrong = line("0099000,Cīruļu novads", "0099001,Cīruļu novads", "no") + line(
            "0099100,aldas novads", "0099001,Cīruļu novads", "yes"
        )
        assert faults(wrong, session) == [(2, "mapping.called_otherwise"), (3, "mapping.called_otherwise")]
        typed = line("0099000,ALDAS  NOVADS", "0099001,ALDAS  NOVADS", "no")
        assert len(read_and_checked(session, (HEADER + typed).encode()).orders) == 1
        unknown = line("0095000,Nekurienes novads", "0097000,A novads", "yes")
        assert faults(unknown, session) == [(2, "party.unknown")]


GOOD = {
    "a part into one that goes on under a new code": (
        line(CIRULI, "0099101,Cīruļu novads", "no")
        + line(ALDA, "0099101,Cīruļu novads", "yes", "part")
        + line(ALDA, "0097000,Jaunais novads", "yes", "part"),
        {"0099101": "0099100", "0097000": None},
    ),
    "two swap their codes": (
        line(ALDA, "0099100,Aldas novads", "no") + line(CIRULI, "0099000,Cīruļu novads", "no"),
        {"0099100": "0099000", "0099000": "0099100"},
    ),
    "one gets the code of one that is joined to it": (
        line(ALDA, "0099100,Aldas novads", "no") + line(CIRULI, "0099100,Aldas novads", "yes"),
        {"0099100": "0099000"},
    ),
    "merged under the code and the name of one of them": (
        line(ALDA, "0099000,Aldas novads", "yes") + line(CIRULI, "0099000,Aldas novads", "yes"),
        {"0099000": None},
    ),
    "joined to one whose old code another gets": (
        line(ALDA, "0097000,Aldas novads", "no") + line(CIRULI, "0099000,Cīruļu novads", "no"),
        {"0097000": "0099000", "0099000": "0099100"},
    ),
}


@pytest.mark.parametrize(("lines", "codes"), GOOD.values(), ids=GOOD)
def test_codes_change_hands_as_the_mapping_says_and_come_back(
    office: Office, lines: str, codes: dict[str, str | None]
) -> None:
    """Each code is that of whoever had another one before, or of what is new."""
    before = held(office)
    with office.sessions.begin() as session:
        said = read_and_checked(session, (HEADER + lines).encode()).orders
        ids = [OrderId(row.id) for row in orders.draft(session, said, origin=BY_REVIEWER, at=office.now)]
    proposal = office.propose(ids)
    office.confirm(proposal)
    office.pass_days(30)
    office.carry_out(proposal)
    now = held(office)
    for code, of in codes.items():
        assert now[code] == before[of] if of is not None else now[code] not in before.values()
    back = office.propose_undo(ids)
    office.confirm(back)
    office.undo(back)
    assert held(office) == before


def held(office: Office) -> dict[str, int]:
    with office.sessions() as session:
        rows = select(MunicipalityCode.atvk, MunicipalityCode.municipality_id)
        return dict(session.execute(rows.where(MunicipalityCode.period.contains(office.now.date()))).all())
