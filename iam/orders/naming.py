"""Whom codes name in orders: on the day that counts, by the register and by what orders do to codes. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from iam.ids import MunicipalityId
from iam.orders.dated import Dated, DatedTexts
from iam.orders.models import ChangeKind
from iam.orders.said import ENDING, Change, OrderSaid, PartySaid

__all__ = ["named"]

_DAY = timedelta(days=1)


def named(orders: Sequence[OrderSaid], codes: Iterable[Dated], *, whose_founded: bool = False) -> tuple[OrderSaid, ...]:
    """Name municipalities by our id where there is one, else by the code under which they are founded.

    A code names a source on the eve of its order, a target on its day, else on the eve. With `whose_founded` one said
    to be founded whose code another has gets the id of that one beside the code: whether it is meant, its name says.
    """
    held = DatedTexts(codes)
    by_day: defaultdict[date, list[int]] = defaultdict(list)
    for number, order in enumerate(orders):
        by_day[order.effective].append(number)
    found = list(orders)
    for day in sorted(by_day):
        of_the_day = by_day[day]
        for number in of_the_day:
            found[number] = _with_sources(found[number], held)
        changes = [change for number in of_the_day for change in found[number].changes]
        lasts = _free(changes, held, day)
        for number in of_the_day if whose_founded else ():
            found[number] = _with_founded(found[number], held)
        _give([change for number in of_the_day for change in found[number].changes], held, day, lasts)
        for number in of_the_day:
            found[number] = _with_targets(found[number], held)
    return tuple(found)


def _with_sources(order: OrderSaid, held: DatedTexts) -> OrderSaid:
    eve = order.effective - _DAY
    return _each(order, lambda change: replace(change, sources=tuple(_one(one, held, eve) for one in change.sources)))


def _with_targets(order: OrderSaid, held: DatedTexts) -> OrderSaid:
    days = (order.effective, order.effective - _DAY)
    return _each(
        order,
        lambda change: replace(
            change,
            targets=tuple(one if one.founded_as is not None else _one(one, held, *days) for one in change.targets),
        ),
    )


def _with_founded(order: OrderSaid, held: DatedTexts) -> OrderSaid:
    return _each(
        order,
        lambda change: replace(
            change, targets=tuple(_one_founded(one, held, order.effective) for one in change.targets)
        ),
    )


def _one(party: PartySaid, held: DatedTexts, *days: date) -> PartySaid:
    if party.atvk is None or party.municipality is not None:
        return party
    holder = next((one for day in days if (one := held.whose(party.atvk, day)) is not None), None)
    if holder is None:
        return party
    kind, _, number = holder.partition("-")
    if kind == "atvk":
        return replace(party, atvk=number)
    return replace(party, municipality=MunicipalityId(int(number)), atvk=None)


def _one_founded(party: PartySaid, held: DatedTexts, day: date) -> PartySaid:
    if party.founded_as is None:
        return party
    there = _one(party, held, day)
    return party if there.municipality is None else replace(there, atvk=party.atvk)


def _free(changes: Iterable[Change], held: DatedTexts, day: date) -> dict[str, date | None]:
    return {
        party.key: held.end(party.key, day, but=change.new_atvk)
        for change in changes
        if change.kind is ChangeKind.RECODED or change.kind in ENDING
        for party in change.sources
    }


def _give(changes: Iterable[Change], held: DatedTexts, day: date, lasts: dict[str, date | None]) -> None:
    for change in changes:
        for party in change.sources if change.kind is ChangeKind.RECODED else ():
            held.say(party.key, change.new_atvk or "", day, last=lasts.get(party.key))
        for party in change.targets:
            if party.founded_as is not None and party.atvk is not None:
                held.say(party.key, party.atvk, day)


def _each(order: OrderSaid, of: Callable[[Change], Change]) -> OrderSaid:
    return replace(order, changes=tuple(of(change) for change in order.changes))
