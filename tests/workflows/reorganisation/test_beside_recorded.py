"""A file is checked beside orders that are recorded, being carried out or being undone, and told in its own lines."""

import pytest
from sqlalchemy.orm import Session

from builders.iam.register import BY_REVIEWER
from iam.ids import OrderId
from iam.orders import places
from iam.orders import service as orders
from iam.orders.states import OrderState
from tests.workflows.reorganisation.office import AT, HEADER, Office
from workflows.i18n import translator
from workflows.reorganisation.checking import read_and_checked
from workflows.reorganisation.faults import BadOrderFile

A, B, C = "4113900001", "4101900002", "4213900003"
ALDA, CIRULI = "0099000", "0099100"


def line(
    reference: str, change: str, sources: str, targets: str = "", name: str = "", code: str = "", day: int = 1
) -> str:
    return f"{reference},Likums,2026-09-{day:02},{change},{sources},{targets},{name},{code}\n"


def told(office: Office, lines: str, language: str = "en") -> list[str]:
    with office.sessions() as session:
        return _told(session, lines, language)


def _told(session: Session, lines: str, language: str = "en") -> list[str]:
    try:
        read_and_checked(session, (HEADER + lines).encode())
    except BadOrderFile as bad:
        return [one.in_words(translator(language)) for one in bad.faults]
    return []


FINE = line("n/0", "branch_created", C, name="Filiāle")
RECORDED = {
    "what a recorded order renames later ends": (
        line("old", "renamed", A, name="Cits", day=20),
        line("n/1", "closed", A),
        (
            "Line 3: This contradicts the recorded order old: Aldas vidusskola (number 4113900001) ended on 31.08.2026"
            " by the order n/1."
        ),
    ),
    "what a recorded order joins to ends": (
        line("old", "joined", A, B, day=20),
        line("n/1", "closed", B),
        (
            'Line 3: This contradicts the recorded order old: Birzas PII "Zīlīte" (number 4101900002) ended on'
            " 31.08.2026 by the order n/1."
        ),
    ),
    "the code a recorded order gives is taken before": (
        line("old", "recoded", ALDA, code="0097000", day=20),
        line("n/1", "recoded", CIRULI, code="0097000"),
        (
            "Line 3: This contradicts the recorded order old: The code 0097000 is given to another by the order n/1:"
            " Cīruļu novads."
        ),
    ),
    "the name a recorded order gives is given before": (
        line("old", "renamed", A, name="Cits", day=20),
        line("n/1", "renamed", A, name="Cits"),
        "Line 3: This contradicts the recorded order old: Aldas vidusskola (number 4113900001) is called that already.",
    ),
    "a recorded order renames it on the same day": (
        line("old", "renamed", A, name="Cits"),
        line("n/1", "renamed", A, name="Vēl cits"),
        "Line 3: Aldas vidusskola (number 4113900001) is renamed on this day by the order old too.",
    ),
    "a circle with a recorded order": (
        line("old", "joined", A, B),
        line("n/1", "joined", B, A),
        (
            "Line 3: The changes of several orders run in a circle: Aldas vidusskola (number 4113900001) →"
            ' Birzas PII "Zīlīte" (number 4101900002) → Aldas vidusskola (number 4113900001) (old; n/1).'
        ),
    ),
}


@pytest.mark.parametrize("approved", [False, True])
@pytest.mark.parametrize(("old", "new", "expected"), RECORDED.values(), ids=RECORDED)
def test_what_contradicts_a_recorded_order_stands_in_the_line_that_does(
    office: Office, old: str, new: str, expected: str, *, approved: bool
) -> None:
    if approved:
        office.approved(old)
    else:
        office.record(old)
    said = [one.replace("\u00a0", " ") for one in told(office, FINE + new)]
    assert said == [expected]
    assert all("%(" not in one for one in told(office, FINE + new, "lv"))


def test_what_a_recorded_order_founds_is_not_founded_before(office: Office) -> None:
    old = office.record(line("old", "transformed", A, "4113900009=Jaunā", day=20))
    new = line("n/1", "transformed", B, "4113900009=Jaunākā")
    said = "Jaunākā (number 4113900009) exists already, or is founded twice."
    assert told(office, FINE + new) == [f"Line 3: This contradicts the recorded order old: {said}"]
    office.confirm(office.propose(old))
    assert told(office, FINE + new)[0] == f"Line 3: {said.replace('Jaunākā', 'Jaunā')}"


def begun(office: Office, lines: str, *, changed: bool) -> list[OrderId]:
    """Have an order be carried out, and stop before or after the register is changed."""
    ids, _ = office.approved(lines)
    with office.sessions.begin() as session:
        row = orders.order_with(session, ids[0])
        orders.move(session, row, OrderState.APPLYING, origin=BY_REVIEWER, at=AT)
        if changed:
            places.change_places(session, row, origin=BY_REVIEWER, at=AT)
    return ids


