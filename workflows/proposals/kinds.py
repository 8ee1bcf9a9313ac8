"""Which kinds of proposals are there? Each belongs to the process that carries it out; this is their registry."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Session

from iam.audit import Origin
from workflows.proposals.content import Content, Json
from workflows.proposals.models import Proposal

__all__ = ["Kind", "kind_called", "kinds", "register"]


class Kind(ABC):
    """A kind of proposal. Every method works in the caller's transaction; none of them commits.

    A proposal names what it is about by `subject`, like the audit does, and says the rest in `payload`, plain JSON.
    """

    name: ClassVar[str]
    """Kept in the table: never renamed. `process.act`."""

    title: ClassVar[str]
    """What is proposed, as a sentence of the catalogue (its English id)."""

    counted: ClassVar[bool] = False
    """Whether the second person confirms by typing how many changes there are."""

    changed: ClassVar[Mapping[str, str]]
    """For each name of `rests_on`, the sentence (its English id) that says that this has changed since."""

    @abstractmethod
    def present(self, session: Session, subject: str, payload: Json, *, at: datetime) -> Content:
        """Say what would change, as facts for a page."""

    @abstractmethod
    def rests_on(self, session: Session, subject: str, payload: Json) -> Mapping[str, str]:
        """Digest what the proposal depends on as it is now, by name. The rows must be those that `hold` holds."""

    @abstractmethod
    def carry_out(self, session: Session, proposal: Proposal, *, origin: Origin, base_url: str, at: datetime) -> None:
        """Do what was proposed; `origin` is the second person. An error leaves the proposal open."""

    @abstractmethod
    def address(self, session: Session, subject: str) -> str:
        """Give the page of what it is about, as a path of this site."""

    def hold(self, session: Session, subject: str) -> None:
        """Hold the rows that `rests_on` reads until the transaction ends; called before the proposal's row is held."""
        del session, subject

    def parties(self, session: Session, subject: str, payload: Json) -> Collection[str]:
        """Name the staff, by username, whom it is about: they neither propose nor confirm."""
        del session, subject, payload
        return ()


_KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Register a kind under its name. Raises ValueError for a name that is taken by another class."""
    known = _KINDS.get(kind.name)
    if known is not None and type(known) is not type(kind):
        raise ValueError(f"the kind {kind.name!r} is {type(known).__name__}'s")
    _KINDS[kind.name] = kind
    return kind


def kind_called(name: str) -> Kind:
    """Return the kind of that name. Raises LookupError: its process was not imported."""
    return _KINDS[name]


def kinds() -> Mapping[str, Kind]:
    """Return every registered kind by name."""
    return dict(_KINDS)
