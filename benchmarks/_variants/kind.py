"""A kind of file: how its variants are made, when one counts as accepted, and which other program is asked.

A kind is one entry in `KINDS` of a module in `kinds/`. Its generator writes every file by our own code or the demo's
signer, so the right verdict on each is known beforehand.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks._variants import kinds
from signing import Indication, Report
from signing.judging.algorithms import TS_119_312

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks._variants.environment import Environment

__all__ = ["FEWEST", "Variant", "VariantKind", "all_kinds", "passed"]

FEWEST = 50


@dataclass(frozen=True, slots=True)
class Variant:
    """One file. `honest` says whether it has to pass; `expected` is the form of ours a PDF has to show, if any.

    `reason` is a message code a refusal must carry: the sentence has to be true as well. `algorithms` names the table
    it is judged by.
    """

    name: str
    content: bytes
    honest: bool
    detached: tuple[tuple[str, bytes], ...] = ()
    expected: bytes = b""
    reason: str = ""
    algorithms: str = TS_119_312.name


def passed(variant: Variant, report: Report) -> bool:
    """Whether a signature of the file passes and, where a form of ours is expected, covers exactly that form."""
    del variant
    return any(one.indication is Indication.TOTAL_PASSED and not one.counter_signature for one in report.signatures)


@dataclass(frozen=True, slots=True)
class VariantKind:
    """`make` yields at least `FEWEST` variants, honest and dishonest ones, the same for the same dice.

    `witness` asks another program whether the file's signature holds: True, False, or None where it cannot tell. It
    is given a scratch folder, and named in `asks` (the command that has to be installed).
    """

    name: str
    make: Callable[[Environment, random.Random], Iterator[Variant]]
    takes: Callable[[Variant, Report], bool] = passed
    witness: Callable[[Variant, Environment, Path], bool | None] | None = None
    asks: str = ""


def all_kinds() -> tuple[VariantKind, ...]:
    """Gather the kinds of all modules in `kinds/`, in the order of their names."""
    names = sorted(one.name for one in pkgutil.iter_modules(kinds.__path__))
    modules = [importlib.import_module(f"{kinds.__name__}.{name}") for name in names]
    return tuple(kind for module in modules for kind in module.KINDS)
