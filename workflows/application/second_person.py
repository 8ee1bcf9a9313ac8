"""Does an approval need a second person? Pure: the facts of the case and the policy of the day in, the reasons out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from iam.institutions.models import SourceKind

if TYPE_CHECKING:
    from workflows.policy import PolicyNumbers

__all__ = ["CaseFacts", "FourEyesReason", "needs_second_person"]


class FourEyesReason(StrEnum):
    """Why two people decide (domain.md, four eyes)."""

    WIDE_SCOPE = "wide_scope"  # rights at municipality or state level
    UNREGISTERED_SIGNATORY = "unregistered_signatory"  # known from another source than a register


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What the question depends on.

    `wide`: it concerns more than institutions. `new_signatory` is the kind of source of a signatory whom this decision
    records, None when it records nobody: one recorded before was decided on then.
    """

    wide: bool
    new_signatory: SourceKind | None


def needs_second_person(case: CaseFacts, policy: PolicyNumbers) -> tuple[FourEyesReason, ...]:
    """Give every reason why two people decide; none: one person may."""
    unregistered = case.new_signatory not in {None, SourceKind.REGISTER}
    reasons = (
        (FourEyesReason.WIDE_SCOPE, case.wide and policy.four_eyes_wide_scope),
        (FourEyesReason.UNREGISTERED_SIGNATORY, unregistered and policy.four_eyes_unregistered_signatory),
    )
    return tuple(why for why, holds in reasons if holds)
