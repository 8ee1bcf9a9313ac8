"""A few variants of each kind, in every run; `make generalise` makes fifty and more of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks._variants.fixture import Ground
from benchmarks._variants.kind import Kind, all_kinds
from benchmarks._variants.outcome import measure

if TYPE_CHECKING:
    from pathlib import Path

A_FEW = 12


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    folder: Path = tmp_path_factory.mktemp("ground")
    return Ground.prepare(folder)


@pytest.mark.parametrize("kind", all_kinds(), ids=lambda kind: kind.name)
def test_variants_of_a_kind_are_judged_by_what_they_are(kind: Kind, ground: Ground) -> None:
    outcome = measure(kind, ground, most=A_FEW)
    assert outcome.variants == A_FEW
    assert outcome.faults == []
