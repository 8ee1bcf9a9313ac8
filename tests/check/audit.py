"""No locked dependency has a known vulnerability."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from tests.check.findings import ROOT, NotRunError

__all__ = ["audit", "audited"]


def audit() -> Iterator[str]:
    """No locked dependency has a known vulnerability. Raises NotRunError where that was not asked of every one."""
    command = [
        "-m",
        "pip_audit",
        "--requirement",
        "requirements/runtime.txt",
        "--disable-pip",
        "--progress-spinner=off",
        "--format=json",
    ]
    done = subprocess.run([sys.executable, *command], cwd=ROOT, check=False, capture_output=True, text=True)
    yield from audited(done.stdout, done.stderr, locked=_locked())


def audited(out: str, said: str, *, locked: AbstractSet[str]) -> Iterator[str]:
    """Read pip-audit's JSON: a dependency it says nothing of, or skipped, was not audited."""
    try:
        shown = {_canonical(one["name"]): one for one in json.loads(out)["dependencies"]}
    except (ValueError, KeyError, TypeError):
        why = said.strip().splitlines()
        raise NotRunError(f"pip-audit does not reach its data here: {why[-1] if why else 'it says nothing'}") from None
    for name, one in sorted(shown.items()):
        for known in one.get("vulns", ()):
            mended = ", ".join(known.get("fix_versions", ())) or "no version yet"
            yield f"{name} {one.get('version', '')}: {known['id']}, mended in {mended}"
    missed = sorted(name for name in locked if "vulns" not in shown.get(name, {}))
    if missed:
        raise NotRunError(f"{len(missed)} of {len(locked)} dependencies were not audited: {', '.join(missed[:5])}")


def _locked() -> AbstractSet[str]:
    text = (ROOT / "requirements" / "runtime.txt").read_text("utf-8")
    return {_canonical(name) for name in re.findall(r"^([A-Za-z0-9][\w.-]*)(?:\[[^]]*\])?==", text, re.MULTILINE)}


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
