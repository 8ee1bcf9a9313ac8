"""Tests that could not be made are counted, with the reason, where everybody looks."""

import subprocess
import sys
from pathlib import Path

from builders.shared import SHARED

ROOT = Path(__file__).parents[2]


def ran(folder: Path, *, shared: bool) -> list[str]:
    """Run three tests, one of which needs the shared data and one a program that nobody has."""
    beside = folder if shared else folder / "nowhere"
    (folder / "conftest.py").write_text(
        f"import pathlib\nfrom tests import not_run\nnot_run.SHARED = pathlib.Path({str(beside)!r})\n"
    )
    (folder / "test_three.py").write_text(
        "import pytest\n\n"
        "def test_passes(): pass\n\n"
        "@pytest.mark.shared\ndef test_shared(): pass\n\n"
        "def test_program(): pytest.skip('a program is not installed')\n"
    )
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = shared\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.not_run", "-c", str(folder / "pytest.ini"), str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.splitlines()


def test_tests_that_need_the_shared_data_say_that_it_is_missing(tmp_path: Path) -> None:
    told = ran(tmp_path, shared=False)
    assert any("NOT RUN: 2" in line for line in told)
    assert told[-3:-1] == [
        f"1 not run: no shared data beside the repository ({tmp_path / 'nowhere'})",
        "1 not run: a program is not installed",
    ]
    assert "1 passed, 2 skipped" in told[-1]


def test_with_the_shared_data_they_run(tmp_path: Path) -> None:
    told = ran(tmp_path, shared=True)
    assert any("NOT RUN: 1" in line for line in told)
    assert "2 passed, 1 skipped" in told[-1]


def test_the_shared_data_is_looked_for_beside_the_repository() -> None:
    assert ROOT.parent / "shared" == SHARED
