"""A line of descent as a drawing: a row for each place, days from left to right, an arrow where one comes of another.

Pure arithmetic in whole units of the drawing; the template writes the SVG. What it shows stands in a table as well.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from graphlib import TopologicalSorter
from itertools import groupby, pairwise

from iam.orders.descent import Descent, DescentStep, Kin
from iam.orders.models import ChangeKind
from iam.orders.rules import ENDING

__all__ = ["Arrow", "Bar", "Drawing", "Mark", "PlaceTurn", "Turned", "draw"]

_LEFT, _RIGHT = 270, 930  # of the days; names stand on the left
_TOP, _ROW = 60, 48
_SHORTEST = 10  # what began and ended on one day is seen too
_LABEL = 86  # a day's text needs as much beside another
_LETTERS, _LINES = 34, 2  # of a name
# What comes of these is new: the register may not know since when.
_FOUNDING = frozenset({ChangeKind.MERGED, ChangeKind.TRANSFORMED})


@dataclass(frozen=True, slots=True)
class Bar:
    """A place over its days, from x to x; one that only an undone order founded is drawn broken."""

    key: str
    name: tuple[str, ...]
    number: str
    y: int
    begins: int
    ends: int
    goes_on: bool
    here: bool
    undone: bool


@dataclass(frozen=True, slots=True)
class Arrow:
    """From the row of a source to that of a target, on the day; drawn broken while it lies ahead, or was undone."""

    x: int
    source_y: int
    target_y: int
    applied: bool
    undone: bool


@dataclass(frozen=True, slots=True)
class PlaceTurn:
    """On `day` so many rights of the place with that key ended, and so many came again."""

    key: str
    day: date
    ended: int
    again: int


@dataclass(frozen=True, slots=True)
class Turned:
    """At that point of a place's row so many rights ended, and so many came again."""

    x: int
    y: int
    ended: int
    again: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A day of the line: where it stands, and how high its text, so that two near ones do not meet."""

    x: int
    y: int
    day: date


@dataclass(frozen=True, slots=True)
class Drawing:
    """All of it, with its size."""

    width: int
    height: int
    bars: Sequence[Bar]
    arrows: Sequence[Arrow]
    marks: Sequence[Mark]
    turned: Sequence[Turned]


def draw(descent: Descent, here: str, turns: Sequence[PlaceTurn] = ()) -> Drawing | None:
    """Lay the line out around the place `here`; None where nothing ever happened to it."""
    if not descent.steps:
        return None
    days = sorted({step.effective for step in descent.steps} | {step.undone for step in descent.steps if step.undone})
    across = _Scale(days)
    rows = {key: row for row, key in enumerate(_in_order(descent))}
    middle = {key: _TOP + row * _ROW + _ROW // 2 for key, row in rows.items()}
    bars = []
    for key in rows:
        since, until = _life(descent, descent.places[key])
        begins = _LEFT if since is None else across.at(since)
        ends = _RIGHT if until is None else across.at(until)
        bars.append(
            Bar(
                key=key,
                name=_lines(descent.places[key].name),
                number=descent.places[key].number,
                y=middle[key],
                begins=begins,
                ends=max(ends, begins + _SHORTEST),
                goes_on=until is None,
                here=key == here,
                undone=not descent.places[key].recorded and not _held(descent, key),
            )
        )
    arrows = [
        Arrow(across.at(step.effective), middle[source], middle[target], step.applied, step.undone is not None)
        for step in descent.steps
        for source in step.sources
        for target in step.targets
    ]
    height = _TOP + len(rows) * _ROW + 12
    return Drawing(_RIGHT + 20, height, bars, arrows, across.marks(), _turned(turns, across, middle))


class _Scale:
    """Days in equal distances: what matters is what came first, and thirty years would hide a week."""

    def __init__(self, days: Sequence[date]) -> None:
        self._days = days
        self._step = (_RIGHT - _LEFT) // (len(days) + 1)

    def at(self, day: date) -> int:
        """Return where a day stands; one that is no day of the line stands between those around it."""
        before = sum(1 for one in self._days if one <= day)
        exact = day in self._days
        return _LEFT + before * self._step + (0 if exact else self._step // 2)

    def marks(self) -> list[Mark]:
        """Return the days with their texts, on two levels where one level is too narrow."""
        level = 0
        marks = [Mark(self.at(self._days[0]), 20, self._days[0])]
        for _before, day in pairwise(self._days):
            level = 1 - level if self._step < _LABEL else 0
            marks.append(Mark(self.at(day), 20 + level * 18, day))
        return marks


def _turned(turns: Sequence[PlaceTurn], across: _Scale, middle: Mapping[str, int]) -> list[Turned]:
    """Add up what stands at one point: days between two orders share theirs."""
    ended: Counter[tuple[int, int]] = Counter()
    again: Counter[tuple[int, int]] = Counter()
    for one in turns:
        point = across.at(one.day), middle[one.key]
        ended[point] += one.ended
        again[point] += one.again
    return [Turned(x, y, ended[x, y], again[x, y]) for x, y in sorted(ended)]


def _in_order(descent: Descent) -> list[str]:
    """Order places so that what others come of stands above them."""
    depth: dict[str, int] = dict.fromkeys(descent.places, 0)
    held = [step for step in descent.steps if step.undone is None]
    for _day, steps in groupby(held, key=lambda step: step.effective):
        sources = _sources(steps)
        for target in TopologicalSorter(sources).static_order():  # no order makes a circle on one day
            if above := sources.get(target):
                depth[target] = max(depth[target], 1 + max(depth[source] for source in above))
    for step in descent.steps:  # what was undone may contradict what was ordered then
        for target in step.targets:
            if step.undone is not None and not _held(descent, target):
                depth[target] = max(depth[target], 1 + max((depth[one] for one in step.sources), default=0))
    return sorted(depth, key=lambda key: (depth[key], descent.places[key].name, key))


def _sources(steps: Iterable[DescentStep]) -> dict[str, set[str]]:
    """Say of what each target of the steps comes; what goes on under its own number comes of the others."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for step in steps:
        for target in step.targets:
            found[target] |= set(step.sources) - {target}
    return dict(found)


def _life(descent: Descent, place: Kin) -> tuple[date | None, date | None]:
    """Say from and until which day a place is drawn; one that an order founds or ends is drawn as it will be.

    What was undone ends nothing; a place that it alone had founded was there until that day.
    """
    since = place.since
    until = None if place.until is None else place.until + timedelta(days=1)
    if not place.recorded and not _held(descent, place.key):
        begun = [(step.effective, step.undone) for step in descent.steps if place.key in step.targets]
        return begun[-1] if begun else (since, until)
    for step in (one for one in descent.steps if one.undone is None):
        if place.key in step.targets and (step.kind in _FOUNDING or not place.recorded):
            since = since or step.effective
        if place.key in step.sources and step.kind in ENDING:
            until = until or step.effective
    return since, until


def _held(descent: Descent, key: str) -> bool:
    """Whether a change that was not undone leads from or to the place."""
    return any(key in (*step.sources, *step.targets) for step in descent.steps if step.undone is None)


def _lines(name: str) -> tuple[str, ...]:
    """Break a name into two lines at most; more is left out, and stands whole in the table."""
    lines = [""]
    for word in name.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > _LETTERS:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    shown = [line if len(line) <= _LETTERS else f"{line[: _LETTERS - 1]}…" for line in lines[:_LINES]]
    if len(lines) > _LINES:
        shown[-1] = f"{shown[-1][: _LETTERS - 1]}…"
    return tuple(shown)
