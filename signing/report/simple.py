"""Our report in the shape Europe's validators share: SiVa's SimpleReport (`validationConclusion`).

Latvia's own SignAPI and Estonia's SiVa answer so, and their clients read nothing else. The words are English, as
theirs are; codes and Latvian sentences stay in our own report.
"""

from __future__ import annotations

import base64
from datetime import UTC
from typing import TYPE_CHECKING, Any

from signing.container import is_manifest
from signing.messages import text
from signing.model import Indication, SignatureReport
from signing.report.particulars import CertificateUse, Particulars, StampParticulars

if TYPE_CHECKING:
    from datetime import datetime

    from signing.model import Message, NestedReport, Report, StampReport
    from signing.report.particulars import Claims, UsedCertificate

__all__ = ["simple_report"]

_USES = {
    CertificateUse.SIGNING: "SIGNING",
    CertificateUse.REVOCATION: "REVOCATION",
    CertificateUse.SIGNATURE_STAMP: "SIGNATURE_TIMESTAMP",
    CertificateUse.ARCHIVE_STAMP: "ARCHIVE_TIMESTAMP",
    CertificateUse.CONTENT_STAMP: "CONTENT_TIMESTAMP",
}
_LEVELS = {"B": "BASELINE_B", "T": "BASELINE_T", "LT": "BASELINE_LT", "LTA": "BASELINE_LTA"}


def simple_report(report: Report) -> dict[str, Any]:
    """Build the validationConclusion of a report; plain JSON values only.

    `nestedDocuments` is ours, and there only when containers inside the container were asked for.
    """
    found = _one_document(report)
    if report.nested:
        found["nestedDocuments"] = [_nested(one) for one in report.nested]
    return found


def _nested(one: NestedReport) -> dict[str, Any]:
    shown: dict[str, Any] = {"filename": one.name}
    if one.report is not None:
        shown["report"] = _one_document(one.report)
    if one.refusal is not None:
        shown["error"] = {"code": one.refusal.code, "content": text(one.refusal, "en")}
    return shown


def _one_document(report: Report) -> dict[str, Any]:
    counted = [one for one in report.signatures if not one.counter_signature]
    return {
        "validationTime": _time(report.judged_at),
        "validationLevel": "ARCHIVAL_DATA",
        "signatureForm": report.form,
        "signaturesCount": len(counted),
        "validSignaturesCount": sum(one.indication is Indication.TOTAL_PASSED for one in counted),
        "signatures": [_signature(one, report) for one in report.signatures],
        "timeStampTokens": [_stamp(one) for one in report.stamps],
        "validatedDocument": {"filename": report.file_name},
        "validationWarnings": [{"content": text(message, "en")} for message in report.warnings],
        "trust": {"state": report.trust_state.value, "digests": list(report.trust_digests)},
    }


def _signature(one: SignatureReport, report: Report) -> dict[str, Any]:
    signer = one.signer
    particulars = one.particulars or Particulars()
    found: dict[str, Any] = {
        "id": one.id,
        "signatureFormat": f"{one.format}_{_LEVELS.get(one.level, one.level)}",
        "signatureMethod": particulars.method,
        "signatureLevel": one.qualification.value,
        "signedBy": signer.common_name if signer else "",
        "subjectDistinguishedName": {
            "commonName": signer.common_name if signer else "",
            "serialNumber": particulars.serial_number or _serial_number(one),
            "givenName": signer.given_name if signer else "",
            "surname": signer.surname if signer else "",
        },
        "certificates": [_certificate(used) for used in particulars.certificates],
        "indication": one.indication.value,
        "subIndication": one.sub_indication.value if one.sub_indication else "",
        "errors": [{"content": text(message, "en"), "code": message.code} for message in one.errors],
        "warnings": [{"content": text(message, "en"), "code": message.code} for message in one.warnings],
        "signatureScopes": [_scope(name, report, covered=True) for name in one.covers]
        + [_scope(item.name, report, covered=False) for item in report.contents if item.name not in one.covers],
        "claimedSigningTime": _time(one.claimed_signing_time),
        "info": {
            "bestSignatureTime": _time(one.best_signature_time),
            "timestampCreationTime": _time(
                next((stamp.time for stamp in one.stamps if stamp.kind == "signature"), None)
            ),
            "ocspResponseCreationTime": _time(one.ocsp_time),
            "timeAssertionMessageImprint": base64.b64encode(particulars.imprint).decode("ascii"),
            "archiveTimeStamps": [
                _archive_stamp(stamp) for stamp in one.stamps if stamp.kind in {"archive", "document"}
            ],
            **_claims(particulars.claims),
        },
    }
    if one.counter_signature:
        found["counterSignature"] = True
    return found


def _claims(claims: Claims) -> dict[str, Any]:
    """What the signer says of themselves; what they leave out is left out."""
    place = {
        "countryName": claims.country,
        "stateOrProvince": claims.region,
        "city": claims.city,
        "postalCode": claims.postal_code,
    }
    said: dict[str, Any] = {
        "signerRole": [{"claimedRole": role} for role in claims.roles],
        "signatureProductionPlace": {name: value for name, value in place.items() if value},
        "signingReason": claims.reason,
    }
    return {name: value for name, value in said.items() if value}


def _certificate(used: UsedCertificate) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "commonName": used.common_name,
        "type": _USES[used.use],
        "content": base64.b64encode(used.der).decode("ascii"),
    }
    if used.issuer_der:
        content = base64.b64encode(used.issuer_der).decode("ascii")
        shown["issuer"] = {"commonName": used.issuer_name, "content": content}
    return shown


def _serial_number(one: SignatureReport) -> str:
    identity = one.signer.identity if one.signer else None
    if identity is None:
        return ""
    return f"{identity.kind}{identity.country}-{identity.digits}" if identity.country else identity.digits


def _scope(name: str, report: Report, *, covered: bool) -> dict[str, str]:
    whole = covered and any(item.name == name for item in report.contents)
    scope = "FULL" if whole else "PARTIAL" if covered else "NONE"
    content = "Full document" if whole else "Part of the document" if covered else "Not signed"
    return {"name": name, "scope": scope, "content": content}


def _stamp(one: StampReport) -> dict[str, Any]:
    return {
        "indication": one.indication.value,
        "subIndication": one.sub_indication.value if one.sub_indication else "",
        "signedBy": one.authority,
        "signedTime": _time(one.time),
        "error": [_content(message) for message in one.messages],
        "certificates": [_certificate(used) for used in one.particulars.certificates] if one.particulars else [],
        "timestampScopes": [_stamp_scope(name) for name in one.particulars.covers] if one.particulars else [],
    }


def _stamp_scope(name: str) -> dict[str, str]:
    content = "Manifest document" if is_manifest(name) else "Full document"
    return {"name": name, "scope": "FULL", "content": content}


def _archive_stamp(one: StampReport) -> dict[str, str]:
    particulars = one.particulars or StampParticulars()
    shown = {
        "signedTime": _time(one.time),
        "indication": one.indication.value.removeprefix("TOTAL-"),
        "subIndication": one.sub_indication.value if one.sub_indication else "",
        "signedBy": one.authority,
        "country": particulars.country,
        "content": base64.b64encode(particulars.token).decode("ascii"),
    }
    return {name: value for name, value in shown.items() if value}


def _content(message: Message) -> dict[str, str]:
    return {"content": text(message, "en")}


def _time(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment is not None else ""
