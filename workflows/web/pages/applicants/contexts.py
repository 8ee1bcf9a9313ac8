"""What the templates of people who apply are given, by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from signing.model import Content
from workflows.application.stated import Basis, ScopeLevel, Stated
from workflows.application.views import TrackingView
from workflows.signed_forms.messages import Said
from workflows.web.templating import Page
from workflows.web.words.kinds import StatedWords
from workflows.web.words.verdicts import FileWords, SignatureWords

__all__ = [
    "ApplyCheckPage",
    "ApplyDatesPage",
    "ApplyDonePage",
    "ApplyHeadPage",
    "ApplyInstitutionPage",
    "ApplyOverviewPage",
    "ApplyScopePage",
    "ApplyUserPage",
    "ApplyWhyPage",
    "ClosedPage",
    "FoundPlace",
    "GroupPage",
    "PartWords",
    "TrackAskPage",
    "TrackLockedPage",
    "TrackPage",
    "VerifyPage",
    "VerifyResultPage",
]

Choices = Mapping[ScopeLevel, tuple[str, str | None]]
Bases = Mapping[Basis, tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place that was found, as the list shows it."""

    code: str
    name: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyInstitutionPage(Page):
    """The search for the institution."""

    template: ClassVar[str] = "apply_institution.html"

    q: str
    places: Sequence[FoundPlace]
    most: bool  # there may be more than are shown
    action: str
    back: str
    step: int
    steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyOverviewPage(Page):
    """How far a draft is."""

    template: ClassVar[str] = "apply_overview.html"

    tasks: Sequence[Mapping[str, object]]
    ready: bool
    token: str
    draft_address: str
    kept_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyCheckPage(Page):
    """All answers together."""

    template: ClassVar[str] = "apply_check.html"

    stated: Stated
    token: str
    levels: Choices
    bases: Bases
    section_names: Mapping[str, str]
    open_already: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyDonePage(Page):
    """What happens after the submission."""

    template: ClassVar[str] = "apply_done.html"

    reference: str
    emails: Sequence[str]
    same: bool  # head and user are one person
    head: str
    user: str
    kept_until: datetime | None
    decided_within: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPage(Page):
    """One group of the form: what every one of them has."""

    back: str
    step: int
    steps: int
    draft_address: str
    kept_until: datetime | None = None
    open_already: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyHeadPage(GroupPage):
    """The head, or whoever may sign for the institution."""

    template: ClassVar[str] = "apply_head.html"

    institution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyUserPage(GroupPage):
    """The user."""

    template: ClassVar[str] = "apply_user.html"

    head_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyScopePage(GroupPage):
    """Which sections, at which level, where."""

    template: ClassVar[str] = "apply_scope.html"

    sections: Sequence[Mapping[str, str]]
    levels: Choices


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyDatesPage(GroupPage):
    """From when to when."""

    template: ClassVar[str] = "apply_dates.html"

    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyWhyPage(GroupPage):
    """On what basis."""

    template: ClassVar[str] = "apply_why.html"

    bases: Bases


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedPage(Page):
    """Something that can no longer be done, or not yet, and where to go on."""

    template: ClassVar[str] = "closed.html"

    title: str
    sentences: Sequence[str]
    address: str
    leads_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackAskPage(Page):
    """The question for the reference number."""

    template: ClassVar[str] = "track_ask.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackLockedPage(Page):
    """What is shown without a link, or with one that opens nothing.

    `dead` for such a link, `ended` for one that did open this application. `mark` says which mailbox it was mailed to,
    where enough of it is left. `asked` once a new one was asked for: for the "same" mailbox, or for a stated "address".
    """

    template: ClassVar[str] = "track_locked.html"

    reference: str
    asked: str = ""
    dead: bool = False
    ended: bool = False
    mark: str = ""


@dataclass(frozen=True, slots=True)
class PartWords:
    """A document to be signed: whose signature, and how far."""

    part: str
    title: str
    signer: str
    word: str
    tone: str
    signed: str
    mine: bool
    reasons: tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackPage(Page):
    """An application in one party's eyes."""

    template: ClassVar[str] = "track.html"

    view: TrackingView
    state: str
    word: str
    tone: str
    levels: Choices
    bases: Bases
    section_names: Mapping[str, str]
    stated: StatedWords
    mine_to_sign: bool
    parts: Sequence[PartWords]
    mine_open: Sequence[PartWords]
    others_open: Sequence[PartWords]
    files: Sequence[FileWords]
    checking: bool
    reason: str
    timeline: Sequence[tuple[str, str]]
    limit: int  # MB
    decided_within: str
    same: str  # the name of a file that was there already


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyPage(Page):
    """The question for a file."""

    template: ClassVar[str] = "verify.html"

    limit: int  # MB


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyResultPage(Page):
    """What a file's signatures are worth, or that it is on its way."""

    template: ClassVar[str] = "verify_result.html"

    name: str
    full_name: str
    checking: bool
    result: str  # the worst word said of a signature, or why there is none
    token: str
    reasons: Sequence[Said]
    again: bool
    signatures: Sequence[SignatureWords]
    contents: Sequence[tuple[str, Content]]
    trust: str | None
    until: datetime
