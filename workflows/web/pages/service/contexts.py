"""What the templates about the service itself are given, by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from workflows.application.kinds.kind import Kind
from workflows.web.http.errors import ErrorPage
from workflows.web.templating import Page

__all__ = [
    "AccessibilityPage",
    "BlankFormLink",
    "CookiesPage",
    "FailedPage",
    "HelpPage",
    "LoginAgainPage",
    "LoginFailedPage",
    "LoginNoRolePage",
    "PrivacyPage",
    "RolePage",
    "RoleWords",
    "StartPage",
    "SupportPage",
]


@dataclass(frozen=True, slots=True)
class BlankFormLink:
    """A form to be filled in by hand."""

    address: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPage(Page):
    """Who may apply, what is needed, how it works."""

    template: ClassVar[str] = "start.html"

    kinds: Sequence[Kind]  # what can be applied for
    blank_forms: Sequence[BlankFormLink]
    limit: int  # MB
    decided_within: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpPage(Page):
    """Answers to what people ask first."""

    template: ClassVar[str] = "help.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportPage(Page):
    """Whom to ask."""

    template: ClassVar[str] = "support.html"

    incident_contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessibilityPage(Page):
    """The statement on accessibility."""

    template: ClassVar[str] = "accessibility.html"

    prepared: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyPage(Page):
    """What is processed and why; `kept` says of what how long."""

    template: ClassVar[str] = "privacy.html"

    kept: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CookiesPage(Page):
    """Every cookie: its name, what it is for, how long it stays."""

    template: ClassVar[str] = "cookies.html"

    cookies: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginAgainPage(Page):
    """Whoever sent a form is no longer signed in."""

    template: ClassVar[str] = "login_again.html"

    address: str
    idle: bool  # the page was cleared because nothing was done


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginFailedPage(Page):
    """The login went wrong; `away` when Keycloak does not answer."""

    template: ClassVar[str] = "login_failed.html"

    away: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginNoRolePage(Page):
    """Whoever signed in has no page here."""

    template: ClassVar[str] = "login_no_role.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleWords:
    """A role in words, and the municipality it is for, where it is for one."""

    title: str
    sentence: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RolePage(Page):
    """What the reader's roles may do, and where."""

    template: ClassVar[str] = "role.html"

    roles: Sequence[RoleWords]
    pages: Sequence[tuple[str, str, str]]  # address, title, what is there
    for_everybody: Sequence[tuple[str, str, str]]  # likewise


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedPage(Page):
    """What is read instead of the page that was asked for."""

    template: ClassVar[str] = "error.html"

    error: ErrorPage
    facts: Mapping[str, object]  # filled into its sentences
    back: tuple[str, str] | None  # address and text
    typed: Sequence[str]
