"""What SiVa would answer: our report in exactly its shape and, for its two policies, its verdict.

Everywhere else the indication is the standard's and a policy speaks beside it. SiVa's clients read the indication
alone, so here, and only here, its policies POLv3 and POLv4 change it (SiVa 3, validation policy document):

    (1) both: a basic signature (level B) has no proven time and fails, whatever else is still open; so does one in a
        container with a file that nobody signs;
    (2) both: a certificate that is not for non-repudiation does not pass, nor a qualified signature without a
        qualified time stamp;
    (3) POLv4: a passed signature must be a qualified signature or seal, or a seal with a qualified certificate;
    (4) POLv4: a signature with a qualified certificate that is on no qualified device passes with a warning;
    (5) POLv4: any other passed signature fails;
    (6) both: a stamp over a simple container that nobody signs is of a qualified service, or fails and opens nothing.

A simple container that a sound time stamp covers and nobody signs is an envelope: the signatures are those of the
container in it, the stamps its own.

Our own policies leave the indication alone and add their verdict. Values that are empty are left out, as SiVa does.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, assert_never

from signing.messages import text
from signing.model import Indication, Message, Qualification, SubIndication
from signing.policies import NAMED, stamped_by_qualified
from signing.simple_report import simple_report
from signing.verdict import verdict_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signing.model import Report, SignatureReport, StampReport

__all__ = ["DEFAULT_POLICY", "StampedAmiss", "conclusion", "stamped_amiss", "with_digest"]

DEFAULT_POLICY = "POLv4"

_POLICY_URL = "http://open-eid.github.io/SiVa/siva3/appendix/validation_policy/#{name}"
_OURS = "urn:viis:policy:{name}"

# SiVa's own words, by which its clients tell these outcomes.
_LEVEL_TOO_LOW = "Signature/seal level do not meet the minimal level required by applied policy"
_PLAIN_STAMP = "The time-stamp is of no qualified time-stamping service"
_COVERS_NO_FILE = "The time-stamp token does not cover container datafile!"
_NOT_QUALIFIED = "The signature is not in the Qualified Electronic Signature level"
_EMPTY_FILE = "Data file '{name}' is empty"
_NOT_FIRST = '"mimetype" should be the first file in the container'
_MIMETYPE = {
    "place": _NOT_FIRST,
    "compression": 'Container "mimetype" file must not be compressed',
    "extra": 'Container "mimetype" file must not contain "Extra fields" in its ZIP header',
}
_NOT_SIMPLE = frozenset({"container.simple-one-object", "container.simple-one-kind", "container.evidence-record"})

# TS 119 172-4 in the names EU DSS and SiVa use.
_PASSED = {
    Qualification.QESIG: "QESIG",
    Qualification.QESEAL: "QESEAL",
    Qualification.UNKNOWN_QC_QSCD: "UNKNOWN_QC_QSCD",
    Qualification.ADESIG_QC: "ADESIG_QC",
    Qualification.ADESEAL_QC: "ADESEAL_QC",
    Qualification.ADES_QC: "UNKNOWN_QC",
    Qualification.ADESIG: "ADESIG",
    Qualification.ADESEAL: "ADESEAL",
    Qualification.ADES: "UNKNOWN",
    Qualification.NOT_ADES: "NA",
    Qualification.UNDETERMINED: "NA",
}
_QUALIFIED = frozenset({Qualification.QESIG, Qualification.QESEAL})
_ENOUGH = frozenset({Qualification.QESIG, Qualification.QESEAL, Qualification.ADESEAL_QC})


class StampedAmiss(Enum):
    """Why SiVa would not look at a simple container that nobody signs."""

    UNREADABLE = "unreadable"
    NOT_SIMPLE = "not simple"


@dataclass(slots=True)
class _Adjusted:
    """One signature as a policy of SiVa sees it."""

    indication: Indication
    sub_indication: SubIndication | None
    level: str
    error: str = ""
    warning: str = ""


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
            "policyDescription": "; ".join(asked.rules),
            "policyUrl": (_POLICY_URL if _is_sivas(policy) else _OURS).format(name=asked.name),
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
    if not _is_sivas(policy):
        found["policyVerdict"] = verdict_json(asked.policy.judge(report))
    return _without_empty(found)


def _inside(report: Report, policy: str) -> Report | None:
    """Return the report on the container in an envelope; None when there is no envelope, or nothing to read in it."""
    if report.form != "ASiC-S" or report.signatures or len(report.nested) != 1:
        return None
    name = report.nested[0].name
    opened = any(
        stamp.indication is Indication.TOTAL_PASSED and not _too_plain(stamp, policy) and name in _under(stamp)
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


def _too_plain(stamp: StampReport, policy: str) -> bool:
    """(6) Whether SiVa's policies have no use for a sound stamp: the lists name its service, and not as qualified."""
    return _is_sivas(policy) and stamp.indication is Indication.TOTAL_PASSED and stamp.qualified is False


