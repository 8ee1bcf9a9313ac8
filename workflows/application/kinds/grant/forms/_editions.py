"""The editions of the sentences people sign, kept as data beside the templates."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from workflows.signed_forms.typesetting import Editions

if TYPE_CHECKING:
    from datetime import date

__all__ = ["Edition", "edition", "edition_on"]


_EDITIONS = Editions(__package__ or "")


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
    source = _EDITIONS.source(name)
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
    return edition(_EDITIONS.on(day))