@pytest.mark.parametrize("changed", [False, True], ids=["before the register is changed", "after it"])
def test_an_order_that_is_being_carried_out_is_known_until_the_register_says_it(
    office: Office, *, changed: bool
) -> None:
    begun(office, line("old", "recoded", ALDA, code="0097000"), changed=changed)
    (taken,) = told(office, line("n/1", "recoded", CIRULI, code="0097000", day=2))
    assert "0097000" in taken
    assert told(office, line("n/1", "recoded", "0097000", code="0097001", day=2)) == []
    assert told(office, line("n/1", "recoded", CIRULI, code=ALDA, day=2)) == []
    (unknown,) = told(office, line("n/1", "recoded", ALDA, code="0097001", day=2))
    assert unknown.endswith("is not known.")


@pytest.mark.parametrize("changed", [False, True], ids=["before the register is changed", "after it"])
def test_what_an_order_that_is_being_carried_out_ends_is_not_there_afterwards(office: Office, *, changed: bool) -> None:
    begun(office, line("old", "joined", A, B), changed=changed)
    (ended,) = told(office, line("n/1", "renamed", A, name="Cits", day=2))
    assert "ended on 31.08.2026" in ended


def test_while_an_order_is_undone_a_file_fits_the_register_before_and_after(office: Office) -> None:
    lines = line("old", "recoded", ALDA, code="0097000") + line("old", "closed", A)
    lines += line("old", "part_split_off", CIRULI, "0098000=Jaunais novads")
    ids = begun(office, lines, changed=True)
    with office.sessions.begin() as session:
        row = orders.order_with(session, ids[0])
        orders.move(session, row, OrderState.UNDOING, origin=BY_REVIEWER, at=AT)
    refused = {
        "the code it gives back": line("n/1", "recoded", CIRULI, code=ALDA, day=2),
        "the code it gave": line("n/1", "recoded", CIRULI, code="0097000", day=2),
        "what it ended": line("n/1", "renamed", A, name="Cits", day=2),
        "what it founded": line("n/1", "recoded", "0098000", code="0098001", day=2),
        "a code of what it founded": line("n/1", "recoded", CIRULI, code="0098000", day=2),
    }
    for what, new in refused.items():
        assert told(office, new), what
    assert any("being undone" in one for one in told(office, refused["what it founded"]))
    assert told(office, line("n/1", "recoded", CIRULI, code="0097001", day=2)) == []
    with office.sessions.begin() as session:
        row = orders.order_with(session, ids[0])
        places.put_places_back(session, row, origin=BY_REVIEWER, at=AT)
        orders.move(session, row, OrderState.UNDONE, origin=BY_REVIEWER, at=AT)
    for what in ("the code it gave", "what it ended", "a code of what it founded"):
        assert told(office, refused[what]) == [], what


@pytest.mark.parametrize(
    ("state", "expected"),
    {
        OrderState.DRAFTED: "is recorded and in force already",
        OrderState.APPROVED: "is recorded and in force already",
        OrderState.APPLYING: "is being carried out",
        OrderState.APPLIED: "was applied already",
        OrderState.UNDOING: "is being undone",
    }.items(),
)
def test_a_reference_that_is_used_again_says_how_far_its_order_is(
    office: Office, state: OrderState, expected: str
) -> None:
    (id_,) = office.record(line("old", "closed", A))
    way = [OrderState.APPROVED, OrderState.APPLYING, OrderState.APPLIED, OrderState.UNDOING]
    with office.sessions.begin() as session:
        for one in way[: way.index(state) + 1] if state in way else ():
            orders.move(session, orders.order_with(session, id_), one, origin=BY_REVIEWER, at=AT)
    (said,) = told(office, line("old", "branch_created", C, name="Filiāle"))
    assert expected in said


COUNTS = {
    line("1", "merged", A, "4113900009=Jaunā"): "At least two have to be changed; named: 1",
    line("1", "joined", "", B): "At least one has to be changed; named: 0",
    line("1", "split", A, B): "At least two have to come of it; named: 1",
    line("1", "joined", A): "At least one has to come of it; named: 0",
    line("1", "renamed", f"{A}|{B}", name="x"): "Only one can be changed; named: 2",
    line("1", "closed", A, B): "Nothing can come of it; named: 1",
    line("1", "merged", f"{A}|{B}", f"4113900009=Jaunā|{C}"): "Only one can come of it; named: 2",
}


@pytest.mark.parametrize(("lines", "expected"), COUNTS.items())
def test_how_many_are_asked_for_is_said_in_proper_words(office: Office, lines: str, expected: str) -> None:
    assert any(expected in one.replace("\u00a0", " ") for one in told(office, lines))
    assert all("%(" not in one for one in told(office, lines, "lv"))
