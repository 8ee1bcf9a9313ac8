"""What the templates about restored rights are given, by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from workflows.web.pages.passwords.presence import PresencePage
from workflows.web.templating import Page
from workflows.web.words.proposals import ProposalRow
from workflows.web.words.restorations import RightRow

__all__ = [
    "RestorationPage",
    "RestorationRefusePage",
    "RestorationsPage",
    "RestoreConfirmPage",
    "RestoreConfirmedPage",
    "RestoreDeadPage",
    "RestorePage",
    "RestoreSentPage",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorePage(PresencePage):
    """The question for whose rights they are."""

    template: ClassVar[str] = "restore.html"

    towns: Sequence[str]  # that the reform left alone
    anew: str  # what is needed everywhere else


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreSentPage(Page):
    """The one answer for everybody."""

    template: ClassVar[str] = "restore_sent.html"

    minutes: int
    count: int  # mails an hour


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreConfirmPage(Page):
    """Where a mailed link leads: a box to tick."""

    template: ClassVar[str] = "restore_confirm.html"

    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreConfirmedPage(Page):
    """The request waits for the reviewers."""

    template: ClassVar[str] = "restore_confirmed.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreDeadPage(Page):
    """A link that confirms nothing any more, or never did."""

    template: ClassVar[str] = "restore_dead.html"

    why: str
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorationsPage(Page):
    """What waits for a decision, and what was decided lately."""

    template: ClassVar[str] = "restorations.html"

    waiting: Sequence[Mapping[str, str]]
    recent: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorationPage(Page):
    """One request: what was, is and will be, and the decision."""

    template: ClassVar[str] = "restoration.html"

    one: Mapping[str, str]
    rows: Sequence[RightRow]
    restored: Sequence[str]  # the rights that came back, as lines
    proposals: Sequence[ProposalRow]
    kept: Sequence[str]  # texts of a form that could not be carried out
    seen: str
    party: bool
    may_decide: bool
    may_restore: bool
    by_two: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorationRefusePage(Page):
    """A refusal, before it is one."""

    template: ClassVar[str] = "restoration_refuse.html"

    one: Mapping[str, str]
    seen: str
    reason: str
    anew: str
