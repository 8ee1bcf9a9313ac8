"""The start page, help and the statements: what can be read without beginning anything."""

from contextlib import suppress
from datetime import date, timedelta

from fastapi import APIRouter, Request
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from iam.periods import riga_day
from workflows import clock, policy
from workflows.application.deadlines import decided_within
from workflows.application.kinds.registry import all_kinds
from workflows.database import transaction
from workflows.i18n import Words
from workflows.i18n import later as _
from workflows.policy import PolicyNumbers
from workflows.web.http.assets import address_of
from workflows.web.http.attachments import attachment
from workflows.web.pages.passwords.link import LINK_KNOWN
from workflows.web.pages.passwords.reset import STEP_KNOWN
from workflows.web.pages.service.contexts import (
    AccessibilityPage,
    BlankFormLink,
    CookiesPage,
    HelpPage,
    PrivacyPage,
    StartPage,
    SupportPage,
)
from workflows.web.site import site_of, words_of
from workflows.web.words.durations import lasting, months, years

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)


_OF_ONE_PERSON = (
    "/track/",
    "/apply/",
    "/verify/",
    "/reset/",
    "/restore/",
    "/restorations",
    "/my",
    "/home",
    "/review",
    "/proposals",
    "/people",
    "/grants",
    "/institutions",
    "/reorganise",
    "/restorations",
    "/login",
)
_STATEMENT_PREPARED = date(2026, 11, 30)
_SECURITY_TXT_HOLDS = timedelta(days=180)

_COOKIES = (
    ("visit", _("Proves that a form was filled in on our page"), _("until the browser is closed")),
    ("language", _("Remembers the language you chose"), _("1 year")),
    ("key-…", _("Keeps an application open that you opened from your e-mail"), _("until the browser is closed")),
    ("reset", _("Holds your link while you choose a password"), ""),
    ("reset-step", _("Remembers how far you are with a new password"), ""),
    ("restore", _("Holds your link while you confirm a request to restore rights"), ""),
    ("restore-step", _("Remembers how far you are with that request"), ""),
    ("session", _("Keeps you signed in: staff, and holders of an account at “My rights”"), ""),
)


@routes.get("/")
def start(request: Request) -> Response:
    """Who may apply, what is needed, how it works."""
    site = site_of(request)
    forms = [BlankFormLink(f"/forms/{one.name}.pdf", one.title) for kind in all_kinds() for one in kind.blank_forms]
    within = None  # the page is there while the database is not
    with suppress(OperationalError), site.sessions() as session:
        within = decided_within(session, words_of(request), at=clock.now())
    return site.page(
        request,
        StartPage(kinds=all_kinds(), blank_forms=forms, limit=site.settings.upload_max_mb, decided_within=within),
    )


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
    site, words, at = site_of(request), words_of(request), clock.now()
    with site.sessions() as session:
        numbers = policy.on(session, at)
    return site.page(request, PrivacyPage(kept=_kept(words, numbers)))


def _kept(words: Words, numbers: PolicyNumbers) -> tuple[tuple[str, str], ...]:
    """Say of what how long it is kept: by the policy in force, as the jobs that delete read it."""
    return (
        (words("A draft nobody goes on with; then what was typed is deleted"), lasting(words, numbers.draft_kept)),
        (
            words("What was typed into a form when its language was changed; only that browser can read it"),
            words("half an hour"),
        ),
        (
            words("Applications, decisions, and the signed documents they rest on"),
            words("at least %(time)s", time=years(words, numbers.evidence_kept)),
        ),
        (
            words("A file that proved nothing, if no decision rests on its application; its name and result stay"),
            lasting(words, numbers.junk_kept),
        ),
        (
            words("A file dropped on “Check a signature”"),
            words("until it is checked, %(time)s at most", time=lasting(words, numbers.look_kept)),
        ),
        (words("The result of that check"), lasting(words, numbers.look_result_kept)),
        (words("Requests for a new password"), lasting(words, numbers.reset_requests_kept)),
        (words("Requests to restore rights that led to nothing"), lasting(words, numbers.reset_requests_kept)),
        (
            words(
                "Records of who did what, and of e-mails sent; the text of an e-mail with a link is deleted once it "
                "has been sent"
            ),
            words("at least %(time)s", time=months(words, numbers.audit_kept)),
        ),
        (words("How often a network (never a single address) asked for something"), words("about a day")),
    )


@routes.get("/cookies")
def cookies(request: Request) -> Response:
    """Every cookie we set."""
    site, words, at = site_of(request), words_of(request), clock.now()
    with site.sessions() as session:
        numbers = policy.on(session, at)
    lasts = {
        "reset": lasting(words, LINK_KNOWN),
        "reset-step": lasting(words, timedelta(seconds=STEP_KNOWN)),
        "restore": lasting(words, LINK_KNOWN),
        "restore-step": lasting(words, timedelta(seconds=STEP_KNOWN)),
        "session": words(
            "until signing out; %(idle)s without use, %(most)s at most",
            idle=lasting(words, numbers.session_idle),
            most=lasting(words, numbers.session_absolute),
        ),
    }
    named = [
        (site.cookies.name(short), words(purpose), lasts.get(short) or words(duration))
        for short, purpose, duration in _COOKIES
    ]
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
