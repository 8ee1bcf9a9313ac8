"""Tables of signed forms: what must be signed, the form made for it, links, uploads.

    signing_requests 1──n required_documents 1──0..1 made_forms
                     1──n signed_form_uploads
                     1──n signed_form_links

What is required stands apart from what was made: a paper original and a form that is not ours have no made form.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, CHAR, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from iam.base import Base, one_of
from iam.ids import PersonId
from workflows.evidence.models import Document, Verification
from workflows.signed_forms.states import Standing, UploadState, Way

__all__ = ["Link", "MadeForm", "RequiredDocument", "SigningRequest", "Upload"]

_SHA256 = "sha256 ~ '^[0-9a-f]{64}$'"


class SigningRequest(Base):
    """What somebody has to sign, for one owner: an application, say.

    `owner` is the name the owner is registered under, `reference` what the owner calls the matter; it is printed on
    the forms. `anything_from` is the moment from which files need not be signed, None where they always must be.
    `kept` says that a decision rests on the files: none of them is dropped.
    """

    __tablename__ = "signing_requests"
    __table_args__ = (
        UniqueConstraint("owner", "reference", name="uq_signing_requests_reference"),
        CheckConstraint("language IN ('lv', 'en')", name="language_known"),
        CheckConstraint("btrim(reference) <> ''", name="reference_given"),
        Index("ix_signing_requests_closed_at", "closed_at", postgresql_where=text("closed_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    owner: Mapped[str]
    reference: Mapped[str]
    language: Mapped[str]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    anything_from: Mapped[datetime | None]
    kept: Mapped[bool]

    documents: Mapped[list["RequiredDocument"]] = relationship(
        back_populates="request", order_by="RequiredDocument.id", foreign_keys="RequiredDocument.request_id"
    )
    links: Mapped[list["Link"]] = relationship(back_populates="request", order_by="Link.id")
    uploads: Mapped[list["Upload"]] = relationship(back_populates="request", order_by="Upload.id")

    def document(self, part: str) -> "RequiredDocument":
        """Return the required document of that part; raises KeyError where there is none."""
        for document in self.documents:
            if document.part == part:
                return document
        raise KeyError(part)

    def signed_by(self, party: str) -> "list[RequiredDocument]":
        """List the documents the party signs; all of them for a party who signs none."""
        return [one for one in self.documents if one.signer == party] or list(self.documents)


class RequiredDocument(Base):
    """One document that is required, who must sign it, and how far that is.

    `part` and `signer` are words of the owner's; `ways` are those in which it may be proven. Proven by a signature or
    by a person it rests on an upload and its verification; on paper it claims neither.
    """

    __tablename__ = "required_documents"
    __table_args__ = (
        UniqueConstraint("request_id", "part", name="uq_required_documents_one_of_each"),
        CheckConstraint("ways <@ ARRAY['signature', 'person', 'paper'] AND cardinality(ways) > 0", name="ways_known"),
        CheckConstraint(
            "(standing = 'proven') = (proven_how IS NOT NULL) AND (standing = 'proven') = (signed_at IS NOT NULL)",
            name="proven_somehow_at_some_time",
        ),
        CheckConstraint("proven_how IS NULL OR proven_how = ANY (ways)", name="proven_as_allowed"),
        CheckConstraint(
            "(coalesce(proven_how, 'paper') <> 'paper') = (verification_id IS NOT NULL)",
            name="proven_by_a_verification",
        ),
        CheckConstraint(
            "CASE coalesce(proven_how, '') WHEN '' THEN proven_by IS NULL WHEN 'paper' THEN true"
            " ELSE proven_by IS NOT NULL END",
            name="proven_by_an_upload",
        ),
        CheckConstraint("proven_how = 'signature' OR proven_how = 'person' OR signature_id IS NULL", name="who_signed"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("signing_requests.id"))
    part: Mapped[str]
    signer: Mapped[str]
    ways: Mapped[list[str]] = mapped_column(ARRAY(Text))
    standing: Mapped[Standing] = mapped_column(one_of(Standing, "standing_known"))
    proven_how: Mapped[Way | None] = mapped_column(one_of(Way, "proven_how_known"))
    proven_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("signed_form_uploads.id"))
    # Kept beside the upload's own: a file may be judged again for its other document's sake.
    verification_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey(Verification.id))
    signature_id: Mapped[str | None]
    signer_name: Mapped[str | None]
    signer_person_id: Mapped[PersonId | None] = mapped_column(ForeignKey("people.id"))  # where we know the signer
    signed_at: Mapped[datetime | None]  # by the qualified time stamp
    notes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)

    request: Mapped[SigningRequest] = relationship(back_populates="documents")
    made: Mapped["MadeForm | None"] = relationship(back_populates="document", lazy="joined")
    upload: Mapped["Upload | None"] = relationship(foreign_keys=[proven_by])

    @property
    def sha256(self) -> str:
        """The digest of the form made for it; "" where none was."""
        return "" if self.made is None else self.made.sha256

    @property
    def size(self) -> int:
        """The size in bytes of the form made for it; 0 where none was."""
        return 0 if self.made is None else self.made.size


class MadeForm(Base):
    """The form made for a required document, by the digest of the very bytes that are to be signed."""

    __tablename__ = "made_forms"
    __table_args__ = (
        UniqueConstraint("sha256", name="uq_made_forms_sha256"),
        CheckConstraint(_SHA256, name="sha256_hex"),
        CheckConstraint("size > 0", name="size_positive"),
    )

    document_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("required_documents.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(CHAR(64), ForeignKey(Document.sha256))
    size: Mapped[int] = mapped_column(BigInteger)
    edition: Mapped[str]
    made_at: Mapped[datetime]

    document: Mapped[RequiredDocument] = relationship(back_populates="made")


class Link(Base):
    """A mailed link; only the digest of its secret is kept. It opens one request, in one party's eyes."""

    __tablename__ = "signed_form_links"
    __table_args__ = (
        UniqueConstraint("token_digest", name="uq_signed_form_links_token_digest"),
        CheckConstraint("token_digest ~ '^[0-9a-f]{64}$'", name="token_digest_hex"),
        Index("ix_signed_form_links_request_id", "request_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("signing_requests.id"))
    party: Mapped[str]
    email: Mapped[str]  # "" for the link of whoever began
    token_digest: Mapped[str] = mapped_column(CHAR(64))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    request: Mapped[SigningRequest] = relationship(back_populates="links")


class Upload(Base):
    """A file somebody handed in. The bytes are evidence; here stands what came of them.

    `findings` is a list of {"part": …|null, "standing": …, "reasons": [{"code", "params"}], "signature": …,
    "comparison": …}: a standing is one of `states.Found`; part null speaks of the file as a whole; the signature's id
    stands where a person is to settle the reasons, and only there; likewise the digest of the comparison with our form
    that they have to look at.
    `verification_id` is the verification that gave this result first.
    """

    __tablename__ = "signed_form_uploads"
    __table_args__ = (
        UniqueConstraint("request_id", "sha256", name="uq_signed_form_uploads_same_file_once"),
        CheckConstraint("attempts >= 0", name="attempts_counted"),
        CheckConstraint("state <> 'judged' OR verification_id IS NOT NULL", name="judged_with_a_verification"),
        Index("ix_signed_form_uploads_sha256", "sha256"),
        Index("ix_signed_form_uploads_waiting", "next_attempt_at", postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("signing_requests.id"))
    sha256: Mapped[str] = mapped_column(ForeignKey(Document.sha256))
    name: Mapped[str]
    party: Mapped[str]
    received_at: Mapped[datetime]
    state: Mapped[UploadState] = mapped_column(one_of(UploadState, "state_known"))
    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime | None]
    judged_at: Mapped[datetime | None]
    verification_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey(Verification.id))
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)

    request: Mapped[SigningRequest] = relationship(back_populates="uploads")
    document: Mapped[Document] = relationship(lazy="joined", innerjoin=True)
