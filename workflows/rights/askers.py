"""Who had asked for a right, and is told when it ends?

A process registers a lookup from the evidence it gave rights on to whoever had asked for them. Rights whose evidence
no lookup knows, such as those taken over, have no asker.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy.orm import Session

from iam.ids import EvidenceId

__all__ = ["Asker", "Lookup", "askers_of", "register_applicant_lookup"]


@dataclass(frozen=True, slots=True)
class Asker:
    """Where whoever asked is written to, in which language ("lv", "en"), and what they know the application by.

    That is its reference and, of whom the right was for, the initials.
    """

    email: str
    language: str
    reference: str
    user: str


Lookup: TypeAlias = Callable[[Session, Collection[EvidenceId]], Mapping[EvidenceId, Asker]]

_LOOKUPS: list[Lookup] = []


def register_applicant_lookup(lookup: Lookup) -> Lookup:
    """Register a lookup; a decorator."""
    _LOOKUPS.append(lookup)
    return lookup


def askers_of(session: Session, evidence: Collection[EvidenceId]) -> Mapping[EvidenceId, Asker]:
    """Find who had asked for the rights given on each evidence; evidence without an asker is left out."""
    return {known: asker for lookup in _LOOKUPS for known, asker in lookup(session, evidence).items()}
