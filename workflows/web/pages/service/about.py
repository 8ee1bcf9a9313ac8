"""The start page, help and the statements: what can be read without beginning anything."""

from datetime import date, timedelta

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from iam.periods import riga_day
from workflows import clock
from workflows.application.kinds.registry import all_kinds
from workflows.database import transaction
from workflows.i18n import later as _
from workflows.web.http.assets import address_of
from workflows.web.http.attachments import attachment
from workflows.web.pages.service.contexts import (
    AccessibilityPage,
    BlankForm,
    CookiesPage,
    HelpPage,
    PrivacyPage,
    StartPage,
    SupportPage,
)
from workflows.web.site import site_of

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)


_OF_ONE_PERSON = ("/track/", "/apply/", "/verify/", "/reset/", "/review", "/people", "/grants", "/login")
_STATEMENT_PREPARED = date(2026, 11, 30)
_SECURITY_TXT_HOLDS = timedelta(days=180)

_COOKIES = (
    ("visit", _("Proves that a form was filled in on our page"), _("until the browser is closed")),
    ("language", _("Remembers the language you chose"), _("1 year")),
    ("key-…", _("Keeps an application open that you opened from your e-mail"), _("until the browser is closed")),
    ("reset", _("Holds your link while you choose a password"), _("until the browser is closed")),
    ("reset-step", _("Remembers how far you are with a new password"), _("10 minutes")),
    ("session", _("Keeps staff signed in"), _("until signing out, 12 hours at most")),
)


@routes.get("/")
def start(request: Request) -> Response:
    """Who may apply, what is needed, how it works."""
    site = site_of(request)
    forms = [BlankForm(f"/forms/{one.name}.pdf", one.title) for kind in all_kinds() for one in kind.blank_forms]
    return site.page(request, StartPage(blank_forms=forms, limit=site.settings.upload_max_mb))


@routes.get("/help")
def help_page(request: Request) -> Response:
    """Answers to what people ask first."""
    return site_of(request).page(request, HelpPage())


@routes.get("/support")
def support(request: Request) -> Response:
    """Whom to ask, in which order."""
    site = site_of(request)
    return site.page(request, SupportPage(incident_contact=site.settings.incident_contact))


@routes.get("/accessibility")
def accessibility(request: Request) -> Response:
    """The statement that MK 445/2020 requires."""
    return site_of(request).page(request, AccessibilityPage(prepared=_STATEMENT_PREPARED))


@routes.get("/privacy")
def privacy(request: Request) -> Response:
    """What is processed, why, who sees it and for how long."""
    return site_of(request).page(request, PrivacyPage())


@routes.get("/cookies")
def cookies(request: Request) -> Response:
    """Every cookie we set."""
    site = site_of(request)
    named = [(site.cookies.name(short), purpose, duration) for short, purpose, duration in _COOKIES]
    return site.page(request, CookiesPage(cookies=named))


@routes.get("/robots.txt")
def robots(request: Request) -> Response:
    """Ask search engines to leave alone what belongs to one person (RFC 9309)."""
    del request
    return PlainTextResponse("User-agent: *\n" + "".join(f"Disallow: {one}\n" for one in _OF_ONE_PERSON))


@routes.get("/.well-known/security.txt")
def security(request: Request) -> Response:
    """Say whom to tell of a vulnerability (RFC 9116)."""
    base = site_of(request).settings.base_url
    expires = (clock.now() + _SECURITY_TXT_HOLDS).strftime("%Y-%m-%dT%H:%M:%SZ")
    lines = (
        "Contact: mailto:viis@izm.gov.lv",
        f"Expires: {expires}",
        "Preferred-Languages: lv, en",
        f"Canonical: {base}/.well-known/security.txt",
    )
    return PlainTextResponse("\n".join(lines) + "\n")


@routes.get("/favicon.ico")
def favicon(request: Request) -> Response:
    """Lead programs that ask for it by custom to the mark."""
    del request
    return RedirectResponse(address_of("mark.svg"), status_code=308)


@routes.get("/forms/{name}.pdf")
def blank_form(request: Request, name: str) -> Response:
    """Hand out a form to be filled in by hand."""
    for kind in all_kinds():
        for form in kind.blank_forms:
            if form.name == name:
                with transaction(site_of(request).sessions) as session:
                    made = kind.blank(session, name, on=riga_day(clock.now()))
                headers = attachment(f"{form.file_name}.pdf")
                return Response(made, media_type="application/pdf", headers=headers)
    raise HTTPException(404)
