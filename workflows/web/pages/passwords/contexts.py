"""What the templates about lost passwords are given, by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from iam.grants.models import Account
from workflows.web.pages.passwords.presence import PresencePage
from workflows.web.templating import Page

__all__ = [
    "ResetDeadPage",
    "ResetDonePage",
    "ResetLinkPage",
    "ResetPage",
    "ResetPasswordPage",
    "ResetSentPage",
    "ResetStaffPage",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPage(PresencePage):
    """The question for username and code."""

    template: ClassVar[str] = "reset.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetSentPage(Page):
    """The one answer for everybody."""

    template: ClassVar[str] = "reset_sent.html"

    minutes: int
    count: int  # mails an hour


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetLinkPage(Page):
    """Where a mailed link leads: its secret stands in the fragment."""

    template: ClassVar[str] = "reset_link.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPasswordPage(Page):
    """The question for the new password."""

    template: ClassVar[str] = "reset_password.html"

    rules: Sequence[str]
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetDeadPage(Page):
    """A link that no longer works, or never did."""

    template: ClassVar[str] = "reset_dead.html"

    why: str
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetDonePage(Page):
    """The password is set."""

    template: ClassVar[str] = "reset_done.html"

    system: str  # where VIIS itself is opened; empty where that is not said


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetStaffPage(Page):
    """What staff see of an account's resets."""

    template: ClassVar[str] = "reset_staff.html"

    account: Account
    rows: Sequence[Mapping[str, str]]
    sent: bool
