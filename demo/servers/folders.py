"""Where do downloads and the demo's state live?"""

import os
from pathlib import Path

__all__ = ["cache_dir", "state_dir"]


def cache_dir() -> Path:
    """The folder for what is downloaded once: `VIIS_CACHE`, else `viis` in the user's cache folder. Created."""
    named = os.environ.get("VIIS_CACHE")
    if named:
        folder = Path(named).expanduser()
    else:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "viis"
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


def state_dir(name: str = "run") -> Path:
    """The folder for what one system under that name writes and the next start of it finds again. Created."""
    folder = cache_dir() / "state" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
