"""What SiVa would answer: our report in exactly its shape and, for its two policies, its verdict and its words.

The shape is SiVa's schema of the simple report; values that are empty are left out, as SiVa does. What its policies
make of a verdict stands in `signing.siva.adjusting`, its sentences in `signing.siva.phrases`.

A simple container that a sound time stamp covers and nobody signs is an envelope: the signatures are those of the
container in it, the stamps its own.

Our own policies leave the indication alone and add their verdict.
"""

from __future__ import annotations

import base64
from datetime import UTC
from enum import Enum
from typing import TYPE_CHECKING, Any

from signing.messages import text
from signing.model import Indication, Message, SubIndication
from signing.policies.named import NAMED
from signing.policies.verdict import verdict_json
from signing.report.simple import simple_report
from signing.sentences.wording import current_wording
from signing.siva import phrases
from signing.siva.adjusting import adjust, asks_for_qualified_stamps, first_stamp_time, is_sivas, is_unqualified

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from signing.model import Report, SignatureReport, StampReport

__all__ = ["DEFAULT_POLICY", "StampRefusal", "conclusion", "stamp_refusal", "with_digest"]

DEFAULT_POLICY = "POLv4"

_POLICY_URL = "http://open-eid.github.io/SiVa/siva3/appendix/validation_policy/#{name}"
_NOT_SIMPLE = frozenset({"container.simple-one-object", "container.simple-one-kind", "container.evidence-record"})


class StampRefusal(Enum):
    """Why SiVa would not look at a simple container that nobody signs."""

    UNREADABLE = "unreadable"
    NOT_SIMPLE = "not simple"


def conclusion(report: Report, *, policy: str = DEFAULT_POLICY) -> dict[str, Any]:
    """Build the validationConclusion; raises `KeyError` for a policy that has no such name."""
    asked = NAMED[policy]
    simple = simple_report(report)
    signed = _inside(report, policy) or report
    signatures = [
        _signature(one, shown, policy, signed)
        for one, shown in zip(signed.signatures, simple_report(signed)["signatures"], strict=True)
        if not one.counter_signature
    ]
    found: dict[str, Any] = {
        "policy": {
            "policyName": asked.name,
            "policyDescription": phrases.DESCRIPTIONS.get(asked.name) or "; ".join(asked.rules),
            "policyUrl": (_POLICY_URL if is_sivas(policy) else current_wording().policy_url).format(name=asked.name),
        },
        "validationTime": simple["validationTime"],
        "validationLevel": simple["validationLevel"],
        "validatedDocument": simple["validatedDocument"],
        "signatureForm": simple["signatureForm"],
        "signaturesCount": len(signatures),
        "validSignaturesCount": sum(one["indication"] == Indication.TOTAL_PASSED for one in signatures),
        "signatures": signatures,
        "timeStampTokens": [
            _stamp(stamp, token, report, policy)
            for stamp, token in zip(report.stamps, simple["timeStampTokens"], strict=True)
        ],
        "validationWarnings": [{"content": one} for one in _warnings(report)],
    }
    if report.form not in {"ASiC-E", "ASiC-S"}:
        del found["signatureForm"]  # SiVa's word for containers alone
    if not is_sivas(policy):
        found["policyVerdict"] = verdict_json(asked.policy.judge(report))
    return _without_empty(found)


def _inside(report: Report, policy: str) -> Report | None:
    """Return the report on the container in an envelope; None when there is no envelope, or nothing to read in it."""
    if report.form != "ASiC-S" or report.signatures or len(report.nested) != 1:
        return None
    name = report.nested[0].name
    opened = any(
        stamp.indication is Indication.TOTAL_PASSED and not is_unqualified(stamp, policy) and name in _under(stamp)
        for stamp in report.stamps
    )
    inner = report.nested[0].report
    return inner if opened and inner is not None and _time_mark(inner) is None else None


def _time_mark(report: Report) -> Message | None:
    """Return the remark on an Estonian time mark, which is not judged here as SiVa judges it."""
    remarks = (message for one in report.signatures for message in one.warnings)
    return next((message for message in remarks if message.code == "bdoc.time-mark"), None)


def _under(stamp: StampReport) -> tuple[str, ...]:
    return stamp.particulars.covers if stamp.particulars is not None else ()


def _warnings(report: Report) -> Iterator[str]:
    for message in report.warnings:
        match message.code:
            case "container.no-mimetype":
                yield phrases.NOT_FIRST
            case "container.mimetype-place":
                yield from (phrases.MIMETYPE[how] for how in message.params.get("how", "place").split(","))
            case _:
                yield text(message, "en")
    for one in report.nested:
        if one.refusal is not None:
            yield text(one.refusal, "en")
        elif one.report is not None and (mark := _time_mark(one.report)) is not None:
            yield text(mark, "en")


def stamp_refusal(report: Report) -> StampRefusal | None:
    """Tell why SiVa would refuse a simple container for its stamps; None when it would look at it."""
    if report.form != "ASiC-S" or (report.signatures and not report.stamps):
        return None
    if any(stamp.time is None for stamp in report.stamps):
        return StampRefusal.UNREADABLE
    messages = (*report.warnings, *(message for one in report.signatures for message in one.errors))
    return StampRefusal.NOT_SIMPLE if any(one.code in _NOT_SIMPLE for one in messages) else None


