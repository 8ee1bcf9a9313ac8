"""A few variants of each kind, in every run; `make generalise` makes fifty and more of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks._variants.environment import Environment
from benchmarks._variants.kind import VariantKind, all_kinds
from benchmarks._variants.outcome import measure

if TYPE_CHECKING:
    from pathlib import Path

A_FEW = 12


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    folder: Path = tmp_path_factory.mktemp("environment")
    return Environment.prepare(folder)


@pytest.mark.parametrize("kind", all_kinds(), ids=lambda kind: kind.name)
def test_variants_of_a_kind_are_judged_by_what_they_are(kind: VariantKind, environment: Environment) -> None:
    outcome = measure(kind, environment, most=A_FEW)
    assert outcome.variants == A_FEW
    assert outcome.faults == []
