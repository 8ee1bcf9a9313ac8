"""Links to an application: who holds one sees it in one party's eyes. Only digests of their secrets are kept.

A mail that tells somebody something carries a link of its own; links of earlier mails stay good, for people open the
first mail they find. All end some time after the application has, when everybody has read the outcome.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from workflows.application import repository
from workflows.application.errors import BadReference, NoSuchApplication
from workflows.application.models import PartyLink
from workflows.application.states import Party
from workflows.signed_forms.references import digest_of, new_token, parse_reference

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from workflows.application.models import Application

__all__ = ["KEPT_AFTER_THE_END", "draft_address", "mint", "open_draft", "open_link", "opens", "tracking_address"]


KEPT_AFTER_THE_END = timedelta(days=90)
"""How long the outcome can be read by link."""


def mint(session: Session, application: Application, party: Party, *, email: str, at: datetime) -> str:
    """Make a link for the party and return its secret, which is not kept."""
    token, digest = new_token()
    session.add(PartyLink(application=application, party=party, email=email, token_digest=digest, created_at=at))
    session.flush()
    return token


def open_link(session: Session, reference: str, token: str) -> PartyLink:
    """Find the link; raises NoSuchApplication, whatever is wrong: strangers learn nothing of what exists."""
    try:
        normal = parse_reference(reference)
    except BadReference:
        raise NoSuchApplication from None
    link = repository.link_by_digest(session, digest_of(token))
    if link is None or link.ended_at is not None or link.application.reference != normal:
        raise NoSuchApplication
    return link


def opens(session: Session, reference: str, token: str) -> bool:
    """Whether the token is that of a link to the application."""
    try:
        open_link(session, reference, token)
    except NoSuchApplication:
        return False
    return True


def open_draft(session: Session, token: str) -> Application:
    """Find what whoever holds the draft's secret fills in, or filled in; raises NoSuchApplication."""
    link = repository.link_by_digest(session, digest_of(token))
    if link is None or link.ended_at is not None or link.party is not Party.APPLICANT:
        raise NoSuchApplication
    return link.application


def tracking_address(base_url: str, reference: str, token: str) -> str:
    """Write the link that a mail carries."""
    return f"{base_url}/track/{reference}?key={token}"


def draft_address(base_url: str, token: str) -> str:
    """Write the link by which a draft is resumed."""
    return f"{base_url}/apply/{token}"
