"""`make bench` runs everything, `python -m benchmarks NAME…` some of it; each adds its line to results.jsonl."""

import json
import subprocess
import sys
from pathlib import Path

from workflows import clock

__all__ = ["main"]

_HERE = Path(__file__).parent
_RESULTS = _HERE / "results.jsonl"
# Fetches other people's programs: only by name.
_BY_NAME = {"signers"}


def main() -> int:
    """Run one after the other, each in a process of its own; status 1 when one could not be measured."""
    known = sorted(file.stem for file in _HERE.glob("[a-z]*.py"))
    wanted = sys.argv[1:] or [name for name in known if name not in _BY_NAME]
    if unknown := set(wanted) - set(known):
        print(f"no benchmark is called {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
        return 2
    broken = [name for name in wanted if not _run(name)]
    for name in broken:
        print(f"{name} could not be measured")
    return 1 if broken else 0


def _run(name: str) -> bool:
    print(f"== {name}", flush=True)
    command = [sys.executable, "-m", f"benchmarks.{name}"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 - ourselves
    print(done.stdout, flush=True)
    lines = done.stdout.splitlines()
    if done.returncode != 0 or not lines:
        return False
    entry = {"benchmark": name, "at": clock.now().isoformat(timespec="seconds"), "commit": _commit()}
    with _RESULTS.open("a", encoding="utf-8") as results:
        results.write(json.dumps({**entry, **json.loads(lines[-1])}) + "\n")
    return True


def _commit() -> str:
    command = ["git", "-C", str(_HERE), "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - names what was measured
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
