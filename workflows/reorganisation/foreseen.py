"""Plan recorded orders; a large plan is remembered for as long as nothing changes that it rests on.

A page of a reform is opened again for each filter and each hundred rows, and a proposal asks several times what would
change. What is remembered is compared with the database each time (`standing`), so nobody sees a plan of before.
"""

import gc
import hashlib
import json
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from operator import attrgetter
from threading import Lock

from sqlalchemy.orm import Session

from iam.ids import AccountId
from iam.orders.said import OrderSaid
from workflows.reorganisation.facts import Facts, Right, Signing
from workflows.reorganisation.plan import Plan, plan
from workflows.reorganisation.reading import facts_for
from workflows.reorganisation.resolving import known_names
from workflows.reorganisation.standing import Standing, standing

__all__ = ["Foreseen", "digest_of", "facts_of", "foresee"]

_LARGE = 20  # places; planning fewer takes no longer than asking whether anything has changed
_MOST = 3  # plans of a whole reform: 10 MB each
_RIGHT = attrgetter(*(one.name for one in fields(Right)))
_SIGNING = attrgetter(*(one.name for one in fields(Signing)))


@dataclass(frozen=True)
class Foreseen:
    """A plan and the facts it was made from, with the digests of both."""

    facts: Facts
    plan: Plan

    @cached_property
    def digest(self) -> str:
        """Return the digest of every change (SHA-256, hex)."""
        changes = self.plan.changes
        return digest_of(
            [[str(value) for value in (*one.sorted_by, one.why, one.level, one.last_day)] for one in changes]
        )

    @cached_property
    def rests_on(self) -> Mapping[str, str]:
        """Return the digests of the facts, by what they are about."""
        facts = self.facts
        return {
            "register": digest_of([sorted(map(str, facts.memberships)), sorted(facts.names.items())]),
            "rights": digest_of(sorted(str(_RIGHT(one)) for one in facts.rights)),
            "signing": digest_of(sorted(str(_SIGNING(one)) for one in facts.signing)),
            "applications": digest_of(
                sorted([one.reference, sorted(one.places), one.submitted] for one in facts.applications)
            ),
        }


def foresee(session: Session, orders: Sequence[OrderSaid], *, today: date | None = None) -> Foreseen:
    """Plan orders whose places are found already, on what the database says now, as of `today`.

    Without a day it may be as of any: what ends, and what it rests on, is the same.
    """
    if today is not None and all(order.effective > today for order in orders):
        today = None
    parties = [party for order in orders for change in order.changes for party in change.parties]
    places = {party.key for party in parties}
    if len(places) < _LARGE:
        return _planned(session, orders, today)
    said = tuple(orders)
    now = standing(session, places)
    if (known := _REMEMBERED.get(said, now, today)) is not None:
        return known
    made = _planned(session, orders, today)
    if standing(session, places) == now:  # else it may be half of before and half of after
        _REMEMBERED.put(said, now, made)
    return made


def digest_of(said: object) -> str:
    """Digest plain values (SHA-256, hex)."""
    plain = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(plain.encode()).hexdigest()


def facts_of(
    session: Session,
    orders: Sequence[OrderSaid],
    *,
    today: date | None = None,
    of: Collection[AccountId] | None = None,
) -> Facts:
    """Read what a plan of orders would be made from, as the database says now; rights of all accounts, or `of` some."""
    parties = [party for order in orders for change in order.changes for party in change.parties]
    return facts_for(session, orders, known_names(session, parties), today=today, of=of)


def _planned(session: Session, orders: Sequence[OrderSaid], today: date | None = None) -> Foreseen:
    with _uncollected():
        facts = facts_of(session, orders, today=today)
        made = Foreseen(facts, plan(orders, facts))
        _ = made.digest  # it is kept with the plan: every page asks for it
        return made


@contextmanager
def _uncollected() -> Iterator[None]:
    """Plan without the collector of cycles: it walks thousands of new objects again and again, and none is garbage.

    Reference counts free what is freed here; a thread that plans beside this one plans with it at worst.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class _Remembered:
    """The plans asked for last, each with how everything stood; threads of one process share them."""

    def __init__(self) -> None:
        self._plans: OrderedDict[tuple[OrderSaid, ...], tuple[Standing, Foreseen]] = OrderedDict()
        self._lock = Lock()

    def get(self, orders: tuple[OrderSaid, ...], now: Standing, today: date | None) -> Foreseen | None:
        """Return the plan of these orders, as of the day if one is asked for, if everything stands as it did."""
        with self._lock:
            then, made = self._plans.get(orders, (None, None))
            if made is None or then != now or today not in {None, made.facts.today}:
                return None
            self._plans.move_to_end(orders)
            return made

    def put(self, orders: tuple[OrderSaid, ...], now: Standing, made: Foreseen) -> None:
        """Keep a plan, and forget the one that was asked for longest ago."""
        with self._lock:
            self._plans[orders] = (now, made)
            self._plans.move_to_end(orders)
            while len(self._plans) > _MOST:
                self._plans.popitem(last=False)


_REMEMBERED = _Remembered()
