"""What people are told of their account and rights by mail. Of others a mail gives the initials, and no more.

Nothing that is told here is held up by an address nobody can write to: its mail is kept as failed.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias

from sqlalchemy.orm import Session

from iam.grants import service as grants
from iam.grants.models import Account, Level
from iam.grants.rules import HeldGrant
from iam.ids import AccountId, EvidenceId, GrantId
from iam.institutions import service as institutions
from iam.institutions.models import Signatory
from iam.orders.models import Order
from iam.periods import riga_day
from workflows import mail
from workflows.i18n import Language, Words, later, translator
from workflows.proposals.content import FactText
from workflows.rights.askers import Asker, askers_of

__all__ = [
    "Changed",
    "GoingOn",
    "Mailbox",
    "RightTexts",
    "Signing",
    "account_ready",
    "address_changed",
    "applications_of",
    "lines_of",
    "mailboxes_of",
    "rights_again",
    "rights_ended",
]

_LEVELS = {Level.VIEW: later("view"), Level.EDIT: later("edit")}


def account_ready(session: Session, account: Account, *, has_password: bool, base_url: str, at: datetime) -> None:
    """Tell the user their username, what they may do, and where a password is set unless they have one.

    The mail holds no secret.
    """
    words = translator(account.language)
    held = Changed(account, grants.history(session, account.id), {}, {})
    mail.queue(
        session,
        to=account.email,
        template="account_ready",
        language=account.language,
        context={
            "username": account.username,
            "rights": RightTexts(session, [held], at).remaining(words, held),
            "has_password": has_password,
            "my_page": mail.page_of(base_url, "/my", account.language),
            "password_page": mail.page_of(base_url, "/reset", account.language),
        },
        at=at,
        keep_unusable=True,
    )


def address_changed(session: Session, account: Account, *, before: str, base_url: str, at: datetime) -> None:
    """Tell both addresses that the account's e-mail is another one now; neither mail names the other address."""
    for to, is_new in ((before, False), (account.email, True)):
        mail.queue(
            session,
            to=to,
            template="account_address_changed",
            language=account.language,
            context={
                "username": account.username,
                "is_new": is_new,
                "support_page": mail.page_of(base_url, "/support#incident", account.language),
            },
            at=at,
            keep_unusable=True,
        )


@dataclass(frozen=True, slots=True)
class Changed:
    """An account of which rights end: everything it held before, and the last day of each that ends (None: now).

    Of `known` ends nobody is told again. `closing` are the last days of places that end by what was approved, by key.
    """

    account: Account
    before: Sequence[HeldGrant]
    ended: Mapping[GrantId, date | None]
    evidence: Mapping[GrantId, EvidenceId]
    known: Collection[GrantId] = ()
    closing: Mapping[str, date] = field(default_factory=dict)

    @property
    def told(self) -> list[HeldGrant]:
        """The rights that people are told of."""
        return [held for held in self.before if held.id in self.ended and held.id not in self.known]


@dataclass(frozen=True, slots=True)
class GoingOn:
    """What somebody does who goes on working where rights end: a sentence, and a page for it ("" for none).

    `opens` is what the button says; `key` says that the address works like a password.
    """

    said: FactText
    opens: FactText
    address: str
    key: bool = False

    def in_words(self, words: Words) -> dict[str, str]:
        """Return it as a mail lays it out."""
        return {"said": self.said.in_words(words), "opens": self.opens.in_words(words), "address": self.address}


Asked: TypeAlias = Sequence[tuple[Asker, Sequence[tuple[HeldGrant, Changed]]]]
"""Applications, each with the rights that were asked for with it."""

Signing: TypeAlias = tuple[Signatory, str, Order]
"""An entitlement to sign, the address of whoever has it, and the order that ends or had ended it."""


@dataclass(slots=True)
class Mailbox:
    """What one mailbox is told: of own rights, an account a mail; of rights asked for, and of signing, in the first."""

    to: str
    language: str
    own: list[Changed] = field(default_factory=list)
    asked: list[tuple[Asker, Sequence[tuple[HeldGrant, Changed]]]] = field(default_factory=list)
    signing: list[Signing] = field(default_factory=list)

    def mails(self) -> Iterable[tuple[Changed | None, str, str, Asked, Sequence[Signing]]]:
        """List its mails: own rights if any, address and language, rights asked for, entitlements to sign."""
        for number, own in enumerate(self.own or [None]):
            to, language = (self.to, self.language) if own is None else (own.account.email, own.account.language)
            yield own, to, language, *((self.asked, self.signing) if number == 0 else ([], []))