def _warnings(report: Report) -> Iterator[str]:
    for message in report.warnings:
        match message.code:
            case "container.no-mimetype":
                yield _NOT_FIRST
            case "container.mimetype-place":
                yield from (_MIMETYPE[how] for how in message.params.get("how", "place").split(","))
            case _:
                yield text(message, "en")
    for one in report.nested:
        if one.refusal is not None:
            yield text(one.refusal, "en")
        elif one.report is not None and (mark := _time_mark(one.report)) is not None:
            yield text(mark, "en")


def stamped_amiss(report: Report) -> StampedAmiss | None:
    """Tell why SiVa would refuse a simple container for its stamps; None when it would look at it."""
    if report.form != "ASiC-S" or (report.signatures and not report.stamps):
        return None
    if any(stamp.time is None for stamp in report.stamps):
        return StampedAmiss.UNREADABLE
    messages = (*report.warnings, *(message for one in report.signatures for message in one.errors))
    return StampedAmiss.NOT_SIMPLE if any(one.code in _NOT_SIMPLE for one in messages) else None


def _stamp(stamp: StampReport, token: dict[str, Any], report: Report, policy: str) -> dict[str, Any]:
    covers = {scope["name"] for scope in token["timestampScopes"]}
    missed = not covers & {one.name for one in report.contents}
    opened = {one.name for one in report.nested if one.report is not None}
    scopes = [
        {**scope, "content": "ASiCS archive"} if scope["name"] in opened else scope
        for scope in token["timestampScopes"]
    ]
    plain = _too_plain(stamp, policy)
    sound = stamp.indication is Indication.TOTAL_PASSED and not plain
    errors = [*token["error"], *([{"content": _PLAIN_STAMP}] if plain else ())]
    warnings = [{"content": _COVERS_NO_FILE}] if missed else []
    return _without_empty(
        {
            **token,
            "indication": (Indication.TOTAL_FAILED if plain else stamp.indication).value,
            # What is not proven to be under the stamp is in no scope of it.
            "timestampScopes": scopes if sound else [],
            # Each under its first name and under the one it has elsewhere: SiVa's clients read either.
            "error": errors,
            "errors": errors,
            "warning": warnings,
            "warnings": warnings,
            "timestampLevel": _stamp_level(stamp.qualified),
        }
    )


def with_digest(found: dict[str, Any], *, name: str, sha256: str) -> dict[str, Any]:
    """Add to a conclusion the digest (hex) of the bytes that were judged, and the name they came under."""
    document = {"filename": name, "hashAlgo": "SHA256"}
    document["fileHash"] = base64.b64encode(bytes.fromhex(sha256)).decode("ascii")
    return {**found, "validatedDocument": document}


def _is_sivas(policy: str) -> bool:
    return policy in {"POLv3", "POLv4"}


