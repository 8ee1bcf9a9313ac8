"""The verdicts on a kind's variants: honest ones refused, hostile ones accepted, other programs contradicted."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from signing import Report

if TYPE_CHECKING:
    from benchmarks._variants.environment import Environment
    from benchmarks._variants.kind import Variant, VariantKind

__all__ = ["Outcome", "measure"]


@dataclass(slots=True)
class Outcome:
    """The counts of one kind; the lists name the variants."""

    kind: str
    variants: int = 0
    honest: int = 0
    honest_refused: list[str] = field(default_factory=list)
    hostile_accepted: list[str] = field(default_factory=list)
    untrue_sentences: list[str] = field(default_factory=list)
    witness: str = ""
    witnessed: int = 0
    contradicted: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """Everything that is not as it should be, a line each."""
        named = {
            "honest refused": self.honest_refused,
            "hostile accepted": self.hostile_accepted,
            "untrue sentence": self.untrue_sentences,
            "witness contradicted": self.contradicted,
        }
        return [f"{self.kind}: {what}: {one}" for what, ones in named.items() for one in ones]


def measure(kind: VariantKind, environment: Environment, *, seed: int = 1, most: int | None = None) -> Outcome:
    """Make and judge variants of a kind, `most` of them at most, and ask its witness where it is installed."""
    outcome = Outcome(kind.name, witness=_witness_of(kind))
    dice = random.Random(f"{seed}:{kind.name}")  # noqa: S311 - repeatable, not secret
    with TemporaryDirectory() as scratch:
        for variant in islice(kind.make(environment, dice), most):
            _add(outcome, kind, variant, environment, Path(scratch))
    return outcome


def _witness_of(kind: VariantKind) -> str:
    """Say which program is asked, and that it is not where it is not installed."""
    if kind.witness is None:
        return ""
    return kind.asks if shutil.which(kind.asks) else f"{kind.asks}: not run, not installed"


def _add(outcome: Outcome, kind: VariantKind, variant: Variant, environment: Environment, scratch: Path) -> None:
    judged = environment.judge(variant)
    taken = isinstance(judged, Report) and kind.takes(variant, judged)
    codes = _codes(judged) if isinstance(judged, Report) else {judged.code}
    outcome.variants += 1
    outcome.honest += variant.honest
    if variant.honest and not taken:
        outcome.honest_refused.append(f"{variant.name}: {', '.join(sorted(codes))}")
    if not variant.honest and taken:
        outcome.hostile_accepted.append(variant.name)
    if not taken and variant.reason and variant.reason not in codes:
        outcome.untrue_sentences.append(f"{variant.name}: {', '.join(sorted(codes))} instead of {variant.reason}")
    if kind.witness is not None and shutil.which(kind.asks):
        seen = kind.witness(variant, environment, scratch)
        outcome.witnessed += seen is not None
        if seen is not None and seen is not variant.honest:
            outcome.contradicted.append(f"{variant.name}: {kind.asks} says {seen}")


def _codes(report: Report) -> set[str]:
    errors = [message for one in report.signatures for message in one.errors]
    return {message.code for message in (*errors, *report.warnings)}
