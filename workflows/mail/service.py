"""How does a mail leave?

(1) `queue` writes it, in words, in the caller's transaction, and queues the job in the same.
(2) The job reads it, in a transaction of its own that also shows that the job is still ours.
(3) It hands the message to the mail server.
(4) It records what became of it.

A crash between (3) and (4) means that the mail is sent again: SMTP has no way to take a message once at most. We choose
to send at least once; both copies carry the same Message-ID, which mail programs take for one message (decision 0042).
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from secrets import token_hex
from typing import assert_never

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from iam.locks import one_at_a_time
from workflows.i18n import translator
from workflows.jobs import GiveUp, JobsError, Retry, Run, defer, defer_all, job
from workflows.mail.addresses import BadAddress, as_kept, mailbox_of, parse_address
from workflows.mail.delivery import Delivery, Postponed, Rejected, Taken, deliver
from workflows.mail.message import compose
from workflows.mail.models import Mail, MailState
from workflows.mail.rendering import render

__all__ = ["NotTaken", "carry", "give_up", "queue", "rewrite", "send_again", "together", "write", "written_to"]

_SEND = "mail.send"
_TOGETHER = "mails queued together"
_GIVE_UP = "mail.give_up"
_QUEUE = "mail.queue_many"
_MANY = 10
_LAST = -10
_MOST_AN_HOUR = 50_000  # a mail server would have refused us long before


class NotTaken(JobsError):
    """The mail server did not take the mail this time; the job is tried again."""


def queue(  # noqa: PLR0913 - the parts of a mail, all but the session by name
    session: Session,
    *,
    to: str,
    template: str,
    language: str,
    context: Mapping[str, object],
    at: datetime,
    reply_to: str | None = None,
    in_reply_to: str | None = None,
    holds_key: bool = False,
    keep_unusable: bool = False,
) -> Mail:
    """Write a mail to `to` and have it sent once the session's transaction commits; see `write`."""
    mail = write(
        session,
        to=to,
        template=template,
        language=language,
        context=context,
        at=at,
        reply_to=reply_to,
        in_reply_to=in_reply_to,
        holds_key=holds_key,
        keep_unusable=keep_unusable,
    )
    if mail.state != MailState.QUEUED:
        return mail
    if (waiting := session.info.get(_TOGETHER)) is not None:
        waiting.append(mail)
    else:
        _defer(session, mail)
    return mail


@contextmanager
def together(session: Session, *, behind: str) -> Iterator[None]:
    """Write what is queued in the block down at its end, all mails at once; they have no number before.

    Many of them leave once no job waits for the lock `behind`, and after the mails of whoever waits for one.
    """
    session.info[_TOGETHER] = waiting = list[Mail]()
    try:
        yield
    finally:
        del session.info[_TOGETHER]
    session.flush()
    ids = [mail.id for mail in waiting]
    if len(ids) < _MANY:
        _defer_all(session, ids)
    else:
        defer(session, _QUEUE, lock=behind, priority=_LAST, mail_ids=ids)


def write(  # noqa: PLR0913 - likewise
    session: Session,
    *,
    to: str,
    template: str,
    language: str,
    context: Mapping[str, object],
    at: datetime,
    reply_to: str | None = None,
    in_reply_to: str | None = None,
    holds_key: bool = False,
    keep_unusable: bool = False,
) -> Mail:
    """Write a mail and leave its sending to the caller, a job that will `carry` it.

    `context` fills the template; links in it are made by the caller from `Settings.base_url`. `holds_key` says that the
    mail carries a link that works like a password: its text is then erased when it has left, or failed to.
    `in_reply_to` is the Message-ID this answers. With `keep_unusable` a mail to an address that nobody can write to is
    kept as failed, where staff see it: what it tells of is done either way. Raises BadAddress otherwise, and
    UnknownTemplate.
    """
    fault = None
    try:
        address = parse_address(to)
    except BadAddress as bad:
        if not keep_unusable:
            raise
        address, fault = as_kept(to), str(bad)
    words = render(template, language=language, context=context)
    mail = Mail(
        token=f"viis.{token_hex(16)}",
        to_address=address,
        reply_to=None if reply_to is None else parse_address(reply_to),
        in_reply_to=in_reply_to,
        template=template,
        language=translator(language).language.value,
        subject=words.subject,
        text_body=words.text,
        html_body=words.html,
        keeps_body=not holds_key,
        state=MailState.QUEUED,
        queued_at=at,
        attempts=0,
    )
    if fault is not None:
        mail.settle(MailState.FAILED, at=at, reason=fault)
    session.add(mail)
    if _TOGETHER not in session.info:
        session.flush()
    return mail


