"""What comes after each right that orders end: why it ends, and where its holder goes on working. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from iam.ids import GrantId
from iam.orders.said import OrderSaid
from workflows.proposals.content import FactText
from workflows.reorganisation import reasons
from workflows.reorganisation.facts import Facts, Right
from workflows.reorganisation.plan import Held
from workflows.reorganisation.succession import Succession

__all__ = ["Outlook", "outlooks"]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a right that ends leads to. `order` is a reference, `successor` the key of the one place that goes on.

    `needs` says what is needed to go on working, nothing where there is no place or as much is held there already.
    """

    order: str
    right: Right
    why: FactText
    successor: str | None
    needs: FactText


def outlooks(orders: Iterable[OrderSaid], facts: Facts) -> Mapping[GrantId, Outlook]:
    """Return the outlook of every right that the orders end."""
    told = Succession.of(tuple(orders), facts)
    held = Held(told, facts)
    found: dict[GrantId, Outlook] = {}
    for right in facts.rights:
        ending = told.ended(right)
        if ending is None:
            continue
        only = ending.successors[0] if len(ending.successors) == 1 else None
        needs = FactText()
        if ending.successors and right.active and not held.covers(right, ending):
            needs = reasons.needs_application(ending, told).said
        known = None if only is None or only.startswith("atvk-") else only
        found[right.grant] = Outlook(ending.order, right, reasons.ends(ending, right, told).said, known, needs)
    return found
