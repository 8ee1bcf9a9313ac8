"""Every module of signing stands in a layer of its contract (pyproject.toml): a new folder is not left out."""

from __future__ import annotations

import tomllib
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_CONTRACT = "Inside signing"
_OVER_ALL = {"__init__", "__main__"}


def test_every_module_stands_in_a_layer() -> None:
    settings = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = [one for one in settings["tool"]["importlinter"]["contracts"] if one["name"].startswith(_CONTRACT)]
    listed = [name.strip() for layer in contract["layers"] for name in layer.split("|")]
    modules = [
        path.relative_to(_ROOT / "signing").with_suffix("").as_posix().replace("/", ".")
        for path in (_ROOT / "signing").rglob("*.py")
    ]
    packages = {name.partition(".")[0] for name in listed if "." in name}
    out = [
        name
        for name in modules
        if name not in _OVER_ALL
        and name.removesuffix(".__init__") not in packages
        and not any(f"{name}.".startswith(f"{one}.") for one in listed)
    ]
    assert out == []
