"""What reasons of an application for revocation are called on pages."""

from workflows.application.kinds.revocation.stated import Reason
from workflows.i18n import later

__all__ = ["REASONS"]

REASONS = {
    Reason.EMPLOYMENT_ENDED: later("Their employment ends"),
    Reason.DUTIES_CHANGED: later("Their duties change"),
    Reason.REORGANISATION: later("The institution is reorganised"),
    Reason.OTHER: later("Another reason"),
}
