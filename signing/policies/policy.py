"""How does a policy answer? Its requirements, each looking at one signature, compose.

    AllOf(CoversWholeDocument(), Qualified(), QualifiedTimestamp(), SignedBy(head))

One signature must satisfy all of them: a valid signature of a stranger and a broken one of the head prove nothing
together. Judging a report:

    (1) leave counter-signatures aside: they sign a signature, not the document;
    (2) ask every requirement for its objections to each signature, all of them, not only the first;
    (3) a signature without objections: `Accepted`;
    (4) a signature with only open objections (a responder or a list was not reachable): `Undetermined`;
    (5) otherwise `Rejected`, with the objections to the signatures of the people asked for, or, when none of
        them signed, to all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

from signing.model import Message, Report, SignatureReport
from signing.policies.verdict import Accepted, Rejected, Undetermined, Verdict

__all__ = ["AllOf", "Objection", "Policy", "Requirement", "without_redundant"]


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a signature does not satisfy a requirement: final, unless one of the two is said.

    `open`: it may yet satisfy it without anyone changing the file. `for_person`: a machine cannot tell, and a person
    who knows more may settle it; a verdict counts it as final.
    """

    message: Message
    open: bool = False
    for_person: bool = False


@runtime_checkable
class Policy(Protocol):
    """Anything that objects to signatures can be asked for a verdict on a report."""

    selects: ClassVar[bool]

    def objections(self, signature: SignatureReport, report: Report) -> tuple[Objection, ...]:
        """Return every objection to this one signature; none where it satisfies the requirement."""
        ...

    def judge(self, report: Report) -> Verdict:
        """Answer for the whole report: does one signature satisfy everything?"""
        ...


class Requirement(ABC):
    """What all requirements share: a report is judged by the numbered procedure above."""

    __slots__ = ()
    # A requirement that says whose signature is meant; objections to other people's signatures are then noise.
    selects: ClassVar[bool] = False

    @abstractmethod
    def objections(self, signature: SignatureReport, report: Report) -> tuple[Objection, ...]:
        """Return every objection to this one signature; none where it satisfies the requirement."""

    def applies_to(self, signature: SignatureReport, report: Report) -> bool:
        """Is this signature one the policy speaks of at all?"""
        return not self.selects or not self.objections(signature, report)

    def judge(self, report: Report) -> Verdict:
        """Answer for the whole report by the procedure above."""
        candidates = [one for one in report.signatures if not one.counter_signature]  # (1)
        if not candidates:
            return Rejected((Message.of("signature.none"),))
        found = [(one, self.objections(one, report)) for one in candidates]  # (2)
        for signature, objections in found:
            if not objections:  # (3)
                return Accepted(signature, signature.warnings)
        for _, objections in found:
            if all(objection.open for objection in objections):  # (4)
                return Undetermined(_messages(objections))
        named_people = [pair for pair in found if self.applies_to(pair[0], report)] or found  # (5)
        return Rejected(
            _messages(tuple(one for _, objections in named_people for one in without_redundant(objections)))
        )


def without_redundant(objections: tuple[Objection, ...]) -> tuple[Objection, ...]:
    """Leave out what is still open beside what is final: it would promise a second look that changes nothing."""
    return tuple(objection for objection in objections if not objection.open) or objections


def _messages(objections: tuple[Objection, ...]) -> tuple[Message, ...]:
    return tuple(dict.fromkeys(objection.message for objection in objections))


class AllOf(Requirement):
    """Every requirement, by one and the same signature. `AllOf()` cannot be built: it would accept anything.

    >>> AllOf()
    Traceback (most recent call last):
    ...
    ValueError: a policy without parts would accept everything
    """

    __slots__ = ("parts",)

    def __init__(self, *parts: Policy) -> None:
        if not parts:
            raise ValueError("a policy without parts would accept everything")
        self.parts = parts

    def __repr__(self) -> str:
        return f"AllOf({', '.join(map(repr, self.parts))})"

    def objections(self, signature: SignatureReport, report: Report) -> tuple[Objection, ...]:
        """Return the objections of all requirements, in their order."""
        return tuple(objection for part in self.parts for objection in part.objections(signature, report))

    def applies_to(self, signature: SignatureReport, report: Report) -> bool:
        """Return whether every requirement that selects means this signature."""
        return all(not part.selects or not part.objections(signature, report) for part in _flat(self))


def _flat(policy: Policy) -> tuple[Policy, ...]:
    if isinstance(policy, AllOf):
        return tuple(leaf for part in policy.parts for leaf in _flat(part))
    return (policy,)
