"""What is wrong with these orders? Pure: orders and register in, every problem out at once.

Nothing here says what happens to rights: an order only says what happens to institutions and municipalities.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from iam.orders.following import contradictions
from iam.orders.models import ChangeKind
from iam.orders.problem import Life, OrderProblem, Params, Register
from iam.orders.said import ENDING, Change, OrderSaid
from iam.orders.states import OrderState

__all__ = ["ENDING", "ChangeAsks", "Life", "OrderProblem", "Register", "asked_for", "problems"]

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
_REG_NO, _ATVK = re.compile(r"[0-9]{10}"), re.compile(r"[0-9]{7}")
# How far the order is that has the reference already.
_KNOWN: Mapping[OrderState, tuple[str, str]] = {
    OrderState.DRAFTED: ("reference.known", "an order with this reference is in force already"),
    OrderState.APPROVED: ("reference.known", "an order with this reference is in force already"),
    OrderState.APPLYING: ("reference.applying", "the order is being carried out"),
    OrderState.APPLIED: ("reference.applied", "the order was applied already"),
    OrderState.UNDOING: ("reference.undoing", "the order is being undone"),
}


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


def problems(orders: Iterable[OrderSaid], register: Register) -> tuple[OrderProblem, ...]:
    """Return everything that is wrong with the orders, taken together and in the order of their days.

    Of one day they stand in the order in which they are carried out. Municipalities are named by our id where they have
    one (`iam.orders.naming`). What spans changes is followed by `iam.orders.following`.
    """
    together = sorted(orders, key=lambda order: order.effective)
    found = [problem for order in together for problem in _by_itself(order)]
    found += _references(together, register)
    found += contradictions(together, register)
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
    shapes = [(party.reg_no, _REG_NO) for party in change.parties] + [(party.atvk, _ATVK) for party in change.parties]
    for number, shape in shapes:
        if number is not None and not shape.fullmatch(number):
            yield "party.shape", f"{number} is no number of an institution and no code", (("text", number),)
    if change.new_atvk is not None and not _ATVK.fullmatch(change.new_atvk):
        yield "code.shape", f"{change.new_atvk} is no code", (("text", change.new_atvk),)


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
        state = register.references.get(reference)
        if state is not None:
            yield OrderProblem(reference, 0, *_KNOWN[state])
