"""No committed file names an address or a folder that belongs to one machine."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.check.findings import ROOT

__all__ = ["addresses"]

# Built so that this file does not find itself.
FORBIDDEN = re.compile(
    r"(?:registry\.npmjs|pypi|files\.pythonhosted|repo\d?\.maven|deb\.debian)\.(?:org|com|apache)|"
    r"(?<![\w.])/(?:work|root|home)/\w"
)
GENERATED = {".woff2", ".ttf", ".mo", ".png", ".pdf", ".css", ".js", ".edoc", ".asice", ".jar"}


def addresses() -> Iterator[str]:
    """No committed file names a package registry or a folder of somebody's machine."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if not name or path.suffix in GENERATED or path.resolve() == Path(__file__).resolve() or not path.is_file():
            continue
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        for found in FORBIDDEN.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            yield f"{name}:{line}: {found.group()!r} belongs to one machine, not to the project"
        if name.endswith("package-lock.json") and '"resolved"' in text:
            yield f"{name}: has resolved addresses: npm install --omit-lockfile-registry-resolved"
