"""The three answers a policy gives, and nothing in between: the end of the way that `signing.verification` begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, assert_never

from signing.messages import text

if TYPE_CHECKING:
    from signing.model import Message, SignatureReport

__all__ = ["Accepted", "Rejected", "Undetermined", "Verdict", "verdict_json", "word_of"]


@dataclass(frozen=True, slots=True)
class Accepted:
    """`signature` satisfies every requirement of the policy by itself; `notes` are what a person may want to see."""

    signature: SignatureReport
    notes: tuple[Message, ...] = ()

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Rejected:
    """No signature can satisfy the policy; every objection is in `reasons`."""

    reasons: tuple[Message, ...]

    def __bool__(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Undetermined:
    """A signature may yet satisfy the policy: what is open depends on a responder or a list. Judge again later."""

    reasons: tuple[Message, ...]

    def __bool__(self) -> bool:
        return False


Verdict: TypeAlias = Accepted | Rejected | Undetermined


def word_of(verdict: Verdict) -> str:
    """Name the answer as reports write it.

    >>> word_of(Rejected(()))
    'rejected'
    """
    match verdict:
        case Accepted():
            return "accepted"
        case Rejected():
            return "rejected"
        case Undetermined():
            return "undetermined"
        case _:
            assert_never(verdict)


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """Write a verdict as `policyVerdict` of our reports has it: the answer and every reason, none for an acceptance."""
    reasons = () if isinstance(verdict, Accepted) else verdict.reasons
    return {
        "verdict": word_of(verdict),
        "reasons": [{"code": one.code, "content": text(one, "en")} for one in reasons],
    }
