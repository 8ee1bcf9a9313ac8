"""Who may sign for whom: everything about signatories under one name."""

from iam.institutions.entitlements import (
    known_signatories,
    record_signatory,
    shorten_signatory,
    who_may_sign,
    withdraw_signatory,
)
from iam.institutions.signatory_file import SignatoryImport, import_signatories

__all__ = [
    "SignatoryImport",
    "import_signatories",
    "known_signatories",
    "record_signatory",
    "shorten_signatory",
    "who_may_sign",
    "withdraw_signatory",
]
