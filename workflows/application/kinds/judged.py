"""A signed and judged document of an application, as the evidence that a decision rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iam.grants.evidence import JudgedDocument
from workflows.application.errors import NotNow

if TYPE_CHECKING:
    from workflows.signed_forms.models import RequiredDocument

__all__ = ["judged"]


def judged(document: RequiredDocument) -> JudgedDocument:
    """Name the file that proves the document, and the verification. Raises NotNow where there is none."""
    if document.upload is None or document.verification_id is None:
        raise NotNow("a part has no judged document")
    return JudgedDocument(document.upload.sha256, document.verification_id)
