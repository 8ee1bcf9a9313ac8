"""What the parties of an application are told by mail. Details are behind its link.

Of what is personal it names the user's initials and the institution: whoever signs for many tells them apart.

Every link works like a password, so the mail's text is erased once it has left.

Anybody may state anybody's address: of mails that need nobody's decision one mailbox gets so many an hour, the rest are
not written, and nobody is told (as with resets). Whoever was to sign asks for a new link afterwards.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from iam.grants.models import Welcome
from iam.periods import riga_day
from workflows import mail, policy
from workflows.application.deadlines import decided_within
from workflows.application.kinds.registry import facts_of, kind_of
from workflows.application.links import tracking_address
from workflows.application.parties import parties_of
from workflows.i18n import translator
from workflows.signed_forms.links import mint

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from workflows.application.kinds.kind import ApprovalResult
    from workflows.application.models import Application

__all__ = [
    "ask_to_sign",
    "initials",
    "link_again",
    "send_link",
    "tell",
    "tell_approved",
]

_log = structlog.get_logger("viis.application")

_HOUR = timedelta(hours=1)


def ask_to_sign(session: Session, application: Application, *, base_url: str, at: datetime) -> None:
    """Ask every signer to read, sign and upload; who signs two documents gets one mail."""
    for party, email in sorted(parties_of(application), key=lambda one: mail.mailbox_of(one[1])):
        send_link(session, application, party, email, base_url=base_url, at=at)


def send_link(
    session: Session, application: Application, party: str, email: str, *, base_url: str, at: datetime
) -> None:
    """Ask one party to read, sign and upload, at that address."""
    asked = kind_of(application).invitation(facts_of(application), party)
    invitation = translator(application.language)(asked)
    _write(session, application, party, email, "application_sign", base_url=base_url, at=at, invitation=invitation)


def link_again(
    session: Session, application: Application, party: str, email: str, *, base_url: str, at: datetime
) -> None:
    """Send a new link to somebody who has lost theirs; the earlier ones go on working."""
    asked = translator(application.language)(kind_of(application).texts.link_again)
    _write(session, application, party, email, "application_link", base_url=base_url, at=at, asked=asked)


def tell_approved(
    session: Session, application: Application, approved: ApprovalResult, *, base_url: str, at: datetime
) -> None:
    """Tell all parties of the approval: since when rights begin, and until when those last that end, if any do."""
    words, texts = translator(application.language), kind_of(application).texts
    begins = "" if approved.since is None else words(texts.begins, day=words.date(approved.since))
    ends = "" if approved.until is None else words(texts.ends, day=words.date(approved.until))
    if kind_of(application).ends_at_once(facts_of(application), on=riga_day(at)):
        ends = words(texts.ended_at_once, day=words.date(riga_day(at)))
    ends = " ".join(filter(None, (ends, words(texts.stays) if approved.stays else "")))
    is_new = approved.account is not None and approved.account.welcome is Welcome.DUE
    tell(session, application, "approved", base_url=base_url, at=at, begins=begins, ends=ends, is_new=is_new)


def tell(
    session: Session, application: Application, template: str, *, base_url: str, at: datetime, **context: object
) -> None:
    """Tell all parties that something happened: `application_<template>`, filled with the `context`."""
    for party, email in parties_of(application):
        _write(session, application, party, email, f"application_{template}", base_url=base_url, at=at, **context)


def _write(
    session: Session,
    application: Application,
    party: str,
    email: str,
    template: str,
    *,
    base_url: str,
    at: datetime,
    **context: object,
) -> None:
    numbers = policy.on(session, at)
    most = {"application_sign": numbers.sign_mails_an_hour, "application_link": numbers.link_mails_an_hour}.get(
        template
    )
    if most is not None and mail.written_to(session, email, templates=(template,), since=at - _HOUR) >= most:
        _log.info("a mailbox has had its mails of the hour", template=template)
        return
    token = mint(session, application.signing, party, email=email, at=at)
    mail.queue(
        session,
        to=email,
        template=template,
        language=application.language,
        context={
            "reference": application.reference,
            "user": initials(application.user_name),
            "institution": application.applicant_name,
            "deadline": application.expires_at,
            "decided_within": decided_within(session, translator(application.language), at=at),
            "address": tracking_address(base_url, application.reference, token, language=application.language),
            **context,
        },
        at=at,
        holds_key=True,
    )


def initials(name: str) -> str:
    """Name somebody in a mail to others.

    >>> initials("Anna-Marija Liepa")
    'A. M. L.'
    """
    return " ".join(f"{part[0]}." for part in name.replace("-", " ").split())
