"""What staff typed into the form of a page before their login ended, for the page to show again."""

from starlette.requests import Request

from workflows import clock
from workflows.database import snapshot
from workflows.web.identity import kept_forms
from workflows.web.site import site_of

__all__ = ["kept_of"]


def kept_of(request: Request, owner: str) -> dict[str, str]:
    """Return what `owner`, a username, typed into the form of the page; empty when nothing is kept."""
    site = site_of(request)
    with snapshot(site.sessions) as session:
        return kept_forms.find(session, site.csrf, request, page=request.url.path, owner=owner, at=clock.now())
