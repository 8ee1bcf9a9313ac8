"""Change the language in the middle of a form: what was typed stands in it again, in the other language.

The switch of a page with a form is a button of that form. What it sends is kept, sealed, for this browser and login
(`identity.kept_forms`), and the address it leads to says that something is kept: no script is needed.
"""

from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from workflows import clock
from workflows.database import transaction
from workflows.web.http.forms import PostedForm
from workflows.web.http.rates import count_or_refuse
from workflows.web.identity import kept_forms
from workflows.web.site import TYPED, site_of

__all__ = ["routes", "typed_in_the_other_language"]

routes = APIRouter(include_in_schema=False)

_MOST = 600  # in ten minutes from one network: a whole school sits behind one address


@routes.post("/language")
def switch(request: Request, form: PostedForm, page: str = "/") -> Response:
    """Keep what is typed and show the same page in the language that its address `page` names."""
    site, at = site_of(request), clock.now()
    address = urlsplit(page)
    if address.scheme or address.netloc or not address.path.startswith("/") or "\\" in page:
        raise HTTPException(400)  # no page of ours names another host
    with transaction(site.sessions) as session:
        count_or_refuse(session, request, "language", most=_MOST, at=at)
        kept = kept_forms.keep_typed(session, site.csrf, request, form.flat(), path=address.path, at=at)
    if not kept:
        raise HTTPException(413)
    query = f"{address.query}&{TYPED}=1" if address.query else f"{TYPED}=1"
    return RedirectResponse(f"{address.path}?{query}", status_code=303)


async def typed_in_the_other_language(request: Request) -> None:
    """Find what was typed before the language was changed, where the address says that something was."""
    if request.method == "GET" and TYPED in request.query_params:
        request.state.typed = await run_in_threadpool(_typed, request)


def _typed(request: Request) -> dict[str, str]:
    site = site_of(request)
    with site.sessions() as session:
        return kept_forms.find_typed(session, site.csrf, request, at=clock.now())
