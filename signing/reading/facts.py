"""What does a document show, before it is judged? The evidence, the same for every format.

Parsers (`signing.xades`, `signing.cms.cades`, `signing.pades`, `signing.cms.timestamp_tokens`) fill these;
`signing.judging.signature` reads them. Nothing here depends on trust or on the moment of judging. A broken digest is a
fact like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from signing.report.particulars import NO_CLAIMS, Claims

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from signing.model import Content, Message
    from signing.pki.certificates import Certificate
    from signing.pki.keys import KeyFacts, Scheme

__all__ = [
    "DocumentFacts",
    "Path",
    "Reference",
    "RevocationFacts",
    "RevocationStatus",
    "SignatureFacts",
    "SignatureForm",
    "StampFacts",
    "StampKind",
    "ValueCheck",
]


class SignatureForm(StrEnum):
    """What kind of file holds the signatures."""

    ASIC_E = "ASiC-E"
    ASIC_S = "ASiC-S"
    ODF = "OpenDocument"
    XADES = "XAdES"
    CADES = "CAdES"
    PADES = "PAdES"


class ValueCheck(StrEnum):
    """What checking a signature value gave (EN 319 102-1 §5.2.7); `UNKNOWN` for an algorithm not known here."""

    VALID = "valid"
    INVALID = "invalid"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reference:
    """One thing a signature says it signs. `covers` names the files of the document that stand behind it.

    `found` tells that it is there, `intact` that its digest is the signed one. `computed` is False where no digest
    could be computed: whether it is intact is then unknown, not denied.
    """

    uri: str
    found: bool
    intact: bool
    digest_name: str
    covers: tuple[str, ...] = ()
    computed: bool = True


class StampKind(StrEnum):
    """What a stamp is over."""

    SIGNATURE = "signature"
    CONTENT = "content"
    ARCHIVE = "archive"
    REFERENCES = "references"
    DOCUMENT = "document"
    CONTAINER = "container"


@dataclass(frozen=True, slots=True)
class StampFacts:
    """One RFC 3161 token. `sha256` (hex, of its DER) is its name among the evidence.

    `imprint_matches` is None when what it is over could not be put together here. `proves` holds the SHA-256 of
    every certificate, revocation answer and earlier stamp it lies over: it shows that they existed at its time.
    `imprint` is its DER MessageImprint, `token` all of it; `covers` are the container's files under it.
    """

    kind: StampKind
    sha256: str
    time: datetime | None
    imprint_matches: bool | None
    imprint_hash: str
    value_check: ValueCheck
    certificate: Certificate | None
    scheme: Scheme | None
    digest_names: tuple[str, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    faults: tuple[Message, ...] = ()
    proves: frozenset[str] = frozenset()
    imprint: bytes = b""
    token: bytes = b""
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignatureFacts:
    """One signature as the file shows it.

    `format_faults` break the format (FORMAT_FAILURE); `constraint_faults` break a rule every signature must keep
    (SIG_CONSTRAINTS_FAILURE); `certificate_faults` say why no certificate of the file is the signer's;
    `reference_faults` put into words what `references` show. `byte_range` is a PDF signature's, empty where it is not
    as it should be; `to_the_end` tells that it ends where the file ends.
    `reaches` is the end of what a PDF signature lies over, `filled_until` the reach a later one must have at least
    that answers for what was filled in after this one, and `shown_until` for what later signatures show; 0 where
    nothing was.
    """

    id: str
    format: str
    value_check: ValueCheck
    certificate: Certificate | None
    scheme: Scheme | None
    references: tuple[Reference, ...] = ()
    claimed_time: datetime | None = None
    certificates: tuple[Certificate, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    stamps: tuple[StampFacts, ...] = ()
    covers: tuple[str, ...] = ()
    covers_everything: bool = False
    format_faults: tuple[Message, ...] = ()
    constraint_faults: tuple[Message, ...] = ()
    certificate_faults: tuple[Message, ...] = ()
    reference_faults: tuple[Message, ...] = ()
    warnings: tuple[Message, ...] = ()
    counter_signature: bool = False
    claims: Claims = NO_CLAIMS
    byte_range: tuple[int, ...] = ()
    to_the_end: bool = False
    reaches: int = 0
    filled_until: int = 0
    shown_until: int = 0


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """Everything one file shows. `faults` concern the whole container and weigh on every signature in it."""

    form: SignatureForm
    contents: tuple[Content, ...] = ()
    signatures: tuple[SignatureFacts, ...] = ()
    stamps: tuple[StampFacts, ...] = ()
    faults: tuple[Message, ...] = ()
    warnings: tuple[Message, ...] = ()


class RevocationStatus(StrEnum):
    """What a responder or list says of one certificate."""

    GOOD = "good"
    REVOKED = "revoked"
    ON_HOLD = "on-hold"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RevocationFacts:
    """One answer about one certificate, whose signature fits and whose signer was allowed to give it.

    `signer_anchored` when the lists name the responder itself: its expiry then takes nothing away.
    `signer_answers` are what is known of the signer's own certificate, where that has to be asked about (RFC 6960
    §4.2.2.2.1) of `signer_issuer`; None where it has not.
    """

    kind: str
    status: RevocationStatus
    this_update: datetime
    next_update: datetime | None
    produced_at: datetime
    sha256: str
    signer: Certificate
    signer_anchored: bool
    scheme: Scheme
    signer_key: KeyFacts
    revoked_at: datetime | None = None
    covers_expired: bool = False
    signer_issuer: Certificate | None = None
    signer_answers: tuple[RevocationFacts, ...] | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """From a certificate up to an anchor, both included; `anchored` False when none was reached.

    `faults` are what RFC 5280 objects to on the way, by certificate name.
    """

    certificates: tuple[Certificate, ...]
    anchored: bool
    faults: tuple[Message, ...] = ()
    out_of_time: tuple[Message, ...] = ()

    @property
    def issuers(self) -> Mapping[str, Certificate]:
        """The issuer of each certificate on the path, by the SHA-256 of the issued one."""
        return {child.sha256: parent for child, parent in zip(self.certificates, self.certificates[1:], strict=False)}
