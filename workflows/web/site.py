"""What every page of one web process shares, and how a page is rendered."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from iam.errors import KeycloakUnavailable
from iam.keycloak.client import KeycloakClient
from workflows.i18n import Language, Words, translator
from workflows.i18n import later as _
from workflows.password_reset.codes import Seals
from workflows.password_reset.proof_of_work import ProofOfWork
from workflows.principal import Principal
from workflows.unbroken import unbroken
from workflows.web.http.assets import address_of
from workflows.web.http.concurrency import ConcurrencyLimit
from workflows.web.http.errors import Problem
from workflows.web.http.request_log import number_of
from workflows.web.http.upstream import UpstreamUnavailableError
from workflows.web.identity.access_table import allowed
from workflows.web.identity.known_profile import KnownProfile
from workflows.web.identity.services import IdentityServices
from workflows.web.templating import Page, context_of, environment
from workflows.web.words.passwords import PasswordRules

__all__ = ["STAFF_PAGES", "TYPED", "Site", "language_of", "site_of", "typed_elsewhere", "words_of"]

TYPED = "typed"
"""The parameter of an address whose page is shown with what was typed before the language was changed."""

_YEAR = 365 * 24 * 3600
_VALIDATING = 8  # of this process's threads (`workflows.web.app`); pages need the others
_WAITING = 64
_PATIENCE = 1.0  # seconds: a document takes a tenth of one
_TYPESETTING = 2  # each a child process that fills a processor for a fifth of a second
_PATIENT = 5.0  # seconds: a person waits for it


_PUBLIC_PAGES = (
    ("/apply", _("Apply")),
    ("/track", _("Follow an application")),
    ("/verify", _("Check a signature")),
    ("/my", _("My rights")),
    ("/help", _("Help")),
)
STAFF_PAGES = (
    ("/review", _("Applications")),
    ("/restorations", _("Restorations")),
    ("/proposals", _("Proposals")),
    ("/grants", _("Rights")),
    ("/people", _("People")),
    ("/institutions", _("Institutions")),
    ("/reorganise", _("Orders")),
    ("/my", _("My rights")),
    ("/home", _("Your role")),
)


@dataclass(frozen=True)
class Site(IdentityServices):
    """The web site of one installation, as one process serves it."""

    templates: Environment = field(default_factory=environment)

    @cached_property
    def validation_slots(self) -> ConcurrencyLimit:
        """The queue of other systems that have a document judged."""
        return ConcurrencyLimit(running=_VALIDATING, queued=_WAITING, patience=_PATIENCE)

    @cached_property
    def typesetting_slots(self) -> ConcurrencyLimit:
        """The queue of people who want a report as a PDF."""
        return ConcurrencyLimit(running=_TYPESETTING, queued=_WAITING, patience=_PATIENT)

    @cached_property
    def keycloak(self) -> KeycloakClient:
        """The realm's admin API, for setting passwords."""
        return KeycloakClient(
            url=self.settings.keycloak_url,
            realm=self.settings.keycloak_realm,
            client_id=self.settings.keycloak_client_id,
            client_secret=self.settings.keycloak_client_secret.get_secret_value(),
        )

    @cached_property
    def password_rules(self) -> PasswordRules:
        """The realm's rules for passwords."""
        return PasswordRules(self._password_policy)

    @cached_property
    def user_profile(self) -> KnownProfile:
        """What the realm asks of names and addresses."""
        return KnownProfile(lambda: self.upstream.call(self.keycloak.user_profile))

    @cached_property
    def seals(self) -> Seals:
        """The seals of the codes on the password page."""
        return Seals(self.settings.secret_key.get_secret_value().encode())

    @cached_property
    def work(self) -> ProofOfWork:
        """The proof of work that takes the place of a code."""
        return ProofOfWork(self.settings.secret_key.get_secret_value().encode())

    def _password_policy(self) -> str:
        try:
            return self.upstream.call(self.keycloak.password_policy)
        except UpstreamUnavailableError as away:
            raise KeycloakUnavailable(str(away)) from away

    def close(self) -> None:
        """Close connections and threads, of the parts that were used."""
        super().close()
        if "keycloak" in self.__dict__:
            self.keycloak.close()

    def page(
        self,
        request: Request,
        page: Page,
        *,
        status: int = 200,
        problems: tuple[Problem, ...] = (),
        here: str | None = None,
    ) -> HTMLResponse:
        """Return the page in the reader's language.

        `problems` are what must be corrected: listed on top, answered with 422 unless `status` says otherwise.
        `here` is the address that shows the page by GET, where that is not the one that was asked for.
        """
        words = words_of(request)
        visit = self.csrf.visit_of(request)
        principal: Principal | None = getattr(request.state, "principal", None)
        token = self.csrf.token(request, visit, shown_to=None if principal is None else principal.username)
        context = context_of(page)
        typed = typed_elsewhere(request)
        if typed and not problems:
            context["values"] = {**page.values, **typed}
        html = self.templates.get_template(page.template).render(
            _=words.html,
            plural=words.plural,
            words=words,
            language=words.language.value,
            languages=_other_languages(request, words.language, here),
            path=request.url.path,
            asset=address_of,
            csrf=token,
            demo=self.settings.demo,
            principal=principal,
            navigation=_navigation(words, principal),
            idle_seconds=getattr(request.state, "idle_seconds", None),
            number=number_of(request),
            problems=problems,
            wrong=_by_field(problems),
            **context,
        )
        response = HTMLResponse(unbroken(html), status_code=422 if problems and status == 200 else status)  # noqa: PLR2004 - HTTP's own numbers
        # Only a page with a form needs the visit remembered: reading sets no cookie.
        if visit.new and token in html:
            self.cookies.set(response, self.csrf.cookie, visit.value)
        self.remember_language(request, response)
        return response

    def remember_language(self, request: Request, response: Response) -> None:
        """Have the browser remember the language that the address asks for, if it asks for one."""
        chosen = Language.parse(request.query_params.get("lang"))
        if chosen is not None:
            self.cookies.set(response, "language", chosen.value, max_age=_YEAR)


