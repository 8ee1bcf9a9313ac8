"""What reasons of an application for revocation are called on pages, and what orders mean for it."""

from workflows.application.kinds.revocation.stated import Reason
from workflows.i18n import later

__all__ = ["ORDERS", "REASONS", "USERNAME"]

USERNAME = later("VIIS username")

REASONS = {
    Reason.EMPLOYMENT_ENDED: later("Their employment ends"),
    Reason.DUTIES_CHANGED: later("Their duties change"),
    Reason.REORGANISATION: later("The institution is reorganised"),
    Reason.OTHER: later("Another reason"),
}

ORDERS = {
    "ends": later(
        "%(place)s ends with the order %(order)s; its last day is %(day)s. The rights there end with it. What is not "
        "approved by then is withdrawn; rights in other places end only by a new application."
    ),
    "withdrawn": later(
        "%(place)s has ended with the order %(order)s, and the rights there with it, so the application was withdrawn. "
        "Nothing more is needed for these rights. If rights are to end elsewhere as well, fill in a new application."
    ),
    "never_came": later(
        "The order %(order)s does not hold, so %(place)s does not exist: nobody has rights there, and the application "
        "was withdrawn. If rights are to end elsewhere, fill in a new application."
    ),
    "anew": later(
        "The order %(order)s was undone, so the rights in %(place)s that it had ended may be held again. The "
        "application that was withdrawn because of it stays so: if they are still to end, fill in a new application."
    ),
}
"""What is said of an order where a place named in the application ends, by the words of `places_ended`."""
