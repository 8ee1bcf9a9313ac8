"""Entitlements to sign that are corrected or recorded after an approval: none outlives its place unseen."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest

from builders.iam.codes import invented_code
from builders.iam.register import person
from iam.audit import Actor, ActorKind, Door, Origin
from iam.errors import BadFile
from iam.ids import OrderId
from iam.institutions import service as institutions
from iam.institutions.entitlements import known_signatories, record_signatory, withdraw_signatory
from iam.institutions.models import Capacity
from iam.institutions.rules import entitlement_of
from iam.institutions.signatory_file import COLUMNS, import_signatories
from iam.orders.states import OrderState
from iam.periods import midnight_in_riga, riga_day
from tests.workflows.reorganisation.office import DAY, JOINED, Office
from workflows.proposals.models import Proposal
from workflows.reorganisation.progress import progress_of

A, B = "i-4113900001", "i-4101900002"
CLOSED = "1-3/9,Domes lēmums,2026-09-01,closed,4113900001,,,\n"
FAR = date(2026, 12, 31)
OPERATOR = Origin(Actor(ActorKind.SYSTEM, "viis@operator"), Door.CLI)


@dataclass(frozen=True)
class Entry:
    """What is recorded of somebody who may sign."""

    name: str = "Ilze Kalna"
    place: str = A
    capacity: Capacity = Capacity.HEAD
    since: date | None = None
    until: date | None = None
    source: str = "reģistrs"
    email: str | None = "ilze@skola.example"


def recorded(office: Office, entry: Entry) -> None:
    with office.sessions.begin() as session:
        record_signatory(
            session,
            scope_id=institutions.scope_by_code(session, entry.place).id,
            person_id=person(session, entry.name).id,
            capacity=entry.capacity,
            since=entry.since,
            until=entry.until,
            source=entry.source,
            email=entry.email,
            origin=OPERATOR,
            at=office.now,
        )


def corrected(office: Office, entry: Entry | None, name: str = "Ilze Kalna") -> None:
    """Take back what is recorded of somebody now, and record the entry in its place."""
    with office.sessions.begin() as session:
        for one in known_signatories(session, institutions.scope_by_code(session, A).id):
            if one.person.full_name == name:
                withdraw_signatory(session, one, origin=OPERATOR, at=office.now)
    office.pass_days(1)
    if entry is not None:
        recorded(office, entry)


def read_again(office: Office, entry: Entry) -> None:
    """Read a file of signatories that names the one."""
    code = invented_code(entry.name).written
    days = ["" if day is None else day.isoformat() for day in (entry.since, entry.until)]
    line = ";".join((entry.place, code, entry.name, entry.capacity, *days, entry.email or "", entry.source))
    content = ";".join(COLUMNS) + "\n" + line + "\n"
    with office.sessions.begin() as session:
        import_signatories(session, content.encode(), origin=OPERATOR, at=office.now)


def may_sign(office: Office, day: date, place: str = A) -> list[tuple[str, str, str | None, date | None]]:
    """Who may sign on the day by what is recorded now: name, source, e-mail and last day."""
    with office.sessions() as session:
        known = known_signatories(session, institutions.scope_by_code(session, place).id)
        return sorted(
            (one.person.full_name, one.source, one.email, one.until)
            for one in known
            if entitlement_of(one).holds_on(day)
        )


def left(office: Office, proposal: int) -> tuple[str, ...]:
    with office.sessions() as session:
        return progress_of(session, session.get_one(Proposal, proposal)).signing


def on_the_day(office: Office, *proposals: int) -> None:
    office.now = max(office.now, midnight_in_riga(DAY))
    for one in proposals:
        office.tell(one)
        office.carry_out(one)


def undone(office: Office, ids: list[OrderId]) -> None:
    office.pass_days(7)
    back = office.propose_undo(ids)
    office.confirm(back)
    office.undo(back)
    office.take_back(ids)


def read_twice(office: Office) -> None:
    read_again(office, Entry(until=FAR, email="cits@skola.example"))
    office.pass_days(1)
    read_again(office, Entry(until=FAR, source="cits fails"))


def succeeded(office: Office) -> None:
    corrected(office, None)
    recorded(office, Entry(name="Jānis Ozols"))


SEEN = Entry(until=FAR)
COVERED: dict[str, Callable[[Office], None]] = {
    "nothing": lambda _: None,
    "another address": lambda office: corrected(office, Entry(until=FAR, email="ilze.kalna@skola.example")),
    "no address": lambda office: corrected(office, Entry(until=FAR, email=None)),
    "another source": lambda office: corrected(office, Entry(until=FAR, source="rīkojums")),
    "another capacity": lambda office: corrected(office, Entry(until=FAR, capacity=Capacity.POWER_OF_ATTORNEY)),
    "fewer days": lambda office: corrected(office, Entry(until=DAY + timedelta(days=10))),
    "the last day is that of the order": lambda office: corrected(office, Entry(until=DAY)),
    "it begins on a day": lambda office: corrected(office, Entry(since=date(2026, 1, 1), until=FAR)),
    "it begins after the order": lambda office: corrected(office, Entry(since=date(2026, 10, 1), until=FAR)),
    "read from a file": lambda office: read_again(office, Entry(until=FAR, email="cits@skola.example")),
    "read twice": read_twice,
}
WIDER: dict[str, tuple[Callable[[Office], None], str]] = {
    "open": (lambda office: corrected(office, Entry()), "Ilze Kalna"),
    "a day longer": (lambda office: corrected(office, Entry(until=FAR + timedelta(days=1))), "Ilze Kalna"),
    "a file without a last day": (lambda office: read_again(office, Entry()), "Ilze Kalna"),
    "once more after it": (lambda office: recorded(office, Entry(since=FAR + timedelta(days=1))), "Ilze Kalna"),
    "somebody else": (lambda office: recorded(office, Entry(name="Jānis Ozols", email=None)), "Jānis Ozols"),
    "somebody else after the day": (
        lambda office: recorded(office, Entry(name="Jānis Ozols", since=date(2026, 10, 1))),
        "Jānis Ozols",
    ),
    "a successor in office": (
        succeeded,
        "Jānis Ozols",
    ),
}


@pytest.mark.parametrize("change", COVERED)
@pytest.mark.parametrize("lines", [JOINED, CLOSED], ids=["joined", "closed"])
def test_a_correction_that_allows_no_further_day_ends_with_what_was_approved(
    office: Office, change: str, lines: str
) -> None:
    recorded(office, SEEN)
    ids, proposal = office.approved(lines)
    COVERED[change](office)
    before = [may_sign(office, day) for day in (DAY, FAR)]
    on_the_day(office, proposal)
    assert set(office.states().values()) == {OrderState.APPLIED}
    assert may_sign(office, DAY) == may_sign(office, date(2026, 11, 1)) == []
    assert left(office, proposal) == ()
    undone(office, ids)
    assert [may_sign(office, day) for day in (DAY, FAR)] == before


@pytest.mark.parametrize("change", WIDER)
@pytest.mark.parametrize("lines", [JOINED, CLOSED], ids=["joined", "closed"])
def test_whoever_is_recorded_since_or_for_longer_keeps_the_order_open_until_that_is_approved_too(
    office: Office, change: str, lines: str
) -> None:
    recorded(office, SEEN)
    ids, first = office.approved(lines)
    act, name = WIDER[change]
    act(office)
    later = FAR + timedelta(days=1)
    before = [may_sign(office, day) for day in (DAY, date(2026, 11, 1), later)]
    assert name in [one for who in before for one, *_ in who]
    on_the_day(office, first)
    assert set(office.states().values()) == {OrderState.APPLYING}, "nothing ends unseen"
    assert left(office, first) == (name,)
    second = office.propose(ids)
    office.confirm(second)
    on_the_day(office, first, second)
    assert set(office.states().values()) == {OrderState.APPLIED}
    assert [may_sign(office, day) for day in (DAY, date(2026, 11, 1), later)] == [[], [], []]
    undone(office, ids)
    assert [may_sign(office, day) for day in (DAY, date(2026, 11, 1), later)] == before


def test_who_may_sign_elsewhere_holds_nothing_up(office: Office) -> None:
    recorded(office, SEEN)
    _, proposal = office.approved(JOINED)
    recorded(office, Entry(place=B))
    recorded(office, Entry(name="Jānis Ozols", until=DAY - timedelta(days=1)))
    on_the_day(office, proposal)
    assert office.states() == {"1-3/7": OrderState.APPLIED}
    assert [name for name, *_ in may_sign(office, DAY, B)] == ["Ilze Kalna"]


def test_somebody_recorded_while_it_is_carried_out_holds_it_up_as_well(office: Office) -> None:
    recorded(office, SEEN)
    office.give(office.account("Anna Bērziņa"), A)
    _, proposal = office.approved(JOINED)
    office.now = midnight_in_riga(DAY)
    for _ in range(20):
        if office.states()["1-3/7"] is OrderState.APPLYING and not may_sign(office, DAY):
            break
        office.carry_out(proposal, most=1)
    recorded(office, Entry(name="Jānis Ozols"))
    office.carry_out(proposal)
    assert (office.states()["1-3/7"], left(office, proposal)) == (OrderState.APPLYING, ("Jānis Ozols",))


def test_a_file_read_after_the_end_is_a_newer_word_and_an_undoing_leaves_it(office: Office) -> None:
    recorded(office, SEEN)
    ids, proposal = office.approved(JOINED)
    on_the_day(office, proposal)
    last = DAY - timedelta(days=3)
    read_again(office, Entry(until=last, source="jaunāks fails"))
    newer = may_sign(office, last)
    undone(office, ids)
    assert may_sign(office, last) == newer == [("Ilze Kalna", "jaunāks fails", "ilze@skola.example", last)]
    assert may_sign(office, DAY) == []


def test_what_somebody_took_back_after_the_end_does_not_come_again(office: Office) -> None:
    recorded(office, SEEN)
    ids, proposal = office.approved(JOINED)
    on_the_day(office, proposal)
    corrected(office, None)
    undone(office, ids)
    assert may_sign(office, DAY) == may_sign(office, DAY - timedelta(days=1)) == []


def test_a_newer_word_about_later_days_leaves_the_days_before_on_record(office: Office) -> None:
    recorded(office, SEEN)
    ids, proposal = office.approved(JOINED)
    on_the_day(office, proposal)
    office.pass_days(1)
    recorded(office, Entry(since=DAY + timedelta(days=30), source="jaunāks"))
    undone(office, ids)
    assert [source for _, source, *_ in may_sign(office, DAY + timedelta(days=40))] == ["jaunāks"]
    assert may_sign(office, DAY - timedelta(days=1)), "what was before the order is not lost"


def test_a_second_order_undone_brings_back_what_it_ended_and_not_what_an_earlier_one_had(office: Office) -> None:
    recorded(office, SEEN)
    ids, proposal = office.approved(JOINED)
    on_the_day(office, proposal)
    undone(office, ids)
    corrected(office, Entry(until=FAR, source="labots"))
    again, second = office.approved(JOINED.replace("2026-09-01", riga_day(office.now).isoformat()))
    on_the_day(office, second)
    assert may_sign(office, FAR) == []
    undone(office, again)
    assert [source for _, source, *_ in may_sign(office, FAR)] == ["labots"]


def test_each_mailbox_of_an_entitlement_is_told_once_beforehand_and_once_that_it_stays(office: Office) -> None:
    recorded(office, SEEN)
    ids, proposal = office.approved(JOINED)
    office.tell(proposal)
    COVERED["another capacity"](office)
    office.tell(proposal)
    assert office.mails("order_ahead") == ["ilze@skola.example"], "the same person at the same address"
    COVERED["another address"](office)
    on_the_day(office, proposal)
    assert office.mails("order_ahead") == ["ilze.kalna@skola.example", "ilze@skola.example"], "the first was wrong"
    undone(office, ids)
    assert office.mails("order_taken_back") == ["ilze.kalna@skola.example", "ilze@skola.example"]


RECORDED = Entry()
LAST = DAY - timedelta(days=1)


@pytest.mark.parametrize(
    ("entry", "refused"),
    [
        (RECORDED, True),
        (replace(RECORDED, until=FAR), True),
        (replace(RECORDED, until=DAY), True),
        (replace(RECORDED, name="Zane Kalna"), True),
        (replace(RECORDED, since=DAY), True),
        (replace(RECORDED, since=date(2026, 5, 1), until=FAR, name="Zane Kalna"), True),
        (replace(RECORDED, place=A[2:]), True),
        (replace(RECORDED, until=LAST), False),
        (replace(RECORDED, until=date(2026, 3, 1), name="Zane Kalna"), False),
        (replace(RECORDED, place=B), False),
    ],
)
@pytest.mark.parametrize("order", [CLOSED, JOINED])
def test_a_file_reopens_nothing_at_a_place_that_an_order_has_closed(
    office: Office, order: str, entry: Entry, *, refused: bool
) -> None:
    recorded(office, RECORDED)
    _, proposal = office.approved(order)
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    assert set(office.states().values()) == {OrderState.APPLIED}
    office.pass_days(1)
    known = may_sign(office, LAST), may_sign(office, DAY)
    if refused:
        with pytest.raises(BadFile) as bad:
            read_again(office, entry)
        (problem,) = bad.value.problems
        assert (problem.line, problem.code) == (2, "scope.ended")
        assert entry.place in problem.said
        assert "until 2026-08-31" in problem.said, "what to do"
        assert (may_sign(office, LAST), may_sign(office, DAY)) == known
    else:
        read_again(office, entry)
        assert may_sign(office, DAY) == []


def test_every_line_for_a_closed_place_is_named_and_none_is_taken(office: Office) -> None:
    _, proposal = office.approved(CLOSED)
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    lines = [
        f"{place};{invented_code(name).written};{name};head;;;;reģistrs"
        for place, name in ((A, "Ilze Kalna"), (B, "Anna Liepa"), (A, "Zane Kalna"))
    ]
    content = "\n".join((";".join(COLUMNS), *lines, ""))
    with pytest.raises(BadFile) as bad, office.sessions.begin() as session:
        import_signatories(session, content.encode(), origin=OPERATOR, at=office.now)
    assert [one.line for one in bad.value.problems] == [2, 4]
    assert may_sign(office, DAY, B) == []
