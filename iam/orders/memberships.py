"""In which municipality would a founded institution lie, and is that there on its day? Pure.

It lies where the first place that it comes of lies. What ends by an order with one successor goes on there; else nobody
can tell, and the founding is a problem.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from iam.orders.dated import DatedTexts
from iam.orders.models import ChangeKind
from iam.orders.problem import Life, OrderProblem, Placed, Register
from iam.orders.said import ENDING

__all__ = ["WITHOUT_NEW_ONE", "Memberships"]

_DAY = timedelta(days=1)
WITHOUT_NEW_ONE = frozenset({ChangeKind.SPLIT, ChangeKind.CLOSED})
"""What ends by these has no one successor for what lies in it."""


class Memberships:
    """Where institutions lie while the orders are followed day by day."""

    def __init__(self, register: Register) -> None:
        self._inside = DatedTexts(register.inside)
        self._lives = register.lives
        self._ended: dict[str, tuple[Placed, str | None]] = {}

    def follow(self, day: date, changes: Sequence[Placed]) -> Iterator[OrderProblem]:
        """Take the changes of one day: municipalities that end first, whatever the order of the orders."""
        for one in changes:
            targets = one.change.targets
            whole = len(targets) == 1 and one.change.kind not in WITHOUT_NEW_ONE
            for party in one.change.sources if one.change.kind in ENDING else ():
                if not party.is_institution:
                    self._ended.setdefault(party.key, (one, targets[0].key if whole else None))
        for one in changes:
            origin = next((party.key for party in one.change.sources if party.is_institution), None)
            for party in one.change.targets:
                if origin is not None and party.is_institution and party.founded_as is not None:
                    yield from self._found(party.key, origin, day, one)

    def _found(self, founded: str, origin: str, day: date, one: Placed) -> Iterator[OrderProblem]:
        known = self._inside.of(origin, day - _DAY)
        if known is None:
            return
        place, seen = known.text, set[str]()
        while place in self._ended and place not in seen:
            seen.add(place)
            by, to = self._ended[place]
            if to is None:
                last = by.order.effective - _DAY
                said = (
                    f"{place}, in which {founded} would lie, ends on {last} by order {by.reference}: no one successor"
                )
                yield one.problem("founded.nowhere", said, beside=by, party=place, day=str(last))
                return
            place = to
        life = self._lives.get(place, Life())
        if life.last is not None and life.last < day and self._inside.of(origin, day) is None:
            said = f"{place}, in which {founded} would lie, ended on {life.last}"
            yield one.problem("founded.nowhere", said, party=place, day=str(life.last))
            return
        self._inside.say(founded, place, day)
