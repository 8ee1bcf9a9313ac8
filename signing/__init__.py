"""Does this document prove what a policy asks?

    report = signing.verify(letter, name="letter.edoc", trust=trust, at=received_at)
    match AllOf(QES_LV, SignedBy(head)).judge(report): ...

Bytes in, verdict out: parse → facts → judge(facts, trust, time) → report → policy. Nothing here keeps state, opens
a database, or reads a clock.
"""

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
from signing.policies import (
    NAMED,
    QES_LV,
    AllOf,
    Covers,
    CoversWholeDocument,
    Policy,
    Qualified,
    QualifiedTimestamp,
    SignedBy,
    Valid,
)
from signing.verdict import Accepted, Rejected, Undetermined, Verdict

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
    "TrustUnavailable",
    "Undetermined",
    "UnreadableDocument",
    "Valid",
    "Verdict",
]
