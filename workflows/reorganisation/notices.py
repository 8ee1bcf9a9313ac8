"""The mails about orders: one to a person, whatever it is that ends for them. Of others it gives the initials."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from iam.ids import AccountId, GrantId
from iam.institutions import service as institutions
from iam.institutions.models import Signatory
from iam.orders.models import Order
from iam.periods import riga_day
from workflows import mail
from workflows.i18n import Words, translator
from workflows.proposals.content import FactText
from workflows.rights.notices import Changed, GoingOn, RightTexts, Signing, applications_of, mailboxes_of

__all__ = ["Ahead", "TakenBack", "tell_ahead", "tell_back"]

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ahead:
    """Everything that ends for people whose mailboxes meet: rights with order and reason, entitlements to sign."""

    changes: Sequence[Changed]
    going_on: Mapping[AccountId, Sequence[GoingOn]]
    orders: Mapping[GrantId, Order]
    why: Mapping[GrantId, FactText]
    signing: Sequence[Signing]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """An order that does not hold, and what people were told of it whose mailboxes meet.

    `withdrawn` has the accounts for whom an application had been filled in that was withdrawn; `ended` are those of
    the rights that were in a place which the order was to found. `known` are mailboxes that were told otherwise.
    """

    order: Order
    changes: Sequence[Changed]
    withdrawn: Collection[AccountId]
    signing: Sequence[Signing]
    ended: Collection[GrantId] = ()
    known: Collection[str] = ()


def tell_ahead(session: Session, told: Ahead, *, base_url: str, at: datetime) -> None:
    """Write to everybody concerned, in one mail each, what ends when, why, and how they go on working."""
    texts = RightTexts(session, told.changes, at)
    for mailbox in mailboxes_of(session, told.changes, told.signing):
        for own, to, language, asked, signing in mailbox.mails():
            words, ways = translator(language), [] if own is None else told.going_on[own.account.id]
            rights = [*([] if own is None else own.ended), *(held.id for _, some in asked for held, _ in some)]
            by_orders = {told.orders[one].id: told.orders[one] for one in rights} | {
                one.id: one for _, _, one in signing
            }
            why = dict.fromkeys(told.why[one].in_words(words) for one in rights if one in told.why)
            mail.queue(
                session,
                to=to,
                template="order_ahead",
                language=language,
                context={
                    "orders": [_order(words, one) for _, one in sorted(by_orders.items())],
                    # What an order dated earlier ends, it ends at once: no last day says that.
                    "last_days": sorted({words.date(one.effective - _DAY) for one in by_orders.values()})
                    if all(one.effective >= riga_day(at) for one in by_orders.values())
                    else [],
                    "why": list(why),
                    "ended": [] if own is None else [texts.ended(words, one, own) for one in own.told],
                    "remaining": [] if own is None else texts.remaining(words, own),
                    "going_on": [one.in_words(words) for one in ways],
                    "secret": any(one.key for one in ways),
                    "applications": applications_of(words, asked, texts.ended),
                    "signing": [_signing(session, words, signatory, order) for signatory, _, order in signing],
                    "support_page": mail.page_of(base_url, "/support", language),
                },
                at=at,
                holds_key=any(one.key for one in ways),
                keep_unusable=True,
            )


def tell_back(session: Session, told: TakenBack, *, base_url: str, at: datetime) -> None:
    """Write to everybody who was told of the order, in one mail each, that it does not hold."""
    texts = RightTexts(session, told.changes, at)
    for mailbox in mailboxes_of(session, told.changes, told.signing):
        if mail.mailbox_of(mailbox.to) in told.known:
            continue
        for own, to, language, asked, may_sign in mailbox.mails():
            words, mine = translator(language), [] if own is None else own.told
            mail.queue(
                session,
                to=to,
                template="order_taken_back",
                language=language,
                context={
                    "order": _order(words, told.order),
                    "rights": [texts.named(words, one, own) for one in mine if own and one.id not in told.ended],
                    "ended": [texts.named(words, one, own) for one in mine if own and one.id in told.ended],
                    "held": [] if own is None else texts.remaining(words, replace(own, ended={})),
                    "withdrawn": own is not None and own.account.id in told.withdrawn,
                    "applications": applications_of(words, asked, texts.named, lambda held: held.id not in told.ended),
                    "ended_applications": applications_of(
                        words, asked, texts.named, lambda held: held.id in told.ended
                    ),
                    "signing": [
                        institutions.scope_name(session, signatory.scope, on=riga_day(at))
                        for signatory, _, _ in may_sign
                    ],
                    "support_page": mail.page_of(base_url, "/support", language),
                },
                at=at,
                keep_unusable=True,
            )


def _order(words: Words, order: Order) -> str:
    return words(
        "%(reference)s, %(law)s, from %(day)s",
        reference=order.reference,
        law=order.legal_basis,
        day=words.date(order.effective),
    )


def _signing(session: Session, words: Words, signatory: Signatory, order: Order) -> str:
    eve = order.effective - _DAY
    place = institutions.scope_name(session, signatory.scope, on=eve)
    return words("%(right)s: last day %(day)s", right=place, day=words.date(eve))
