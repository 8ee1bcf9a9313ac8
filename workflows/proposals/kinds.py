"""Which kinds of proposals are there? Each belongs to the process that carries it out; this is their registry."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Session

from iam.audit import Origin
from iam.ids import ScopeId
from workflows.i18n import later
from workflows.proposals.content import Json, ProposalContent
from workflows.proposals.models import Proposal
from workflows.staff import Role

__all__ = ["PROPOSER", "SHOWN", "ProposalKind", "changed_sentence", "kind_called", "kinds", "register"]

PROPOSER = "proposer"
"""Whoever proposed it: names it among what has changed once they may not propose it any more."""

SHOWN = "shown"
"""What both people read: names it among what has changed once the same act would do something else."""

_CHANGED: Mapping[str, str] = {
    PROPOSER: later("Whoever proposed it does not work here any more, or no longer as somebody who may propose it."),
    SHOWN: later("It would not do today what is shown here."),
}


class ProposalKind(ABC):
    """A kind of proposal. Every method works in the caller's transaction; none of them commits.

    A proposal names what it is about by `subject`, like the audit does, and says the rest in `payload`, plain JSON.
    """

    name: ClassVar[str]
    """Kept in the table: never renamed. `process.act`."""

    title: ClassVar[str]
    """What is proposed, as a sentence of the catalogue (its English id)."""

    counted: ClassVar[bool] = False
    """Whether the second person confirms by typing how many changes there are."""

    opens: ClassVar[str] = later("Open what it is about: data, signatures, files and pages")
    """What the link to it says, a sentence of the catalogue like the two below."""

    confirming: ClassVar[str] = later("Confirm: it is carried out at once")
    """What the second person's choice says."""

    counts: ClassVar[str] = later("How many changes are there?")
    """What they count."""

    changed: ClassVar[Mapping[str, str]]
    """For each name of `rests_on`, the sentence (its English id) that says that this has changed since."""

    proposers: ClassVar[Collection[Role]] = frozenset({Role.REVIEWER})
    """Which roles of staff propose it; whoever did still has one when it is confirmed."""

    @abstractmethod
    def present(self, session: Session, subject: str, payload: Json, *, at: datetime) -> ProposalContent:
        """Say what would change, as facts for a page.

        Asked again at the confirmation: facts that have become others by then, if only by the passing of days, are not
        confirmed. What the day of the confirmation decides is therefore said as a rule.
        """

    @abstractmethod
    def rests_on(self, session: Session, subject: str, payload: Json) -> Mapping[str, str]:
        """Digest what the proposal depends on as it is now, by name. The rows must be those that `hold` holds."""

    @abstractmethod
    def carry_out(self, session: Session, proposal: Proposal, *, origin: Origin, base_url: str, at: datetime) -> None:
        """Do what was proposed; `origin` is the second person. An error leaves the proposal open."""

    @abstractmethod
    def address(self, session: Session, subject: str) -> str:
        """Give the page of what it is about, as a path of this site."""

    def scope(self, session: Session, subject: str) -> ScopeId | None:
        """Give the scope whose readers may see the proposal; None shows it to nobody but who may see everything."""
        del session, subject
        return None

    def hold(self, session: Session, subject: str) -> None:
        """Hold the rows that `rests_on` reads until the transaction ends; called before the proposal's row is held."""
        del session, subject

    def parties(self, session: Session, subject: str, payload: Json) -> Collection[str]:
        """Name the staff, by username, whom it is about: they neither propose nor confirm."""
        del session, subject, payload
        return ()


_KINDS: dict[str, ProposalKind] = {}


def register(kind: ProposalKind) -> ProposalKind:
    """Register a kind under its name. Raises ValueError for a name that is taken by another class."""
    known = _KINDS.get(kind.name)
    if known is not None and type(known) is not type(kind):
        raise ValueError(f"the kind {kind.name!r} is {type(known).__name__}'s")
    _KINDS[kind.name] = kind
    return kind


def kind_called(name: str) -> ProposalKind:
    """Return the kind of that name. Raises LookupError: its process was not imported."""
    return _KINDS[name]


def changed_sentence(kind: ProposalKind, name: str) -> str:
    """Return the sentence (its English id) that says what has changed, by a name of `service.changes_since`."""
    return _CHANGED[name] if name in _CHANGED else kind.changed[name]


def kinds() -> Mapping[str, ProposalKind]:
    """Return every registered kind by name."""
    return dict(_KINDS)
