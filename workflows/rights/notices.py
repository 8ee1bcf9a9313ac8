"""What people are told of their account and rights by mail. No mail names anybody but its reader."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from iam.grants import service as grants
from iam.grants.models import Account, Grant, Level, Section
from iam.grants.rules import HeldGrant
from iam.ids import AccountId
from iam.institutions import service as institutions
from iam.institutions.models import Scope
from iam.periods import riga_day
from workflows import mail
from workflows.i18n import Language, Words, later, translator
from workflows.rights.askers import Asker, askers_of

__all__ = ["account_ready", "address_changed", "rights_ended"]

_LEVELS = {Level.VIEW: later("view"), Level.EDIT: later("edit")}


def account_ready(session: Session, account: Account, *, base_url: str, at: datetime) -> None:
    """Tell the user their username and where a password is set. The mail holds no secret."""
    mail.queue(
        session,
        to=account.email,
        template="account_ready",
        language=account.language,
        context={"username": account.username, "password_page": f"{base_url}/reset"},
        at=at,
    )


def address_changed(session: Session, account: Account, *, before: str, base_url: str, at: datetime) -> None:
    """Tell both addresses that the account's e-mail is another one now; neither mail names the other address."""
    for to, is_new in ((before, False), (account.email, True)):
        mail.queue(
            session,
            to=to,
            template="account_address_changed",
            language=account.language,
            context={"username": account.username, "is_new": is_new, "support_page": f"{base_url}/support"},
            at=at,
        )


def rights_ended(
    session: Session,
    accounts: Collection[Account],
    ended: Collection[tuple[Grant, date | None]],
    *,
    base_url: str,
    at: datetime,
) -> None:
    """Tell each holder, in one mail, which rights end where and when and what remains; and whoever had asked for them.

    `ended` has the last day of each right, None for now. An asker who is the holder is told as the holder alone.
    """
    texts = _Texts(session, at)
    support_page = f"{base_url}/support"
    by_account: defaultdict[AccountId, list[tuple[Grant, date | None]]] = defaultdict(list)
    for grant, last_day in ended:
        by_account[grant.account_id].append((grant, last_day))
    for account in accounts:
        words = translator(account.language)
        history = texts.history(account.id)
        over = {grant.id for grant, _ in by_account[account.id]}
        mail.queue(
            session,
            to=account.email,
            template="rights_ended",
            language=account.language,
            context={
                "ended": [texts.ended(words, grant, last_day) for grant, last_day in by_account[account.id]],
                "remaining": texts.remaining(words, [held for held in history if held.id not in over]),
                "support_page": support_page,
            },
            at=at,
        )
    told = {account.id: account.email.casefold() for account in accounts}
    for to, language, applications in _for_askers(session, ended, told):
        words = translator(language)
        mail.queue(
            session,
            to=to,
            template="rights_ended_asker",
            language=language,
            context={
                "references": [one.reference for one in applications],
                "applications": [
                    {
                        "reference": one.reference,
                        "ended": [texts.ended(words, grant, last_day) for grant, last_day in one.ended],
                    }
                    for one in applications
                ],
                "support_page": support_page,
            },
            at=at,
        )


@dataclass(frozen=True, slots=True)
class _Application:
    """What ended of the rights one application had asked for."""

    reference: str
    ended: Sequence[tuple[Grant, date | None]]


def _for_askers(
    session: Session, ended: Collection[tuple[Grant, date | None]], told: dict[AccountId, str]
) -> Iterable[tuple[str, str, list[_Application]]]:
    """Group what ended by the mailbox of whoever had asked, and there by application."""
    askers = askers_of(session, {grant.evidence_id for grant, _ in ended})
    grouped: defaultdict[str, defaultdict[Asker, list[tuple[Grant, date | None]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for grant, last_day in ended:
        asker = askers.get(grant.evidence_id)
        if asker is not None and asker.email.casefold() != told[grant.account_id]:
            grouped[mail.mailbox_of(asker.email)][asker].append((grant, last_day))
    for _, asked in sorted(grouped.items()):
        first = next(iter(asked))
        applications = [
            _Application(asker.reference, rights)
            for asker, rights in sorted(asked.items(), key=lambda one: one[0].reference)
        ]
        yield first.email, first.language, applications


class _Texts:
    """Rights as lines of a mail; places and accounts are read once, however many rights name them."""

    def __init__(self, session: Session, at: datetime) -> None:
        self._session = session
        self._today = riga_day(at)
        self._places: dict[str, str] = {}
        self._histories: dict[AccountId, list[HeldGrant]] = {}
        self._sections = {one.code: one for one in grants.sections(session, on=self._today)}

    def history(self, account_id: AccountId) -> list[HeldGrant]:
        """List everything an account held, holds and will hold, as it stands after the ends."""
        if account_id not in self._histories:
            self._histories[account_id] = grants.history(self._session, account_id)
        return self._histories[account_id]

    def ended(self, words: Words, grant: Grant, last_day: date | None) -> str:
        """Say what ends, where, and its last day."""
        what = self._what(words, grant.section, grant.level, grant.scope)
        if any(held.id == grant.id and held.since is None for held in self.history(grant.account_id)):
            return words("%(right)s: will not begin", right=what)
        if last_day is None:
            return words("%(right)s: ended now, on %(day)s", right=what, day=words.date(self._today))
        return words("%(right)s: last day %(day)s", right=what, day=words.date(last_day))

    def remaining(self, words: Words, others: Sequence[HeldGrant]) -> list[str]:
        """Say which of the other rights are held today or begin later."""
        said = []
        for held in others:
            if held.since is None or (held.until is not None and held.until < self._today):
                continue
            section = self._sections.get(held.section)
            scope = institutions.scope_by_code(self._session, held.scope)
            what = self._what(words, section, held.level, scope) if section else held.section
            if held.since > self._today:
                what = words("%(right)s: from %(day)s", right=what, day=words.date(held.since))
            if held.until is not None:
                what = words("%(right)s: until %(day)s", right=what, day=words.date(held.until))
            said.append(what)
        return said

    def _what(self, words: Words, section: Section, level: Level, scope: Scope) -> str:
        name = section.name_en if words.language is Language.EN else section.name_lv
        code = institutions.scope_code(scope)
        if code not in self._places:
            self._places[code] = institutions.scope_name(self._session, scope, on=self._today)
        place = self._places[code] or words("The whole state")
        return words("%(section)s (%(level)s), %(place)s", section=name, level=words(_LEVELS[level]), place=place)
