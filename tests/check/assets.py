"""What browsers are sent is what the sources in frontend/ make."""

import filecmp
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.check.findings import ROOT, NotRunError

__all__ = ["assets", "differing"]

STATIC = ROOT / "workflows" / "web" / "static"
THEME = ROOT / "docker" / "keycloak" / "themes" / "viis" / "login" / "resources"
FRONTEND = ROOT / "frontend"


def assets() -> Iterator[str]:
    """What stands in static/ and in Keycloak's theme is what frontend/ makes; nothing in it is GOV.UK's own."""
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
        static, theme = Path(folder) / "static", Path(folder) / "theme"
        command = ["node", "build.mjs", str(static), str(theme)]
        subprocess.run(command, cwd=FRONTEND, check=True, capture_output=True)
        for built, committed in ((static, STATIC), (theme, THEME)):
            for name in differing(built, committed):
                path = (committed / name).relative_to(ROOT)
                yield f"{path} is not what frontend/ builds: run `npm run build` in frontend/"


def differing(built: Path, committed: Path) -> list[str]:
    """Name the files of two folders, and of the folders in them, that are not in both with the same content."""
    names = {str(path.relative_to(one)) for one in (built, committed) for path in one.rglob("*") if path.is_file()}
    _, different, missing = filecmp.cmpfiles(built, committed, sorted(names), shallow=False)
    return [*different, *missing]


def _npm_ci() -> bool:
    npm = shutil.which("npm")
    if npm is None:
        return False
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=FRONTEND, check=False, capture_output=True
    )
    return done.returncode == 0
