"""Modules stay short enough to be read at one go."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median

from tests.check.findings import ROOT

__all__ = ["modules", "too_long"]

MOST = 400
MEDIAN = 120
PACKAGES = ("signing", "iam", "workflows", "demo")

# Longer modules, and why each is one.
LONGER: Mapping[str, str] = {
    "workflows/migrations/versions/0001_iam.py": "the first migration is never edited, only read",
    "tests/iam/test_acts_record_themselves.py": "one test for each act of iam, over the same few helpers",
    "tests/workflows/web/test_browser.py": "one browser, and the same few steps in every story",
}


def modules() -> Iterator[str]:
    """No module of the service has more than 400 lines without a reason here, and half have at most 120."""
    lengths = {
        str(path.relative_to(ROOT)): _lines(path)
        for package in (*PACKAGES, "builders", "benchmarks", "tests")
        for path in sorted((ROOT / package).rglob("*.py"))
    }
    yield from too_long(lengths, LONGER)
    middle = median(length for name, length in lengths.items() if name.startswith(PACKAGES) and length)
    if middle > MEDIAN:
        yield f"half of the modules have more than {middle:.0f} lines, {MEDIAN} is the most: split the longest"


def too_long(lengths: Mapping[str, int], reasons: Mapping[str, str]) -> Iterator[str]:
    """Name what is too long without a reason, and reasons that nothing needs any more."""
    for name, length in lengths.items():
        if length > MOST and not reasons.get(name):
            yield f"{name} has {length} lines, {MOST} is the most: split it, or say why in tests/check/modules.py"
    for name in reasons:
        if lengths.get(name, 0) <= MOST:
            yield f"{name} needs no reason any more: take its line out of tests/check/modules.py"


def _lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())