def rights_ended(
    session: Session,
    changes: Sequence[Changed],
    *,
    base_url: str,
    at: datetime,
    told: Collection[str] = (),
    going_on: Mapping[AccountId, Sequence[GoingOn]] | None = None,
) -> None:
    """Tell everyone concerned, in one mail, which rights end where and when: theirs, and those they had asked for.

    An asker who is the holder is told as the holder alone, and one whose address is `told` otherwise not at all.
    `going_on` is what a holder may do now.
    """
    texts = RightTexts(session, changes, at)
    elsewhere = {mail.mailbox_of(address) for address in told}
    for mailbox in mailboxes_of(session, [change for change in changes if change.told]):
        for own, to, language, asked, _ in mailbox.mails():
            words = translator(language)
            known = mail.mailbox_of(to) in elsewhere
            applications = [] if known else applications_of(words, asked, texts.ended)
            if own is None and not applications:
                continue
            ways = [] if own is None else (going_on or {}).get(own.account.id, ())
            mail.queue(
                session,
                to=to,
                template="rights_ended_asker" if own is None else "rights_ended",
                language=language,
                context={
                    "ended": [] if own is None else [texts.ended(words, one, own) for one in own.told],
                    "remaining": [] if own is None else texts.remaining(words, own),
                    "going_on": [one.in_words(words) for one in ways],
                    "applications": applications,
                    "signing": [],
                    **_staying(words, texts, None),
                    "support_page": mail.page_of(base_url, "/support", language),
                },
                at=at,
                holds_key=any(one.key for one in ways),
                keep_unusable=True,
            )


def rights_again(
    session: Session,
    changes: Sequence[Changed],
    *,
    base_url: str,
    at: datetime,
    ended: Mapping[AccountId, Changed] | None = None,
    signing: Sequence[Signing] = (),
    stays: Sequence[Changed] = (),
) -> None:
    """Tell everyone concerned, in one mail, which rights hold again since an order was undone: own and asked for.

    A change names it where an end names what ends, and `before` is everything held now. What was given in a place that
    goes with the order has `ended`. `signing` are entitlements that hold again, of people whom all this concerns.
    Of `stays`, rights that they had been told of too, only they read.
    """
    over = ended or {}
    goes = {id_ for change in over.values() for id_ in change.ended}
    texts = RightTexts(session, [*changes, *over.values(), *stays], at)
    also = {mail.mailbox_of(one.to): one for one in mailboxes_of(session, stays)}
    for mailbox in mailboxes_of(session, changes, signing, over=list(over.values())):
        unchanged = also.get(mail.mailbox_of(mailbox.to))
        for own, to, language, asked, may_sign in mailbox.mails():
            words = translator(language)
            ends = None if own is None else over.get(own.account.id)
            again = applications_of(words, asked, texts.again, lambda held: held.id not in goes)
            asker = "rights_again_asker" if again else "rights_ended_asker"
            ended_too = applications_of(words, asked, texts.ended, lambda held: held.id in goes)
            mail.queue(
                session,
                to=to,
                template=asker if own is None else "rights_again",
                language=language,
                context={
                    "again": [] if own is None else [texts.again(words, one, own) for one in own.told],
                    "ended": [] if ends is None else [texts.ended(words, one, ends) for one in ends.told],
                    "applications": again if again or own is not None else ended_too,
                    "ended_applications": ended_too,
                    **_staying(words, texts, unchanged),
                    "signing": [
                        institutions.scope_name(session, signatory.scope, on=riga_day(at))
                        for signatory, _, _ in may_sign
                    ],
                    "support_page": mail.page_of(base_url, "/support", language),
                },
                at=at,
                keep_unusable=True,
            )
            unchanged = None


def _staying(words: Words, texts: "RightTexts", told: Mailbox | None) -> dict[str, object]:
    """Name the rights, own and asked for, that a mailbox had been told of and that no order ends."""
    own = [] if told is None else [texts.named(words, one, change) for change in told.own for one in change.told]
    return {"stays": own, "asked_stay": [] if told is None else applications_of(words, told.asked, texts.named)}


def lines_of(
    session: Session, words: Words, account: Account, rights: Sequence[HeldGrant], *, at: datetime
) -> list[str]:
    """Say of each right of an account what it is, where, and on which days, as lines of a mail."""
    texts = RightTexts(session, [Changed(account, rights, {}, {})], at)
    return [texts.lasting(words, held) for held in rights]


def for_askers(session: Session, changes: Sequence[Changed]) -> Iterable[tuple[str, str, Asked]]:
    """Group what ends by the mailbox of whoever had asked, and there by reference."""
    evidence = {change.evidence[held.id] for change in changes for held in change.told}
    askers = askers_of(session, evidence)
    grouped: dict[str, dict[Asker, list[tuple[HeldGrant, Changed]]]] = {}
    for change in changes:
        for held in change.told:
            asker = askers.get(change.evidence[held.id])
            if asker is None:
                continue
            if (box := mail.mailbox_of(asker.email)) != mail.mailbox_of(change.account.email):
                grouped.setdefault(box, {}).setdefault(asker, []).append((held, change))
    for _, asked in sorted(grouped.items()):
        first = next(iter(asked))
        yield (
            first.email,
            first.language,
            sorted(asked.items(), key=lambda one: one[0].reference),
        )


