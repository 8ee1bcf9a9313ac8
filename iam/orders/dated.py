"""Names and codes of places, day by day, while orders are followed. Pure: the rows of the register are where it begins.

What an order does is done as `iam.institutions.changing` does it in the register.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

__all__ = ["Dated", "DatedTexts"]

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Dated:
    """A name or a code of a place, and its days: both included, None without that bound."""

    place: str
    text: str
    first: date | None = None
    last: date | None = None

    def reaches(self, first: date, last: date | None) -> bool:
        """Return whether it holds on one of these days."""
        begins = last is None or self.first is None or self.first <= last
        return begins and (self.last is None or first <= self.last)


class DatedTexts:
    """The names, or the codes, of many places."""

    def __init__(self, rows: Iterable[Dated]) -> None:
        self._of: defaultdict[str, list[Dated]] = defaultdict(list)
        self._with: defaultdict[str, list[Dated]] = defaultdict(list)
        for row in rows:
            self._add(row)

    def of(self, place: str, day: date) -> Dated | None:
        """Return what a place has on the day."""
        return next((row for row in self._of[place] if row.reaches(day, day)), None)

    def whose(self, text: str, day: date) -> str | None:
        """Return the place that has it on the day."""
        return next((row.place for row in self._with[text] if row.reaches(day, day)), None)

    def other(self, text: str, place: str, first: date, last: date | None) -> Dated | None:
        """Return what stands in the way of a place that is to have it on these days."""
        return next((row for row in self._with[text] if row.place != place and row.reaches(first, last)), None)

    def end(self, place: str, day: date, *, but: str | None = None) -> date | None:
        """Let what holds on the day and its eve end on the eve, and return its last day; `but` is left alone."""
        known = self.of(place, day)
        if known is None or known.first == day or known.text == but:
            return None if known is None else known.last
        self._cut(known, day)
        return known.last

    def say(self, place: str, text: str, day: date, *, last: date | None = None) -> Dated:
        """Let a place have it from the day on, as long as what it has; where it has none until the next, or `last`."""
        known = self.of(place, day)
        ends = [row.first - _DAY for row in self._of[place] if row.first is not None and row.first > day]
        ends += [] if last is None else [last]
        made = Dated(place, text, day, min(ends, default=None) if known is None else known.last)
        if known is not None and known.text == text:
            return known
        if known is not None:
            self._cut(known, day)
        self._add(made)
        return made

    def _cut(self, known: Dated, day: date) -> None:
        self._of[known.place].remove(known)
        self._with[known.text].remove(known)
        if known.first is None or known.first < day:
            self._add(replace(known, last=day - _DAY))

    def _add(self, row: Dated) -> None:
        self._of[row.place].append(row)
        self._with[row.text].append(row)
