"""One entry being fuzzed, in a process of its own: libFuzzer ends the process it runs in.

python -m tests.fuzz.run ENTRY FOLDER SECONDS     looks for findings
python -m tests.fuzz.run ENTRY FOLDER FILE        plays one again
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from tests.fuzz.seeds import TRUSTED_LIST

__all__ = ["main"]

_SLOW_SECONDS = 10
_MEMORY_MB = 1024


def main(name: str, folder: Path, what: str) -> None:
    """Fuzz for `what` seconds, or play the file `what` again; does not return."""
    # Here alone, and after nothing of signing has been loaded: atheris instruments modules as they are imported.
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["signing"]):
        entries = importlib.import_module("tests.fuzz.entries")
    target = entries.entry(name, (folder / TRUSTED_LIST).read_bytes())
    findings = folder / "findings"
    findings.mkdir(exist_ok=True)
    seconds_or_file = [f"-max_total_time={what}", str(folder / name)] if what.isdecimal() else [what]
    limits = [f"-timeout={_SLOW_SECONDS}", f"-rss_limit_mb={_MEMORY_MB}", f"-artifact_prefix={findings}/{name}-"]
    atheris.Setup([sys.argv[0], *limits, "-print_final_stats=1", *seconds_or_file], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
