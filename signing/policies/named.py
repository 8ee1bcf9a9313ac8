"""Which policies can be asked for by name?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signing.judging.algorithms import SIVA, TS_119_312
from signing.model import Qualification
from signing.policies.policy import AllOf
from signing.policies.requirements import (
    CoversWholeDocument,
    OfLevel,
    Qualified,
    QualifiedTimestamp,
    StampedAsQualified,
    Timestamped,
    Valid,
)

if TYPE_CHECKING:
    from signing.judging.algorithms import AlgorithmTable
    from signing.policies.policy import Policy

__all__ = ["NAMED", "QES_LV", "NamedPolicy"]


@dataclass(frozen=True, slots=True)
class NamedPolicy:
    """A policy people can ask for by name; `rules` say in English what it asks, one line each.

    `algorithms` is the table a report for it is made by.
    """

    name: str
    rules: tuple[str, ...]
    policy: Policy
    algorithms: AlgorithmTable = TS_119_312


_POLV4 = frozenset({Qualification.QESIG, Qualification.QESEAL, Qualification.ADESEAL_QC, Qualification.ADESIG_QC})

_SIVAS_ALGORITHMS = "algorithms are SiVa's: RSA from 1,024 bits, and SHA-1 whenever it was made"

QES_LV = AllOf(Valid(), CoversWholeDocument(), Qualified(), QualifiedTimestamp())

NAMED: dict[str, NamedPolicy] = {
    one.name: one
    for one in (
        NamedPolicy(
            "qes-lv",
            (
                "the signature is TOTAL-PASSED",
                "it covers every data file of the container, or the whole PDF",
                "it is a qualified electronic signature of a person (QESig)",
                "a qualified time stamp proves when it was made",
            ),
            QES_LV,
        ),
        NamedPolicy(
            "POLv3",
            (
                "the signature is TOTAL-PASSED; its qualification is reported and does not change the result",
                "it is above level B, and where it is qualified, a qualified time stamp proves when it was made",
                _SIVAS_ALGORITHMS,
            ),
            AllOf(Valid(SIVA), Timestamped(), StampedAsQualified()),
            SIVA,
        ),
        NamedPolicy(
            "POLv4",
            (
                "the signature is TOTAL-PASSED",
                "it is a qualified electronic signature or seal (QESig, QESeal)",
                "or a seal with a qualified certificate (AdESeal-QC)",
                "or a signature with a qualified certificate on no qualified device (AdESig-QC)",
                "it is above level B, and where it is qualified, a qualified time stamp proves when it was made",
                _SIVAS_ALGORITHMS,
            ),
            AllOf(Valid(SIVA), OfLevel(_POLV4), Timestamped(), StampedAsQualified()),
            SIVA,
        ),
        NamedPolicy(
            "ades",
            (
                "the signature is TOTAL-PASSED and covers everything; nothing is asked about qualification",
                "as everywhere, a person's certificate is one for signing (key usage nonRepudiation)",
            ),
            AllOf(Valid(), CoversWholeDocument()),
        ),
    )
}
