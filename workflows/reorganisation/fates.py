"""What may happen by an order, and what each of it is called."""

from collections.abc import Mapping
from enum import StrEnum

from workflows.i18n import later

__all__ = ["FATES", "Fate"]


class Fate(StrEnum):
    """What happens to a right, a person, an application or a place. The words are the command's: never renamed."""

    ENDS = "ends"
    STAYS = "stays"
    RECODED = "recoded"
    NEEDS_APPLICATION = "needs_application"
    RESTORABLE = "restorable"
    READDRESSED = "readdressed"
    TO_WITHDRAW = "to_withdraw"
    SIGNATORY_ENDS = "signatory_ends"
    GAP = "gap"


FATES: Mapping[Fate, str] = {
    Fate.ENDS: later("Right ends"),
    Fate.STAYS: later("Right stays"),
    Fate.RECODED: later("New code"),
    Fate.NEEDS_APPLICATION: later("New application needed"),
    Fate.RESTORABLE: later("Can be restored"),
    Fate.READDRESSED: later("Application goes on elsewhere"),
    Fate.TO_WITHDRAW: later("Application to be withdrawn"),
    Fate.SIGNATORY_ENDS: later("Entitlement to sign ends"),
    Fate.GAP: later("Left with nothing"),
}
