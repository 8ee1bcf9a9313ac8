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
from iam.periods import riga_day
from workflows import mail
from workflows.i18n import Language, Words, later, translator
from workflows.proposals.content import FactText
from workflows.rights.askers import Asker, askers_of

__all__ = [
    "Changed",
    "GoingOn",
    "RightTexts",
    "account_ready",
    "address_changed",
    "for_askers",
    "lines_of",
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


def rights_ended(
    session: Session,
    changes: Sequence[Changed],
    *,
    base_url: str,
    at: datetime,
    told: Collection[str] = (),
    going_on: Mapping[AccountId, Sequence[GoingOn]] | None = None,
) -> None:
    """Tell each holder, in one mail, which rights end where and when and what remains; and whoever had asked for them.

    An asker who is the holder is told as the holder alone, and one whose address is `told` otherwise not at all.
    `going_on` is what a holder may do now.
    """
    texts = RightTexts(session, changes, at)
    for change in changes:
        if not change.told:
            continue
        words = translator(change.account.language)
        ways = (going_on or {}).get(change.account.id, ())
        mail.queue(
            session,
            to=change.account.email,
            template="rights_ended",
            language=change.account.language,
            context={
                "ended": [texts.ended(words, one, change) for one in change.told],
                "remaining": texts.remaining(words, change),
                "going_on": [one.in_words(words) for one in ways],
                "support_page": mail.page_of(base_url, "/support", change.account.language),
            },
            at=at,
            holds_key=any(one.key for one in ways),
            keep_unusable=True,
        )
    _tell_askers(session, changes, "ended", texts.ended, told=told, base_url=base_url, at=at)


def rights_again(
    session: Session,
    changes: Sequence[Changed],
    *,
    base_url: str,
    at: datetime,
    ended: Mapping[AccountId, Changed] | None = None,
) -> None:
    """Tell each holder, in one mail, which rights hold again since an order was undone; and whoever had asked for them.

    A change names them where an end names those that end, and `before` is everything held now. What was given in a
    place that goes with the order has `ended`: it is told in the same mail, and to whoever had asked for it.
    """
    over = ended or {}
    ends = RightTexts(session, list(over.values()), at)
    texts = RightTexts(session, changes, at)
    for change in changes:
        words = translator(change.account.language)
        mail.queue(
            session,
            to=change.account.email,
            template="rights_again",
            language=change.account.language,
            context={
                "again": [texts.again(words, one, change) for one in change.told],
                "ended": [
                    ends.ended(words, one, over[change.account.id])
                    for one in (over[change.account.id].told if change.account.id in over else ())
                ],
                "support_page": mail.page_of(base_url, "/support", change.account.language),
            },
            at=at,
            keep_unusable=True,
        )
    _tell_askers(session, changes, "again", texts.again, base_url=base_url, at=at)
    _tell_askers(session, list(over.values()), "ended", ends.ended, base_url=base_url, at=at)


def lines_of(
    session: Session, words: Words, account: Account, rights: Sequence[HeldGrant], *, at: datetime
) -> list[str]:
    """Say of each right of an account what it is, where, and on which days, as lines of a mail."""
    texts = RightTexts(session, [Changed(account, rights, {}, {})], at)
    return [texts.lasting(words, held) for held in rights]


_Rights: TypeAlias = list[tuple[HeldGrant, Changed]]


def for_askers(session: Session, changes: Sequence[Changed]) -> Iterable[tuple[str, str, list[tuple[Asker, _Rights]]]]:
    """Group what ends by the mailbox of whoever had asked, and there by reference."""
    evidence = {change.evidence[held.id] for change in changes for held in change.told}
    askers = askers_of(session, evidence)
    grouped: dict[str, dict[Asker, _Rights]] = {}
    for change in changes:
        for held in change.told:
            asker = askers.get(change.evidence[held.id])
            if asker is not None and asker.email.casefold() != change.account.email.casefold():
                mailbox = grouped.setdefault(mail.mailbox_of(asker.email), {})
                mailbox.setdefault(asker, []).append((held, change))
    for _, asked in sorted(grouped.items()):
        first = next(iter(asked))
        yield (
            first.email,
            first.language,
            sorted(asked.items(), key=lambda one: one[0].reference),
        )


def _tell_askers(
    session: Session,
    changes: Sequence[Changed],
    what: str,
    said: Callable[[Words, HeldGrant, Changed], str],
    *,
    told: Collection[str] = (),
    base_url: str,
    at: datetime,
) -> None:
    """Tell whoever had asked for the rights, in one mail a mailbox, application by application."""
    mailboxes = {mail.mailbox_of(address) for address in told}
    for to, language, applications in for_askers(session, changes):
        if mail.mailbox_of(to) in mailboxes:
            continue
        words = translator(language)
        mail.queue(
            session,
            to=to,
            template=f"rights_{what}_asker",
            language=language,
            context={
                "applications": [
                    {
                        "reference": asker.reference,
                        "user": asker.user,
                        what: [said(words, held, change) for held, change in rights],
                    }
                    for asker, rights in applications
                ],
                "support_page": mail.page_of(base_url, "/support", language),
            },
            at=at,
            keep_unusable=True,
        )


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