def written_to(session: Session, address: str, *, templates: Collection[str], since: datetime) -> int:
    """Count the mails of these kinds written to the mailbox of an address since then.

    Whoever counts the same mailbox waits for this transaction, so that the next count has what it writes. Several
    mailboxes are counted in the order of `mailbox_of`, or two would wait for one another.
    """
    mailbox = mailbox_of(address)
    one_at_a_time(session, f"mailbox {mailbox}")
    # By number, which the key finds: there are years of mails, and no index on when they were written.
    latest = select(func.coalesce(func.max(Mail.id), 0)).scalar_subquery()
    found = session.scalar(
        select(func.count()).where(
            Mail.id > latest - _MOST_AN_HOUR,
            Mail.queued_at > since,
            Mail.template.in_(templates),
            func.regexp_replace(func.lower(Mail.to_address), r"\+[^@]*@", "@") == mailbox,
        )
    )
    return found or 0


def rewrite(mail: Mail, *, context: Mapping[str, object]) -> None:
    """Write a mail that has not left yet anew: what it says has changed since."""
    words = render(mail.template, language=mail.language, context=context)
    mail.subject, mail.text_body, mail.html_body = words.subject, words.text, words.html


def send_again(session: Session, mail: Mail) -> None:
    """Give a failed mail another chance, for an operator who knows why. Raises ValueError when its text is gone."""
    if mail.state != MailState.FAILED or mail.text_body is None:
        raise ValueError("only a failed mail that still has its text can be sent again")
    mail.state = MailState.QUEUED
    mail.settled_at = None
    session.flush()
    _defer(session, mail)


def _defer(session: Session, mail: Mail) -> None:
    defer(session, _SEND, lock=_lock(mail.id), mail_id=mail.id)


def _defer_all(session: Session, mail_ids: Collection[int], *, priority: int = 0) -> None:
    defer_all(session, _SEND, [(_lock(one), {"mail_id": one}) for one in mail_ids], priority=priority)


def _lock(mail_id: int) -> str:
    """Name what keeps two jobs for one mail, sent again by hand, from running side by side."""
    return f"mail:{mail_id}"


@job(_QUEUE, queue="mail", retry=Retry(times=None))
def _queue_many(run: Run, *, mail_ids: list[int]) -> None:
    """Have mails sent that were written together; by itself it takes no time from what waits for its lock."""
    with run.transaction() as session:
        if run.once(session, "queued"):
            _defer_all(session, mail_ids, priority=_LAST)


# Ten seconds, half a minute, … an hour: seven hours in all, longer than any greylist and most outages.
@job(
    _SEND,
    queue="mail",
    retry=Retry(times=12, first=timedelta(seconds=10), factor=3, longest=timedelta(hours=1)),
    after_failure=_GIVE_UP,
)
def _send(run: Run, *, mail_id: int) -> None:
    match carry(run, mail_id):
        case Postponed(reason):
            raise NotTaken(reason)
        case Rejected(reason):
            raise GiveUp(reason)
        case Taken() | None:
            pass


@job(_GIVE_UP, queue="mail", retry=Retry(times=None))
def _give_up(run: Run, *, mail_id: int) -> None:
    """Settle a mail that its job failed to: an operator then sees it, and may send it again."""
    with run.transaction() as session:
        give_up(session, mail_id, at=run.at)


def give_up(session: Session, mail_id: int, *, at: datetime) -> Mail:
    """Hold the mail and settle it as failed, unless it is settled; return it."""
    mail = session.get_one(Mail, mail_id, with_for_update=True, populate_existing=True)
    if mail.state == MailState.QUEUED:
        reason = "its job failed: see job_errors"
        mail.settle(MailState.FAILED, at=at, reason=reason if mail.reason is None else f"{reason}; {mail.reason}")
    return mail


def carry(run: Run, mail_id: int) -> Delivery | None:
    """Hand one mail to the mail server and record what became of it; None for one that was settled before."""
    with run.transaction() as session:  # (2)
        mail = session.get_one(Mail, mail_id)
        if mail.state != MailState.QUEUED:
            return None
        mail.attempts += 1
    delivery = deliver(compose(mail, sender=run.settings.mail_from), run.settings)  # (3)
    with run.transaction() as session:  # (4)
        mail = session.get_one(Mail, mail_id, with_for_update=True)
        match delivery:
            case Taken():
                mail.settle(MailState.SENT, at=run.at, reason=None)
            case Rejected(reason):
                mail.settle(MailState.FAILED, at=run.at, reason=reason)
            case Postponed(reason) if run.last:
                mail.settle(MailState.FAILED, at=run.at, reason=reason)
            case Postponed(reason):
                mail.reason = reason
            case _:
                assert_never(delivery)
    return delivery
