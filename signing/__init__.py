"""Does this document prove what a policy asks?

    report = signing.verify(letter, name="letter.edoc", trust=trust, at=received_at)
    match AllOf(QES_LV, SignedBy(head)).judge(report): ...

Bytes in, verdict out: parse → facts → judge(facts, trust, time) → report → policy. `verification.py` is the way
through, step by step; `docs/architecture.md` has the map. Nothing here keeps state, opens a database, or reads a clock.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from signing.errors import (
    BrokenDocument,
    EmptyDocument,
    EncryptedDocument,
    LegacyFormat,
    NotASignedDocument,
    NotFetched,
    SigningError,
    TooLarge,
    TrustUnavailable,
    UnreadableDocument,
)
from signing.model import (
    Content,
    ExpectedContent,
    Identity,
    Indication,
    Message,
    Qualification,
    Report,
    RevocationNeed,
    SignatureReport,
    Signer,
    StampReport,
    SubIndication,
    TrustState,
)
from signing.policies.named import NAMED, QES_LV
from signing.policies.policy import AllOf, Policy
from signing.policies.requirements import Covers, CoversWholeDocument, Qualified, QualifiedTimestamp, SignedBy, Valid
from signing.policies.verdict import Accepted, Rejected, Undetermined, Verdict

if TYPE_CHECKING:
    from signing.trust import TrustStore
    from signing.verification import verify

__all__ = [
    "NAMED",
    "QES_LV",
    "Accepted",
    "AllOf",
    "BrokenDocument",
    "Content",
    "Covers",
    "CoversWholeDocument",
    "EmptyDocument",
    "EncryptedDocument",
    "ExpectedContent",
    "Identity",
    "Indication",
    "LegacyFormat",
    "Message",
    "NotASignedDocument",
    "NotFetched",
    "Policy",
    "Qualification",
    "Qualified",
    "QualifiedTimestamp",
    "Rejected",
    "Report",
    "RevocationNeed",
    "SignatureReport",
    "SignedBy",
    "Signer",
    "SigningError",
    "StampReport",
    "SubIndication",
    "TooLarge",
    "TrustState",
    "TrustStore",
    "TrustUnavailable",
    "Undetermined",
    "UnreadableDocument",
    "Valid",
    "Verdict",
    "verify",
]

# Loaded when first asked for: a web process that only applies policies needs no XML, CMS or certificate parsers.
_LATE = {"verify": "signing.verification", "TrustStore": "signing.trust"}


def __getattr__(name: str) -> object:
    if name in _LATE:
        return getattr(importlib.import_module(_LATE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
