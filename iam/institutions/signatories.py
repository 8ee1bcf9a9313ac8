"""Who may sign for whom: everything about signatories under one name."""

from iam.institutions.entitlements import (
    entitlements_for,
    known_signatories,
    record_signatory,
    shorten_signatory,
    withdraw_signatory,
)
from iam.institutions.rules import Entitlement, SigningRight, entitlement_of, may_sign
from iam.institutions.signatory_file import SignatoryImport, import_signatories

__all__ = [
    "Entitlement",
    "SignatoryImport",
    "SigningRight",
    "entitlement_of",
    "entitlements_for",
    "import_signatories",
    "known_signatories",
    "may_sign",
    "record_signatory",
    "shorten_signatory",
    "withdraw_signatory",
]
