"""What SiVa's detailed and diagnostic reports carry, as far as it is known here: EU DSS's members, and no others.

Both hold EU DSS's own blocks there: every constraint of its process, one by one, and every token it met. The judge here
keeps what objects and what it found, so each block has the members that answer for that; constraints that were met are
not listed. `key` of a message is our code.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC
from typing import TYPE_CHECKING, Any

from signing.messages import text
from signing.report.particulars import Particulars
from signing.siva import phrases

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from signing.model import Indication, Message, Report, SignatureReport, StampReport

__all__ = ["detailed", "diagnostic"]

_STAMP_TYPES = {
    "signature": "SIGNATURE_TIMESTAMP",
    "content": "CONTENT_TIMESTAMP",
    "references": "VALIDATION_DATA_TIMESTAMP",
    "archive": "ARCHIVE_TIMESTAMP",
    "document": "DOCUMENT_TIMESTAMP",
    "container": "CONTAINER_TIMESTAMP",
}
_KEY_NAMES = {"rsa": "RSA", "dsa": "DSA", "ec": "ECDSA", "ed25519": "EDDSA", "ed448": "EDDSA"}


def detailed(report: Report) -> dict[str, Any]:
    """Build `validationProcess`: what each signature and stamp came to, and why."""
    rows = [_signature(one) for one in report.signatures if not one.counter_signature]
    rows += [_stamp(one) for one in report.stamps]
    return _without_none({"signatureOrTimestampOrEvidenceRecord": rows or None})


def diagnostic(report: Report, *, name: str) -> dict[str, Any]:
    """Build `diagnosticData`: what was found in the document, before anything was concluded."""
    container = None
    if report.form in {"ASiC-E", "ASiC-S"}:
        container = {"containerType": report.form, "contentFiles": [one.name for one in report.contents]}
    signatures = [one for one in report.signatures if not one.counter_signature]
    stamps = [*report.stamps, *(stamp for one in signatures for stamp in one.stamps)]
    return _without_none(
        {
            "documentName": name,
            "validationDate": _time(report.judged_at),
            "containerInfo": container,
            "signatures": [_found(one) for one in signatures] or None,
            "usedTimestamps": [_found_stamp(one) for one in stamps] or None,
            "usedCertificates": _certificates(signatures) or None,
        }
    )


def _signature(one: SignatureReport) -> dict[str, Any]:
    return _without_none(
        {
            "id": one.id,
            "conclusion": _conclusion(one.indication, one.sub_indication, one.errors, one.warnings),
            "timestamps": [_stamp(stamp) for stamp in one.stamps] or None,
            "validationSignatureQualification": {"signatureQualification": phrases.level_of(one, one.indication)},
        }
    )


def _stamp(one: StampReport) -> dict[str, Any]:
    levels = {True: "QTSA", False: "TSA", None: "N/A"}
    return {
        "validationProcessTimestamp": _without_none(
            {
                "type": _STAMP_TYPES.get(one.kind),
                "productionTime": _time(one.time),
                "conclusion": _conclusion(one.indication, one.sub_indication, one.messages, ()),
            }
        ),
        "validationTimestampQualification": {"timestampQualification": levels[one.qualified]},
    }


def _conclusion(
    indication: Indication, sub: str | None, errors: Iterable[Message], warnings: Iterable[Message]
) -> dict[str, Any]:
    return _without_none(
        {
            # Of the parts of a process DSS says PASSED and FAILED, of a whole one TOTAL-PASSED.
            "indication": indication.value.removeprefix("TOTAL-"),
            "subIndication": None if sub is None else str(sub),
            "errors": [_message(one) for one in errors] or None,
            "warnings": [_message(one) for one in warnings] or None,
        }
    )


def _message(one: Message) -> dict[str, str]:
    return {"key": one.code, "value": text(one, "en")}


def _found(one: SignatureReport) -> dict[str, Any]:
    particulars = one.particulars or Particulars()
    return _without_none(
        {
            "id": one.id,
            "signatureFormat": f"{one.format}-BASELINE-{one.level}",
            "claimedSigningTime": _time(one.claimed_signing_time),
            "basicSignature": _without_none(
                {
                    "encryptionAlgoUsedToSignThisToken": _KEY_NAMES.get(particulars.key_kind),
                    "keyLengthUsedToSignThisToken": str(particulars.key_bits) if particulars.key_bits else None,
                    "digestAlgoUsedToSignThisToken": particulars.digest.upper() or None,
                    "signatureIntact": particulars.value_holds,
                    "signatureValid": particulars.value_holds,
                }
            ),
            "signingCertificate": {"certificate": _certificate_id(one.signer.certificate_sha256)}
            if one.signer is not None
            else None,
            "foundTimestamps": [{"type": _STAMP_TYPES.get(stamp.kind)} for stamp in one.stamps] or None,
            "signatureScopes": [{"name": covered, "scope": "FULL"} for covered in one.covers] or None,
        }
    )


def _found_stamp(one: StampReport) -> dict[str, Any]:
    return _without_none({"type": _STAMP_TYPES.get(one.kind), "productionTime": _time(one.time)})


def _certificates(signatures: Iterable[SignatureReport]) -> list[dict[str, Any]]:
    used = {
        certificate.der: certificate.common_name
        for one in signatures
        if one.particulars is not None
        for certificate in one.particulars.certificates
    }
    return [
        {
            "id": _certificate_id(hashlib.sha256(der).hexdigest()),
            "commonName": name,
            "base64Encoded": base64.b64encode(der).decode("ascii"),
        }
        for der, name in used.items()
    ]


def _certificate_id(sha256: str) -> str:
    return f"C-{sha256.upper()}"


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
