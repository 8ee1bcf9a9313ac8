"""Which deadlines, limits and caps hold on a day?

`numbers` names each number with its unit, default and source; `models` keeps dated rows; `service` reads and changes::

    policy.on(session, at).draft_kept
"""

from workflows.policy.models import PolicyNumber
from workflows.policy.numbers import DayOfYear, Number, PolicyNumbers, Unit, numbers
from workflows.policy.service import FRESH_FOR, PolicyTag, UnknownNumber, UnusableValue, change, history, on

__all__ = [
    "FRESH_FOR",
    "DayOfYear",
    "Number",
    "PolicyNumber",
    "PolicyNumbers",
    "PolicyTag",
    "Unit",
    "UnknownNumber",
    "UnusableValue",
    "change",
    "history",
    "numbers",
    "on",
]