def _stamp(stamp: StampReport, token: dict[str, Any], report: Report, policy: str) -> dict[str, Any]:
    covers = {scope["name"] for scope in token["timestampScopes"]}
    missed = not covers & {one.name for one in report.contents}
    opened = {one.name for one in report.nested if one.report is not None}
    scopes = [
        {**scope, "content": "ASiCS archive"} if scope["name"] in opened else scope
        for scope in token["timestampScopes"]
    ]
    plain = is_unqualified(stamp, policy)
    sound = stamp.indication is Indication.TOTAL_PASSED and not plain
    sivas = phrases.stamp_errors_of(stamp) if is_sivas(policy) else ()
    errors = [*sivas, *(one["content"] for one in token["error"]), *(phrases.NOT_QUALIFIED_STAMP if plain else ())]
    return _without_empty(
        {
            **token,
            "indication": (Indication.TOTAL_FAILED if plain else stamp.indication).value,
            # What is not proven to be under the stamp is in no scope of it.
            "timestampScopes": scopes if sound else [],
            "error": _said(errors),
            "warning": _said([phrases.COVERS_NO_FILE] if missed else []),
            "timestampLevel": _stamp_level(stamp.qualified),
        }
    )


def with_digest(found: dict[str, Any], *, name: str, sha256: str) -> dict[str, Any]:
    """Add to a conclusion the digest (hex) of the bytes that were judged, and the name they came under."""
    document = {"filename": name, "hashAlgo": "SHA256"}
    document["fileHash"] = base64.b64encode(bytes.fromhex(sha256)).decode("ascii")
    return {**found, "validatedDocument": document}


def _signature(one: SignatureReport, shown: dict[str, Any], policy: str, report: Report) -> dict[str, Any]:
    adjusted = adjust(one, policy, form=report.form, at=report.judged_at)
    names = _names(one)
    warnings = list(adjusted.warnings)
    if report.form in {"ASiC-E", "ASiC-S"}:
        empty = (item.name for item in report.contents if item.size == 0 and item.name in names)
        warnings += [phrases.EMPTY_FILE.format(name=name) for name in empty]
    return _without_empty(
        {
            **shown,
            "signedBy": _signed_by(one, shown),
            "signatureLevel": adjusted.level,
            "subjectDistinguishedName": _without_empty(shown["subjectDistinguishedName"]),
            "indication": adjusted.indication.value,
            "subIndication": adjusted.sub_indication.value if adjusted.sub_indication else "",
            "errors": _said(adjusted.errors),
            "warnings": _said(warnings),
            "signatureScopes": [_pdf_scope(one)] if one.format == "PAdES" else _scopes(names, report),
            "info": _info(one, shown["info"], policy),
            "certificates": _one_of_each(shown["certificates"]),
        }
    )


def _info(one: SignatureReport, shown: dict[str, Any], policy: str) -> dict[str, Any]:
    """Show what is told beside the verdict; SiVa's best time is its first stamp's, whatever became of the signature."""
    found = _without_empty(shown)
    first = first_stamp_time(one)
    if is_sivas(policy) and first is not None:
        found["bestSignatureTime"] = found["timestampCreationTime"] = _time(first)
    if asks_for_qualified_stamps(one, policy):
        archiving = (stamp for stamp in one.stamps if stamp.kind in {"archive", "document"})
        for stamp, told in zip(archiving, found.get("archiveTimeStamps", ()), strict=False):
            if is_unqualified(stamp, policy):
                told["indication"] = Indication.INDETERMINATE.value
                told["subIndication"] = SubIndication.NO_CERTIFICATE_CHAIN_FOUND.value
    return found


def _one_of_each(certificates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Show as many as SiVa: of signature stamps and answers the first one's, of archive stamps the last one's."""
    shown: dict[str, dict[str, Any]] = {}
    for one in certificates:
        if one["type"] not in shown or one["type"] == "ARCHIVE_TIMESTAMP":
            shown[one["type"]] = one
    return list(shown.values())


def _said(sentences: Iterable[str]) -> list[dict[str, str]]:
    """Put sentences into SiVa's shape, each once."""
    return [{"content": one} for one in dict.fromkeys(sentences)]


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _names(one: SignatureReport) -> tuple[str, ...]:
    """Name the files a signature is over, changed since or not: whether they were is the indication's to say."""
    return (one.particulars.names if one.particulars is not None else ()) or one.covers


def _scopes(names: tuple[str, ...], report: Report) -> list[dict[str, str]]:
    whole = {item.name for item in report.contents}
    return [
        {"name": name, "scope": "FULL", "content": "Full document"}
        if name in whole
        else {"name": name, "scope": "PARTIAL", "content": "Part of the document"}
        for name in names
    ]


def _pdf_scope(one: SignatureReport) -> dict[str, str]:
    """A PDF's name in scopes is its signature's ByteRange; what was appended to the file stands behind that."""
    numbers = one.particulars.byte_range if one.particulars is not None else ()
    full = one.particulars is not None and one.particulars.to_the_end
    return {
        "name": "Full PDF" if full else "Partial PDF",
        "scope": "FULL" if full else "PARTIAL",
        "content": f"The document ByteRange : {list(numbers)}",
    }


def _signed_by(one: SignatureReport, shown: dict[str, Any]) -> str:
    """Surname, given name and code where the certificate has all three, else its common name."""
    signer = one.signer
    number: str = shown["subjectDistinguishedName"]["serialNumber"]
    if signer is None or not (signer.surname and signer.given_name and number):
        return str(shown["signedBy"])
    bare = number.partition("-")[2] if number[:3] in {"PNO", "PAS", "IDC", "TIN"} else number
    return f"{signer.surname},{signer.given_name},{bare}"


def _stamp_level(qualified: bool | None) -> str:  # noqa: FBT001 - the model's own three answers
    match qualified:
        case True:
            return "QTSA"
        case False:
            return "TSA"
        case None:
            return "N/A"


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what says nothing; a count of zero says something."""
    return {name: value for name, value in values.items() if value or value == 0}
