"""What is wrong with these orders? Pure: orders and register in, every problem out at once.

Nothing here says what happens to rights: an order only says what happens to institutions and municipalities.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from graphlib import CycleError, TopologicalSorter

from iam.orders.models import ChangeKind
from iam.orders.said import Change, OrderSaid, PartySaid

__all__ = ["ENDING", "ChangeAsks", "Life", "OrderProblem", "Register", "asked_for", "problems"]

Params = tuple[tuple[str, str], ...]

# The sources of these kinds end on the day before; those of the others go on.
ENDING = frozenset({ChangeKind.JOINED, ChangeKind.MERGED, ChangeKind.SPLIT, ChangeKind.TRANSFORMED, ChangeKind.CLOSED})
_MANY = 10_000
# How many sources and targets each kind has: from, to.
_COUNTS: Mapping[ChangeKind, tuple[tuple[int, int], tuple[int, int]]] = {
    ChangeKind.JOINED: ((1, _MANY), (1, _MANY)),
    ChangeKind.MERGED: ((2, _MANY), (1, 1)),
    ChangeKind.SPLIT: ((1, 1), (2, _MANY)),
    ChangeKind.PART_SPLIT_OFF: ((1, 1), (1, _MANY)),
    ChangeKind.TRANSFORMED: ((1, 1), (1, 1)),
    ChangeKind.CLOSED: ((1, _MANY), (0, 0)),
    ChangeKind.BRANCH_CREATED: ((1, 1), (0, 0)),
    ChangeKind.RENAMED: ((1, 1), (0, 0)),
    ChangeKind.RECODED: ((1, 1), (0, 0)),
}
_INSTITUTIONS_ONLY = frozenset({ChangeKind.TRANSFORMED, ChangeKind.BRANCH_CREATED})
_MUNICIPALITIES_ONLY = frozenset({ChangeKind.RECODED})
_NAMING = frozenset({ChangeKind.RENAMED, ChangeKind.BRANCH_CREATED})
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ChangeAsks:
    """What a change of one kind says: the most sources and targets, and whether a new name or a new code."""

    sources: int
    targets: int
    new_name: bool
    new_atvk: bool


def asked_for(kind: ChangeKind) -> ChangeAsks:
    """Return what a change of this kind says."""
    (_, sources), (_, targets) = _COUNTS[kind]
    return ChangeAsks(sources, targets, kind in _NAMING, kind is ChangeKind.RECODED)


@dataclass(frozen=True, slots=True)
class Life:
    """From when to when an institution or a municipality exists, both days included; None without that bound."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """What is recorded: lives by key, and the references of orders in force; `applied` are those among them."""

    lives: Mapping[str, Life]
    references: frozenset[str] = field(default_factory=frozenset)
    applied: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class OrderProblem:
    """What is wrong, in which order and change (counted from 1; 0 is the order as a whole)."""

    reference: str
    position: int
    code: str  # stable: "party.unknown"
    said: str  # one sentence for the operator
    params: Params = ()  # what fills a sentence for the code in any language

    def __str__(self) -> str:
        where = f"order {self.reference}" if self.position == 0 else f"order {self.reference}, change {self.position}"
        return f"{where}: {self.said}"


def problems(orders: Iterable[OrderSaid], register: Register) -> tuple[OrderProblem, ...]:
    """Return everything that is wrong with the orders, taken together and in the order of their days.

    Checked: each change by itself, known numbers, foundings, lives, two ends of one, circles on one day, references.
    """
    together = sorted(orders, key=lambda order: order.effective)
    found = [problem for order in together for problem in _by_itself(order)]
    found += _references(together, register)
    found += _lives(together, register)
    found += _circles(together)
    places = {order.reference: place for place, order in reversed(list(enumerate(together)))}
    return tuple(sorted(found, key=lambda one: (places[one.reference], one.position)))


def _by_itself(order: OrderSaid) -> Iterator[OrderProblem]:
    whole = (
        ("reference.empty", "the order has no reference", not order.reference.strip()),
        ("legal_basis.empty", "the order has no legal basis", not order.legal_basis.strip()),
        ("changes.none", "the order changes nothing", not order.changes),
    )
    yield from (OrderProblem(order.reference, 0, code, said) for code, said, wrong in whole if wrong)
    for position, change in enumerate(order.changes, start=1):
        for code, said, params in (*_counts(change), *_kinds(change), *_names(change)):
            yield OrderProblem(order.reference, position, code, said, (("kind", change.kind.value), *params))


def _counts(change: Change) -> Iterator[tuple[str, str, Params]]:
    sides = (("source", change.sources), ("target", change.targets))
    for (side, present), (least, most) in zip(sides, _COUNTS[change.kind], strict=True):
        if not least <= len(present) <= most:
            wanted = str(least) if least == most else f"at least {least}"
            params = (("least", str(least)), ("most", str(most)), ("n", str(len(present))))
            yield f"{side}s.count", f"{change.kind} has {wanted} {side}s, not {len(present)}", params
    for key, times in Counter(party.key for party in change.parties).items():
        if times > 1:
            yield "party.twice", f"{key} stands in it {times} times", (("party", key),)


def _kinds(change: Change) -> Iterator[tuple[str, str, Params]]:
    institutions = {party.is_institution for party in change.parties}
    if len(institutions) > 1:
        yield "parties.mixed", "institutions and municipalities do not come of one another", ()
    if False in institutions and change.kind in _INSTITUTIONS_ONLY:
        yield "kind.institutions", f"a municipality is not {change.kind}", ()
    if True in institutions and change.kind in _MUNICIPALITIES_ONLY:
        yield "kind.municipalities", f"an institution is not {change.kind}", ()


def _names(change: Change) -> Iterator[tuple[str, str, Params]]:
    if any(party.founded_as is not None for party in change.sources):
        yield "source.founded", "a source is there before the order; only targets are founded", ()
    if any(party.founded_as is not None and not party.founded_as.strip() for party in change.targets):
        yield "target.unnamed", "what is founded has a name", ()
    for code, said, given, wanted in (
        ("new_name", "a new name", bool((change.new_name or "").strip()), change.kind in _NAMING),
        ("new_atvk", "a new code", change.new_atvk is not None, change.kind is ChangeKind.RECODED),
    ):
        if given != wanted:
            missing = "missing" if wanted else "unwanted"
            yield f"{code}.{missing}", f"{change.kind} has {said if wanted else f'not {said}'}", ()


def _references(orders: list[OrderSaid], register: Register) -> Iterator[OrderProblem]:
    times = Counter(order.reference for order in orders)
    for reference in times:
        if times[reference] > 1:
            yield OrderProblem(reference, 0, "reference.twice", f"{times[reference]} orders have this reference")
        if reference in register.applied:
            yield OrderProblem(reference, 0, "reference.applied", "the order was applied already")
        elif reference in register.references:
            yield OrderProblem(reference, 0, "reference.known", "an order with this reference is in force already")


class _Lives:
    """Who exists while the orders are followed day by day: every party is there on its day, and ends once."""

    def __init__(self, register: Register) -> None:
        self._lives = dict(register.lives)
        self._ended_by: dict[str, str] = {}

    def follow(self, day: date, changes: Sequence[tuple[OrderSaid, int, Change]]) -> Iterator[OrderProblem]:
        """Take the changes of one day: what is founded first, for another order of the day may name it."""
        for order, position, change in changes:
            for party in change.targets:
                if party.founded_as is not None:
                    yield from self._found(party, day, order, position)
        for order, position, change in changes:
            for party, asked in (
                *((one, day - _DAY) for one in change.sources),
                *((one, day) for one in change.targets),
            ):
                yield from self._ask(party, asked, order, position)
        for order, position, change in changes:
            for party in change.sources if change.kind in ENDING else ():
                yield from self._end(party, day, order, position)

    def _found(self, party: PartySaid, day: date, order: OrderSaid, position: int) -> Iterator[OrderProblem]:
        if party.key in self._lives:
            said = f"{party.key} exists already, or is founded twice"
            yield OrderProblem(order.reference, position, "founded.exists", said, (("party", party.key),))
        self._lives.setdefault(party.key, Life(day, None))

    def _ask(self, party: PartySaid, day: date, order: OrderSaid, position: int) -> Iterator[OrderProblem]:
        params: Params = (("party", party.key),)
        life = self._lives.get(party.key)
        if life is None:
            yield OrderProblem(order.reference, position, "party.unknown", f"{party.key} is not known", params)
        elif life.first is not None and day < life.first:
            told, params = f"{party.key} exists from {life.first} on", (*params, ("day", str(life.first)))
            yield OrderProblem(order.reference, position, "party.not_yet", told, params)
        elif life.last is not None and day > life.last:
            by = self._ended_by.get(party.key, "")
            told = f"{party.key} ended on {life.last}{by and f' by order {by}'}"
            params = (*params, ("day", str(life.last)), ("by", by))
            yield OrderProblem(order.reference, position, "party.ended", told, params)

    def _end(self, party: PartySaid, day: date, order: OrderSaid, position: int) -> Iterator[OrderProblem]:
        if party.key in self._ended_by:
            by = self._ended_by[party.key]
            params = (("party", party.key), ("by", by))
            said = f"{party.key} ends by order {by} too"
            yield OrderProblem(order.reference, position, "source.ends_twice", said, params)
            return
        if party.key not in self._lives:
            return  # named already
        self._ended_by[party.key] = order.reference
        self._lives[party.key] = Life(self._lives[party.key].first, day - _DAY)


def _lives(orders: list[OrderSaid], register: Register) -> Iterator[OrderProblem]:
    by_day: defaultdict[date, list[tuple[OrderSaid, int, Change]]] = defaultdict(list)
    for order in orders:
        by_day[order.effective] += [(order, number, change) for number, change in enumerate(order.changes, start=1)]
    lives = _Lives(register)
    for day, changes in by_day.items():
        yield from lives.follow(day, changes)


def _circles(orders: list[OrderSaid]) -> Iterator[OrderProblem]:
    """Find who comes of itself on one day; on later days a source that ended is named already."""
    by_day: defaultdict[date, list[OrderSaid]] = defaultdict(list)
    for order in orders:
        by_day[order.effective].append(order)
    for of_the_day in by_day.values():
        comes_of: defaultdict[str, set[str]] = defaultdict(set)
        for order in of_the_day:
            for change in order.changes:
                for target in change.targets:
                    comes_of[target.key] |= {party.key for party in change.sources} - {target.key}
        try:
            TopologicalSorter(comes_of).prepare()
        except CycleError as circle:
            around = circle.args[1]
            said = f"a circle: {' → '.join(around)}"
            for order in of_the_day:
                for position, change in enumerate(order.changes, start=1):
                    inside = {party.key for party in (*change.sources, *change.targets)} <= set(around)
                    if inside and change.targets:
                        params = (("around", " → ".join(around)),)
                        yield OrderProblem(order.reference, position, "circle", said, params)
