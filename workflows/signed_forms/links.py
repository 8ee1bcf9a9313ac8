"""Links to a request: who holds one sees it in one party's eyes. Only digests of their secrets are kept.

A mail that tells somebody something carries a link of its own; links of earlier mails stay good, for people open the
first mail they find. All end some time after the request was closed, when everybody has read the outcome.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.signed_forms import repository
from workflows.signed_forms.errors import NoSuchLink
from workflows.signed_forms.models import Link
from workflows.signed_forms.references import digest_of, new_token

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from workflows.signed_forms.models import SigningRequest

__all__ = ["mint", "open_link"]


def mint(session: Session, request: SigningRequest, party: str, *, email: str, at: datetime) -> str:
    """Make a link for the party and return its secret, which is not kept."""
    token, digest = new_token()
    session.add(Link(request=request, party=party, email=email, token_digest=digest, created_at=at))
    session.flush()
    return token


def open_link(session: Session, token: str) -> Link:
    """Find the link that has not ended; raises NoSuchLink, whatever is wrong: strangers learn nothing."""
    link = repository.link_by_digest(session, digest_of(token))
    if link is None or link.ended_at is not None:
        raise NoSuchLink
    return link
