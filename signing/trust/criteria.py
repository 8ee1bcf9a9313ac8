"""The criteria by which a qualifier applies to a certificate (ETSI TS 119 612 §5.5.9.2.2).

A criterion of an unknown kind cannot be decided: the answer is None, neither yes nor no. A qualifier that depends on it
leaves the certificate's qualification undetermined.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias, assert_never

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signing.trust.certificate_statements import CertificateFacts

__all__ = [
    "Assertion",
    "Criteria",
    "ExtendedKeyUsageCriterion",
    "KeyUsageCriterion",
    "PolicyCriterion",
    "SubjectAttributeCriterion",
    "UnknownCriterion",
]


class Assertion(StrEnum):
    """How many of the criteria have to hold."""

    ALL = "all"
    AT_LEAST_ONE = "atLeastOne"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class KeyUsageCriterion:
    """Every named bit of KeyUsage is set or unset as said: pairs of ("nonRepudiation", True)."""

    bits: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class PolicyCriterion:
    """Every one of these policy identifiers stands in the certificate."""

    policies: frozenset[str]


@dataclass(frozen=True, slots=True)
class ExtendedKeyUsageCriterion:
    """Every one of these purposes stands in the certificate."""

    purposes: frozenset[str]


@dataclass(frozen=True, slots=True)
class SubjectAttributeCriterion:
    """The subject's name has every one of these attributes."""

    attributes: frozenset[str]


@dataclass(frozen=True, slots=True)
class UnknownCriterion:
    """A criterion of an unknown kind; `name` is the element's."""

    name: str


Criterion: TypeAlias = (
    "KeyUsageCriterion | PolicyCriterion | ExtendedKeyUsageCriterion | SubjectAttributeCriterion"
    " | UnknownCriterion | Criteria"
)


@dataclass(frozen=True, slots=True)
class Criteria:
    """A list of criteria and how many of them have to hold; lists nest."""

    assertion: Assertion
    parts: tuple[Criterion, ...]

    def met_by(self, certificate: CertificateFacts) -> bool | None:
        """Decide for one certificate; None when the answer hangs on a criterion nobody can decide.

        An empty list is met under `all` and `none` and not under `atLeastOne`, as quantifiers go; §5.5.9.2.2
        leaves no room for one, and a reader meets them all the same.
        """
        answers = [_holds(part, certificate) for part in self.parts]
        match self.assertion:
            case Assertion.ALL:
                return _every(answers)
            case Assertion.AT_LEAST_ONE:
                return _negated(_every(map(_negated, answers)))
            case Assertion.NONE:
                return _every(map(_negated, answers))
            case _:
                assert_never(self.assertion)


def _holds(criterion: Criterion, certificate: CertificateFacts) -> bool | None:
    match criterion:
        case KeyUsageCriterion():
            return all((bit in certificate.key_usage) is wanted for bit, wanted in criterion.bits)
        case PolicyCriterion():
            return criterion.policies <= certificate.policies
        case ExtendedKeyUsageCriterion():
            return criterion.purposes <= certificate.extended_key_usage
        case SubjectAttributeCriterion():
            return criterion.attributes <= certificate.subject_attributes
        case UnknownCriterion():
            return None
        case Criteria():
            return criterion.met_by(certificate)
        case _:
            assert_never(criterion)


def _every(answers: Iterable[bool | None]) -> bool | None:
    seen = list(answers)
    if False in seen:
        return False
    return None if None in seen else True


def _negated(answer: bool | None) -> bool | None:  # noqa: FBT001 - three-valued logic over its own values
    return None if answer is None else not answer