def mailboxes_of(
    session: Session, changes: Sequence[Changed], signing: Sequence[Signing] = (), *, over: Sequence[Changed] = ()
) -> list[Mailbox]:
    """Put together, mailbox by mailbox, whom changes concern; of `over`, of the same accounts, only who had asked."""
    found: dict[str, Mailbox] = {}
    for change in changes:
        email, language = change.account.email, change.account.language
        found.setdefault(mail.mailbox_of(email), Mailbox(email, language)).own.append(change)
    for email, language, asked in for_askers(session, [*changes, *over]):
        found.setdefault(mail.mailbox_of(email), Mailbox(email, language)).asked += asked
    for one in signing:
        found.setdefault(mail.mailbox_of(one[1]), Mailbox(one[1], "lv")).signing.append(one)
    return [found[one] for one in sorted(found)]


def applications_of(
    words: Words,
    asked: Asked,
    said: Callable[[Words, HeldGrant, Changed], str],
    which: Callable[[HeldGrant], bool] = lambda _: True,
) -> list[dict[str, object]]:
    """Say of each application what becomes of the rights asked for with it, of those that are meant."""
    named = [(asker, [said(words, *one) for one in some if which(one[0])]) for asker, some in asked]
    return [{"reference": asker.reference, "user": asker.user, "rights": rights} for asker, rights in named if rights]


class RightTexts:
    """Rights of some accounts as lines of a mail; what all their places are called is read at once."""

    def __init__(self, session: Session, changes: Sequence[Changed], at: datetime) -> None:
        self._today = riga_day(at)
        scopes = {held.scope_id for change in changes for held in change.before}
        self._places = institutions.scope_names(session, scopes, on=self._today)
        self._sections = {one.code: one for one in grants.sections(session, on=self._today)}

    def ended(self, words: Words, held: HeldGrant, change: Changed) -> str:
        """Say what ends, where, and its last day."""
        what, last_day = self._what(words, held), change.ended[held.id]
        # An end before the first day takes back what never begins, is over, or is held and ends at once.
        if held.since is not None and held.since > (last_day or self._today):
            if held.since > self._today:
                return words("%(right)s: will not begin", right=what)
            if held.until is not None and held.until < self._today:
                return words("%(right)s: was over on %(day)s already", right=what, day=words.date(held.until))
            last_day = None
        if last_day is None:
            return words("%(right)s: ended now, on %(day)s", right=what, day=words.date(self._today))
        return words("%(right)s: last day %(day)s", right=what, day=words.date(last_day))

    def named(self, words: Words, held: HeldGrant, _change: Changed) -> str:
        """Say which right it is, and where."""
        return self._what(words, held)

    def again(self, words: Words, held: HeldGrant, _change: Changed) -> str:
        """Say what holds again, where, and from when."""
        return words(
            "%(right)s: from %(day)s", right=self._what(words, held), day=words.date(held.since or self._today)
        )

    def lasting(self, words: Words, held: HeldGrant) -> str:
        """Say a right, where it is held, and its days."""
        begins = words.date(held.since or self._today)
        if held.until is None:
            return words("%(right)s: from %(day)s", right=self._what(words, held), day=begins)
        return words(
            "%(right)s: from %(since)s to %(until)s",
            right=self._what(words, held),
            since=begins,
            until=words.date(held.until),
        )

    def remaining(self, words: Words, change: Changed) -> list[str]:
        """Say which of the other rights are held today or begin later."""
        said = []
        for held in change.before:
            until = min((day for day in (held.until, change.closing.get(held.scope)) if day is not None), default=None)
            over = held.since is None or (until is not None and until < max(held.since, self._today))
            if over or held.id in change.ended:
                continue
            what = self._what(words, held)
            if held.since is not None and held.since > self._today:
                what = words("%(right)s: from %(day)s", right=what, day=words.date(held.since))
            if until is not None:
                what = words("%(right)s: until %(day)s", right=what, day=words.date(until))
            said.append(what)
        return said

    def _what(self, words: Words, held: HeldGrant) -> str:
        section = self._sections.get(held.section)
        name = held.section if section is None else section.name_lv
        if section is not None and words.language is Language.EN:
            name = section.name_en
        place = self._places.get(held.scope_id) or words("The whole state")
        return words("%(section)s (%(level)s), %(place)s", section=name, level=words(_LEVELS[held.level]), place=place)
