"""Packages whose first file loads far more than is asked of them: held back until somebody really asks.

`import pyhanko.sign.diff_analysis` first runs `pyhanko/sign/__init__.py`, which loads the signer, its HTTP client and
asyncio: two thirds of the time until the first PDF is judged, and nothing of it is ours to use. A package held back
has its place in `sys.modules` and its folder, so its parts can be imported; its own file runs when a name is looked
for that is not one of them, and then everything is as if nothing had been held back.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec, module_from_spec
from types import ModuleType

__all__ = ["hold_back"]


class _HeldBack(ModuleType):
    """A package before its own file ran."""

    def __getattr__(self, name: str) -> object:
        # What the import system itself looks for is there, or is not needed.
        spec = self.__spec__
        if name.startswith("__") or spec is None or spec.loader is None:
            raise AttributeError(name)
        self.__class__ = ModuleType  # type: ignore[assignment]  # once is enough
        spec.loader.exec_module(self)
        return getattr(self, name)


def hold_back(*packages: str) -> None:
    """Hold back each of these that nobody has loaded yet; call it before anything imports from them."""
    for name in packages:
        if name in sys.modules:
            continue
        spec = find_spec(name)
        if spec is None:
            continue
        module = module_from_spec(spec)
        module.__class__ = _HeldBack
        sys.modules[name] = module
        above, _, last = name.rpartition(".")
        if above:
            setattr(sys.modules[above], last, module)  # as the import system does
