"""What can go wrong with a plan that is to be carried out or undone.

    PlanError
    ├── NothingPlanned      the orders change nothing any more, or are not where they could be carried out
    │   └── NotBegun        one is to be undone that nobody has begun to carry out; carries its reference and id
    ├── OverCap             more accounts than the policy allows; carries how many, and the plan's digest
    └── RestsOnIt           a later order rests on what is to be undone; carries its reference

None of them knows HTTP.
"""

from iam.ids import OrderId

__all__ = ["NotBegun", "NothingPlanned", "OverCap", "PlanError", "RestsOnIt"]


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


class OverCap(PlanError):
    """The plan touches `accounts` accounts where `most` are allowed, until an administrator has raised that for it."""

    def __init__(self, accounts: int, most: int, digest: str) -> None:
        super().__init__(f"{accounts} accounts, {most} are allowed; the plan is {digest}")
        self.accounts = accounts
        self.most = most
        self.digest = digest


class RestsOnIt(PlanError):
    """A later order, named by `reference`, is about a place of this one: it is undone first."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"the order {reference} rests on it")
        self.reference = reference
