"""Applications filled in with what is known, for people whose rights an order ends: they check, sign and upload.

The personal code is known and shown masked. It is no part of the draft until whoever opened the link has shown that
the account's mailbox is theirs: a code is mailed there and typed on the page. So no page, form or other mail can give
it away before, to whomever the link was sent on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select

from iam.bulk import any_of
from iam.grants.models import Account
from iam.institutions.models import Institution, Scope, Signatory
from iam.institutions.rules import entitlement_of
from iam.orders.models import Order
from iam.orders.states import OrderState
from iam.people.rules import mask
from iam.periods import midnight_in_riga
from workflows import mail, policy
from workflows.application import endings, events, mailbox_codes, repository
from workflows.application.drafts import Beginning, start_drafts
from workflows.application.errors import NoSuchApplication
from workflows.application.kinds.registry import facts_of, for_rights, kind_of
from workflows.application.kinds.rights_kind import Holder
from workflows.application.links import draft_address, open_draft, tracking_address
from workflows.application.models import Application, PrefilledDraft
from workflows.application.parties import known
from workflows.application.states import OPEN, OWNER, Party, State
from workflows.application.tags import ApplicationTag
from workflows.signed_forms.errors import NoSuchLink
from workflows.signed_forms.links import any_link, mint

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from iam.audit import Origin
    from iam.ids import AccountId, ApplicationId, OrderId
    from iam.people.models import Person
    from workflows.application.drafts import Draft
    from workflows.application.fields import Answers
    from workflows.application.kinds.rights_kind import Wish

__all__ = [
    "Known",
    "ToFillIn",
    "because_of",
    "fill_in",
    "hand_over",
    "known_of",
    "link_to",
    "prefilled_for",
    "submitted_for",
    "withdraw_unneeded",
]

_OVER = (OrderState.REPEALED, OrderState.UNDONE)
_MOST_WITHDRAWN = 50  # in one transaction


@dataclass(frozen=True, slots=True)
class Known:
    """What a page shows of a draft that was filled in: the code masked, the mailbox in part, and whether it is shown.

    `sent` says that a code was mailed and can still be typed.
    """

    code: str
    mailbox: str
    shown: bool
    sent: bool


@dataclass(frozen=True, slots=True)
class ToFillIn:
    """An application to fill in for the holder of an account because of an order; `wish` says for which place."""

    account: Account
    order: Order
    wish: Wish

    @property
    def key(self) -> tuple[int, date, str]:
        """Where it is found again: there is one for an account, a day and a place, whichever orders lead there."""
        return self.account.id, self.order.effective, self.wish.place


def prefilled_for(session: Session, account: Account, order: Order, place: str) -> PrefilledDraft | None:
    """Find what was filled in for the holder of an account because of an order, or of another of the same day.

    None before that. Two orders that lead to one place on one day ask for one application.
    """
    return session.scalar(
        select(PrefilledDraft)
        .join(Order, Order.id == PrefilledDraft.order_id)
        .where(
            PrefilledDraft.account_id == account.id,
            PrefilledDraft.place == place,
            or_(Order.id == order.id, and_(Order.effective == order.effective, Order.state.not_in(_OVER))),
        )
        .order_by((Order.id == order.id).desc(), PrefilledDraft.application_id.desc())
        .limit(1)
    )


def because_of(session: Session, application: Application) -> Order | None:
    """Return the order because of which the application was filled in; None where somebody began it."""
    found = session.get(PrefilledDraft, application.id)
    return None if found is None else session.get(Order, found.order_id)


def fill_in(session: Session, wanted: Sequence[ToFillIn], *, base_url: str, origin: Origin, at: datetime) -> list[str]:
    """Fill applications in because of orders; return the address of each one's link, for a mail to the holder.

    One that is there already gets what it lacks; "" where that was submitted, or has ended.
    """
    accounts, days = {one.account.id for one in wanted}, {one.order.effective for one in wanted}
    known_ones = (
        select(PrefilledDraft, Order.effective)
        .join(Order, Order.id == PrefilledDraft.order_id)
        .where(PrefilledDraft.account_id == any_of(accounts), Order.effective.in_(days), Order.state.not_in(_OVER))
        .order_by(PrefilledDraft.application_id)
    )
    there = {(one.account_id, day, one.place): one for one, day in session.execute(known_ones)}
    new = iter(_begin(session, [one for one in wanted if one.key not in there], origin=origin, at=at))
    return [
        _more(session, there[one.key], one, base_url=base_url, at=at)
        if one.key in there
        else _address(base_url, next(new).token, one.account.language)
        for one in wanted
    ]


def _more(session: Session, filled: PrefilledDraft, one: ToFillIn, *, base_url: str, at: datetime) -> str:
    """Add what a draft lacks that was filled in before."""
    if filled.application.state is not State.DRAFT:
        return ""
    filled.application.answers = dict(for_rights().with_more(filled.application.answers, one.wish))
    return link_to(session, filled, one.account, base_url=base_url, at=at)


def _head_of(session: Session, place: str, day: date) -> Person | None:
    """Return who is recorded as the head of a place on the day; None where nobody is, or several are."""
    kind, _, number = place.partition("-")
    at = Institution.reg_no == number if kind == "i" else Scope.municipality_id == int(number)
    known = (
        select(Signatory)
        .join(Scope, Scope.id == Signatory.scope_id)
        .outerjoin(Institution, Institution.id == Scope.institution_id)
        .where(at, func.upper_inf(Signatory.recorded))
    )
    heads = {one.person_id: one.person for one in session.scalars(known) if entitlement_of(one).heads_on(day)}
    return next(iter(heads.values())) if len(heads) == 1 else None


def _with_head(answers: Mapping[str, Answers], head: Person | None) -> dict[str, Answers]:
    if head is None:
        return dict(answers)
    return for_rights().with_head(answers, given_name=head.given_name, surname=head.surname)


def _begin(session: Session, wanted: Sequence[ToFillIn], *, origin: Origin, at: datetime) -> list[Draft]:
    kind = for_rights()
    # It is kept as long after the day as any other is after it was begun.
    kept = policy.on(session, at).draft_kept
    places = {(one.wish.place, one.order.effective) for one in wanted}
    heads = {(place, day): _head_of(session, place, day) for place, day in places}
    beginnings = [
        Beginning(
            language=one.account.language,
            email=one.account.email,
            answers=_with_head(kind.filled_in(one.wish), heads[one.wish.place, one.order.effective]),
            expires_at=max(at, midnight_in_riga(one.wish.since)) + kept,
        )
        for one in wanted
    ]
    begun = start_drafts(session, beginnings, kind=kind.name, origin=origin, at=at)
    acts = []
    for one, draft in zip(wanted, begun, strict=True):
        session.add(
            PrefilledDraft(
                application=draft.application,
                account_id=one.account.id,
                order_id=one.order.id,
                place=one.wish.place,
            )
        )
        details = {"order": one.order.reference, "account": one.account.username}
        acts.append((draft.application, ApplicationTag.FILLED_IN, details))
    session.flush()
    events.record_all(session, acts, origin=origin, at=at)
    return begun


def link_to(session: Session, draft: PrefilledDraft, account: Account, *, base_url: str, at: datetime) -> str:
    """Make another link to what was filled in, for a mail to the account's holder.

    "" once it has ended, and where what was submitted is about somebody else: the draft may have been handed on.
    """
    application = draft.application
    if application.state not in OPEN:
        return ""
    if application.state is State.DRAFT:
        # What is mailed shows no code, whoever has typed it: a link may be sent on.
        draft.shown_at = None
        # Name and address are those of the account by now.
        holder = Holder(account.person.given_name, account.person.surname, account.email, "")
        answers = for_rights().with_holder(application.answers, holder)
        day = session.get_one(Order, draft.order_id).effective
        application.answers = _with_head(answers, _head_of(session, draft.place, day))
        token = mint(session, application.signing, Party.APPLICANT, email=account.email, at=at)
        return _address(base_url, token, account.language)
    user = known(session, facts_of(application), kind_of(application).about)
    if user is None or user.id != account.person_id:
        return ""
    token = mint(session, application.signing, Party.USER, email=account.email, at=at)
    return tracking_address(base_url, application.reference, token, language=account.language)


def hand_over(session: Session, orders: Mapping[ApplicationId, OrderId]) -> None:
    """Let drafts be those of other orders, which they are needed for as well."""
    for draft in session.scalars(select(PrefilledDraft).where(PrefilledDraft.application_id.in_(orders))):
        draft.order_id = orders[draft.application_id]
    session.flush()


def withdraw_unneeded(
    session: Session,
    order: OrderId,
    reference: str,
    *,
    origin: Origin,
    at: datetime,
    of: Collection[AccountId] | None = None,
) -> frozenset[AccountId]:
    """Withdraw drafts that were filled in because of an order which does not hold, of some accounts or of all.

    Return the accounts. What was submitted is left: people signed it, and it is decided on.
    """
    wanted = (
        select(PrefilledDraft)
        .join(Application, Application.id == PrefilledDraft.application_id)
        .where(PrefilledDraft.order_id == order, Application.state == State.DRAFT)
        .order_by(PrefilledDraft.application_id)
    )
    if of is not None:
        wanted = wanted.where(PrefilledDraft.account_id.in_(of))
    withdrawn = set()
    for one in session.scalars(wanted.limit(_MOST_WITHDRAWN) if of is None else wanted):
        endings.withdraw_by_order(session, one.application, {"order": reference}, origin=origin, at=at)
        withdrawn.add(one.account_id)
    return frozenset(withdrawn)


def submitted_for(session: Session, order: OrderId) -> list[PrefilledDraft]:
    """List what was filled in because of an order, was submitted, and waits for a decision."""
    wanted = (
        select(PrefilledDraft)
        .join(Application, Application.id == PrefilledDraft.application_id)
        .where(PrefilledDraft.order_id == order, Application.state.in_(sorted(OPEN - {State.DRAFT})))
        .order_by(PrefilledDraft.application_id)
    )
    return list(session.scalars(wanted))


def known_of(session: Session, application: Application, *, at: datetime) -> Known | None:
    """Say what is known of the user beside what stands in the draft; None where it was not filled in for somebody."""
    found = application.prefilled
    account = None if found is None else session.get(Account, found.account_id)
    if found is None or account is None:
        return None
    return Known(
        code=_masked(session, account),
        mailbox=_hidden(account.email),
        shown=found.shown_at is not None,
        sent=mailbox_codes.waits(session, found, account, at=at),
    )


def behind(session: Session, token: str) -> tuple[Application, bool]:
    """Find the draft behind a link, and whether the link opens it: else the mailbox can be shown again.

    A link opens nothing after the mailbox was shown, or once the account has another address. Raises NoSuchApplication.
    """
    try:
        return open_draft(session, token), True
    except NoSuchApplication:
        try:
            link = any_link(session, token)
        except NoSuchLink:
            raise NoSuchApplication from None
        if link.request.owner != OWNER or link.party != Party.APPLICANT:
            raise NoSuchApplication from None
        application = repository.application_of(session, link.request_id)
        if application.state is not State.DRAFT or session.get(PrefilledDraft, application.id) is None:
            raise NoSuchApplication from None
        return application, False


def _masked(session: Session, account: Account) -> str:
    code = mailbox_codes.code_of(session, account)
    return mask(code) if code else ""


def _hidden(email: str) -> str:
    """Show whose mailbox it is to somebody who knows it.

    >>> _hidden("anna.liepa@skola.example")
    'a…@skola.example'
    """
    name, _, domain = email.partition("@")
    return f"{name[:1]}…@{domain}"


def _address(base_url: str, token: str, language: str) -> str:
    return mail.page_of(base_url, draft_address("", token), language)
