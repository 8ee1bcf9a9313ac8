"""Showing that the mailbox of an account is theirs, before the personal code is written into what was filled in.

A code works for its hour, however many were sent and whoever had them sent: who else holds the link takes nothing from
the account's holder (a leaked link would else shut them out). Wrong codes are counted for a network, by the page. A
code is for the address it was mailed to: once the account has another one it opens nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from iam.audit import Door
from iam.grants.models import Account
from iam.people import service as people
from workflows import mail
from workflows.application import events, repository
from workflows.application.errors import CodeSentOften, NotNow
from workflows.application.kinds.registry import for_rights
from workflows.application.kinds.rights_kind import Holder
from workflows.application.models import MailboxCode, PrefilledDraft
from workflows.application.parties import of_applicant
from workflows.application.states import Party, State
from workflows.application.tags import ApplicationTag
from workflows.signed_forms.links import end_all, mint

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from workflows.application.models import Application

__all__ = ["DIGITS", "MAILS_AN_HOUR", "code_of", "send_code", "show_mailbox", "waits"]

DIGITS = 10
MAILS_AN_HOUR = 3  # for one draft; another one of the same mailbox has as many
_HOUR = timedelta(hours=1)


def send_code(session: Session, application: Application, *, base_url: str, at: datetime) -> None:
    """Mail a code to the address of the account. Raises NotNow, and CodeSentOften where enough were sent."""
    found, account = _held(session, application)
    session.execute(
        delete(MailboxCode).where(MailboxCode.application_id == found.application_id, MailboxCode.sent_at <= at - _HOUR)
    )
    if len(_waiting(session, found, account, at)) >= MAILS_AN_HOUR:
        raise CodeSentOften
    code = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
    session.add(
        MailboxCode(
            application_id=found.application_id, digest=_digest(application, code), email=account.email, sent_at=at
        )
    )
    half = DIGITS // 2
    mail.queue(
        session,
        to=account.email,
        template="mailbox_code",
        language=application.language,
        context={
            "reference": application.reference,
            "code": f"{code[:half]} {code[half:]}",
            "until": at + _HOUR,
            "support_page": mail.page_of(base_url, "/support", application.language),
        },
        at=at,
        holds_key=True,
    )


def show_mailbox(session: Session, application: Application, typed: str, *, at: datetime) -> str:
    """Take a mailed code for a sign that the mailbox is theirs: name, address and personal code are as recorded again.

    Whoever held the link before may have typed others. Every link there is ends, for it may have been sent on; return
    the secret of a new one, "" for another code or one that is over. Raises NotNow.
    Whoever opens the mail again later shows the mailbox once more (`prefilled.behind`).
    """
    found, account = _held(session, application)
    given = _digest(application, "".join(typed.split()))
    if not any(secrets.compare_digest(one.digest, given) for one in _waiting(session, found, account, at)):
        return ""
    found.shown_at = at
    session.execute(delete(MailboxCode).where(MailboxCode.application_id == found.application_id))
    person = account.person
    holder = Holder(person.given_name, person.surname, account.email, code_of(session, account))
    application.answers = dict(for_rights().with_holder(application.answers, holder))
    session.flush()
    events.record(session, application, ApplicationTag.MAILBOX_SHOWN, origin=of_applicant(application, Door.WEB), at=at)
    end_all(session, application.signing, at=at)
    return mint(session, application.signing, Party.APPLICANT, email="", at=at)


def waits(session: Session, found: PrefilledDraft, account: Account, *, at: datetime) -> bool:
    """Say whether a mailed code can be typed."""
    return bool(_waiting(session, found, account, at))


def code_of(session: Session, account: Account) -> str:
    """Return the personal code of the account's holder as it is written; "" where they have none of Latvia."""
    return next((one.written for one in people.codes_of(session, account.person_id) if one.is_latvian), "")


def _held(session: Session, application: Application) -> tuple[PrefilledDraft, Account]:
    # Its state is read with its row held: a submit may have come between.
    if repository.locked(session, application.id).state is not State.DRAFT:
        raise NotNow("the application has been submitted")
    found = session.get(PrefilledDraft, application.id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotNow("it was not filled in for anybody")
    return found, session.get_one(Account, found.account_id)


def _waiting(session: Session, found: PrefilledDraft, account: Account, at: datetime) -> list[MailboxCode]:
    wanted = select(MailboxCode).where(
        MailboxCode.application_id == found.application_id,
        MailboxCode.email == account.email,
        MailboxCode.sent_at > at - _HOUR,
    )
    return list(session.scalars(wanted))


def _digest(application: Application, code: str) -> str:
    return hashlib.sha256(f"viis mailbox code\0{application.reference}\0{code}".encode()).hexdigest()
