"""A pause belongs to the orders: whichever proposal it was made on, nothing about them is done until it is resumed."""

import threading
from collections.abc import Callable
from random import Random

import pytest
from sqlalchemy import func, select, text

from builders.iam.register import BY_REVIEWER
from iam.audit import AuditEntry
from iam.ids import OrderId
from iam.orders.states import OrderState
from iam.periods import midnight_in_riga
from tests.workflows.reorganisation.office import DAY, JOINED, Office
from tests.workflows.reorganisation.test_killed import stumble
from workflows.reorganisation import applying, undoing
from workflows.reorganisation.errors import NothingPlanned
from workflows.reorganisation.pausing import is_paused, pause, resume

A, B, C = "i-4113900001", "i-4101900002", "i-4213900003"
CLOSED = "1-3/9,Domes lēmums,2026-09-01,closed,4101900002,,,\n"


def paused(office: Office, ids: list[OrderId]) -> None:
    with office.sessions.begin() as session:
        pause(session, ids, origin=BY_REVIEWER, at=office.now)


def resumed(office: Office, ids: list[OrderId]) -> None:
    with office.sessions.begin() as session:
        resume(session, ids, origin=BY_REVIEWER, at=office.now)


def added(office: Office, ids: list[OrderId]) -> list[int]:
    """Approve an addition: a right given since. Return every proposal that was carried out."""
    office.give(office.account("Zane Kalna"), A)
    proposal = office.propose(ids)
    office.confirm(proposal)
    return [proposal]


def undone(office: Office, ids: list[OrderId]) -> list[int]:
    """Begin to carry it out, and have it undone."""
    proposal = office.propose_undo(ids)
    office.confirm(proposal)
    return [proposal]


def both(office: Office, ids: list[OrderId]) -> list[int]:
    return [*added(office, ids), *undone(office, ids)]


def everything(office: Office, proposals: list[int]) -> int:
    """Do whatever any of the proposals allows; return how many steps there were."""
    done = [act(one) for one in proposals for act in (office.tell, office.carry_out, office.undo)]
    return sum(done)


def entries(office: Office) -> int:
    with office.sessions() as session:
        return session.scalar(select(func.count()).select_from(AuditEntry)) or 0


@pytest.mark.parametrize("lines", [JOINED, JOINED + CLOSED], ids=["one order", "two orders"])
@pytest.mark.parametrize("later", [added, undone, both])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("begun", [1, 2])
def test_what_is_paused_is_left_alone_by_every_proposal_about_it_until_it_is_resumed(
    office: Office, lines: str, later: Callable[[Office, list[OrderId]], list[int]], when: str, begun: int
) -> None:
    for name in ("Anna Bērziņa", "Valdis Ozols"):
        office.give(office.account(name), A)
    ids, first = office.approved(lines)
    office.now = midnight_in_riga(DAY)
    office.carry_out(first, most=begun)
    if when == "before":
        paused(office, ids[:1])
    proposals = [first, *later(office, ids)]
    if when == "after":
        paused(office, ids[-1:])
    before = entries(office), office.held(), office.states()
    assert everything(office, proposals) == 0
    assert (entries(office), office.held(), office.states()) == before
    resumed(office, ids)
    with office.sessions() as session:
        assert not is_paused(session, ids)
    assert everything(office, proposals) > 0
    assert set(office.states().values()) == {OrderState.UNDONE if later is not added else OrderState.APPLIED}


def test_resuming_queues_whatever_was_decided_about_the_orders(office: Office) -> None:
    office.give(office.account("Anna Bērziņa"), A)
    ids, first = office.approved(JOINED)
    proposals = [first, *added(office, ids)]
    paused(office, ids)
    with office.sessions.begin() as session:
        session.execute(text("TRUNCATE procrastinate_jobs CASCADE"))
    resumed(office, ids)
    with office.sessions() as session:
        queued = session.execute(text("SELECT task_name, args FROM procrastinate_jobs")).all()
    wanted = {(job, one) for job in ("reorganisation.tell", "reorganisation.apply") for one in proposals}
    assert {(job, args["proposal_id"]) for job, args in queued if "proposal_id" in args} == wanted


def test_an_order_of_its_own_goes_on_while_another_is_paused(office: Office) -> None:
    office.give(office.account("Anna Bērziņa"), A)
    office.give(office.account("Valdis Ozols"), B)
    ids, one = office.approved(JOINED)
    _, other = office.approved(CLOSED)
    paused(office, ids)
    office.now = midnight_in_riga(DAY)
    everything(office, [one, other])
    assert office.states() == {"1-3/7": OrderState.APPROVED, "1-3/9": OrderState.APPLIED}
    assert office.held() == {("anna.berzina", A, "learners", "edit")}


@pytest.mark.parametrize("paused_one", [0, 1])
def test_orders_that_were_decided_together_are_paused_together(office: Office, paused_one: int) -> None:
    office.give(office.account("Anna Bērziņa"), A)
    ids, together = office.approved(JOINED + CLOSED)
    paused(office, ids[paused_one:][:1])
    alone = added(office, ids[:1])[0]
    office.now = midnight_in_riga(DAY)
    assert everything(office, [together, alone]) == 0
    resumed(office, ids[1 - paused_one :][:1])
    assert everything(office, [together, alone]) > 0
    assert set(office.states().values()) == {OrderState.APPLIED}


def test_nothing_is_paused_twice_nor_resumed_twice_nor_where_nothing_is_to_be_done(office: Office) -> None:
    office.give(office.account("Anna Bērziņa"), A)
    ids = office.record(JOINED)
    with pytest.raises(NothingPlanned):
        paused(office, ids)
    proposal = office.propose(ids)
    office.confirm(proposal)
    with pytest.raises(NothingPlanned):
        resumed(office, ids)
    paused(office, ids)
    with pytest.raises(NothingPlanned):
        paused(office, ids)
    resumed(office, ids)
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    with pytest.raises(NothingPlanned):
        paused(office, ids)


@pytest.mark.parametrize("act", [pause, resume])
def test_of_eight_who_pause_or_resume_at_once_one_does(office: Office, act: Callable[..., None]) -> None:
    office.give(office.account("Anna Bērziņa"), A)
    ids, _ = office.approved(JOINED)
    if act is resume:
        paused(office, ids)
    done: list[str] = []
    together = threading.Barrier(8)

    def work() -> None:
        together.wait(timeout=30)
        try:
            with office.sessions.begin() as session:
                act(session, ids, origin=BY_REVIEWER, at=office.now)
        except NothingPlanned:
            done.append("refused")
        else:
            done.append("done")

    workers = [threading.Thread(target=work) for _ in range(8)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sorted(done) == ["done", *["refused"] * 7]


def test_killed_while_it_is_paused_and_resumed_it_comes_to_the_same_end(office: Office) -> None:
    for name in ("Anna Bērziņa", "Valdis Ozols", "Ilze Liepa"):
        office.give(office.account(name), A)
    before = office.held()
    ids, first = office.approved(JOINED)
    office.now = midnight_in_riga(DAY)
    office.carry_out(first, most=1)
    paused(office, ids)
    random = Random(3)  # noqa: S311 - the same deaths each time
    stumble(office, first, random, applying.step)
    assert office.held() == before, "whoever dies while it is paused has done nothing"
    back = undone(office, ids)[0]
    stumble(office, back, random, undoing.step)
    assert office.states() == {"1-3/7": OrderState.UNDOING}
    resumed(office, ids)
    stumble(office, back, random, undoing.step)
    assert (office.states(), office.held()) == ({"1-3/7": OrderState.UNDONE}, before)
