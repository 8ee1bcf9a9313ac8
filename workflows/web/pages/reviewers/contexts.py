"""What the templates of people who decide are given, by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from iam.grants.models import Account
from workflows.application.facts import Difference
from workflows.application.queue import QueueRow, QueueView
from workflows.application.review_views import CaseView
from workflows.reorganisation.progress import Progress
from workflows.signed_forms.messages import Said
from workflows.web.pages.reviewers.case_verdict import Verdict
from workflows.web.pages.reviewers.descent_drawing import Drawing
from workflows.web.pages.reviewers.given_ahead_lines import AheadLine
from workflows.web.pages.reviewers.order_said import SaidChange
from workflows.web.pages.reviewers.plan_figures import EndsChart, Gaps
from workflows.web.templating import Page
from workflows.web.words.history import Lines
from workflows.web.words.kinds import StatedWords
from workflows.web.words.pending import TroubleWords
from workflows.web.words.proposals import ProposalRow
from workflows.web.words.verdicts import FileWords

__all__ = [
    "CorrectNamePage",
    "EndRightPage",
    "EndRightSurePage",
    "GrantsPage",
    "InstitutionPage",
    "InstitutionsPage",
    "PeoplePage",
    "PersonPage",
    "Pictures",
    "PlanPage",
    "ProposalPage",
    "ProposalsPage",
    "ReorganisePage",
    "ReviewCasePage",
    "ReviewComparePage",
    "ReviewConflictPage",
    "ReviewPicturePage",
    "ReviewQueuePage",
    "ReviewRefusePage",
]

Choice = Mapping[str, str]
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewQueuePage(Page):
    """What waits, filtered."""

    template: ClassVar[str] = "review_queue.html"

    view: QueueView
    rows: Sequence[tuple[QueueRow, str, str, str, str]]  # with the words for its signatures and state, and their tones
    heads: Sequence[Choice]  # of the columns: text, how it is sorted, the address that sorts by it
    filtered: bool
    none_left: bool  # there was no next one to take on
    state_choices: Sequence[Choice]
    signed_choices: Sequence[Choice]
    municipality_choices: Sequence[Choice]
    late: int  # working days
    acts: bool
    me: str
    earlier: str | None
    later: str | None
    downloads: Sequence[tuple[str, str]]  # format and address


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pages of one document that have a picture, of so many.

    `upload` is the number of the uploaded file, of which each showing is recorded; 0 for a form of ours.
    """

    title: str
    sha256: str
    numbers: tuple[int, ...]
    of: int
    upload: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPicturePage(Page):
    """One page of a document, as large as it was drawn."""

    template: ClassVar[str] = "review_picture.html"

    reference: str
    title: str
    sha256: str
    page: int
    count: int
    recorded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCasePage(Page):
    """One case: data, signatures, files, history, and what may be done."""

    template: ClassVar[str] = "review_case.html"

    view: CaseView
    state: str
    state_word: str
    tone: str
    rights_word: str  # how the rights given on it stand; "" where none were
    rights_tone: str
    tab: str
    verdict: Verdict | None  # on the signatures; None once the case is closed
    deciding: bool  # the form of the decision stands open
    kept: bool  # `values` come from a form that could not be carried out
    typed: Sequence[str]
    stated: StatedWords
    kind: str  # what is applied with
    urgent: bool
    others: Sequence[Row]  # open ones about the same person
    outcome_heading: str
    presented: str  # the digest of the outcome, which a decision rests on
    outcome: Sequence[Row]  # what an approval would do, where the kind has it shown; none once decided
    approve: str  # what a reviewer chooses who approves
    proposed_text: str
    order_said: str  # what an order about institutions means for it
    filled_in: Choice | None  # the order because of which it was filled in, and the address of its page
    codes: Mapping[str, str]
    revealed: Mapping[str, str]
    shown_of: str  # whose code is shown in full
    may_reveal: bool
    parts: Sequence[Row]
    differences: Sequence[Row]
    signatories: Sequence[Row]
    files: Sequence[FileWords]
    pictures: Sequence[Pictures]
    sees_files: bool  # files as they came, which may show codes in full
    history: Sequence[Lines]
    proposed: Sequence[ProposalRow]  # the latest first
    decisions: Sequence[Row]
    trouble: TroubleWords
    open: bool
    age: int  # working days
    late: int  # likewise
    rights: Sequence[tuple[str, Sequence[str]]]  # of the person: how they stand, and which they are
    acts: bool
    may_approve: bool
    needs_signatory: bool
    address: Difference | None
    otherwise: Sequence[str]
    capacities: Sequence[Choice]
    source_kinds: Sequence[Choice]
    me: str
    reviewer: bool
    colleagues: Sequence[Choice]  # who could take the case over
    notes: Sequence[Row]  # of colleagues, on their tab; none for a party
    notes_written: int
    may_note: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewComparePage(Page):
    """Our form beside a file that a program saved anew."""

    template: ClassVar[str] = "review_compare.html"

    reference: str
    version: int
    upload_id: int
    part: str
    title: str
    file: str
    comparison: str  # its digest
    told: Sequence[Said]
    reasons: Sequence[Said]
    pages: Sequence[Row]
    form_sha256: str
    file_sha256: str
    sees_file: bool
    kept: bool
    acts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewConflictPage(Page):
    """What happened since the page was opened."""

    template: ClassVar[str] = "review_conflict.html"

    reference: str
    state: str
    events: Sequence[Lines]
    typed: Sequence[str]
    again: bool
    otherwise: bool  # the case is the same, but an approval would do something else than was shown


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRefusePage(Page):
    """A refusal, before it is one."""

    template: ClassVar[str] = "review_refuse.html"

    reference: str
    version: int
    user: str
    institution: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReorganisePage(Page):
    """The recorded orders, and where more are recorded."""

    template: ClassVar[str] = "reorganise.html"

    rows: Sequence[Row]
    acts: bool
    faults: Sequence[str]
    more_faults: int
    limit: int  # of a file, in MB


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage(Page):
    """What orders do to rights, and how far that is."""

    template: ClassVar[str] = "reorganise_plan.html"

    ids: str
    orders: Sequence[Row]
    counts: Sequence[tuple[str, int, str]]  # what, how many, and the address that shows those alone
    chosen: str
    rows: Sequence[Row]
    total: int
    earlier: str | None
    later: str | None
    downloads: Sequence[tuple[str, str]]  # format and address
    rests: str  # what the plan rests on, as the form sends it back
    said: Sequence[SaidChange]
    chart: EndsChart | None
    gaps: Gaps | None
    waiting: Sequence[int]  # numbers of proposals
    failing: Sequence[str]  # what jobs about it have failed
    hindered: Sequence[str]  # what keeps it from being carried out
    held: bool  # its day has come
    live: bool  # it is being done right now
    seen: str
    progress: Progress | None
    paused: Sequence[tuple[str, str]]  # by whom and when; nothing is done until it is resumed
    running: bool
    may_propose: bool
    added: bool  # something that was not approved yet is to end as well
    may_undo: bool
    may_repeal: bool
    may_pause: bool
    ahead: list[AheadLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionsPage(Page):
    """Institutions and municipalities by name or number."""

    template: ClassVar[str] = "institutions.html"

    q: str
    places: Sequence[tuple[str, str, str | None]]  # code, name, and what tells two of one name apart


@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionPage(Page):
    """One of them, with its line of descent."""

    template: ClassVar[str] = "institution.html"

    code: str
    name: str
    ended: bool
    facts: Sequence[tuple[str, Sequence[str]]]
    signers: Sequence[tuple[str, str, str]]  # name, capacity, days
    drawing: Drawing | None
    steps: Sequence[Row]
    turns: Sequence[tuple[date, str, int, int]]  # the day, where, how many ended, how many came again
    whole: bool
    holders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantsPage(Page):
    """Who holds what in a place on a day."""

    template: ClassVar[str] = "grants.html"

    places: Sequence[tuple[str, str, str | None]]
    name: str
    rows: Sequence[Row]
    day: date
    q: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage(Page):
    """The search for a person."""

    template: ClassVar[str] = "people.html"

    found: Sequence[Row]
    blocked: Sequence[Row] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage(Page):
    """Everything an account holds, held and will hold."""

    template: ClassVar[str] = "person.html"

    account: Account
    name: str
    codes: Sequence[str]
    rows: Sequence[Row]
    pending: bool
    trouble: TroubleWords
    cases: Sequence[Row]
    acts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectNamePage(Page):
    """The name as it should be, and on what that rests."""

    template: ClassVar[str] = "correct_name.html"

    account: Account
    name: str
    kept: bool = False  # the values come from a form that could not be carried out


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRightPage(Page):
    """When, why and on what a right ends."""

    template: ClassVar[str] = "end_right.html"

    account: Account
    name: str
    rows: Sequence[Row]
    causes: Sequence[Choice]
    example: str
    kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRightSurePage(Page):
    """What is about to end, once more, before it does."""

    template: ClassVar[str] = "end_right_sure.html"

    account: Account
    name: str
    rows: Sequence[Row]
    last_day: str | None
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalsPage(Page):
    """What waits for a second person, and what was decided lately."""

    template: ClassVar[str] = "proposals.html"

    waiting: Sequence[ProposalRow]
    recent: Sequence[ProposalRow]
    me: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalPage(Page):
    """One proposal, and what the reader may do about it."""

    template: ClassVar[str] = "proposal.html"

    one: ProposalRow
    kept: Sequence[str]  # texts of a form that could not be carried out
    facts: Sequence[Mapping[str, str]]  # label, was, will
    about: str  # the page of what it is about
    digest: str
    counted: bool  # the second person types how many changes there are
    counts: str  # what they count, in words
    opens: str
    confirming: str
    changed: Sequence[str]  # sentences: what it rests on and has changed since
    own: bool
    party: bool
    may_decide: bool
    may_confirm: bool
    fresh: bool  # the reader has just signed in
    minutes: int  # for how long a sign-in is fresh
