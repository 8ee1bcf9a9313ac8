"""What the templates of people who apply are given, by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from signing.model import Content
from workflows.application.facts import StatedPerson
from workflows.application.kinds.filling import Field
from workflows.application.kinds.kind import Kind
from workflows.application.prefilled import Known
from workflows.application.views import TrackingView
from workflows.signed_forms.messages import Said
from workflows.web.templating import Page
from workflows.web.words.history import Lines
from workflows.web.words.kinds import RowWords, StatedWords
from workflows.web.words.results import Result
from workflows.web.words.verdicts import FileWords, SignatureWords

__all__ = [
    "ApplyCheckPage",
    "ApplyChoosePage",
    "ApplyDonePage",
    "ApplyMailboxPage",
    "ApplyOverviewPage",
    "ApplyPlacePage",
    "ApplyStepPage",
    "CardWords",
    "ClosedPage",
    "FoundPlace",
    "PartWords",
    "TrackAskPage",
    "TrackLockedPage",
    "TrackPage",
    "VerifyPage",
    "VerifyResultPage",
]


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place that was found, as the list shows it."""

    code: str
    name: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyChoosePage(Page):
    """What to apply for, where there is more than one thing."""

    template: ClassVar[str] = "apply_choose.html"

    kinds: Sequence[Kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyPlacePage(Page):
    """A step that is a search for the institution; `field` takes what was chosen."""

    template: ClassVar[str] = "apply_place.html"

    application: str
    heading: str
    field: str
    q: str
    places: Sequence[FoundPlace]
    examples: Sequence[str]  # searches that find something
    most: bool  # there may be more than are shown
    action: str
    kind: str  # "" once there is a draft, or for the first one
    back: str
    step: int
    steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyStepPage(Page):
    """A step that asks some fields."""

    template: ClassVar[str] = "apply_step.html"

    application: str
    heading: str
    lead: str
    fields: Sequence[Field]
    action: str
    kind: str  # "" once there is a draft, or for the first one
    back: str
    step: int
    steps: int
    draft_address: str
    kept_until: datetime | None
    open_already: bool
    order_said: str  # what an order means for it
    known: Known | None  # of whom the step asks, where that is not to be typed
    draft: str  # the address of the draft, "" before there is one


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyOverviewPage(Page):
    """How far a draft is."""

    template: ClassVar[str] = "apply_overview.html"

    tasks: Sequence[Mapping[str, object]]
    ready: bool
    draft: str
    draft_address: str
    kept_until: datetime | None
    order_said: str  # what an order means for it
    known: Known | None  # where it was filled in for somebody


@dataclass(frozen=True, slots=True)
class CardWords:
    """A part of the check page, with where it is changed."""

    heading: str
    change: str
    lines: Sequence[str]
    person: StatedPerson | None
    rows: Sequence[RowWords]
    others: Sequence[tuple[str, str]]  # address and text


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyMailboxPage(Page):
    """The question whose mailbox it is, of an application that was filled in; `step` asks for the personal code."""

    template: ClassVar[str] = "apply_mailbox.html"

    known: Known
    opens: bool  # the link opens the draft; else it did until the mailbox was shown
    draft: str
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyCheckPage(Page):
    """All answers together."""

    template: ClassVar[str] = "apply_check.html"

    cards: Sequence[CardWords]
    draft: str
    sending: str
    send: str
    open_already: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyDonePage(Page):
    """What happens after the submission."""

    template: ClassVar[str] = "apply_done.html"

    reference: str
    sent: str
    next_steps: Sequence[str]
    kept_until: datetime | None


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
    stated: StatedWords
    received: str
    withheld: str
    sign_several: str
    upload_hint: str
    mine_to_sign: bool
    parts: Sequence[PartWords]
    mine_open: Sequence[PartWords]
    others_open: Sequence[PartWords]
    files: Sequence[FileWords]
    old_files: Sequence[FileWords]  # refused, and followed by others
    rights_word: tuple[str, str]  # how the rights given on it stand, and the tone; "" where none were
    outcome: Sequence[str]  # what became of what was applied for
    closed: bool
    checking: bool
    reason: str
    timeline: Sequence[Lines]
    limit: int  # MB
    most_files: int  # of one answer
    answering: Sequence[FileWords]  # the files of the answer so far
    same: str  # the name of a file that was there already
    order_said: str  # what an order about institutions means for it


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
    result: Result | None  # the worst that is said of a signature, or why nothing is
    token: str
    machine: bool  # there is a report for programs
    reasons: Sequence[Said]
    again: bool
    signatures: Sequence[SignatureWords]
    contents: Sequence[tuple[str, Content]]
    trust: str | None
    until: datetime
