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
from workflows.proposals import service as proposals
from workflows.proposals.content import Fact, Json, ProposalContent, data, on_day, say
from workflows.proposals.errors import SeenOtherwise
from workflows.proposals.kinds import ProposalKind, register
from workflows.proposals.models import Proposal
from workflows.reorganisation.approving import held_rows, orders_in, rows_of, subject_of
from workflows.reorganisation.decided import UNDO
from workflows.reorganisation.errors import NotBegun, NothingPlanned
from workflows.reorganisation.foreseen import digest_of
from workflows.reorganisation.queueing import undo_later
from workflows.reorganisation.resting import refuse_if_rested_on, resting_orders
from workflows.reorganisation.undo_changes import UNDO_FATES, UndoFate, UndoForeseen
from workflows.reorganisation.undo_foreseen import KEPT, foresee_undo
from workflows.reorganisation.undo_plan import undo_plan

__all__ = ["UNDO", "propose", "resting_on"]

_NOT_BEGUN = frozenset({OrderState.DRAFTED, OrderState.APPROVED})
_OTHERS = tuple(fate for fate in UndoFate if fate not in (UndoFate.RIGHT_AGAIN, UndoFate.RIGHT_STAYS))
_UNDOABLE = frozenset({OrderState.APPLYING, OrderState.APPLIED})


def propose(
    session: Session,
    order_ids: Sequence[OrderId],
    *,
    by: str,
    origin: Origin,
    at: datetime,
    reason: str,
    seen: str,
) -> Proposal:
    """Propose to undo orders that were carried out, wholly or in part; `seen` is the digest of the list that was shown.

    Raises NotBegun, NothingPlanned, RestsOnIt, SeenOtherwise where the list has changed since, and what
    `workflows.proposals.service.propose` raises.
    """
    rows = held_rows(session, subject_of(order_ids))
    for row in rows:
        if row.state in _NOT_BEGUN:
            raise NotBegun(row.reference, OrderId(row.id))
        if row.state not in _UNDOABLE:
            raise NothingPlanned(f"the order {row.reference} is {row.state} already")
    refuse_if_rested_on(session, rows)
    digest = foresee_undo(session, rows, today=riga_day(at)).digest
    if seen != digest:
        raise SeenOtherwise("what undoing changes is not what was shown")
    payload = {"orders": [row.id for row in rows], "plan": digest}
    prepared = proposals.prepare(session, UNDO, subject=subject_of(order_ids), payload=payload, at=at)
    return proposals.propose(session, prepared, seen=prepared.digest, by=by, origin=origin, at=at, reason=reason)


class _Undo(ProposalKind):
    """The approval by a second person that orders are undone."""

    name = UNDO
    title = later("Undo orders about institutions")
    counted = True
    opens = later("Open the list of everything that comes back and stays")
    confirming = later("Confirm: the rights hold again at once")
    counts = later("How many rights hold again?")
    changed: ClassVar[Mapping[str, str]] = {
        "orders": later("An order was undone already, or another one rests on it."),
        "rights": later("Rights of people concerned have changed."),
        "signing": later("Who may sign there has changed."),
        "register": later("Places that the orders founded are used otherwise than before."),
    }

    def hold(self, session: Session, subject: str) -> None:
        held_rows(session, subject)

    def present(self, session: Session, subject: str, payload: Json, *, at: datetime) -> ProposalContent:
        del payload
        rows = rows_of(session, subject)
        made = foresee_undo(session, rows, today=riga_day(at))
        facts = [
            Fact(
                say(later("Order %(reference)s"), reference=row.reference),
                say(later("%(law)s, from %(day)s"), law=row.legal_basis, day=on_day(row.effective)),
            )
            for row in rows
        ]
        counts = Counter(one.fate for one in made.changes)
        again = made.of(UndoFate.RIGHT_AGAIN)
        people = len({one.account for one in again})
        stays = Counter(one.why for one in made.of(UndoFate.RIGHT_STAYS))
        facts += [
            Fact(say(later("Rights that hold again")), data(str(len(again)))),
            Fact(say(later("People whose rights hold again")), data(str(people))),
            *(Fact(say(said), data(str(stays[why]))) for why, said in KEPT.items() if stays[why]),
            *(Fact(say(UNDO_FATES[fate]), data(str(counts[fate]))) for fate in _OTHERS if counts[fate]),
            Fact(say(later("The whole list (SHA-256)")), data(made.digest)),
        ]
        return ProposalContent(tuple(facts), count=len(again))

    def rests_on(self, session: Session, subject: str, payload: Json) -> Mapping[str, str]:
        del payload
        rows = rows_of(session, subject)
        # Without a day: what is over by then is told by the facts of the page.
        made = foresee_undo(session, rows, today=min(row.effective for row in rows))
        return resting_on(session, rows, made)

    def parties(self, session: Session, subject: str, payload: Json) -> Collection[str]:
        """Name staff whose own rights would hold again."""
        del payload
        first = min(row.effective for row in rows_of(session, subject))
        accounts = {one.account for one in undo_plan(session, orders_in(subject), today=first).back}
        names = set(session.scalars(select(Account.username).where(Account.id.in_(accounts)))) if accounts else set()
        return tuple(member.username for member in staff.everybody(session) if member.username in names)

    def carry_out(self, session: Session, proposal: Proposal, *, origin: Origin, base_url: str, at: datetime) -> None:
        del base_url
        for row in rows_of(session, proposal.subject):
            orders.move(session, row, OrderState.UNDOING, origin=origin, at=at, reason=proposal.reason)
        undo_later(session, proposal.id)

    def address(self, session: Session, subject: str) -> str:
        del session
        return f"/reorganise/{subject.partition(':')[2]}/undo"


register(_Undo())


def resting_on(session: Session, rows: Sequence[Order], made: UndoForeseen) -> Mapping[str, str]:
    """Return digests of everything that undoing recorded orders rests on, by what they are about."""
    begun = [[row.id, row.state] for row in rows]
    resting = sorted(one.reference for one in resting_orders(session, [OrderId(row.id) for row in rows]))
    return {"orders": digest_of([begun, resting]), **made.rests_on}
