"""What a judged document says: the report and everything in it, as frozen facts.

The words are those of ETSI EN 319 102-1 (indications and sub-indications, §5.1.3 and tables 5 and 6) and of eIDAS
(qualification). Nothing here computes; `signing.judging` fills it, `signing.policies` reads it, and `Report.to_json`
carries it losslessly between processes and into the evidence store.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - the codec reads the types at run time
from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003 - the codec reads the types at run time
from enum import StrEnum
from typing import Any

from signing.identity import Identity
from signing.report import codec
from signing.report.particulars import Particulars, StampParticulars  # noqa: TC001 - the codec reads the types at run time

__all__ = [
    "REPORT_VERSION",
    "Content",
    "ExpectedContent",
    "Identity",
    "Indication",
    "Message",
    "NestedReport",
    "NewerReport",
    "Qualification",
    "Report",
    "RevocationNeed",
    "SignatureReport",
    "Signer",
    "StampReport",
    "SubIndication",
    "TrustState",
]


REPORT_VERSION = 1
"""The version `Report.to_json` writes. Any change of a field adds one, and keeps a way to read the ones before."""
_FIRST_VERSION = 1


class NewerReport(ValueError):
    """A stored report that a later version of this library wrote."""

    def __init__(self, version: int) -> None:
        super().__init__(
            f"a report of version {version}; this program reads versions up to {REPORT_VERSION}, a newer one is needed"
        )
        self.version = version


class Indication(StrEnum):
    """EN 319 102-1 §5.1.3, table 5."""

    TOTAL_PASSED = "TOTAL-PASSED"
    INDETERMINATE = "INDETERMINATE"
    TOTAL_FAILED = "TOTAL-FAILED"


class SubIndication(StrEnum):
    """EN 319 102-1 §5.1.3, table 6: why a signature did not pass."""

    FORMAT_FAILURE = "FORMAT_FAILURE"
    HASH_FAILURE = "HASH_FAILURE"
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"
    SIG_CONSTRAINTS_FAILURE = "SIG_CONSTRAINTS_FAILURE"
    CHAIN_CONSTRAINTS_FAILURE = "CHAIN_CONSTRAINTS_FAILURE"
    CERTIFICATE_CHAIN_GENERAL_FAILURE = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE = "CRYPTO_CONSTRAINTS_FAILURE"
    POLICY_PROCESSING_ERROR = "POLICY_PROCESSING_ERROR"
    SIGNATURE_POLICY_NOT_AVAILABLE = "SIGNATURE_POLICY_NOT_AVAILABLE"
    TIMESTAMP_ORDER_FAILURE = "TIMESTAMP_ORDER_FAILURE"
    NO_SIGNING_CERTIFICATE_FOUND = "NO_SIGNING_CERTIFICATE_FOUND"
    NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
    NO_CERTIFICATE_CHAIN_FOUND_NO_POE = "NO_CERTIFICATE_CHAIN_FOUND_NO_POE"
    REVOKED_NO_POE = "REVOKED_NO_POE"
    REVOKED_CA_NO_POE = "REVOKED_CA_NO_POE"
    OUT_OF_BOUNDS_NO_POE = "OUT_OF_BOUNDS_NO_POE"
    OUT_OF_BOUNDS_NOT_REVOKED = "OUT_OF_BOUNDS_NOT_REVOKED"
    REVOCATION_OUT_OF_BOUNDS_NO_POE = "REVOCATION_OUT_OF_BOUNDS_NO_POE"
    CRYPTO_CONSTRAINTS_FAILURE_NO_POE = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
    NO_POE = "NO_POE"
    TRY_LATER = "TRY_LATER"
    SIGNED_DATA_NOT_FOUND = "SIGNED_DATA_NOT_FOUND"


class Qualification(StrEnum):
    """What a signature is in law, by certificate, type and device (TS 119 615, TS 119 172-4).

    `ADES_QC` and its neighbours name signatures whose certificate does not say person or legal body.
    """

    QESIG = "QESig"
    QESEAL = "QESeal"
    UNKNOWN_QC_QSCD = "UnknownQC-QSCD"
    ADESIG_QC = "AdESig-QC"
    ADESEAL_QC = "AdESeal-QC"
    ADES_QC = "UnknownQC"
    ADESIG = "AdESig"
    ADESEAL = "AdESeal"
    ADES = "AdES"
    NOT_ADES = "N/A"
    UNDETERMINED = "undetermined"


class TrustState(StrEnum):
    """How the trust a report was judged by stood at that moment; `GIVEN` is bare certificates handed in."""

    FRESH = "fresh"
    STALE = "stale"
    MISSING = "missing"
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Message:
    """One reason: a stable code and what its sentence names. The sentences stand in `signing.messages`."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict, hash=False)

    @classmethod
    def of(cls, code: str, **params: object) -> Message:
        """Say `Message.of("ocsp.before-stamp", seconds=3)`."""
        return cls(code, {key: str(value) for key, value in params.items()})


