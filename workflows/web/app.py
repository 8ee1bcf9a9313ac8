"""The web application: its middleware from the outside in, its routes, and the answer to each error."""

import errno
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from http import HTTPStatus
from importlib.metadata import version

from anyio import to_thread
from fastapi import APIRouter, Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

import workflows.application.jobs
import workflows.reorganisation.jobs
import workflows.rights.jobs  # noqa: F401 - what pages queue must be declared
from workflows import clock
from workflows.application.errors import ChangedMeanwhile, NoSuchApplication, OwnApplication
from workflows.database import disk_is_full, engine, session_factory
from workflows.evidence.quotas import NoRoomForLooks, Quota, QuotaReached
from workflows.settings import Settings
from workflows.web.api import ALL as MACHINES
from workflows.web.api.errors import RefusedError, answer, answer_status, for_machines
from workflows.web.http.addresses import Addresses
from workflows.web.http.assets import FOLDER_ADDRESS, assets
from workflows.web.http.body import BodyLimit, BodyTooLargeError, BodyTooSlowError
from workflows.web.http.csrf import ForgedFormError
from workflows.web.http.errors import (
    ANSWERS,
    DEAD_DRAFT,
    FREE_LATER,
    NO_ROOM_FOR_LOOKS,
    NOT_OPENED,
    OWN,
    PAGES,
    REACHED,
    TOO_OLD,
    ErrorPage,
)
from workflows.web.http.forms import typed_before
from workflows.web.http.headers import SecurityHeaders
from workflows.web.http.request_log import Requests
from workflows.web.identity import kept_forms
from workflows.web.identity.access import keep_for_later
from workflows.web.pages import ALL
from workflows.web.pages.applicants.oversized import choose_again
from workflows.web.pages.reviewers.case_actions import changed_meanwhile
from workflows.web.pages.service.contexts import FailedPage
from workflows.web.pages.service.language import typed_in_the_other_language
from workflows.web.site import Site, site_of, words_of

__all__ = ["create_app"]

_MIB = 1024 * 1024
_SHORTEST_KEY = 32
_ONLY_LOOKING = frozenset({"GET", "HEAD"})
_THREADS = 12
_A_MINUTE = {"Retry-After": "60"}
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})


# Pages that lead back to where the file was chosen.
_ABOUT_FILES = (*REACHED.values(), FREE_LATER, NO_ROOM_FOR_LOOKS, PAGES[507])


def create_app(settings: Settings) -> FastAPI:
    """Return the application for `settings`; it opens its database connections with the first request.

    Raises ValueError for a secret key too short to sign forms with.
    """
    if len(settings.secret_key.get_secret_value()) < _SHORTEST_KEY:
        raise ValueError("VIIS_SECRET_KEY needs at least 32 random characters")
    database = engine(settings.database_url, pool_size=settings.database_pool_size, application="viis-web")
    site = Site(settings, session_factory(database))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        # More threads would wait for the database, and each keeps memory of its own.
        to_thread.current_default_thread_limiter().total_tokens = _THREADS
        yield
        site.close()
        database.dispose()

    # The OpenAPI document tells what machines call; pages are for people and not in it.
    app = FastAPI(
        title="VIIS access rights",
        version=version("viis-iam"),
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        # A redirect would repeat whatever Host the client named.
        redirect_slashes=False,
        routes=_routes(),
    )
    app.state.site = site
    app.state.csrf = site.csrf
    # The last one added is the outermost: headers go on everything, the log sees every answer.
    app.add_middleware(BodyLimit, upload_bytes=settings.upload_max_mb * _MIB)
    app.add_middleware(Addresses, refused=_no_address)
    app.add_middleware(Requests, failed=_failed)
    app.add_middleware(SecurityHeaders, https=settings.base_url.startswith("https://"))
    app.mount(FOLDER_ADDRESS, assets())
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(BodyTooLargeError, _too_large)
    app.add_exception_handler(BodyTooSlowError, _too_slow)
    app.add_exception_handler(ForgedFormError, _forged)
    app.add_exception_handler(RefusedError, _refused_machine)
    app.add_exception_handler(OperationalError, _database_away)
    app.add_exception_handler(OSError, _no_space)
    app.add_exception_handler(DataError, _names_nothing)
    for known in ANSWERS:
        app.add_exception_handler(known, _mapped)
    app.add_exception_handler(ChangedMeanwhile, changed_meanwhile)
    app.add_exception_handler(OwnApplication, _own)
    app.add_exception_handler(NoSuchApplication, _no_application)
    app.add_exception_handler(QuotaReached, _quota_reached)
    app.add_exception_handler(NoRoomForLooks, _no_room_for_looks)
    return app


@cache  # FastAPI reads what each page takes when a route is first asked for; tests have many applications a process
def _routes() -> list[BaseRoute]:
    """Collect what machines call and what people open; no route knows the application it stands in."""
    every = APIRouter()
    for routes in MACHINES:
        every.include_router(routes)
    for routes in ALL:
        every.include_router(routes, dependencies=[Depends(typed_in_the_other_language)])
    return every.routes


