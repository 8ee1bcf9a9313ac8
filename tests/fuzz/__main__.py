"""`python -m tests.fuzz`: every entry, one after the other, for a bounded time."""

from __future__ import annotations

import argparse
import subprocess
import sys
from typing import TYPE_CHECKING

from demo.servers import cache_dir
from tests.fuzz.seeds import plant

if TYPE_CHECKING:
    from pathlib import Path

_ENTRIES = ("container", "xml", "cms", "pdf")


def main() -> int:
    """Fuzz; 0 when nothing was found, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz the readers of signed documents.")
    parser.add_argument("--seconds", type=int, default=60, help="for each entry (default 60)")
    parser.add_argument("entries", nargs="*", metavar="ENTRY", help=f"of {', '.join(_ENTRIES)}; default all")
    options = parser.parse_args()
    if unknown := set(options.entries) - set(_ENTRIES):
        parser.error(f"no such entry: {', '.join(sorted(unknown))}")
    folder = cache_dir() / "fuzz"
    plant(folder)
    entries = options.entries or _ENTRIES
    found = [name for name in entries if not _quiet(name, folder, options.seconds)]
    for name in found:
        sys.stderr.write(f"fuzz: {name}: something was found, see {folder / 'findings'}\n")
    outcome = f"found something in {', '.join(found)}" if found else "found nothing"
    sys.stderr.write(f"fuzz: {outcome}; {len(entries)} entries ({', '.join(entries)}), {options.seconds} s each\n")
    return 1 if found else 0


def _quiet(name: str, folder: Path, seconds: int) -> bool:
    sys.stderr.write(f"fuzz: {name}, {seconds} s\n")
    command = [sys.executable, "-m", "tests.fuzz.run", name, str(folder), str(seconds)]
    return subprocess.run(command, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
