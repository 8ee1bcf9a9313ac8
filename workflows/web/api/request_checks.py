"""What is asked of a document: every member of a request checked as SiVa checks it, all that is wrong told at once."""

import re
from dataclasses import dataclass
from typing import IO, Final

from signing import NAMED
from signing.siva.conclusion import DEFAULT_POLICY
from workflows.web.api.errors import RefusedError
from workflows.web.api.json_body import Body

__all__ = ["MALFORMED", "CheckRequest", "check", "document_errors"]

MALFORMED: Final = "Document malformed or not matching documentType"

_NOT_BLANK, _NOT_EMPTY = "must not be blank", "must not be empty"
_NOT_BASE64: Final = "Document is not encoded in a valid base64 string"
_LONGEST_NAME: Final = 260
_LONGEST_POLICY: Final = 100
_POLICY_NAME: Final = re.compile(r"[A-Za-z0-9_ -]+")
_REPORT_TYPES: Final = frozenset({"simple", "detailed", "diagnostic"})


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """What is asked, checked."""

    name: str
    policy: str
    report_type: str
    document: IO[bytes]


def check(body: Body) -> CheckRequest:
    """Check every member. Raises RefusedError with all that is wrong."""
    values = body.values
    policy, kind = values.get("signaturePolicy"), values.get("reportType")
    errors = [*document_errors(body), *_name_errors(values.get("filename")), *_policy_errors(policy)]
    if kind is not None and (not isinstance(kind, str) or kind.lower() not in _REPORT_TYPES):
        errors.append(("reportType", "Invalid report type"))
    if values.get("documentType") is not None:
        errors.append(("documentType", "documentType is not a valid request parameter"))
    if errors or body.document is None:
        raise RefusedError(400, *errors)
    name = DEFAULT_POLICY if policy is None else str(policy)
    if name not in NAMED:
        # SiVa's clients know this sentence; our own two names stand in the OpenAPI document.
        known = f"Invalid signature policy: {name}; Available abstractPolicies: [POLv3, POLv4]"
        raise RefusedError(400, ("signaturePolicy", known))
    return CheckRequest(str(values["filename"]), name, str(kind or "simple").lower(), body.document)


def document_errors(body: Body) -> list[tuple[str, str]]:
    """Say what is wrong with the document's letters; a blank one is as good as none."""
    if body.not_base64:
        return [("document", _NOT_BASE64)]
    return [("document", _NOT_BLANK), ("document", _NOT_BASE64)] if body.document is None else []


def _name_errors(name: object) -> list[tuple[str, str]]:
    if not isinstance(name, str):
        return [("filename", _NOT_EMPTY), ("filename", "Invalid filename")]
    too_long = ("filename", f"size must be between 1 and {_LONGEST_NAME}")
    if not name:
        return [("filename", _NOT_EMPTY), too_long]
    wrong = [("filename", "Invalid filename")] if not name.isprintable() or {"/", "\\"} & set(name) else []
    return [*wrong, too_long] if len(name) > _LONGEST_NAME else wrong


def _policy_errors(policy: object) -> list[tuple[str, str]]:
    if policy is None:
        return []
    if not isinstance(policy, str):
        return [("signaturePolicy", "Invalid signature policy")]
    wrong = [("signaturePolicy", "Invalid signature policy")] if policy and not _POLICY_NAME.fullmatch(policy) else []
    if not 1 <= len(policy) <= _LONGEST_POLICY:
        wrong.append(("signaturePolicy", f"size must be between 1 and {_LONGEST_POLICY}"))
    return wrong