@dataclass(frozen=True, slots=True)
class Signer:
    """Who a signing certificate names. `identity` is the only thing to compare people by."""

    common_name: str
    given_name: str
    surname: str
    identity: Identity | None
    organisation: str
    country: str
    certificate_sha256: str
    not_before: datetime
    not_after: datetime
    serial_hex: str
    issuer_name: str
    distinguished_name: str = ""


@dataclass(frozen=True, slots=True)
class StampReport:
    """One time stamp. `kind` is "signature", "content", "references", "archive", "document" or "container"."""

    time: datetime | None
    qualified: bool | None
    authority: str
    indication: Indication
    sub_indication: SubIndication | None = None
    messages: tuple[Message, ...] = ()
    kind: str = "signature"
    particulars: StampParticulars | None = None

    @property
    def over_the_signature(self) -> bool:
        """Whether it can tell when the signature was made.

        One over the content is from before, and one over references alone may be taken over from another signature.
        """
        return self.kind not in {"content", "references"}


@dataclass(frozen=True, slots=True)
class Content:
    """One data file of a container, or the signed document of a PDF; `covered_by` holds signature ids."""

    name: str
    size: int
    sha256: str
    media_type: str = ""
    covered_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """One signature, one verdict. `best_signature_time` is the earliest proven one, never the claimed one.

    `if_sound` is what its certificate alone would make of it in law; it says nothing of the signature itself.
    """

    id: str
    format: str
    level: str
    indication: Indication
    sub_indication: SubIndication | None = None
    qualification: Qualification = Qualification.UNDETERMINED
    signer: Signer | None = None
    claimed_signing_time: datetime | None = None
    best_signature_time: datetime | None = None
    stamps: tuple[StampReport, ...] = ()
    ocsp_time: datetime | None = None
    covers: tuple[str, ...] = ()
    covers_everything: bool = False
    errors: tuple[Message, ...] = ()
    warnings: tuple[Message, ...] = ()
    counter_signature: bool = False
    particulars: Particulars | None = None
    if_sound: Qualification = Qualification.UNDETERMINED

    @property
    def stamped_at(self) -> datetime | None:
        """When it was signed, in law: at the earliest passed qualified time stamp that lies over the signature."""
        times = (
            stamp.time
            for stamp in self.stamps
            if stamp.time is not None
            and stamp.qualified
            and stamp.over_the_signature
            and stamp.indication is Indication.TOTAL_PASSED
        )
        return min(times, default=None)


@dataclass(frozen=True, slots=True)
class RevocationNeed:
    """What someone with a network fetches and hands in again as `revocation`: `kind` is "ocsp" or "crl".

    `since` is the time the answer is needed for: one that was fetched before it may miss what happened in between.
    """

    url: str
    kind: str
    request: bytes
    certificate_sha256: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class ExpectedContent:
    """A document of our own that a signed file should turn out to hold; `sha256` is hex."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class NestedReport:
    """A container that is a file of the one judged: its own report, or in `refusal` why there is none."""

    name: str
    report: Report | None
    refusal: Message | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything judging one document found out, and by which trust.

    `nested` is filled only for who asked for it; whatever it says, it changes nothing in the rest. `algorithms` names
    the table of `signing.judging.algorithms` it was judged by.
    """

    file_name: str
    form: str
    judged_at: datetime
    trust_state: TrustState
    contents: tuple[Content, ...] = ()
    signatures: tuple[SignatureReport, ...] = ()
    stamps: tuple[StampReport, ...] = ()
    trust_digests: tuple[str, ...] = ()
    needs: tuple[RevocationNeed, ...] = ()
    warnings: tuple[Message, ...] = ()
    nested: tuple[NestedReport, ...] = ()
    algorithms: str = "ts-119-312"

    def to_json(self) -> dict[str, Any]:
        """Encode losslessly into what `json` can write: ISO 8601 times, base64 bytes, enum values; and the version."""
        return {"version": REPORT_VERSION, **codec.encode_dataclass(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Report:
        """Read what `to_json` wrote, of any version up to this one; one without a version is of the first.

        Raises `NewerReport` for a later version, and `ValueError` when a field is missing, unknown or of another shape.
        """
        fields = dict(data)
        version = fields.pop("version", _FIRST_VERSION)
        if type(version) is not int or version < _FIRST_VERSION:
            raise ValueError("a report without a version that is one")
        if version > REPORT_VERSION:
            raise NewerReport(version)
        return codec.decode_dataclass(cls, fields)
