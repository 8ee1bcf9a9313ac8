"""What may somebody who works here do, and where?"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from iam.institutions import service as institutions
from iam.periods import riga_day
from workflows import clock
from workflows.database import snapshot
from workflows.i18n import Words
from workflows.i18n import later as _
from workflows.principal import Principal
from workflows.staff import Role
from workflows.web.identity.access import SignedIn
from workflows.web.identity.access_table import allowed
from workflows.web.pages.service.contexts import RolePage, RoleWords
from workflows.web.site import Site, site_of, words_of

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)

_ROLES = {
    Role.REVIEWER: (
        _("Reviewer"),
        _("You decide on applications, record who may sign, end rights, and send users a link to a new password."),
    ),
    Role.APPROVER: (
        _("Approver"),
        _("You are the second person: you confirm or refuse what a reviewer has proposed. You also send users a link."),
    ),
    Role.CONSULTANT: (
        _("Consultant"),
        _("You are the first whom the users of your municipality ask: you help them apply and regain a password."),
    ),
    Role.AUDITOR: (
        _("Auditor"),
        _("You read everything: applications, decisions, rights and who holds them. You change nothing."),
    ),
    Role.ADMINISTRATOR: (
        _("Administrator"),
        _(
            "You give and take away roles and set the dated policy, and decide on no application. Both are done by "
            "commands on the server: <code>viis staff</code> and <code>viis policy</code>."
        ),
    ),
}

_PAGES = (
    ("/review", _("Applications"), _("what waits, what was decided, and each case")),
    ("/restorations", _("Restoring rights"), _("who asks to get back what the reform took")),
    ("/proposals", _("Proposals"), _("what waits for a second person")),
    ("/grants", _("Rights"), _("who can see a school or a municipality on a day")),
    ("/people", _("People"), _("everything one person holds and held")),
    ("/institutions", _("Institutions"), _("each school and municipality, and what became of it")),
    ("/reorganise", _("Orders"), _("mergers and closures, and the rights they end")),
    ("/my", _("My rights"), _("what you hold yourself as a user of VIIS")),
)
_EVERYBODYS = (
    ("/apply", _("Apply"), _("the application you help somebody with")),
    ("/reset", _("Forgot the password"), _("where a user asks for a link to a new password")),
    ("/restore", _("Rights lost in the reform"), _("where a user asks to get back what the reform took by mistake")),
    ("/verify", _("Check a signature"), _("whether a signed file is one the ministry accepts")),
    ("/help", _("Help"), _("answers to what people ask first")),
)


@routes.get("/home")
def role(request: Request, principal: SignedIn) -> Response:
    """Say what each role of the reader may do, and lead to its pages."""
    site, words = site_of(request), words_of(request)
    own = [_page(words, one) for one in _PAGES if allowed(principal, "GET", one[0])]
    return site.page(
        request,
        RolePage(
            roles=[_said(site, words, one, principal) for one in Role if one in principal.roles],
            pages=own,
            for_everybody=[_page(words, one) for one in _EVERYBODYS],
        ),
    )


def _page(words: Words, page: tuple[str, str, str]) -> tuple[str, str, str]:
    address, title, what = page
    return address, words(title), words(what)


def _said(site: Site, words: Words, role: Role, principal: Principal) -> RoleWords:
    title, sentence = _ROLES[role]
    towns: list[str] = []
    if role is Role.CONSULTANT:
        with snapshot(site.sessions) as session:
            today = riga_day(clock.now())
            towns = [
                institutions.place_name(session, institutions.place_by_code(session, f"m-{one}"), on=today)
                for one in sorted(principal.sees.municipalities)
            ]
    return RoleWords(title=words(title), sentence=words.html(sentence), where=", ".join(towns))
