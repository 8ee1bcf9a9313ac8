"""Telling whom an approved plan concerns, beforehand, in steps of one transaction each.

    (1) what two people approved to end and nobody was told of yet is cut into chunks whose mailboxes do not meet
    (2) whoever needs a new application at the one successor gets one that is filled in
    (3) each person, and each head who had asked or may sign no longer, gets one mail
    (4) what they were told is noted, so that it is told once, whatever is proposed or who dies later
    (5) then the people of open applications that name a place which ends

As in `applying`, the next step is read from the database each time.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from iam.audit import Origin
from iam.bulk import any_of, insert_all
from iam.grants import service as grants
from iam.grants.models import Account, AccountStatus, Grant, GrantPeriod, Level
from iam.ids import AccountId, EvidenceId, GrantId, OrderId
from iam.institutions.models import Signatory
from iam.locks import one_at_a_time
from iam.orders import service as orders
from iam.orders.models import Order
from iam.orders.states import OrderState
from iam.periods import riga_day
from workflows import mail
from workflows.application import prefilled
from workflows.application.kinds.rights_kind import Wish
from workflows.i18n import later
from workflows.mail import mailbox_of, page_of
from workflows.proposals.content import FactText, on_day, say
from workflows.proposals.models import Proposal
from workflows.reorganisation import applications, notices
from workflows.reorganisation.applying import Approved, approved_for
from workflows.reorganisation.approving import orders_in, rows_of
from workflows.reorganisation.chunks import chunks
from workflows.reorganisation.closing import closing_places
from workflows.reorganisation.entitled import entitled, own_addresses
from workflows.reorganisation.foreseen import facts_of
from workflows.reorganisation.models import OrderNotice
from workflows.reorganisation.outlooks import Outlook, outlooks
from workflows.reorganisation.pausing import is_paused
from workflows.reorganisation.words import place_text
from workflows.rights.askers import askers_of
from workflows.rights.notices import Changed, GoingOn
from workflows.rights.projection import LANE

__all__ = ["COVERED", "FILLED_IN", "OPEN_IT", "step"]

_CHUNK = 100
_DAY = timedelta(days=1)
_OPEN = frozenset({OrderState.APPROVED, OrderState.APPLYING})

FILLED_IN = later(
    "%(needs)s We have filled in an application with what is known: check it, add what is missing and send it to be "
    "signed. Approved by then, the new rights begin on %(day)s, the day after the old ones end."
)
OPEN_IT = later("Open the application for %(place)s")
COVERED = later("You hold as much in %(place)s already: for that, nothing needs to be done.")
_APPLY = later("Fill in an application")


@dataclass(frozen=True, slots=True)
class _Right:
    grant: GrantId
    account: AccountId
    email: str
    evidence: EvidenceId
    order: Order


@dataclass(frozen=True, slots=True)
class _Signing:
    signatory: Signatory
    email: str
    order: Order


_FilledIn: TypeAlias = tuple[Sequence[_Right], str]
"""Rights that end, and the address of the application that was filled in for them."""


def step(session: Session, proposal_id: int, *, base_url: str, origin: Origin, at: datetime) -> bool:
    """Tell the next people; False when nobody is left to be told, or it is paused."""
    one_at_a_time(session, "orders")
    subject = session.get_one(Proposal, proposal_id).subject
    rows = [row for row in rows_of(session, subject) if row.state in _OPEN]
    if not rows or is_paused(session, orders_in(subject)):
        return False
    approved = approved_for(session, subject)
    rights, signing = _rights(session, approved, rows, _told(session, rows)), _signing(session, approved, rows)
    askers = askers_of(session, {one.evidence for one in rights})
    mailboxes: dict[_Right | _Signing, list[str]] = {}
    for right in rights:
        asker = askers.get(right.evidence)
        mailboxes[right] = [mailbox_of(one) for one in (right.email, asker and asker.email) if one]
    mailboxes |= {one: [mailbox_of(one.email)] for one in signing}
    if not mailboxes:
        ahead = [row for row in rows if row.effective > riga_day(at)]
        return applications.say_beforehand(session, ahead, base_url=base_url, origin=origin, at=at)  # (5)
    chunk = chunks(mailboxes, most=_CHUNK)[0]  # (1)
    _tell(session, rows, chunk, base_url=base_url, origin=origin, at=at)
    return True


def _told(session: Session, rows: Sequence[Order]) -> set[GrantId]:
    """Name the rights of whose end people were told by now."""
    wanted = (OrderNotice.order_id == any_of([row.id for row in rows]), OrderNotice.grant_id.is_not(None))
    return {GrantId(grant) for grant in session.scalars(select(OrderNotice.grant_id).where(*wanted)) if grant}


def _rights(session: Session, approved: Approved, rows: Sequence[Order], known: set[GrantId]) -> list[_Right]:
    """Find approved rights that are still to end and that nobody was told of."""
    by_id = {OrderId(row.id): row for row in rows}
    wanted = [id_ for id_, (order, _) in approved.ends.items() if order in by_id and id_ not in known]
    after = func.upper(GrantPeriod.valid)
    periods = (
        select(GrantPeriod.grant_id, GrantPeriod.account_id, Account.email, Grant.evidence_id, after)
        .join(Grant, Grant.id == GrantPeriod.grant_id)
        .join(Account, Account.id == GrantPeriod.account_id)
        .where(
            GrantPeriod.grant_id == any_of(wanted),
            func.upper_inf(GrantPeriod.recorded),
            ~func.isempty(GrantPeriod.valid),
            or_(func.upper_inf(GrantPeriod.valid), after > min(row.effective for row in rows)),
        )
        .order_by(GrantPeriod.grant_id)
    )
    found = []
    for grant, account, email, evidence, ends in session.execute(periods):
        row = by_id[approved.ends[grant][0]]
        if ends is None or ends > row.effective:
            found.append(_Right(grant, account, email, EvidenceId(evidence), row))
    return found


def _signing(session: Session, approved: Approved, rows: Sequence[Order]) -> list[_Signing]:
    """Find entitlements to sign that are to end, of people who were not told in the mailbox that is known of them."""
    told = (
        select(Signatory, OrderNotice.order_id)
        .join(OrderNotice, OrderNotice.signatory_id == Signatory.id)
        .where(OrderNotice.order_id == any_of([row.id for row in rows]))
    )
    known = list(session.execute(told))
    ending = [one for one in entitled(session, rows, approved.signatories) if one.approved]
    people = {one.person_id for one in (*(one.signatory for one in ending), *(one for one, _ in known))}
    own = own_addresses(session, people)

    def mailbox(one: Signatory) -> str:
        return mailbox_of(own.get(one.person_id) or one.email or "")

    reached = {(one.person_id, one.scope_id, order, mailbox(one)) for one, order in known}
    found = []
    for one in ending:
        signatory = one.signatory
        email = own.get(signatory.person_id) or signatory.email
        if email and (signatory.person_id, signatory.scope_id, one.order.id, mailbox(signatory)) not in reached:
            found.append(_Signing(signatory, email, one.order))
    return found


def _tell(
    session: Session,
    rows: Sequence[Order],
    chunk: Iterable[_Right | _Signing],
    *,
    base_url: str,
    origin: Origin,
    at: datetime,
) -> None:
    together = list(chunk)
    rights = [one for one in together if isinstance(one, _Right)]
    signing = [one for one in together if isinstance(one, _Signing)]
    said = [orders.said(row) for row in rows]
    # Without a plan: what changes is approved, only what comes after is asked.
    facts = facts_of(session, said, today=riga_day(at), of={one.account for one in rights})
    after = outlooks(said, facts)
    of_account: defaultdict[AccountId, list[_Right]] = defaultdict(list)
    for one in rights:
        of_account[one.account].append(one)
    found = select(Account).where(Account.id == any_of(of_account)).order_by(Account.id)
    histories = grants.histories(session, [*of_account])
    accounts = list(session.scalars(found))
    needed = [(account, some) for account in accounts for some in _needed(of_account[AccountId(account.id)], after)]
    wanted = [prefilled.ToFillIn(account, some[0].order, _wish(account, some, after)) for account, some in needed]
    addresses = prefilled.fill_in(session, wanted, base_url=base_url, origin=origin, at=at)  # (2)
    filled: defaultdict[AccountId, list[_FilledIn]] = defaultdict(list)
    for (account, some), address in zip(needed, addresses, strict=True):
        filled[AccountId(account.id)].append((some, address))
    changes, going_on, closing = [], {}, closing_places(session)
    for account in accounts:
        own = of_account[AccountId(account.id)]
        last_days: dict[GrantId, date | None] = {one.grant: one.order.effective - _DAY for one in own}
        evidence = {one.grant: one.evidence for one in own}
        held = histories[AccountId(account.id)]
        changes.append(Changed(account, held, last_days, evidence, closing=closing))
        apply = page_of(base_url, "/apply", account.language)
        ways = _ways(own, after, facts.names, filled[AccountId(account.id)], apply=apply)
        going_on[account.id] = ways if account.status is AccountStatus.ACTIVE else []
    told = notices.Ahead(
        changes=changes,
        going_on=going_on,
        orders={one.grant: one.order for one in rights},
        why={id_: one.why for id_, one in after.items()},
        signing=[(one.signatory, one.email, one.order) for one in signing],
    )
    with mail.together(session, behind=LANE):
        notices.tell_ahead(session, told, base_url=base_url, at=at)  # (3)
    nothing = {"grant_id": None, "signatory_id": None, "successor": None, "told_at": at}
    insert_all(  # (4)
        session,
        OrderNotice,
        [
            *(
                {**nothing, "order_id": one.order.id, "grant_id": one.grant, "successor": _successor(after, one.grant)}
                for one in rights
            ),
            *({**nothing, "order_id": one.order.id, "signatory_id": one.signatory.id} for one in signing),
        ],
    )


def _successor(after: Mapping[GrantId, Outlook], grant: GrantId) -> str | None:
    return after[grant].successor if grant in after else None


def _needed(own: Sequence[_Right], after: Mapping[GrantId, Outlook]) -> list[list[_Right]]:
    """Put together the rights for which one application at a successor is needed, by its day."""
    needed: defaultdict[tuple[date, str], list[_Right]] = defaultdict(list)
    for one in own:
        outlook = after.get(one.grant)
        if outlook is not None and outlook.needs and outlook.successor is not None:
            needed[one.order.effective, outlook.successor].append(one)
    return list(needed.values())


def _ways(
    own: Sequence[_Right],
    after: Mapping[GrantId, Outlook],
    names: Mapping[str, str],
    filled: Sequence[_FilledIn],
    *,
    apply: str,
) -> list[GoingOn]:
    """Say how somebody goes on working: one application for each successor, a sentence where there is none."""
    ways: list[GoingOn] = []
    for one in own:
        outlook = after.get(one.grant)
        if outlook is None or (outlook.needs and outlook.successor is not None):
            continue
        if outlook.needs:
            ways.append(GoingOn(outlook.needs, say(_APPLY), apply))
        elif outlook.successor is not None:
            said = say(COVERED, place=place_text(outlook.successor, names))
            ways.append(GoingOn(said, FactText(), ""))
    for some, address in filled:
        outlook, day = after[some[0].grant], some[0].order.effective
        if not address:
            ways.append(GoingOn(outlook.needs, say(_APPLY), apply))
            continue
        called = place_text(outlook.successor or "", names)
        said = say(FILLED_IN, needs=outlook.needs, day=on_day(day))
        ways.append(GoingOn(said, say(OPEN_IT, place=called), address, key=True))
    return [one for number, one in enumerate(ways) if one not in ways[:number]]


def _wish(account: Account, some: Sequence[_Right], after: Mapping[GrantId, Outlook]) -> Wish:
    order = some[0].order
    levels: dict[str, Level] = {}
    for one in some:
        right = after[one.grant].right
        levels[right.section] = Level.EDIT if Level.EDIT in (right.level, levels.get(right.section)) else right.level
    ends = [after[one.grant].right.until for one in some]
    last = max((one for one in ends if one is not None), default=None)
    return Wish(
        given_name=account.person.given_name,
        surname=account.person.surname,
        email=account.email,
        phone=account.phone,
        place=after[some[0].grant].successor or "",
        sections=levels,
        since=order.effective,
        until=None if None in ends else last,
        reason=f"{order.reference}, {order.legal_basis}",
    )
