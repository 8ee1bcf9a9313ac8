"""How far an order is.

```text
            approve           begin            finish
  DRAFTED ──────────► APPROVED ──────► APPLYING ──────► APPLIED
     │  ▲    reopen     │ │               │                │
     │  └───────────────┘ │               └───► UNDOING ◄──┘ undo
     │       repeal       │                        │ finish
     └──────────┬─────────┘                        ▼
                ▼                                UNDONE
            REPEALED
```

Applying and undoing may take long and be interrupted: an order stays in that state until all of it is done. What was
repealed was never applied; what was undone was, and its gap stays in the history of rights.
"""

from collections.abc import Mapping
from enum import StrEnum

from iam.errors import Refused

__all__ = ["TRANSITIONS", "OrderState", "after"]


class OrderState(StrEnum):
    """How far an order is; see the drawing above."""

    DRAFTED = "drafted"
    APPROVED = "approved"
    APPLYING = "applying"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"
    REPEALED = "repealed"


TRANSITIONS: Mapping[OrderState, frozenset[OrderState]] = {
    OrderState.DRAFTED: frozenset({OrderState.APPROVED, OrderState.REPEALED}),
    OrderState.APPROVED: frozenset({OrderState.DRAFTED, OrderState.APPLYING, OrderState.REPEALED}),
    OrderState.APPLYING: frozenset({OrderState.APPLIED, OrderState.UNDOING}),
    OrderState.APPLIED: frozenset({OrderState.UNDOING}),
    OrderState.UNDOING: frozenset({OrderState.UNDONE}),
    OrderState.UNDONE: frozenset(),
    OrderState.REPEALED: frozenset(),
}


def after(state: OrderState, wanted: OrderState) -> OrderState:
    """Return the wanted state. Raises Refused where no arrow leads there."""
    if wanted not in TRANSITIONS[state]:
        raise Refused(f"an order that is {state} cannot become {wanted}")
    return wanted