def _signature(one: SignatureReport, shown: dict[str, Any], policy: str, report: Report) -> dict[str, Any]:
    adjusted = _adjust(one, policy)
    names = _names(one)
    warnings = [{"content": item["content"]} for item in shown["warnings"]]
    if report.form in {"ASiC-E", "ASiC-S"}:
        empty = (item.name for item in report.contents if item.size == 0 and item.name in names)
        warnings += [{"content": _EMPTY_FILE.format(name=name)} for name in empty]
    errors = [{"content": item["content"]} for item in shown["errors"]]
    return _without_empty(
        {
            **shown,
            "signedBy": _signed_by(one, shown),
            "signatureLevel": adjusted.level,
            "subjectDistinguishedName": _without_empty(shown["subjectDistinguishedName"]),
            "indication": adjusted.indication.value,
            "subIndication": adjusted.sub_indication.value if adjusted.sub_indication else "",
            "errors": [*errors, *([{"content": adjusted.error}] if adjusted.error else ())],
            "warnings": [*warnings, *([{"content": adjusted.warning}] if adjusted.warning else ())],
            "signatureScopes": [_pdf_scope(one)] if one.format == "PAdES" else _scopes(names, report),
            "info": _without_empty(shown["info"]),
        }
    )


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


def _adjust(one: SignatureReport, policy: str) -> _Adjusted:
    """Let the policy change the verdict on a signature for the worse; nothing it says makes a failed one pass."""
    kept = _Adjusted(one.indication, one.sub_indication, _level(one))
    if one.indication is Indication.TOTAL_FAILED or not _is_sivas(policy):
        return kept
    if (failed := _misshapen(one)) is not None:  # (1)
        return failed
    return kept if one.indication is Indication.INDETERMINATE else _passed(one, policy, kept)


def _passed(one: SignatureReport, policy: str, kept: _Adjusted) -> _Adjusted:
    if (below := _below_both(one)) is not None:  # (2)
        return below
    if policy == "POLv3" or one.qualification in _ENOUGH:  # (3)
        return kept
    if one.qualification is Qualification.ADESIG_QC:  # (4)
        kept.warning = _NOT_QUALIFIED
        return kept
    return _Adjusted(Indication.TOTAL_FAILED, None, _level(one), error=_LEVEL_TOO_LOW)  # (5)


def _misshapen(one: SignatureReport) -> _Adjusted | None:
    """Return what both policies make of a signature whose shape alone they do not accept."""
    if one.level == "B":
        error = "The signature holds no time stamp: at level B its time is not proven"
        return _Adjusted(Indication.TOTAL_FAILED, SubIndication.FORMAT_FAILURE, "NOT_ADES", error=error)
    unsigned = any(message.code == "container.file-not-signed" for message in one.errors)
    if unsigned and one.sub_indication is SubIndication.SIG_CONSTRAINTS_FAILURE:
        return _Adjusted(Indication.TOTAL_FAILED, SubIndication.FORMAT_FAILURE, "NOT_ADES")
    return None


def _below_both(one: SignatureReport) -> _Adjusted | None:
    """Return what both policies make of a passed signature that lacks what both ask for; None when it has it."""
    if one.particulars is not None and not one.particulars.non_repudiation:
        error = "The signer's certificate is not meant for signatures: its key usage lacks non-repudiation"
        sub = SubIndication.CHAIN_CONSTRAINTS_FAILURE
        return _Adjusted(Indication.INDETERMINATE, sub, "INDETERMINATE_UNKNOWN", error=error)
    if one.qualification in _QUALIFIED and (stamped := stamped_by_qualified(one)) is not True:
        sub = SubIndication.SIG_CONSTRAINTS_FAILURE if stamped is False else SubIndication.TRY_LATER
        error = "A qualified signature needs a qualified time stamp"
        return _Adjusted(Indication.INDETERMINATE, sub, f"INDETERMINATE_{_PASSED[one.qualification]}", error=error)
    return None


def _level(one: SignatureReport) -> str:
    """Name what the signature is in law; of one that did not pass our lists say nothing more than that."""
    match one.indication:
        case Indication.TOTAL_PASSED:
            return _PASSED[one.qualification]
        case Indication.INDETERMINATE:
            return "INDETERMINATE_UNKNOWN"
        case Indication.TOTAL_FAILED:
            return "NOT_ADES"
        case _:
            assert_never(one.indication)


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
