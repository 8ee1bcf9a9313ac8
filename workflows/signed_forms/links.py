"""Links to a request: who holds one sees it in one party's eyes. Only digests of their secrets are kept.

A mail that tells somebody something carries a link of its own; links of earlier mails stay good, for people open the
first mail they find. All end some time after the request was closed, when everybody has read the outcome.

A secret begins with the mark of the mailbox it is mailed to: a link cut off on its way still tells which one that was.
The mark opens nothing, and only whoever knows reference, party and address could make it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.signed_forms import repository
from workflows.signed_forms.errors import NoSuchLink
from workflows.signed_forms.models import Link
from workflows.signed_forms.references import digest_of, mailbox_mark, new_token

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from workflows.signed_forms.models import SigningRequest

__all__ = ["end_all", "ended_link", "mark_of", "mint", "minted", "sent_under"]

_MARK = 8  # letters of base64: 48 bits


def mint(session: Session, request: SigningRequest, party: str, *, email: str, at: datetime) -> str:
    """Make a link for the party and return its secret, which is not kept."""
    token = minted(session, request, party, email=email, at=at)
    session.flush()
    return token


def minted(session: Session, request: SigningRequest, party: str, *, email: str, at: datetime) -> str:
    """Make a link as `mint` does, and leave it to the caller to flush: many are written at once."""
    token, digest = new_token(mailbox_mark(request.reference, party, email)[:_MARK])
    session.add(Link(request=request, party=party, email=email, token_digest=digest, created_at=at))
    return token


def end_all(session: Session, request: SigningRequest, *, at: datetime) -> None:
    """End every link of the request."""
    repository.end_links_of(session, request.id, at=at)


def any_link(session: Session, token: str) -> Link:
    """Find the link, whether it opens something, has ended, or was mailed to a former address; raises NoSuchLink."""
    link = repository.link_by_digest(session, digest_of(token))
    if link is None:
        raise NoSuchLink
    return link


def ended_link(session: Session, token: str) -> Link:
    """Find the link that opened something until it ended; raises NoSuchLink."""
    link = repository.link_by_digest(session, digest_of(token))
    if link is None or link.ended_at is None:
        raise NoSuchLink
    return link


def mark_of(token: str) -> str:
    """Return the mark a secret begins with, whole or cut off; empty where too little is left of it."""
    return token[:_MARK] if len(token) >= _MARK else ""


def sent_under(session: Session, request: SigningRequest, mark: str) -> Link | None:
    """Find a mailed link of the request whose mailbox bears the mark, and that has not ended."""
    return next(
        (
            link
            for link in repository.mailed_links(session, request.id)
            if mailbox_mark(request.reference, link.party, link.email)[:_MARK] == mark
        ),
        None,
    )
