"""What orders are checked against, and what a problem says. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from iam.orders.dated import Dated
from iam.orders.said import Change, OrderSaid
from iam.orders.states import OrderState

__all__ = ["Life", "OrderProblem", "Params", "Placed", "Register", "placed"]

Params = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Life:
    """From when to when an institution or a municipality exists, both days included; None without that bound."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """What is recorded: lives by key, names and codes with their days, and how far orders in force are, by reference.

    `leaving` are places that go with an order which is being undone, by key its reference. `inside` says in which
    municipalities the institutions lie, by their keys.
    """

    lives: Mapping[str, Life]
    references: Mapping[str, OrderState] = field(default_factory=dict)
    names: tuple[Dated, ...] = ()
    codes: tuple[Dated, ...] = ()
    leaving: Mapping[str, str] = field(default_factory=dict)
    inside: tuple[Dated, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderProblem:
    """What is wrong, in which order and change (counted from 1; 0 is the order as a whole).

    `beside` is the reference and the position of the change that it contradicts, where there is one.
    """

    reference: str
    position: int
    code: str  # stable: "party.unknown"
    said: str  # one sentence for the operator
    params: Params = ()  # what fills a sentence for the code in any language
    beside: tuple[str, int] | None = None

    def __str__(self) -> str:
        where = f"order {self.reference}" if self.position == 0 else f"order {self.reference}, change {self.position}"
        return f"{where}: {self.said}"


@dataclass(frozen=True, slots=True)
class Placed:
    """A change at its place in an order."""

    order: OrderSaid
    position: int
    change: Change

    @property
    def reference(self) -> str:
        """The reference of its order."""
        return self.order.reference

    def problem(self, code: str, said: str, /, *, beside: "Placed | None" = None, **params: str) -> OrderProblem:
        """Say what is wrong with it; `beside` is the change that it contradicts, and fills in `by`."""
        if beside is None:
            return OrderProblem(self.reference, self.position, code, said, tuple(params.items()))
        filled = (*params.items(), ("by", beside.reference))
        return OrderProblem(self.reference, self.position, code, said, filled, (beside.reference, beside.position))


def placed(order: OrderSaid) -> list[Placed]:
    """List the changes of an order with their places."""
    return [Placed(order, position, change) for position, change in enumerate(order.changes, start=1)]
