"""The job that answers a request: who is meant, may they be mailed, and off with the link.

(1) find out who is meant, and ask Keycloak how the account stands there, holding nothing;
(2) with the account's row held: decide; if a link goes out, make its secret and write its mail;
(3) hand the mail to the mail server;
(4) only when it was taken: the link is live, every earlier one of the account is dead.

So a request that sends nothing kills nothing, and the hour of a link begins when its mail leaves. Killed between (3)
and (4), the job finds the mail sent, or refused for good, and goes on with (4); killed during (3), nobody knows, and it
writes another mail with another secret: the newest mail holds. The link of a mail that was taken opens even before (4).
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias, assert_never

from sqlalchemy.orm import Session

from iam import audit
from iam.audit import Actor, ActorKind, Door, Origin
from iam.grants import accounts
from iam.grants.models import Account, AccountStatus
from workflows import mail
from workflows.jobs import Retry, Run, job
from workflows.keycloak import open_door
from workflows.mail import BadAddress, Mail, MailState, parse_address
from workflows.mail.delivery import Postponed, Rejected, Taken
from workflows.mail.service import NotTaken, carry, rewrite, write
from workflows.password_reset import repository
from workflows.password_reset.keys import Key, digest_of, new_key
from workflows.password_reset.limits import count_mails, limits_on, mailed_enough
from workflows.password_reset.models import ResetLink, ResetRequest
from workflows.password_reset.rules import ByEmail, ByUsername, Nobody, sought
from workflows.password_reset.states import FIRST, RequestOutcome
from workflows.password_reset.tags import ResetTag

__all__ = ["ANSWER", "answer", "give_up"]

ANSWER = "reset.answer"
_GIVE_UP = "reset.give_up"

_TEMPLATE = "reset_link"
_SELF = Actor(ActorKind.SYSTEM, "password_reset")

count_mails("password_reset", repository.mails_since)


@dataclass(frozen=True, slots=True)
class _Seen:
    """How an account stands in Keycloak: whether it is open, and which password it has."""

    enabled: bool
    password: str


@dataclass(frozen=True, slots=True)
class _Send:
    """Hand over this mail; it carries the link."""

    mail_id: int
    link_id: int


@dataclass(frozen=True, slots=True)
class _Settled:
    """Nothing is left to do."""


@dataclass(frozen=True, slots=True)
class _LeftBefore:
    """An earlier attempt sent the mail and died before it could say so."""

    link_id: int


_Next: TypeAlias = _Send | _LeftBefore | _Settled


# Ten seconds, half a minute, … an hour: six and a half hours in all, Keycloak being away included.
@job(
    ANSWER,
    queue="reset",
    retry=Retry(times=12, first=timedelta(seconds=5), factor=3, longest=timedelta(hours=1)),
    after_failure=_GIVE_UP,
)
def answer(run: Run, *, request_id: int) -> None:
    """Answer one request (the procedure above)."""
    with run.transaction() as session:  # (1)
        keycloak_id = _keycloak_id(session, request_id)
    seen = None if keycloak_id is None else _look_at_keycloak(run, keycloak_id)
    with run.transaction() as session:  # (2)
        following = _decide(run, session, request_id, seen)
    match following:
        case _Settled():
            return
        case _LeftBefore(link_id):
            with run.transaction() as session:
                _live(run, session, request_id, link_id)
        case _Send(mail_id, link_id):
            _send(run, request_id, mail_id, link_id)
        case _:
            assert_never(following)


@job(_GIVE_UP, queue="reset", retry=Retry(times=None))
def give_up(run: Run, *, request_id: int) -> None:
    """Settle a request whose job failed for good: its mail was sent, or never will be."""
    with run.transaction() as session:
        request = repository.request_for_update(session, request_id)
        if request.outcome is not None:
            return
        if request.mail_id is None:
            _settle(request, RequestOutcome.NOT_TAKEN, run)
            return
        written = mail.give_up(session, request.mail_id, at=run.at)
        match _ended_before(run, session, request, sent=written.state == MailState.SENT):
            case _LeftBefore(link_id):
                _live(run, session, request_id, link_id)
            case _:
                pass


def _keycloak_id(session: Session, request_id: int) -> str | None:
    request = session.get_one(ResetRequest, request_id)
    if request.outcome is not None:
        return None
    account = _meant(session, request)
    return None if account is None or account.status is not AccountStatus.ACTIVE else account.keycloak_id


def _meant(session: Session, request: ResetRequest) -> Account | None:
    if request.account is not None:
        return request.account
    match sought(request.asked or ""):
        case ByUsername(username):
            return accounts.account_called(session, username)
        case ByEmail() | Nobody():
            return None


def _look_at_keycloak(run: Run, keycloak_id: str) -> _Seen:
    door = run.tools.use(open_door)
    user = door.read(keycloak_id)
    if user is None or not user.enabled:
        return _Seen(enabled=False, password="")
    return _Seen(enabled=True, password=door.password_mark(keycloak_id))


def _decide(run: Run, session: Session, request_id: int, seen: _Seen | None) -> _Next:
    request = repository.request_for_update(session, request_id)
    if request.outcome is not None:
        return _Settled()
    if request.account_id is None and isinstance(wanted := sought(request.asked or ""), ByEmail):
        return _settle(request, _remind(run, session, request, wanted.email), run)
    account = _meant(session, request)
    if account is None:
        return _settle(request, RequestOutcome.UNKNOWN, run)
    # From here on one request of an account after the other: the hour's mails are counted.
    account = accounts.locked(session, account.id)
    request.account_id = account.id
    outcome = _against(run, session, request, account, seen)
    if outcome is not None or seen is None:
        return _settle(request, outcome or RequestOutcome.NOT_READY, run)
    return _prepare(run, session, request, account, seen)


def _against(
    run: Run, session: Session, request: ResetRequest, account: Account, seen: _Seen | None
) -> RequestOutcome | None:
    """Say why no link is sent, None when one is."""
    if account.status is not AccountStatus.ACTIVE or (seen is not None and not seen.enabled):
        return RequestOutcome.SHUT
    if account.keycloak_id is None or seen is None:
        return RequestOutcome.NOT_READY
    try:
        parse_address(account.email)
    except BadAddress:
        return RequestOutcome.NO_ADDRESS
    by_a_stranger = request.started_by is None and request.mail_id is None  # a mail once written was allowed then
    if by_a_stranger and mailed_enough(session, account.id, at=run.at):
        return RequestOutcome.LIMITED
    return None


def _prepare(run: Run, session: Session, request: ResetRequest, account: Account, seen: _Seen) -> _Next:
    written = None if request.mail_id is None else session.get_one(Mail, request.mail_id)
    if written is not None and written.state != MailState.QUEUED:
        return _ended_before(run, session, request, sent=written.state == MailState.SENT)
    key = new_key()
    link = ResetLink(
        account_id=account.id,
        request_id=request.id,
        secret_digest=digest_of(key.secret),
        code_digest=digest_of(key.code),
        email=account.email,
        password_seen=seen.password,
        state=FIRST,
        made_at=run.at,
        expires_at=run.at + limits_on(session, run.at).link_lives,
    )
    session.add(link)
    session.flush()
    said = _said(run, account, link, key)
    if written is None:
        written = write(
            session,
            to=account.email,
            template=_TEMPLATE,
            language=account.language,
            context=said,
            at=run.at,
            holds_key=True,
        )
        request.mail_id = written.id
    else:
        rewrite(written, context=said)
    return _Send(written.id, link.id)


def _ended_before(run: Run, session: Session, request: ResetRequest, *, sent: bool) -> _Next:
    """Say what an earlier attempt left to note, which died after the mail server had had the last word."""
    before = repository.link_of_request(session, request.id)
    if sent and before is not None:
        return _LeftBefore(before.id)
    if before is not None:
        repository.unsent(session, before.id, at=run.at)
    # Sent, and no link on its way: its holder was faster than this job, and has used it.
    return _settle(request, RequestOutcome.LINK_SENT if sent else RequestOutcome.NOT_TAKEN, run)


def _said(run: Run, account: Account, link: ResetLink, key: Key) -> dict[str, object]:
    base_url, language = run.settings.base_url, account.language
    return {
        "username": account.username,
        # In the fragment: it is sent to no server, stands in no log and no Referer.
        "address": mail.page_of(base_url, f"/reset/new#{key.secret}", language),
        "page": mail.page_of(base_url, "/reset/new", language),
        "code": key.grouped,
        "until": link.expires_at,
        "first": not link.password_seen,
    }


def _send(run: Run, request_id: int, mail_id: int, link_id: int) -> None:
    delivery = carry(run, mail_id)  # (3)
    with run.transaction() as session:  # (4)
        match delivery:
            case Taken() | None:
                _live(run, session, request_id, link_id)
            case Rejected():
                repository.unsent(session, link_id, at=run.at)
                _settle(session.get_one(ResetRequest, request_id), RequestOutcome.NOT_TAKEN, run)
            case Postponed():
                repository.unsent(session, link_id, at=run.at)
                if run.last:
                    _settle(session.get_one(ResetRequest, request_id), RequestOutcome.NOT_TAKEN, run)
            case _:
                assert_never(delivery)
    if isinstance(delivery, Postponed) and not run.last:
        raise NotTaken(delivery.reason)


def _live(run: Run, session: Session, request_id: int, link_id: int) -> None:
    link = session.get_one(ResetLink, link_id)
    accounts.locked(session, link.account_id)
    repository.replace_others(session, link.account_id, but=link_id, at=run.at)
    repository.mark_live(session, link_id, at=run.at)
    _settle(session.get_one(ResetRequest, request_id), RequestOutcome.LINK_SENT, run)
    audit.record(
        session,
        ResetTag.LINK_SENT,
        origin=Origin(_SELF, Door.JOB),
        subject=f"account:{link.account_id}",
        at=run.at,
        details={"request": request_id, "link": link_id},
    )


def _remind(run: Run, session: Session, request: ResetRequest, email: str) -> RequestOutcome:
    """Mail the usernames that belong to an address, to that address as we have it."""
    known = repository.active_accounts_at(session, email)
    if not known:
        return RequestOutcome.UNKNOWN
    first = accounts.locked(session, known[0].id)
    request.account_id = first.id
    if mailed_enough(session, first.id, at=run.at):
        return RequestOutcome.LIMITED
    try:
        sent = mail.queue(
            session,
            to=first.email,
            template="reset_username",
            language=first.language,
            context={
                "usernames": [account.username for account in known],
                "page": mail.page_of(run.settings.base_url, "/reset", first.language),
            },
            at=run.at,
        )
    except BadAddress:
        return RequestOutcome.NO_ADDRESS
    request.mail_id = sent.id
    for account in known:
        audit.record(
            session,
            ResetTag.USERNAME_SENT,
            origin=Origin(_SELF, Door.JOB),
            subject=f"account:{account.id}",
            at=run.at,
            details={"request": request.id},
        )
    return RequestOutcome.USERNAME_SENT


def _settle(request: ResetRequest, outcome: RequestOutcome, run: Run) -> _Settled:
    # What was typed is forgotten with the answer: people type passwords into the wrong field.
    request.outcome, request.settled_at, request.asked = outcome, run.at, None
    return _Settled()
