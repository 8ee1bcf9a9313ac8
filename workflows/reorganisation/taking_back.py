"""Repealing orders before their day, and telling again whoever was told of an order that does not hold, once each.

After an undoing, whose rights hold again is told by that; here are the others: those for whom nothing had ended.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session, aliased

from iam.audit import Origin
from iam.bulk import any_of, insert_all
from iam.grants import service as grants
from iam.grants.ending import End
from iam.grants.models import Account, AccountStatus, EndCause, Evidence, Grant, GrantPeriod
from iam.ids import AccountId, ApplicationId, EvidenceId, GrantId, OrderId
from iam.institutions.models import Signatory
from iam.locks import one_at_a_time
from iam.orders import service as orders
from iam.orders.models import Order
from iam.orders.places import put_places_back
from iam.orders.states import OrderState
from iam.periods import riga_day
from workflows.application import prefilled
from workflows.application.models import PrefilledDraft
from workflows.mail import mailbox_of
from workflows.proposals.models import Proposal
from workflows.proposals.states import State as ProposalState
from workflows.reorganisation import applications, notices
from workflows.reorganisation.approving import orders_in
from workflows.reorganisation.chunks import chunks
from workflows.reorganisation.closing import closing_places
from workflows.reorganisation.decided import UNDO
from workflows.reorganisation.given_ahead import founded_scopes, given_ahead
from workflows.reorganisation.models import OrderNotice
from workflows.reorganisation.queueing import take_back_later
from workflows.reorganisation.resting import refuse_if_rested_on
from workflows.rights.askers import askers_of
from workflows.rights.notices import Changed, Signing
from workflows.rights.projection import follow

__all__ = ["forget", "repeal", "step"]

_CHUNK = 50
_OVER = frozenset({OrderState.REPEALED, OrderState.UNDONE})


def repeal(session: Session, rows: Sequence[Order], *, origin: Origin, at: datetime, reason: str) -> None:
    """Mark orders as repealed before their day; what they founded goes unless it is used, and the rights there end.

    Raises RestsOnIt, and iam's Refused.
    """
    one_at_a_time(session, "orders")
    refuse_if_rested_on(session, rows)
    approved = [row for row in rows if row.state is OrderState.APPROVED]
    for row in rows:
        orders.move(session, row, OrderState.REPEALED, origin=origin, at=at, reason=reason)
    _end_ahead(session, approved, reason, origin=origin, at=at)
    for row in approved:  # what they say of each other holds none of them any more
        put_places_back(session, row, origin=origin, at=at)
        take_back_later(session, OrderId(row.id))


def _end_ahead(session: Session, rows: Sequence[Order], reason: str, *, origin: Origin, at: datetime) -> None:
    """End what was given in places that do not come; who is concerned is told with everything else, by the job."""
    ids = {OrderId(row.id): row for row in rows}
    ends = [one for one in given_ahead(session, ids, today=riga_day(at)) if one.ends]
    if not ends:
        return
    yesterday = riga_day(at) - timedelta(days=1)
    for id_, row in ids.items():
        own = [End(one.grant, yesterday) for one in ends if one.order == id_]
        why = f"{row.reference}, {row.legal_basis}: {reason.strip()}"
        grants.end_all(session, own, cause=EndCause.REORGANISATION, origin=origin, at=at, reason=why)
    told = {"signatory_id": None, "successor": None, "told_at": at}
    insert_all(session, OrderNotice, [{"order_id": one.order, "grant_id": one.grant, **told} for one in ends])
    follow(session, *{one.account for one in ends})


def forget(
    session: Session, rows: Sequence[Order], reached: Collection[str], *, at: datetime
) -> tuple[list[Signing], dict[GrantId, EvidenceId]]:
    """Note that these mailboxes are told that rights hold again: of the same orders they are not told here as well.

    Returns what is to be told of in the same mails: entitlements to sign, and every right of which one was told.
    """
    told = [one for row in rows for one in _rights(session, row)]
    askers = askers_of(session, {one.evidence for one in told})

    def mailboxes(one: "_Right") -> set[str]:
        asker = askers.get(one.evidence)
        return {mailbox_of(email) for email in (one.email, asker and asker.email) if email}

    signing = [(row, one) for row in rows for one in _signing(session, row) if mailbox_of(one.email) in reached]
    known = [one.notice for one in told if mailboxes(one) <= set(reached)]
    _note(session, [*known, *(one.notice for _, one in signing)], at=at)
    rights = {one.grant: one.evidence for one in told if mailboxes(one) & set(reached)}
    return [(one.signatory, one.email, row) for row, one in signing], rights


def _told_again(session: Session, row: Order) -> frozenset[str]:
    """Name the mailboxes that were told of the order when rights held again, whichever of those undone with it."""
    undoings = select(Proposal.subject).where(Proposal.kind == UNDO, Proposal.state == ProposalState.CARRIED_OUT)
    together = {
        one
        for subject in session.scalars(undoings)
        if OrderId(row.id) in orders_in(subject)
        for one in orders_in(subject)
    }
    again, ended = aliased(Grant), aliased(Grant)
    found = (
        select(Account.email, ended.evidence_id)
        .select_from(again)
        .join(Evidence, Evidence.id == again.evidence_id)
        .join(Account, Account.id == again.account_id)
        .join(GrantPeriod, GrantPeriod.id == again.reinstates_period_id)
        .join(ended, ended.id == GrantPeriod.grant_id)
        .where(Evidence.order_id == any_of(together))
    )
    known = [(email, EvidenceId(id_)) for email, id_ in session.execute(found)]
    askers = askers_of(session, {id_ for _, id_ in known})
    return frozenset(mailbox_of(one) for one in (*(email for email, _ in known), *(a.email for a in askers.values())))


@dataclass(frozen=True, slots=True)
class _Right:
    notice: int
    grant: GrantId
    account: AccountId
    email: str
    evidence: EvidenceId


@dataclass(frozen=True, slots=True)
class _Signing:
    notice: int
    signatory: Signatory
    email: str


def step(session: Session, order_id: int, *, base_url: str, origin: Origin, at: datetime) -> bool:
    """Tell the next people that an order does not hold, and withdraw what was filled in for them; False when done."""
    one_at_a_time(session, "orders")
    row = orders.order_with(session, OrderId(order_id))
    if row.state not in _OVER:
        return False
    prefilled.hand_over(session, _needed_by_others(session, row))
    rights, signing = _rights(session, row), _signing(session, row)
    askers = askers_of(session, {one.evidence for one in rights})
    mailboxes: dict[_Right | _Signing, list[str]] = {}
    for right in rights:
        asker = askers.get(right.evidence)
        mailboxes[right] = [mailbox_of(one) for one in (right.email, asker and asker.email) if one]
    mailboxes |= {one: [mailbox_of(one.email)] for one in signing}
    if not mailboxes:
        # Of those whose rights hold again, who were told by that; then the applications of others.
        if prefilled.withdraw_unneeded(session, row.id, row.reference, origin=origin, at=at):
            return True
        return applications.put_back(session, row, base_url=base_url, origin=origin, at=at) or applications.settle_gone(
            session, row, base_url=base_url, origin=origin, at=at
        )
    chunk = chunks(mailboxes, most=_CHUNK)[0]
    _tell(session, row, chunk, base_url=base_url, origin=origin, at=at)
    return True


def _rights(session: Session, row: Order) -> list[_Right]:
    told = (
        select(OrderNotice.id, Grant.id, Account.id, Account.email, Grant.evidence_id)
        .join(Grant, Grant.id == OrderNotice.grant_id)
        .join(Account, Account.id == Grant.account_id)
        .where(OrderNotice.order_id == row.id, OrderNotice.taken_back_at.is_(None))
        .order_by(OrderNotice.id)
    )
    return [_Right(*one) for one in session.execute(told)]


def _signing(session: Session, row: Order) -> list[_Signing]:
    told = (
        select(OrderNotice.id, Signatory, Account.email)
        .join(Signatory, Signatory.id == OrderNotice.signatory_id)
        .outerjoin(Account, and_(Account.person_id == Signatory.person_id, Account.status == AccountStatus.ACTIVE))
        .where(OrderNotice.order_id == row.id, OrderNotice.taken_back_at.is_(None))
        .order_by(OrderNotice.id)
    )
    return [_Signing(id_, one, own or one.email or "") for id_, one, own in session.execute(told)]


def _tell(
    session: Session,
    row: Order,
    chunk: Iterable[_Right | _Signing],
    *,
    base_url: str,
    origin: Origin,
    at: datetime,
) -> None:
    together = list(chunk)
    of_account: defaultdict[AccountId, list[_Right]] = defaultdict(list)
    for one in together:
        if isinstance(one, _Right):
            of_account[one.account].append(one)
    withdrawn = prefilled.withdraw_unneeded(session, row.id, row.reference, origin=origin, at=at, of=list(of_account))
    found = select(Account).where(Account.id == any_of(list(of_account))).order_by(Account.id)
    closing = closing_places(session)
    changes = [
        Changed(
            account,
            grants.history(session, account.id),
            dict.fromkeys(one.grant for one in of_account[account.id]),
            {one.grant: one.evidence for one in of_account[account.id]},
            closing=closing,
        )
        for account in session.scalars(found)
    ]
    told = notices.TakenBack(
        order=row,
        changes=changes,
        withdrawn=withdrawn,
        signing=[(one.signatory, one.email, row) for one in together if isinstance(one, _Signing) and one.email],
        ended=_in_founded(session, row, changes),
        known=_told_again(session, row),
    )
    notices.tell_back(session, told, base_url=base_url, at=at)
    _note(session, [one.notice for one in together], at=at)


def _needed_by_others(session: Session, row: Order) -> Mapping[ApplicationId, OrderId]:
    """Say which drafts because of the order another order in force leads to on the same day, and which one."""
    found = (
        select(PrefilledDraft.application_id, Order.id)
        .join(Grant, Grant.account_id == PrefilledDraft.account_id)
        .join(OrderNotice, OrderNotice.grant_id == Grant.id)
        .join(Order, Order.id == OrderNotice.order_id)
        .where(
            PrefilledDraft.order_id == row.id,
            OrderNotice.successor == PrefilledDraft.place,
            OrderNotice.taken_back_at.is_(None),
            Order.id != row.id,
            Order.state.not_in(_OVER),
            Order.effective == row.effective,
        )
    )
    return dict(session.execute(found).all())


def _in_founded(session: Session, row: Order, changes: Iterable[Changed]) -> frozenset[GrantId]:
    """Name the rights that were held in places which the order was to found."""
    founded = founded_scopes(session, row)
    return frozenset(held.id for change in changes for held in change.told if held.scope_id in founded)


def _note(session: Session, told: Sequence[int], *, at: datetime) -> None:
    known = update(OrderNotice).where(OrderNotice.id == any_of(told))
    session.execute(known.values(taken_back_at=func.greatest(at, OrderNotice.told_at)))
