"""The three answers a policy gives, and nothing in between: the end of the way that `signing.verification` begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from signing.model import Message, SignatureReport

__all__ = ["Accepted", "Rejected", "Undetermined", "Verdict"]


@dataclass(frozen=True, slots=True)
class Accepted:
    """`signature` satisfies every part of the policy by itself; `notes` are what a person may want to see."""

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
