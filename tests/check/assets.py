"""What browsers are sent is what the sources in frontend/ make."""

import filecmp
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.check.findings import ROOT, NotRunError

__all__ = ["assets"]

STATIC = ROOT / "workflows" / "web" / "static"
FRONTEND = ROOT / "frontend"


def assets() -> Iterator[str]:
    """What stands in static/ is what the sources in frontend/ make; nothing in it is GOV.UK's own."""
    for path in STATIC.glob("main.*"):
        text = path.read_text("utf-8")
        for word in ("#1d70b8", "GDS Transport", "crown"):
            if word in text:
                yield f"{path.name} contains {word!r}, which belongs to GOV.UK"
    if shutil.which("node") is None:
        raise NotRunError("there is no node here: the assets were not rebuilt")
    if not (FRONTEND / "node_modules").is_dir() and not _npm_ci():
        raise NotRunError("npm reaches no packages here: the assets were not rebuilt")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["node", "build.mjs", folder], cwd=FRONTEND, check=True, capture_output=True)
        names = sorted({path.name for path in Path(folder).iterdir()} | {path.name for path in STATIC.iterdir()})
        _, differing, missing = filecmp.cmpfiles(folder, STATIC, names, shallow=False)
        for name in (*differing, *missing):
            yield f"static/{name} is not what frontend/ builds: run `npm run build` in frontend/"


def _npm_ci() -> bool:
    npm = shutil.which("npm")
    if npm is None:
        return False
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=FRONTEND, check=False, capture_output=True
    )
    return done.returncode == 0
