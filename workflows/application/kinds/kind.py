"""What a kind of application is: everything the process needs to know of it, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from workflows.signed_forms.states import Way

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from iam.audit import Origin
    from iam.grants.models import Account
    from iam.ids import EvidenceId
    from iam.people.models import Person
    from workflows.application.facts import Difference, StatedFacts
    from workflows.application.fields import Answers, CheckedGroup, FieldError
    from workflows.application.kinds.filling import Alike, Card, Shown, Step, StepPage
    from workflows.application.kinds.texts import Texts
    from workflows.application.models import Application
    from workflows.i18n import Language
    from workflows.proposals.content import Fact, FactText
    from workflows.signed_forms.sentences import Sentences

__all__ = ["Approval", "ApprovalResult", "BlankForm", "Kind", "Presented", "Required", "Review", "RoleName"]


@dataclass(frozen=True, slots=True)
class RoleName:
    """What a person an application names is called: as a heading ("The head") and in a sentence ("the head").

    Both are sentences that `workflows.i18n.later` has marked.
    """

    heading: str
    called: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Required:
    """A document that an application needs signed.

    `title` is what pages call it, marked by `workflows.i18n.later`; `file_name` what its PDF is called. `person` is the
    role of whoever signs, among the people stated, and `party` the one whose link asks for it (a head who is the user
    has one link). `objection` is the code of what is said to anybody else's signature. A document that
    `represents` the applicant is signed by whoever may sign for it on the day, and by `person` while nobody is
    recorded. `readers` are the parties who may have it whole (decision 76).
    """

    part: str
    title: str
    file_name: str
    person: str
    party: str
    objection: str
    readers: frozenset[str]
    represents: bool = False
    ways: frozenset[Way] = frozenset({Way.SIGNATURE, Way.PERSON})


@dataclass(frozen=True, slots=True)
class BlankForm:
    """A form to be filled in by hand; `name` stands in its address, `title` is marked by `workflows.i18n.later`."""

    name: str
    title: str
    file_name: str


@dataclass(frozen=True, slots=True)
class Review:
    """All answers together: what they state once nothing is objected to, else the objections by step."""

    stated: StatedFacts | None
    errors: Mapping[str, tuple[FieldError, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """An approval that is being carried out: whose, when, and what the reviewer said beside it.

    `people` are those the application names, by role, as people we know. `keep_address` says why an account keeps its
    e-mail though another one was signed; "" takes that over. `presented` is the digest of what the reviewer has read;
    None where the act is bound to that otherwise.
    """

    people: Mapping[str, Person]
    origin: Origin
    base_url: str
    at: datetime
    keep_address: str = ""
    presented: str | None = None


@dataclass(frozen=True, slots=True)
class Presented:
    """What an approval would do, and how many changes that is; the `digest` changes with it, where the kind has one."""

    facts: Sequence[Fact]
    count: int
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalResult:
    """What an approval did: the evidence it rests on (row and fingerprint), whose account it concerns if any.

    `welcome` has the account's holder told their username on the first day, once Keycloak shows the account; `since` is
    the first day of the rights that were given, `until` the last day of those that end; `stays` says that some
    stated to end stay, as they were given since.
    """

    evidence_id: EvidenceId
    fingerprint: str
    account: Account | None = None
    welcome: bool = False
    since: date | None = None
    until: date | None = None
    stays: bool = False


class Kind(Protocol):
    """One kind of application. Its rules and forms know nothing of the process, nor the process of them."""

    @property
    def name(self) -> str:
        """The word applications of the kind are kept under; never renamed."""

    @property
    def texts(self) -> Texts:
        """What people read of it where kinds differ."""

    @property
    def roles(self) -> Mapping[str, RoleName]:
        """What each person it may name is called, by role."""

    @property
    def about(self) -> str:
        """The role of the person whose rights it is about: cases are called by their name."""

    @property
    def takes_address(self) -> bool:
        """Whether approving makes the e-mail stated for that person the one of their account."""

    @property
    def follows_place(self) -> bool:
        """Whether a draft goes on for the one successor of a place that ends; otherwise it is withdrawn."""

    @property
    def urgent(self) -> bool:
        """Whether applications of the kind come before others in the queue, once they are signed."""

    @property
    def sentences(self) -> Mapping[str, Sentences]:
        """Its own objections by code, beside those every signed form has (`signed_forms.sentences`)."""

    @property
    def blank_forms(self) -> Sequence[BlankForm]:
        """Its forms that may be filled in by hand."""

    def steps(self, answers: Mapping[str, Answers]) -> Sequence[Step]:
        """List the steps on which it is filled in, in order, given what was answered so far.

        The first is the same whatever was answered: with its answer a draft begins.
        """

    def step_page(
        self, session: Session, step: str, answers: Mapping[str, Answers], *, language: Language, on: date
    ) -> StepPage:
        """Say what a step asks; raises KeyError for an unknown step."""

    def check(
        self, session: Session, step: str, given: Answers, answers: Mapping[str, Answers], *, on: date
    ) -> CheckedGroup:
        """Check the answers to one step beside the `answers` to the others; raises KeyError for an unknown step."""

    def review(self, session: Session, answers: Mapping[str, Answers], *, on: date) -> Review:
        """Check everything again, as of the day, and say what it states."""

    def cards(self, session: Session, facts: StatedFacts, *, language: Language) -> Sequence[Card]:
        """Lay all answers out together, codes in full, before they become documents."""

    def next_steps(self, facts: StatedFacts, *, within: str) -> Sequence[FactText]:
        """Say what happens after the submission, in order; `within` says how soon a decision is made, in words."""

    def alike(self, answers: Mapping[str, Answers]) -> Alike | None:
        """Say what a second application for the same would share.

        None while the answers do not tell, and where nobody may learn of the first one by filling in a second.
        """

    def matter(self, facts: StatedFacts) -> frozenset[tuple[str, str]]:
        """Name what it is about by codes of scope and section, the latter "" for all: what two applications share."""

    def read(self, data: object) -> StatedFacts:
        """Read what the facts' `to_json` wrote; raises ValueError on anything else."""

    def documents(self, facts: StatedFacts) -> Sequence[Required]:
        """Say which documents must be signed, and by whom."""

    def invitation(self, facts: StatedFacts, party: str) -> str:
        """Ask a party to read and sign, in one text of the catalogue that names what is theirs to sign."""

    def shown(self, session: Session, facts: StatedFacts, *, language: Language) -> Shown:
        """Say what pages show beside who applies; no personal codes."""

    def differences(self, facts: StatedFacts, account: Account | None) -> Sequence[Difference]:
        """Say what of its own the account of the person it is about contradicts, beside names and e-mail."""

    def make(self, reference: str, facts: StatedFacts, *, at: datetime) -> Sequence[bytes]:
        """Make the PDF of every document, in their order; the same arguments give the same bytes."""

    def blank(self, session: Session, name: str, *, on: date) -> bytes:
        """Make one of the `blank_forms` by its name."""

    def edition(self, on: date) -> str:
        """Name the edition of the texts that forms made on the day carry."""

    def is_wide(self, facts: StatedFacts) -> bool:
        """Say whether more than institutions apply or are named: then two people decide (domain.md, four eyes)."""

    def ends_at_once(self, facts: StatedFacts, *, on: date) -> bool:
        """Say whether an approval on that day ends rights at once, as the last day stated is over."""

    def presented(
        self,
        session: Session,
        facts: StatedFacts,
        account: Account | None,
        *,
        signed_at: datetime | None,
        keep_address: str,
        at: datetime,
    ) -> Presented:
        """Say what an approval would do, for the second person to read.

        `signed_at` is when it was signed for the applicant; None while it is not.
        """

    def approve(
        self, session: Session, application: Application, facts: StatedFacts, approval: Approval
    ) -> ApprovalResult:
        """Do what was applied for, on what was signed; the caller records the decision."""
