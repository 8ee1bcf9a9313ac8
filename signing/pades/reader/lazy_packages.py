"""Packages whose `__init__.py` runs only when one of its own names is used.

`import pyhanko.sign.diff_analysis` first runs `pyhanko/sign/__init__.py`, which loads the signer, its HTTP client and
asyncio: two thirds of the time until the first PDF is judged, and none of it is used here. A lazy package stands in
`sys.modules` with its folder, so its submodules can be imported. Its own file runs at the first lookup of a name that
is no submodule; from then on it is an ordinary package.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec, module_from_spec
from types import ModuleType

__all__ = ["load_lazily"]


class _LazyPackage(ModuleType):
    """A package whose own file has not run."""

    def __getattr__(self, name: str) -> object:
        # Names the import system looks up are set already, or not needed.
        spec = self.__spec__
        if name.startswith("__") or spec is None or spec.loader is None:
            raise AttributeError(name)
        self.__class__ = ModuleType  # type: ignore[assignment]  # it runs once
        spec.loader.exec_module(self)
        return getattr(self, name)


def load_lazily(*packages: str) -> None:
    """Make each of these lazy that is not loaded yet; call it before anything imports from them."""
    for name in packages:
        if name in sys.modules:
            continue
        spec = find_spec(name)
        if spec is None:
            continue
        module = module_from_spec(spec)
        module.__class__ = _LazyPackage
        sys.modules[name] = module
        above, _, last = name.rpartition(".")
        if above:
            setattr(sys.modules[above], last, module)  # as the import system does
