"""No locked dependency has a known vulnerability."""

import json
import subprocess
import sys
from collections.abc import Collection, Iterator
from typing import Any

from packaging.utils import canonicalize_name

from tests.check.dependencies import locked
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
    pins = locked((ROOT / "requirements" / "runtime.txt").read_text("utf-8"))
    yield from audited(done.stdout, done.stderr, names=pins.keys())


def audited(out: str, said: str, *, names: Collection[str]) -> Iterator[str]:
    """Read pip-audit's JSON: a dependency it says nothing of, or skipped, was not audited."""
    try:
        shown: dict[str, Any] = {canonicalize_name(one["name"]): one for one in json.loads(out)["dependencies"]}
    except (ValueError, KeyError, TypeError):
        why = said.strip().splitlines()
        raise NotRunError(f"pip-audit does not reach its data here: {why[-1] if why else 'it says nothing'}") from None
    for name, one in sorted(shown.items()):
        for known in one.get("vulns", ()):
            mended = ", ".join(known.get("fix_versions", ())) or "no version yet"
            yield f"{name} {one.get('version', '')}: {known['id']}, mended in {mended}"
    missed = sorted(name for name in names if "vulns" not in shown.get(name, {}))
    if missed:
        raise NotRunError(f"{len(missed)} of {len(names)} dependencies were not audited: {', '.join(missed[:5])}")
