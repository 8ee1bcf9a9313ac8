"""What levels and reasons of an application for a grant are called on pages."""

from workflows.application.kinds.grant.stated import Basis, ScopeLevel
from workflows.i18n import later

__all__ = ["BASES", "BASIS_HINTS", "LEVELS", "LEVEL_HINTS"]

LEVELS = {
    ScopeLevel.INSTITUTION: later("In an education institution"),
    ScopeLevel.MUNICIPALITY: later("In a municipality"),
    ScopeLevel.SUBORDINATE: later("In a subordinate body of a ministry"),
    ScopeLevel.MINISTRY: later("In the ministry"),
}
LEVEL_HINTS = {ScopeLevel.MUNICIPALITY: later("Sees the institutions of the municipality")}

BASES = {
    Basis.NEW: later("A new user"),
    Basis.CHANGED_SCOPE: later("The scope of an existing user's rights changes"),
    Basis.REORGANISATION: later("The institution has been reorganised"),
    Basis.REFORM: later("Administrative-territorial reform"),
    Basis.REPLACES: later("The user replaces another user"),
}
BASIS_HINTS = {
    Basis.REORGANISATION: later("Rights are not carried over: whoever goes on working applies anew"),
    Basis.REPLACES: later("The other user's rights are ended by a separate application"),
}
