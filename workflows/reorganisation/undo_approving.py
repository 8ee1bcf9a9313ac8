"""Approving that orders are undone, by a second person, on exactly what both saw: a kind of proposal."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from iam.audit import Origin
from iam.grants.models import Account
from iam.ids import OrderId
from iam.orders import service as orders
from iam.orders.models import Order
from iam.orders.states import OrderState
from iam.periods import riga_day
from workflows import staff
from workflows.i18n import later
from workflows.jobs import defer
from workflows.proposals import service as proposals
from workflows.proposals.content import Fact, Json, ProposalContent, data, on_day, say
from workflows.proposals.kinds import ProposalKind, register
from workflows.proposals.models import Proposal
from workflows.reorganisation.approving import held_rows, orders_in, rows_of, subject_of
from workflows.reorganisation.errors import NotBegun, NothingPlanned, RestsOnIt
from workflows.reorganisation.foreseen import digest_of
from workflows.reorganisation.undo_plan import KeptWhy, UndoPlan, rests_on, undo_plan

__all__ = ["UNDO", "UNDO_JOB", "propose"]

UNDO = "reorganisation.undo"
UNDO_JOB = "reorganisation.undo"
_NOT_BEGUN = frozenset({OrderState.DRAFTED, OrderState.APPROVED})
_UNDOABLE = frozenset({OrderState.APPLYING, OrderState.APPLIED})
_KEPT: Mapping[KeptWhy, str] = {
    KeptWhy.HELD_ANEW: later("Held anew there: the newer right goes on"),
    KeptWhy.OVER: later("Would have ended by itself: stays ended"),
    KeptWhy.GIVEN_SINCE: later("Given in a place that the order founded: stays, and so does the place"),
}


def propose(
    session: Session, order_ids: Sequence[OrderId], *, by: str, origin: Origin, at: datetime, reason: str
) -> Proposal:
    """Propose to undo orders that were carried out, wholly or in part.

    Raises NotBegun, NothingPlanned, RestsOnIt, and what `workflows.proposals.service.propose` raises.
    """
    rows = held_rows(session, subject_of(order_ids))
    for row in rows:
        if row.state in _NOT_BEGUN:
            raise NotBegun(row.reference, OrderId(row.id))
        if row.state not in _UNDOABLE:
            raise NothingPlanned(f"the order {row.reference} is {row.state} already")
    for reference in rests_on(session, rows).values():
        raise RestsOnIt(reference)
    payload = {"orders": [row.id for row in rows]}
    prepared = proposals.prepare(session, UNDO, subject=subject_of(order_ids), payload=payload, at=at)
    return proposals.propose(session, prepared, seen=prepared.digest, by=by, origin=origin, at=at, reason=reason)


class _Undo(ProposalKind):
    """The approval by a second person that orders are undone."""

    name = UNDO
    title = later("Undo orders about institutions")
    counted = True
    opens = later("Open the order with every change")
    confirming = later("Confirm: the rights hold again at once")
    counts = later("How many rights hold again?")
    changed: ClassVar[Mapping[str, str]] = {
        "orders": later("An order was undone already, or another one rests on it."),
        "rights": later("Rights of people concerned have changed."),
    }

    def hold(self, session: Session, subject: str) -> None:
        held_rows(session, subject)

    def present(self, session: Session, subject: str, payload: Json, *, at: datetime) -> ProposalContent:
        del payload
        rows = rows_of(session, subject)
        made = undo_plan(session, orders_in(subject), today=riga_day(at))
        facts = [
            Fact(
                say(later("Order %(reference)s"), reference=row.reference),
                say(later("%(law)s, from %(day)s"), law=row.legal_basis, day=on_day(row.effective)),
            )
            for row in rows
        ]
        kept = Counter(one.why for one in made.kept)
        facts += [Fact(say(later("Rights that hold again")), data(str(len(made.back))))]
        facts += [Fact(say(_KEPT[why]), data(str(kept[why]))) for why in KeptWhy if kept[why]]
        facts += [Fact(say(later("The whole plan (SHA-256)")), data(_digest(made)))]
        return ProposalContent(tuple(facts), count=len(made.back))

    def rests_on(self, session: Session, subject: str, payload: Json) -> Mapping[str, str]:
        del payload
        rows = rows_of(session, subject)
        periods = [one.period for one in _of(session, rows).back]
        return {
            "orders": digest_of([[row.id, row.state] for row in rows] + [sorted(rests_on(session, rows).values())]),
            "rights": digest_of(periods),
        }

    def parties(self, session: Session, subject: str, payload: Json) -> Collection[str]:
        """Name staff whose own rights would hold again."""
        del payload
        accounts = {one.account for one in _of(session, rows_of(session, subject)).back}
        names = set(session.scalars(select(Account.username).where(Account.id.in_(accounts)))) if accounts else set()
        return tuple(member.username for member in staff.everybody(session) if member.username in names)

    def carry_out(self, session: Session, proposal: Proposal, *, origin: Origin, base_url: str, at: datetime) -> None:
        del base_url
        for row in rows_of(session, proposal.subject):
            orders.move(session, row, OrderState.UNDOING, origin=origin, at=at, reason=proposal.reason)
        defer(session, UNDO_JOB, lock="orders", key=f"orders:{proposal.id}", proposal_id=proposal.id)

    def address(self, session: Session, subject: str) -> str:
        del session
        return f"/reorganise/{subject.partition(':')[2]}"


register(_Undo())


def _of(session: Session, rows: Sequence[Order]) -> UndoPlan:
    """Plan without a day: what would be over by then is told by the facts of the page."""
    first = min(row.effective for row in rows)
    return undo_plan(session, [OrderId(row.id) for row in rows], today=first)


def _digest(made: UndoPlan) -> str:
    return digest_of([[one.period for one in made.back], [[one.why, one.account, one.scope] for one in made.kept]])
