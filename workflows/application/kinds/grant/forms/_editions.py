"""The editions of the sentences people sign, kept as data beside the templates."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

__all__ = ["Edition", "UnknownEdition", "edition", "edition_on"]


class UnknownEdition(LookupError):
    """An edition was asked for that no file holds."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of the texts; `name` is the ISO day from which new forms carry it."""

    name: str
    source: str
    signed_note: str
    opening: str
    undertakings: tuple[str, ...]
    notices: tuple[str, ...]


@cache
def edition(name: str) -> Edition:
    """Return the edition of that name; raises UnknownEdition."""
    if name not in _names():
        raise UnknownEdition(name)
    source = (files(__package__) / "texts" / f"{name}.toml").read_text(encoding="utf-8")
    texts = tomllib.loads(source)
    letter = texts["letter"]
    return Edition(
        name=name,
        source=source,
        signed_note=texts["signed_note"],
        opening=letter["opening"],
        undertakings=tuple(letter["undertakings"]),
        notices=tuple(letter["notices"]),
    )


def edition_on(day: date) -> Edition:
    """Return the edition new forms carry on that day (before the first one's day: the first)."""
    names = _names()
    current = [name for name in names if name <= day.isoformat()]
    return edition(current[-1] if current else names[0])


@cache
def _names() -> tuple[str, ...]:
    folder = files(__package__) / "texts"
    return tuple(sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml")))
