"""A person confirms what a machine could not decide: that an upload proves a required document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iam import letters
from workflows.evidence.models import Verification
from workflows.signed_forms.errors import NotAwaited, Unexplained
from workflows.signed_forms.outcomes import for_a_person, prove
from workflows.signed_forms.states import Standing, Way

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workflows.signed_forms.models import RequiredDocument, Upload

__all__ = ["confirm"]


def confirm(
    session: Session, document: RequiredDocument, *, upload_id: int, how: str, compared: str = ""
) -> tuple[Upload, dict[str, str]]:
    """Confirm that the upload proves the document; return it with what the audit keeps of the confirmation.

    Only for a document that waits for a person, and only with a file that does: what was objected to stays so. Who
    signed and when is what the signature says, where it is known which. A PDF that a program saved anew is confirmed
    on its comparison with our form: `compared` is the digest of the one that was seen.
    Raises Unexplained without a `how`, NotAwaited otherwise.
    """
    upload = next((one for one in document.request.uploads if one.id == upload_id), None)
    finding = None if upload is None else for_a_person(upload, document.part)
    allowed = Way.PERSON in document.ways
    if document.standing is not Standing.NEEDS_PERSON or upload is None or finding is None or not allowed:
        raise NotAwaited("this document does not wait for a person, or not with that file")
    if compared != finding.get("comparison", ""):
        raise NotAwaited("this file is confirmed on its comparison with the form")
    if not letters.seen(how):
        raise Unexplained("a confirmation says how it is known")
    report = session.get_one(Verification, upload.verification_id).report
    signatures = () if report is None else report.signatures
    signature = next((one for one in signatures if one.id == finding.get("signature")), None)
    signed_at = (signature and signature.stamped_at) or upload.received_at
    prove(session, document, upload, signature, signed_at, how=Way.PERSON)
    document.notes = [*finding["reasons"], {"code": "application.confirmed-by-person", "params": {"how": how.strip()}}]
    said = {"part": str(document.part), "how": how.strip(), "file": upload.sha256}
    if compared:
        said |= {"form": document.sha256, "comparison": compared}
    return upload, said
