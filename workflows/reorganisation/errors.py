"""What can go wrong with a plan that is to be carried out or undone.

    PlanError
    ├── NothingPlanned      the orders change nothing any more, or are not where they could be carried out
    │   └── NotBegun        one is to be undone that nobody has begun to carry out; carries its reference and id
    ├── Hindered            the register, or another order, contradicts one of them; carries what is wrong
    ├── OverCap             more accounts than the policy allows; carries how many, and the plan's digest
    └── RestsOnIt           other orders rest on what is to be repealed or undone; carries them, with their days

None of them knows HTTP.
"""

from collections.abc import Sequence
from datetime import date

from iam.ids import OrderId
from workflows.i18n import translator
from workflows.proposals.content import FactText

__all__ = ["Hindered", "NotBegun", "NothingPlanned", "OverCap", "PlanError", "RestsOnIt"]


class PlanError(Exception):
    """Everything below."""


class NothingPlanned(PlanError):
    """None of the orders waits to be carried out, or can be undone."""


class NotBegun(NothingPlanned):
    """The order `reference` waits for its day: it is repealed, not undone."""

    def __init__(self, reference: str, order: OrderId) -> None:
        super().__init__(f"the order {reference} has not been begun")
        self.reference = reference
        self.order = order


class Hindered(PlanError):
    """The orders cannot be carried out as the register and the other orders stand now: `said` names everything."""

    def __init__(self, said: Sequence[FactText]) -> None:
        super().__init__("; ".join(one.in_words(translator("en")) for one in said))
        self.said = tuple(said)


class OverCap(PlanError):
    """The plan touches `accounts` accounts where `most` are allowed, until an administrator has raised that for it."""

    def __init__(self, accounts: int, most: int, digest: str) -> None:
        super().__init__(f"{accounts} accounts, {most} are allowed; the plan is {digest}")
        self.accounts = accounts
        self.most = most
        self.digest = digest


class RestsOnIt(PlanError):
    """Other `orders`, by reference and day, rest on it: they are repealed or undone first, the latest before others.

    `together` are all of them with it, where one act takes all of them back; else it is empty.
    """

    def __init__(self, orders: Sequence[tuple[str, date]], together: Sequence[OrderId]) -> None:
        named = ", ".join(f"{reference} (from {day})" for reference, day in orders)
        super().__init__(f"orders rest on it: {named}")
        self.orders = tuple(orders)
        self.together = tuple(together)
