"""An application runs through every file that the architecture names for following one."""

import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from builders.workflows.office import Office

ROOT = Path(__file__).parents[3]
_ROW = re.compile(r"^\| one application from draft to token \| (.*) \|$", re.MULTILINE)


@contextmanager
def files_called() -> Iterator[list[str]]:
    """Gather the file of every function that is called in any thread."""
    files: dict[str, None] = {}

    def called(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_name != "<module>":
            files.setdefault(frame.f_code.co_filename)

    threading.setprofile(called)
    sys.setprofile(called)
    ours: list[str] = []
    try:
        yield ours
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
        ours += [str(Path(file).relative_to(ROOT)) for file in files if Path(file).is_relative_to(ROOT)]


def named() -> list[str]:
    row = _ROW.search((ROOT / "docs/architecture.md").read_text("utf-8"))
    assert row
    files, folder = [], Path()
    for name in re.findall(r"`([^`]+)`", row[1]):
        folder = Path(name).parent if "/" in name else folder
        files.append(str(folder / Path(name).name))
    return files


def test_an_application_runs_through_the_files_that_the_architecture_names(office: Office) -> None:
    with files_called() as passed:
        submitted = office.submit()
        office.hand_in_both(submitted)
        office.approve(submitted)
        office.work()
    assert [file for file in named() if file not in passed] == []
