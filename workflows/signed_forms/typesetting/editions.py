"""Editions of the sentences people sign: a TOML file each, named by the ISO day from which new forms carry it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

__all__ = ["Editions", "UnknownEdition"]


class UnknownEdition(LookupError):
    """An edition was asked for that no file holds."""


@dataclass(frozen=True, slots=True)
class Editions:
    """The editions in the folder `texts` of a package. One that somebody may have signed is never edited."""

    package: str

    def on(self, day: date) -> str:
        """Name the edition new forms carry on that day (before the first one's day: the first)."""
        names = _names(self.package)
        current = [name for name in names if name <= day.isoformat()]
        return current[-1] if current else names[0]

    def source(self, name: str) -> str:
        """Return the text of an edition; raises UnknownEdition."""
        if name not in _names(self.package):
            raise UnknownEdition(name)
        return _source(self.package, name)


@cache
def _source(package: str, name: str) -> str:
    return (files(package) / "texts" / f"{name}.toml").read_text(encoding="utf-8")


@cache
def _names(package: str) -> tuple[str, ...]:
    folder = files(package) / "texts"
    return tuple(sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml")))
