"""Which uploaded files does a person have to read? Exactly those have pictures of their pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.signed_forms.sentences import current
from workflows.signed_forms.states import Found

if TYPE_CHECKING:
    from workflows.signed_forms.models import Upload

__all__ = ["OTHER_FILE", "to_be_read"]

OTHER_FILE = "form.other-file"
"""The note of a container that holds more than forms of ours."""


def to_be_read(upload: Upload) -> bool:
    """Say whether what stands in the file decides something.

    It was attached unsigned, is no form of ours, is one that a program saved anew, or holds more than forms. A form
    whose signer a person has to make out is not read again: its pages are those that we made.
    """
    return any(
        finding["standing"] == Found.ATTACHED
        or (finding["standing"] == Found.NEEDS_PERSON and (finding["part"] is None or "comparison" in finding))
        or any(current(reason["code"]) == OTHER_FILE for reason in finding["reasons"])
        for finding in upload.findings
    )
