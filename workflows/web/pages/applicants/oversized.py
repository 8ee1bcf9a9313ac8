"""A file that is far too large is cut off while it comes: its form is shown again, with what was typed into it."""

import re

from starlette.requests import Request
from starlette.responses import Response

from workflows.application.errors import NoSuchApplication
from workflows.database import snapshot
from workflows.web.http.body import BodyTooLargeError
from workflows.web.http.forms import Posted
from workflows.web.http.limits import too_large_together
from workflows.web.pages.applicants import verify
from workflows.web.pages.applicants.tracked import opened, standing
from workflows.web.site import site_of, words_of

__all__ = ["choose_again"]

_TRACKED = re.compile(r"/track/([^/]+)/(?:upload|answer)")
_STATUS = 413


def choose_again(request: Request, error: BodyTooLargeError) -> Response | None:
    """Return the page where the file was chosen, which says what is wrong with it; None for any other form."""
    if error.values is None or not error.files:
        return None
    site, form = site_of(request), Posted(error.values, {})
    problem = too_large_together(words_of(request), error.files, limit=site.settings.upload_max_mb)
    if request.url.path == "/verify":
        return verify.asked_again(request, problem, status=_STATUS)
    tracked = _TRACKED.fullmatch(request.url.path)
    if tracked is None:
        return None
    try:
        with snapshot(site.sessions) as session:
            link = opened(request, session, tracked[1])
            return standing(request, session, link, problems=(problem,), answer=form.get("answer"), status=_STATUS)
    except NoSuchApplication:
        return None
