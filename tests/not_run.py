"""What could not be tested here says so, loudly: a skipped test is no passed one."""

from collections import Counter

import pytest

from builders.shared import SHARED


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs the shared data where that is not beside the repository."""
    if not SHARED.is_dir():
        absent = pytest.mark.skip(reason=f"no shared data beside the repository ({SHARED})")
        for item in items:
            if item.get_closest_marker("shared"):
                item.add_marker(absent)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say just above the closing line how many tests were not run, and why."""
    skipped = terminalreporter.getreports("skipped")
    if skipped:
        reasons = Counter(_reason(report) for report in skipped)
        terminalreporter.section(f"NOT RUN: {len(skipped)}", bold=True, yellow=True)
        for reason, count in reasons.most_common():
            terminalreporter.write_line(f"{count} not run: {reason}")


def _reason(report: pytest.TestReport) -> str:
    said = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return said.removeprefix("Skipped: ")
