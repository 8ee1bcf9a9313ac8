"""The public test files of Europe's validators, graded by the grader that comes with them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from builders.shared import SHARED

_GRADER = SHARED / "corpus" / "grade.py"

pytestmark = pytest.mark.shared


@pytest.mark.timeout(900)
def test_nothing_is_accepted_falsely_and_every_valid_file_is_recognised() -> None:
    command = f"{sys.executable} -m signing --json --policy ades"
    graded = subprocess.run(
        [sys.executable, str(_GRADER), "--command", command, "--jobs", "2"],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    last = graded.stdout.strip().splitlines()[-1]
    figures = {name: float(value) for name, value in re.findall(r"(\w+)=([\d.]+)", last)}
    for wrong in ("false_accepts", "missed", "false_rejects", "undetermined", "no_verdict"):
        assert figures[wrong] == 0, graded.stdout
    assert figures["agreement"] >= 99
    assert "valid recognised: 32/32" in graded.stdout
