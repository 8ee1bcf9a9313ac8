"""What contradicts what while orders are followed day by day. Pure.

    (1) every party is there on its day and ends once, and what ends is not changed otherwise
    (2) a name or a code is another than before, and one on a day
    (3) a code is that of one municipality on a day: what an order frees it may give to another place
    (4) nothing comes of itself
    (5) what is founded lies in a municipality that is there (`iam.orders.memberships`)

Orders of one day are carried out one after the other, in the order in which they are given here.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

from iam.orders.circles import circles
from iam.orders.dated import DatedTexts
from iam.orders.memberships import Memberships
from iam.orders.models import ChangeKind
from iam.orders.problem import Life, OrderProblem, Placed, Register, placed
from iam.orders.said import ENDING, OrderSaid, PartySaid

__all__ = ["contradictions"]

_DAY = timedelta(days=1)
# These change a place that goes on, and nothing comes of it.
_OF_ITSELF = frozenset({ChangeKind.RENAMED, ChangeKind.RECODED, ChangeKind.BRANCH_CREATED})
_ONCE_A_DAY = frozenset({ChangeKind.RENAMED, ChangeKind.RECODED})


def contradictions(orders: Sequence[OrderSaid], register: Register) -> Iterator[OrderProblem]:
    """Yield what is wrong with orders that stand by their days, beside the register and one another."""
    by_day: defaultdict[date, list[OrderSaid]] = defaultdict(list)
    for order in orders:
        by_day[order.effective].append(order)
    lives, codes = _Lives(register), _Codes(register)
    names, memberships = _Names(register), Memberships(register)
    for day, of_the_day in by_day.items():
        changes = [one for order in of_the_day for one in placed(order)]
        wrong, around = _circles(changes)
        yield from wrong
        yield from lives.follow(day, changes, around)
        yield from names.follow(day, changes)
        yield from codes.follow(day, of_the_day)
        yield from memberships.follow(day, changes)


class _Lives:
    """Who exists while the orders are followed day by day (1)."""

    def __init__(self, register: Register) -> None:
        self._lives = dict(register.lives)
        self._leaving = register.leaving
        self._founded_by: dict[str, Placed] = {}
        self._ended_by: dict[str, Placed] = {}

    def follow(self, day: date, changes: Sequence[Placed], around: set[str]) -> Iterator[OrderProblem]:
        """Take the changes of one day: what is founded first, for another order of the day may name it."""
        for one in changes:
            for party in one.change.targets:
                if party.founded_as is not None:
                    yield from self._found(party, day, one)
        for one in changes:
            for party in one.change.sources:
                wrong = list(self._ask(party, day - _DAY, one))
                yield from wrong or (self._ask(party, day, one) if one.change.kind in _OF_ITSELF else ())
            for party in one.change.targets:
                yield from self._ask(party, day, one)
        yield from self._beside_ends(changes, around)
        for one in changes:
            for party in one.change.sources if one.change.kind in ENDING else ():
                yield from self._end(party, day, one)

    def _found(self, party: PartySaid, day: date, one: Placed) -> Iterator[OrderProblem]:
        if party.key in self._lives:
            said = f"{party.key} exists already, or is founded twice"
            yield one.problem("founded.exists", said, beside=self._founded_by.get(party.key), party=party.key)
            return
        self._lives[party.key] = Life(day, None)
        self._founded_by[party.key] = one

    def _ask(self, party: PartySaid, day: date, one: Placed) -> Iterator[OrderProblem]:
        key = party.key
        life = self._lives.get(key)
        if life is None and key in self._leaving:
            by = self._leaving[key]
            yield one.problem("party.undone", f"{key} goes with order {by}, which is being undone", party=key, by=by)
        elif life is None:
            yield one.problem("party.unknown", f"{key} is not known", party=key)
        elif life.first is not None and day < life.first:
            told = f"{key} exists from {life.first} on"
            beside = self._founded_by.get(key)
            yield one.problem("party.not_yet", told, beside=beside, party=key, day=str(life.first))
        elif life.last is not None and day > life.last:
            by_order = self._ended_by.get(key)
            told = f"{key} ended on {life.last}{f' by order {by_order.reference}' if by_order else ''}"
            yield one.problem("party.ended", told, beside=by_order, party=key, day=str(life.last))

    def _beside_ends(self, changes: Sequence[Placed], around: set[str]) -> Iterator[OrderProblem]:
        ends: dict[str, Placed] = {}
        for one in changes:
            for party in one.change.sources if one.change.kind in ENDING else ():
                ends.setdefault(party.key, one)
        for one in changes:
            for party in one.change.sources if one.change.kind in _OF_ITSELF else ():
                if (by := ends.get(party.key)) is not None:
                    said = f"{party.key} ends on this day by order {by.reference}"
                    yield one.problem("source.ends", said, beside=by, party=party.key)
            for party in one.change.targets:
                by = None if party.key in around else ends.get(party.key)
                # What begins on this day cannot end on it: that is named where it ends.
                life = self._lives.get(party.key, Life())
                if by is not None and by is not one and life.first != one.order.effective:
                    said = f"{party.key} ends on this day by order {by.reference}: nothing goes over into it"
                    yield one.problem("target.ends", said, beside=by, party=party.key)

    def _end(self, party: PartySaid, day: date, one: Placed) -> Iterator[OrderProblem]:
        by = self._ended_by.get(party.key)
        if by is not None:
            said = f"{party.key} ends by order {by.reference} too"
            yield one.problem("source.ends_twice", said, beside=by, party=party.key)
        elif party.key in self._lives:  # else it was named already
            self._ended_by[party.key] = one
            self._lives[party.key] = Life(self._lives[party.key].first, day - _DAY)


class _Names:
    """What places are called while the orders are followed (2)."""

    def __init__(self, register: Register) -> None:
        self._called = DatedTexts(register.names)
        self._given_by: dict[tuple[str, str], Placed] = {}

    def follow(self, day: date, changes: Sequence[Placed]) -> Iterator[OrderProblem]:
        """Take the changes of one day; that a code changes once on it is looked at here too."""
        first: dict[tuple[ChangeKind, str], Placed] = {}
        for one in changes:
            for party in one.change.targets:
                if party.founded_as is not None:
                    self._called.say(party.key, party.founded_as, day)
            for party in one.change.sources if one.change.kind in _ONCE_A_DAY else ():
                before = first.setdefault((one.change.kind, party.key), one)
                if before is not one:
                    said = f"{party.key} is {one.change.kind} on this day by order {before.reference} too"
                    yield one.problem(f"{one.change.kind}.twice", said, beside=before, party=party.key)
            for party in one.change.sources if one.change.kind is ChangeKind.RENAMED else ():
                yield from self._rename(party.key, one.change.new_name or "", day, one)

    def _rename(self, key: str, name: str, day: date, one: Placed) -> Iterator[OrderProblem]:
        called = self._called.of(key, day - _DAY)
        if called is not None and called.text == name:
            by = self._given_by.get((key, name))
            yield one.problem("new_name.same", f"{key} is called {name} already", beside=by, party=key)
        self._called.say(key, name, day)
        self._given_by[key, name] = one


class _Codes:
    """Whose each code is while the orders are followed (3)."""

    def __init__(self, register: Register) -> None:
        self._held = DatedTexts(register.codes)
        self._lives = register.lives
        self._given_by: dict[tuple[str, str], Placed] = {}

    def follow(self, day: date, orders: Sequence[OrderSaid]) -> Iterator[OrderProblem]:
        """Take the orders of one day, each with everything it frees before everything it gives."""
        freeing: dict[str, Placed] = {}
        for order in reversed(orders):
            freeing |= {key: one for one in placed(order) for key in _frees(one)}
        for order in orders:
            changes = placed(order)
            lasts = {key: self._free(key, day, one) for one in changes for key in _frees(one)}
            for one in changes:
                for key, code in _gives(one):
                    yield from self._give(key, code, day, lasts.get(key), one, freeing)

    def _free(self, key: str, day: date, one: Placed) -> date | None:
        return self._held.end(key, day, but=one.change.new_atvk)

    def _give(
        self, key: str, code: str, day: date, last: date | None, one: Placed, freeing: Mapping[str, Placed]
    ) -> Iterator[OrderProblem]:
        had = self._held.of(key, day - _DAY)
        if had is None and key not in self._lives and one.change.kind is ChangeKind.RECODED:
            return  # nobody knows who that is: it is named already
        if had is not None and had.text == code:
            by = self._given_by.get((key, code))
            yield one.problem("new_atvk.same", f"{key} has the code {code} already", beside=by, party=key, code=code)
            return
        known = self._held.of(key, day)
        last = last if known is None else known.last
        other = self._held.other(code, key, day, last)
        if other is not None:
            by, later = self._given_by.get((other.place, code)), freeing.get(other.place)
            since = day if other.first is None else max(day, other.first)
            if by is None and later is not None and later.order is not one.order:
                said = f"{code} is free only by order {later.reference}, which is carried out later"
                yield one.problem("code.freed_later", said, beside=later, party=other.place, code=code)
            else:
                said = f"{code} is the code of {other.place} on {since}"
                told = "code.taken" if by is None else "code.given"
                yield one.problem(told, said, beside=by, party=other.place, code=code, day=str(since))
            return
        self._held.say(key, code, day, last=last)
        self._given_by[key, code] = one


def _frees(one: Placed) -> list[str]:
    """List whose codes a change frees."""
    if one.change.kind is not ChangeKind.RECODED and one.change.kind not in ENDING:
        return []
    return [party.key for party in one.change.sources if not party.is_institution]


def _gives(one: Placed) -> list[tuple[str, str]]:
    """List who gets which code by a change."""
    new = one.change.new_atvk
    sources = one.change.sources if one.change.kind is ChangeKind.RECODED and new is not None else ()
    recoded = [(party.key, new or "") for party in sources if not party.is_institution]
    founded = [party for party in one.change.targets if party.founded_as is not None]
    return [*recoded, *((party.key, party.atvk) for party in founded if party.atvk is not None)]


def _circles(changes: Sequence[Placed]) -> tuple[list[OrderProblem], set[str]]:
    """Find who comes of itself on one day (4), and name the places; on later days a source has ended."""
    steps: defaultdict[tuple[str, str], list[Placed]] = defaultdict(list)
    for one in changes:
        for source in one.change.sources:
            for target in one.change.targets:
                if source.key != target.key:
                    steps[source.key, target.key].append(one)
    found: list[OrderProblem] = []
    places: set[str] = set()
    for around in circles(steps):
        inside = [one for step in pairwise(around) for one in steps[step]]
        said, orders = " → ".join(around), "; ".join(dict.fromkeys(one.reference for one in inside))
        each = {(one.reference, one.position): one for one in inside}.values()
        found += [one.problem("circle", f"a circle: {said}", around=said, orders=orders) for one in each]
        places.update(around)
    return found, places
