"""Which places end by orders and what comes of them, and what happens to those that go on. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import Enum, auto

from iam.grants.models import EndCause
from iam.orders.memberships import WITHOUT_NEW_ONE
from iam.orders.models import ChangeKind
from iam.orders.rules import ENDING
from iam.orders.said import Change, OrderSaid, PartySaid
from workflows.reorganisation.facts import Facts, Membership, Right

__all__ = ["STATE", "Ending", "Reach", "Succession", "Touch"]

STATE = "s"
"""The key of the whole state, as its scope is named."""

_DAY = timedelta(days=1)


class Reach(Enum):
    """How a right that ends with its place stands to the day of the order, and to the day it is planned on."""

    CUT = auto()  # it began before that day, and ends with the place
    NEVER_BEGINS = auto()
    ENDS_NOW = auto()  # it began on that day or later and is held: the order is dated earlier
    OVER = auto()  # it began on that day or later and is over by itself


@dataclass(frozen=True, slots=True)
class Ending:
    """A place that ends: by which order, `day` being the first without it, and what comes of it."""

    order: str
    kind: ChangeKind
    place: str
    day: date
    successors: tuple[str, ...]

    @property
    def eve(self) -> date:
        """The last day of the place."""
        return self.day - _DAY

    @property
    def cause(self) -> EndCause:
        """Why rights there end: by the reform of municipalities, or by the reorganisation of an institution."""
        return EndCause.REORGANISATION if self.place.startswith("i-") else EndCause.REFORM


@dataclass(frozen=True, slots=True)
class Touch:
    """What one order does to a place that goes on: all of it together.

    `origins` are the places that lead into it, by changes of the kinds `came`; `founded` says that it begins with the
    order. `inside` is the municipality it lies in, where that is what changes, and `inside_ends` says that this one
    ends.
    """

    order: str
    place: str
    day: date
    kinds: frozenset[ChangeKind] = frozenset()
    origins: tuple[str, ...] = ()
    came: frozenset[ChangeKind] = frozenset()
    founded: bool = False
    new_name: str = ""
    new_atvk: str = ""
    inside: str = ""
    inside_ends: bool = False

    @property
    def eve(self) -> date:
        """The last day before it."""
        return self.day - _DAY

    @property
    def recoded(self) -> bool:
        """Whether the place itself gets another code."""
        return ChangeKind.RECODED in self.kinds and not self.inside


@dataclass(slots=True)
class Succession:
    """What all orders do to places, by key."""

    endings: Mapping[str, Ending]
    names: Mapping[str, str]
    _touches: Mapping[str, Sequence[Touch]]
    _municipalities: frozenset[str]
    _inside: Mapping[str, Sequence[Membership]]
    founded: frozenset[str] = frozenset()
    today: date | None = None
    recoded: dict[str, list[Touch]] = field(default_factory=dict)
    going_on: dict[str, Touch] = field(default_factory=dict)
    _of_places: dict[str, list[Touch]] = field(default_factory=dict)

    @classmethod
    def of(cls, orders: Iterable[OrderSaid], facts: Facts) -> "Succession":
        """Follow orders by their days; of two that end a place the earlier one does, by reference on one day."""
        endings: dict[str, Ending] = {}
        touches: defaultdict[tuple[str, str], list[Touch]] = defaultdict(list)
        names = dict(facts.names)
        for order in sorted(orders, key=lambda one: (one.effective, one.reference)):
            for change in order.changes:
                _follow(order, change, endings, touches, names)
        by_place: defaultdict[str, list[Touch]] = defaultdict(list)
        for together in touches.values():
            by_place[together[0].place].append(_merged(together))
        inside: defaultdict[str, list[Membership]] = defaultdict(list)
        for one in facts.memberships:
            inside[one.institution].append(one)
        made = cls(
            {place: replace(one, successors=_last(one, endings)) for place, one in endings.items()},
            names,
            by_place,
            frozenset(place for place in (*endings, *by_place) if not place.startswith("i-")),
            inside,
            frozenset(place for place, of_place in by_place.items() if any(one.founded for one in of_place)),
            facts.today,
        )
        for place, of_place in by_place.items():
            for touch in of_place:
                if touch.recoded:
                    made.recoded.setdefault(place, []).append(touch)
                ends = endings.get(place)
                if touch.origins and (ends is None or ends.day > touch.day):
                    made.going_on.setdefault(place, touch)
        return made

    def ended(self, right: Right) -> Ending | None:
        """Return what ends the right: its place does, and it would be held on that day or later."""
        ending = self.endings.get(right.scope)
        return ending if ending is not None and right.reaches(ending.day) else None

    def reach(self, right: Right, ending: Ending) -> Reach:
        """Say how a right that the ending ends stands to its day."""
        if right.since is None or right.since <= ending.eve:
            return Reach.CUT
        if self.today is None or self.today < right.since:
            return Reach.NEVER_BEGINS
        return Reach.ENDS_NOW if right.holds_on(self.today) else Reach.OVER

    def held(self, right: Right, day: date) -> bool:
        """Return whether the right is held on the day after everything planned."""
        ending = self.ended(right)
        return right.holds_on(day) and (ending is None or day < ending.day)

    def over(self, place: str, day: date) -> frozenset[str]:
        """Name the places whose rights reach the place on the day, after everything planned: itself, those above it.

        What is founded lies where the first place that it comes of lies, and what a municipality that ends leaves lies
        in its one successor.
        """
        if not place.startswith("i-"):
            return frozenset({place, STATE})
        municipalities = self._municipalities_of(place, day)
        if not municipalities and place in self.founded:
            came = next((touch for touch in self._touches[place] if touch.founded and touch.origins), None)
            municipalities = set() if came is None else self._municipalities_of(came.origins[0], came.eve)
        around: set[str] = set()
        for municipality in municipalities:
            ending = self.endings.get(municipality)
            if ending is None or ending.day > day:
                around.add(municipality)
            elif ending.kind not in WITHOUT_NEW_ONE and len(ending.successors) == 1:
                around.update(ending.successors)
        return frozenset({place, STATE, *around})

    def _municipalities_of(self, institution: str, day: date) -> set[str]:
        return {one.municipality for one in self._inside.get(institution, ()) if one.holds_on(day)}

    def touches(self, right: Right) -> list[Touch]:
        """List what orders do to the place of a right that goes on, one for each order."""
        if right.scope not in self._of_places:
            of_itself = [*self._touches.get(right.scope, ())]
            named = {touch.order for touch in of_itself}
            around = [touch for touch in self._around(right.scope) if touch.order not in named]
            self._of_places[right.scope] = [*of_itself, *around]
        ending = self.endings.get(right.scope)
        return [
            touch
            for touch in self._of_places[right.scope]
            if right.reaches(touch.day) and (ending is None or touch.day < ending.day)
        ]

    def _around(self, institution: str) -> list[Touch]:
        """List what orders do to the municipality of an institution."""
        found: dict[str, Touch] = {}
        for one in self._inside.get(institution, ()):
            if one.municipality not in self._municipalities:
                continue
            ending = self.endings.get(one.municipality)
            if ending is not None and one.holds_on(ending.eve):
                ends = Touch(ending.order, institution, ending.day, inside=one.municipality, inside_ends=True)
                found.setdefault(ending.order, ends)
            for touch in self._touches.get(one.municipality, ()):
                if one.holds_on(touch.eve):
                    there = replace(touch, place=institution, inside=one.municipality, origins=(), founded=False)
                    found.setdefault(touch.order, there)
        return list(found.values())


def _follow(
    order: OrderSaid,
    change: Change,
    endings: dict[str, Ending],
    touches: defaultdict[tuple[str, str], list[Touch]],
    names: dict[str, str],
) -> None:
    sources, targets = _keys(change.sources), _keys(change.targets)
    names.update({party.key: party.founded_as for party in change.targets if party.founded_as is not None})
    ends = change.kind in ENDING
    if ends:
        for place in sources:
            endings.setdefault(place, Ending(order.reference, change.kind, place, order.effective, targets))
    kind = frozenset({change.kind})
    touched = [
        Touch(order.reference, party.key, order.effective, kind, sources, kind, party.founded_as is not None)
        for party in change.targets
    ]
    if not ends:
        new_name, new_atvk = change.new_name or "", change.new_atvk or ""
        touched += [
            Touch(order.reference, place, order.effective, kind, new_name=new_name, new_atvk=new_atvk)
            for place in sources
        ]
    for touch in touched:
        touches[order.reference, touch.place].append(touch)


def _merged(touches: Sequence[Touch]) -> Touch:
    return replace(
        touches[0],
        kinds=frozenset().union(*(one.kinds for one in touches)),
        origins=tuple(dict.fromkeys(origin for one in touches for origin in one.origins)),
        came=frozenset().union(*(one.came for one in touches)),
        founded=any(one.founded for one in touches),
        new_name=next((one.new_name for one in touches if one.new_name), ""),
        new_atvk=next((one.new_atvk for one in touches if one.new_atvk), ""),
    )


def _last(ending: Ending, endings: Mapping[str, Ending]) -> tuple[str, ...]:
    """Follow successors that end on the same day to those that go on; `iam.orders.rules` refuses circles."""
    found: dict[str, None] = {}
    for place in ending.successors:
        after = endings.get(place)
        ends_too = after is not None and after.day == ending.day and after is not ending
        found.update(dict.fromkeys(_last(after, endings) if after is not None and ends_too else (place,)))
    return tuple(found)


def _keys(parties: Sequence[PartySaid]) -> tuple[str, ...]:
    return tuple(party.key for party in parties)