def error_page(
    request: Request, status: int, page: ErrorPage | None = None, facts: Mapping[str, object] | None = None
) -> Response:
    """Return the page for `status`; a status without a page of its own reads as 404 or 500.

    `facts` are filled into the page's sentences.
    """
    if for_machines(request):
        return answer_status(status)
    site, words = site_of(request), words_of(request)
    page = page or PAGES.get(status) or PAGES[404 if status < 500 else 500]  # noqa: PLR2004 - HTTP's classes
    back = _way_on(request, page)
    chosen_above = request.url.path.endswith("/upload") or request.url.path == "/verify"
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or (page in _ABOUT_FILES and chosen_above):
        # A file is chosen on the page above the address it is sent to, or on that very page.
        back = request.url.path.removesuffix("/upload"), words("Back to where the file was chosen")
    elif page is TOO_OLD:
        # An address that is only posted to leads on to the page with the form.
        back = kept_forms.page_of(request.url.path) or request.url.path, words("Open the page anew")
    return site.page(
        request,
        FailedPage(
            error=page,
            facts={"limit": site.settings.upload_max_mb, **(facts or {})},
            back=back,
            # A fault of ours takes nobody's words with it. What a person can mend, the form itself shows again.
            typed=typed_before(request) if status >= HTTPStatus.INTERNAL_SERVER_ERROR else [],
        ),
        status=status,
    )


def _refused(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if 300 <= status < 400:  # noqa: PLR2004 - a dependency may send the person elsewhere, to the login
        headers = error.headers if isinstance(error, HTTPException) else None
        return Response(status_code=status, headers=headers)
    if for_machines(request):
        return answer_status(status, error.headers if isinstance(error, HTTPException) else None)
    if status == HTTPStatus.METHOD_NOT_ALLOWED and request.method in _ONLY_LOOKING:
        # An address that forms are sent to, opened by GET: the page with the form is meant.
        return RedirectResponse(request.url.path.rpartition("/")[0] or "/", status_code=303)
    page = error_page(request, status)
    if isinstance(error, HTTPException) and error.headers:
        page.headers.update(error.headers)  # when to come back, which methods there are
    return page


def _refused_machine(request: Request, error: Exception) -> Response:
    del request
    return answer(error.status, error.errors, error.headers) if isinstance(error, RefusedError) else answer_status(500)


def _unreadable(request: Request, error: Exception) -> Response:
    # A path or query that does not parse names nothing we have.
    del error
    return error_page(request, 404)


def _no_address(request: Request) -> Response:
    return error_page(request, 404)


def _names_nothing(request: Request, error: Exception) -> Response:
    # A number in a made-up address that no column can hold. In a form it would be a fault of ours.
    if request.method not in _ONLY_LOOKING:
        raise error
    return error_page(request, 404)


def _too_large(request: Request, error: Exception) -> Response:
    page = choose_again(request, error) if isinstance(error, BodyTooLargeError) else None
    return page or error_page(request, 413)


def _too_slow(request: Request, error: Exception) -> Response:
    del error
    return error_page(request, 408)


def _forged(request: Request, error: Exception) -> Response:
    values = error.values if isinstance(error, ForgedFormError) else None
    page = None if values is None else keep_for_later(request, values)
    return error_page(request, 403, TOO_OLD) if page is None else RedirectResponse(page, status_code=303)


def _own(request: Request, error: Exception) -> Response:
    del error
    return error_page(request, 403, OWN)


def _database_away(request: Request, error: Exception) -> Response:
    full = isinstance(error, OperationalError) and disk_is_full(error)
    return error_page(request, 507 if full else 503)


def _no_space(request: Request, error: Exception) -> Response:
    # Bodies are spooled to disk first; any other trouble with a file is a fault of ours.
    if not isinstance(error, OSError) or error.errno not in _NO_SPACE:
        raise error
    return error_page(request, 507)


def _quota_reached(request: Request, error: Exception) -> Response:
    if not isinstance(error, QuotaReached):
        raise error
    words = words_of(request)
    page = REACHED[error.quota]
    if error.quota is Quota.APPLICATION and error.free_at is not None:
        page = FREE_LATER
    when = "" if error.free_at is None else words.moment(error.free_at)
    status = 413 if error.quota is Quota.APPLICATION else 429
    response = error_page(request, status, page, {"most": words.size(error.most), "when": when.rstrip(".")})
    if error.free_at is not None:
        response.headers["Retry-After"] = str(max(int((error.free_at - clock.now()).total_seconds()), 1))
    return response


def _no_room_for_looks(request: Request, error: Exception) -> Response:
    del error
    response = error_page(request, 503, NO_ROOM_FOR_LOOKS)
    response.headers.update(_A_MINUTE)
    return response


def _way_on(request: Request, page: ErrorPage) -> tuple[str, str] | None:
    """Lead from a link that opens nothing to where another one is had."""
    words = words_of(request)
    if page is DEAD_DRAFT:
        return "/apply", words("Start a new application")
    if page is NOT_OPENED:
        return "/".join(request.url.path.split("/")[:3]), words("Open the application")
    return None


def _no_application(request: Request, error: Exception) -> Response:
    del error
    first = request.url.path.split("/")[1]
    return error_page(request, 404, {"apply": DEAD_DRAFT, "track": NOT_OPENED}.get(first))


def _mapped(request: Request, error: Exception) -> Response:
    return error_page(request, next(status for known, status in ANSWERS.items() if isinstance(error, known)))


async def _failed(request: Request) -> Response:
    return error_page(request, 500)
