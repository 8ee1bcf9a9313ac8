"""Approving a plan by a second person, on exactly what both saw: a kind of proposal.

The digest of every single change is a fact of the proposal, so one right more or less is another plan. Once it is
confirmed its orders are approved and what they found exists, so that rights may be approved there beforehand; carrying
it out begins on the day of each order (`applying`).
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from iam.audit import Origin
from iam.ids import OrderId
from iam.locks import one_at_a_time
from iam.orders import service as orders
from iam.orders.models import Order
from iam.orders.places import found_targets
from iam.orders.states import OrderState
from iam.periods import riga_day
from workflows import staff
from workflows.i18n import later
from workflows.proposals import service as proposals
from workflows.proposals.content import Fact, Json, ProposalContent, data, on_day, say
from workflows.proposals.errors import SeenOtherwise
from workflows.proposals.kinds import ProposalKind, register
from workflows.proposals.models import Proposal
from workflows.reorganisation import cap
from workflows.reorganisation.errors import NothingPlanned
from workflows.reorganisation.fates import FATES, Fate
from workflows.reorganisation.foreseen import Foreseen, digest_of, foresee
from workflows.reorganisation.hindrances import refuse_if_hindered
from workflows.reorganisation.queueing import carry_out_later, tell_later

__all__ = [
    "APPLY",
    "foreseen_for",
    "held_rows",
    "orders_in",
    "propose",
    "resting_on",
    "rows_of",
    "subject_of",
]

APPLY = "reorganisation.apply"
_WAITING = frozenset({OrderState.DRAFTED, OrderState.APPROVED, OrderState.APPLYING})


def propose(
    session: Session,
    order_ids: Sequence[OrderId],
    *,
    by: str,
    origin: Origin,
    at: datetime,
    reason: str = "",
    seen: str = "",
) -> Proposal:
    """Propose to carry orders out; `seen` is the digest of the plan a page showed, "" where it is shown only now.

    Raises NothingPlanned, Hindered, OverCap, SeenOtherwise where the plan has changed since, and what
    `workflows.proposals.service.propose` raises.
    """
    subject = subject_of(order_ids)
    rows = held_rows(session, subject)
    made = foreseen_for(session, rows, today=riga_day(at))
    if not rows or any(row.state not in _WAITING for row in rows):
        raise NothingPlanned("each of the orders waits to be carried out")
    refuse_if_hindered(session, rows)
    if seen not in {"", made.digest}:
        raise SeenOtherwise("the plan has changed since it was shown")
    cap.check(session, made.plan, made.digest, at=at)
    prepared = proposals.prepare(session, APPLY, subject=subject, payload=_payload(rows, made), at=at)
    return proposals.propose(session, prepared, seen=prepared.digest, by=by, origin=origin, at=at, reason=reason)


def subject_of(order_ids: Collection[OrderId]) -> str:
    """Name a plan by its orders."""
    return f"orders:{'-'.join(str(one) for one in sorted(order_ids))}"


def orders_in(subject: str) -> tuple[OrderId, ...]:
    """Read what `subject_of` made."""
    return tuple(OrderId(int(one)) for one in subject.partition(":")[2].split("-"))


def foreseen_for(session: Session, rows: Sequence[Order], *, today: date | None = None) -> Foreseen:
    """Plan recorded orders on what the database says now, as `foresee` does."""
    return foresee(session, [orders.said(row) for row in rows], today=today)


def resting_on(rows: Sequence[Order], made: Foreseen) -> Mapping[str, str]:
    """Return digests of everything a plan of recorded orders rests on, by what they are about."""
    return {"orders": digest_of([[row.id, row.digest, row.state] for row in rows]), **made.rests_on}


class _Apply(ProposalKind):
    """The approval of a plan by a second person."""

    name = APPLY
    title = later("Carry out orders about institutions")
    counted = True
    opens = later("Open the order with every change")
    confirming = later("Confirm: rights end on the day of the order, at once where it has come")
    counts = later("How many rights and entitlements to sign end?")
    changed: ClassVar[Mapping[str, str]] = {
        "orders": later("An order was repealed, carried out or undone."),
        "register": later("Names, or where institutions lie, have changed in the register."),
        "rights": later("Rights of people concerned have changed."),
        "signing": later("Who may sign there has changed."),
        "applications": later("Applications for places concerned have come, or were decided on."),
    }

    def hold(self, session: Session, subject: str) -> None:
        held_rows(session, subject)

    def present(self, session: Session, subject: str, payload: Json, *, at: datetime) -> ProposalContent:
        del payload
        rows = rows_of(session, subject)
        made = foreseen_for(session, rows, today=riga_day(at))
        facts = (*_said(rows), *_counts(made), *_cap_raised(session, made))
        return ProposalContent(facts, count=_counted(made))

    def rests_on(self, session: Session, subject: str, payload: Json) -> Mapping[str, str]:
        del payload
        rows = rows_of(session, subject)
        return resting_on(rows, foreseen_for(session, rows))

    def parties(self, session: Session, subject: str, payload: Json) -> Collection[str]:
        """Name staff whose own rights end, and who raised the cap: an account has the username of the sign-in."""
        del payload
        made = foreseen_for(session, rows_of(session, subject))
        ending = (Fate.ENDS, Fate.SIGNATORY_ENDS)
        concerned = {one.account for one in made.plan.changes if one.fate in ending}
        if raised := cap.raised_for(session, made.digest):
            concerned.add(raised.by)
        return tuple(member.username for member in staff.everybody(session) if member.username in concerned)

    def carry_out(self, session: Session, proposal: Proposal, *, origin: Origin, base_url: str, at: datetime) -> None:
        del base_url
        rows = rows_of(session, proposal.subject)
        refuse_if_hindered(session, rows)
        made = foreseen_for(session, rows, today=riga_day(at))
        cap.check(session, made.plan, made.digest, at=at)
        for row in rows:
            if row.state is OrderState.DRAFTED:
                orders.move(session, row, OrderState.APPROVED, origin=origin, at=at, reason=proposal.reason)
            found_targets(session, row, origin=origin, at=at)
        # In this order, by one lock: nobody reads that rights will end after reading that they have.
        tell_later(session, proposal.id)
        carry_out_later(session, proposal.id)

    def address(self, session: Session, subject: str) -> str:
        del session
        return f"/reorganise/{subject.partition(':')[2]}"


register(_Apply())


def rows_of(session: Session, subject: str) -> list[Order]:
    """Find the orders, the first to hold first. Their rows are held by `hold` alone: pages read them too."""
    found = select(Order).where(Order.id.in_(orders_in(subject)))
    return sorted(session.scalars(found), key=lambda row: (row.effective, row.id))


def held_rows(session: Session, subject: str) -> list[Order]:
    """Find the orders as they are now, and hold them until the transaction ends."""
    one_at_a_time(session, "orders")
    found = select(Order).where(Order.id.in_(orders_in(subject))).order_by(Order.id)
    held = session.scalars(found.with_for_update(of=Order).execution_options(populate_existing=True))
    return sorted(held, key=lambda row: (row.effective, row.id))


def _payload(rows: Sequence[Order], made: Foreseen) -> dict[str, object]:
    """Name exactly what is to be ended: what is given later is not among it."""
    ids = {row.reference: row.id for row in rows}
    return {
        "orders": [row.id for row in rows],
        "plan": made.digest,
        "ends": [[one.grant, ids[one.order], one.cause and one.cause.value] for one in made.plan.of(Fate.ENDS)],
        "signatories": [[one.signatory, ids[one.order]] for one in made.plan.of(Fate.SIGNATORY_ENDS)],
    }


def _said(rows: Sequence[Order]) -> list[Fact]:
    return [
        Fact(
            say(later("Order %(reference)s"), reference=row.reference),
            say(later("%(law)s, from %(day)s"), law=row.legal_basis, day=on_day(row.effective)),
        )
        for row in rows
    ]


def _counts(made: Foreseen) -> list[Fact]:
    counts = Counter(one.fate for one in made.plan.changes)
    facts = [Fact(say(FATES[fate]), data(str(counts[fate]))) for fate in Fate if counts[fate]]
    people = len({one.account for one in made.plan.of(Fate.ENDS)})
    return [
        *facts,
        Fact(say(later("People whose rights end")), data(str(people))),
        Fact(say(later("The whole plan (SHA-256)")), data(made.digest)),
    ]


def _cap_raised(session: Session, made: Foreseen) -> list[Fact]:
    raised = cap.raised_for(session, made.digest)
    if raised is None:
        return []
    told = say(
        later("to %(n)s accounts, by %(who)s: %(why)s"), n=str(raised.accounts), who=raised.by, why=raised.reason
    )
    return [Fact(say(later("The cap was raised for this plan")), told)]


def _counted(made: Foreseen) -> int:
    """Count what is ended, as the second person types it."""
    return len(made.plan.of(Fate.ENDS)) + len(made.plan.of(Fate.SIGNATORY_ENDS))