def _navigation(words: Words, principal: Principal | None) -> list[tuple[str, str]]:
    """Return address and title of the pages in the navigation: those of the role, or those for everybody."""
    if principal is None or not principal.is_staff:
        return [(path, words(title)) for path, title in _PUBLIC_PAGES]
    return [(path, words(title)) for path, title in STAFF_PAGES if allowed(principal, "GET", path)]


def _by_field(problems: tuple[Problem, ...]) -> dict[str, str]:
    """Return what is said at each field: everything that is wrong with it."""
    said: dict[str, list[str]] = {}
    for problem in problems:
        said.setdefault(problem.field, []).append(problem.sentence)
    return {field: ". ".join(sentences) for field, sentences in said.items()}


def site_of(request: Request) -> Site:
    """Return the site that answers the request."""
    return cast("Site", request.app.state.site)


def typed_elsewhere(request: Request) -> dict[str, str]:
    """Return what was typed into the page's forms before its language was changed, field by field."""
    typed: dict[str, str] = getattr(request.state, "typed", {})
    return typed


def language_of(request: Request) -> Language:
    """Return the language asked for in the address, else the remembered one, else Latvian."""
    cookies = site_of(request).cookies
    return (
        Language.parse(request.query_params.get("lang"))
        or Language.parse(cookies.get(request, "language"))
        or Language.LV
    )


def words_of(request: Request) -> Words:
    """Return the words of the reader's language."""
    return translator(language_of(request))


def _other_languages(request: Request, current: Language, here: str | None) -> list[tuple[str, str, str]]:
    """Return (code, own name, address) of each language the reader is not reading now."""
    names = {Language.LV: "Latviešu", Language.EN: "English"}
    url = request.url
    if here is not None:
        path, _, query = here.partition("?")
        url = url.replace(path=path, query=query)
    url = url.remove_query_params(TYPED)
    # An address that begins with two slashes names another host.
    url = url.replace(path=f"/{url.path.lstrip('/')}")
    return [
        (language.value, name, str(url.include_query_params(lang=language.value).replace(scheme="", netloc="")))
        for language, name in names.items()
        if language is not current
    ]
