"""The job that answers a request: whose is it, can anything be given back, and what is its registered address mailed.

(1) find the account by its username; an unknown or shut one, or one without a usable address, is told nothing;
(2) with its row held: an account gets so many mails an hour, those about its password included, and one request waits
    for a decision at a time;
(3) where something can be given back, a link to confirm goes out, and every earlier one is dead;
(4) else a mail says why not, and that an application and a commitment letter are needed.

Of somebody who names another person than the holder of the account nothing is decided here: the reviewer sees both.
"""

import secrets
from datetime import timedelta

from sqlalchemy.orm import Session

from iam import audit
from iam.audit import Actor, ActorKind, Door, Origin
from iam.grants import accounts
from iam.grants.models import Account, AccountStatus
from iam.periods import riga_day
from workflows import policy
from workflows.jobs import Retry, Run, job
from workflows.mail import BadAddress, parse_address
from workflows.password_reset import limits
from workflows.password_reset.rules import ByUsername, sought
from workflows.restoration import notices, repository
from workflows.restoration.asking import ANSWER, digest_of
from workflows.restoration.models import RestorationRequest
from workflows.restoration.reading import verdict_on
from workflows.restoration.states import FORGOTTEN, RestorationEvent, State, after
from workflows.restoration.tags import RestorationTag

__all__ = ["answer", "move"]

_BYTES = 32
_SELF = Origin(Actor(ActorKind.SYSTEM, "restoration"), Door.JOB)

limits.count_mails("restoration", repository.mails_since)


@job(ANSWER, queue="reset", retry=Retry(times=None, first=timedelta(seconds=5), longest=timedelta(hours=1)))
def answer(run: Run, *, request_id: int) -> None:
    """Answer one request (the procedure above)."""
    with run.transaction() as session:
        request = repository.locked(session, request_id)
        if request.state is not State.ASKED:
            return
        account = _account_of(session, request)  # (1)
        if account is None or limits.mailed_enough(session, account.id, at=run.at):  # (2)
            _settle(request, RestorationEvent.DROPPED, run)
            return
        request.account_id = account.id
        _answer(run, session, request, account)


def move(request: RestorationRequest, event: RestorationEvent) -> None:
    """Bring a request to the state the event leads to; what was typed is forgotten where nobody goes on with it."""
    request.state = after(request.state, event)
    if request.state in FORGOTTEN:
        request.username = request.given_name = request.surname = request.description = ""


def _account_of(session: Session, request: RestorationRequest) -> Account | None:
    wanted = sought(request.username)
    found = accounts.account_called(session, wanted.username) if isinstance(wanted, ByUsername) else None
    if found is None:
        return None
    account = accounts.locked(session, found.id)
    try:
        parse_address(account.email)
    except BadAddress:
        return None
    return account if account.status is AccountStatus.ACTIVE else None


def _answer(run: Run, session: Session, request: RestorationRequest, account: Account) -> None:
    base_url = run.settings.base_url
    verdict = verdict_on(session, account.id, on=riga_day(run.at))
    if waiting := repository.of_account(session, account.id, State.IN_REVIEW):
        since = waiting[0].confirmed_at or run.at
        notices.already_waits(session, account, since=since, base_url=base_url, at=run.at)
        _settle(request, RestorationEvent.ANSWERED, run)
    elif verdict:  # (3)
        for earlier in repository.of_account(session, account.id, State.MAILED):
            move(earlier, RestorationEvent.LAPSED)
        secret = secrets.token_urlsafe(_BYTES)
        until = run.at + policy.on(session, run.at).reset_link_valid
        request.secret_digest, request.email, request.link_until = digest_of(secret), account.email, until
        _settle(request, RestorationEvent.MAILED, run)
        notices.send_link(session, account, secret=secret, until=until, base_url=base_url, at=run.at)
        _note(session, RestorationTag.LINK_SENT, request, run)
    else:  # (4)
        notices.not_restorable(session, account, verdict, base_url=base_url, at=run.at)
        _settle(request, RestorationEvent.ANSWERED, run)
        _note(session, RestorationTag.ANSWERED, request, run)


def _settle(request: RestorationRequest, event: RestorationEvent, run: Run) -> None:
    move(request, event)
    request.settled_at = run.at


def _note(session: Session, tag: RestorationTag, request: RestorationRequest, run: Run) -> None:
    session.flush()
    details = {"account": request.account_id}
    audit.record(session, tag, origin=_SELF, subject=request.subject, at=run.at, details=details)
