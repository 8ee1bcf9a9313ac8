"""Links to an application, and the addresses that mails carry.

A mail that tells somebody something carries a link of its own; all end some time after the application has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workflows.application import repository
from workflows.application.errors import BadReference, NoSuchApplication
from workflows.application.states import OWNER, Party
from workflows.mail import mailbox_of, page_of
from workflows.signed_forms import links
from workflows.signed_forms.errors import NoSuchLink
from workflows.signed_forms.links import mark_of
from workflows.signed_forms.references import digest_of, parse_reference

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workflows.application.models import Application

__all__ = ["PartyLink", "draft_address", "has_ended", "mark_of", "open_draft", "open_link", "opens", "tracking_address"]


@dataclass(frozen=True, slots=True)
class PartyLink:
    """An application in one party's eyes. `email` is the address the link was mailed to, "" where it was not.

    `holder` is the present address of whose account it was filled in for; None where nobody filled it in.
    """

    application: Application
    party: str
    email: str
    holder: str | None


def open_link(session: Session, reference: str, token: str) -> PartyLink:
    """Find the link; raises NoSuchApplication, whatever is wrong: strangers learn nothing of what exists."""
    try:
        normal = parse_reference(reference)
    except BadReference:
        raise NoSuchApplication from None
    opened = _opened(session, token)
    if opened.application.reference != normal:
        raise NoSuchApplication
    return opened


def opens(session: Session, reference: str, token: str) -> bool:
    """Whether the token is that of a link to the application."""
    try:
        open_link(session, reference, token)
    except NoSuchApplication:
        return False
    return True


def has_ended(session: Session, reference: str, token: str) -> bool:
    """Whether the token is that of a link which opened the application until its time was over."""
    try:
        link = links.ended_link(session, token)
    except NoSuchLink:
        return False
    return link.request.owner == OWNER and link.request.reference == reference


def open_draft(session: Session, token: str) -> Application:
    """Find what whoever holds the draft's secret fills in, or filled in; raises NoSuchApplication.

    What was filled in for the holder of an account is opened by no link mailed to an address they had before.
    """
    opened = _opened(session, token)
    if opened.party != Party.APPLICANT:
        raise NoSuchApplication
    if opened.holder is not None and opened.email and mailbox_of(opened.email) != mailbox_of(opened.holder):
        raise NoSuchApplication
    return opened.application


def _opened(session: Session, token: str) -> PartyLink:
    found = repository.linked(session, digest_of(token))
    if found is None:
        raise NoSuchApplication
    link, application, holder = found
    if link.ended_at is not None or link.request.owner != OWNER:
        raise NoSuchApplication
    return PartyLink(application, link.party, link.email, holder)


def tracking_address(base_url: str, reference: str, token: str, *, language: str) -> str:
    """Write the link that a mail in the language carries."""
    return page_of(base_url, f"/track/{reference}?key={token}", language)


def draft_address(base_url: str, token: str) -> str:
    """Write the link by which a draft is resumed."""
    return f"{base_url}/apply/{token}"
