"""Tables of applications: what was stated, the two forms made of it, the links, the uploads, the decisions.

The trigger `applications_keep_what_was_signed` refuses changes of what was submitted.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import CHAR, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from iam.base import Base, one_of
from iam.ids import ApplicationId, EvidenceId, PersonId, ScopeId
from workflows.application.states import ApplicationKind, DecisionKind, Part, Party, State
from workflows.evidence.models import Document, Verification
from workflows.signed_forms.states import Standing, UploadState

__all__ = ["Application", "ApplicationForm", "Decision", "PartyLink", "Upload"]

_SHA256 = "sha256 ~ '^[0-9a-f]{64}$'"


class Application(Base):
    """One application. `version` grows with every change: whoever decides says which one they saw.

    `answers` are the groups of the form as typed while it is a draft; `stated` is what the signed forms say and never
    changes after the submission. The columns from `applicant_name` on repeat parts of it for lists and searching.
    """

    __tablename__ = "applications"
    __table_args__ = (
        UniqueConstraint("reference", name="uq_applications_reference"),
        CheckConstraint("reference ~ '^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$'", name="reference_shape"),
        CheckConstraint("language IN ('lv', 'en')", name="language_known"),
        CheckConstraint(
            "(submitted_at IS NULL) = (stated IS NULL) AND (submitted_at IS NULL) = (edition IS NULL)",
            name="submitted_with_what_it_states",
        ),
        CheckConstraint(
            "submitted_at IS NOT NULL OR state IN ('draft', 'withdrawn', 'expired')", name="only_drafts_unsubmitted"
        ),
        CheckConstraint("(state IN ('approved', 'refused')) = (decided_at IS NOT NULL)", name="decided_when_decided"),
        CheckConstraint("(claimed_by IS NULL) = (claimed_at IS NULL)", name="claimed_by_somebody_at_some_time"),
        Index("ix_applications_queue", "state", "in_review_at"),
        Index("ix_applications_claimed_by", "claimed_by", postgresql_where=text("claimed_by IS NOT NULL")),
        Index("ix_applications_expires_at", "expires_at", postgresql_where=text("expires_at IS NOT NULL")),
        Index("ix_applications_scope_id", "scope_id"),
        Index("ix_applications_user_person_id", "user_person_id"),
    )

    id: Mapped[ApplicationId] = mapped_column(Identity(), primary_key=True)
    reference: Mapped[str]
    kind: Mapped[ApplicationKind] = mapped_column(one_of(ApplicationKind, "kind_known"))
    state: Mapped[State] = mapped_column(one_of(State, "state_known"))
    language: Mapped[str]
    version: Mapped[int] = mapped_column()
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    stated: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    edition: Mapped[str | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    in_review_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    claimed_by: Mapped[str | None]  # staff username
    claimed_at: Mapped[datetime | None]
    scope_id: Mapped[ScopeId | None] = mapped_column(ForeignKey("scopes.id"))  # the applying institution's
    user_person_id: Mapped[PersonId | None] = mapped_column(ForeignKey("people.id"))  # known from the approval on
    head_is_user: Mapped[bool]
    signatory_open: Mapped[bool]  # paraksttiesības jāapstiprina
    applicant_name: Mapped[str]
    applicant_code: Mapped[str]
    municipality: Mapped[str]
    head_name: Mapped[str]
    user_name: Mapped[str]
    search_key: Mapped[str]

    forms: Mapped[list["ApplicationForm"]] = relationship(back_populates="application", order_by="ApplicationForm.id")
    links: Mapped[list["PartyLink"]] = relationship(back_populates="application", order_by="PartyLink.id")
    uploads: Mapped[list["Upload"]] = relationship(back_populates="application", order_by="Upload.id")
    decisions: Mapped[list["Decision"]] = relationship(back_populates="application", order_by="Decision.id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once from the class

    @property
    def subject(self) -> str:
        """How the audit names it."""
        return f"application:{self.id}"

    def form(self, part: Part) -> "ApplicationForm":
        """Return the form of that part; raises KeyError before the submission."""
        for form in self.forms:
            if form.part is part:
                return form
        raise KeyError(part)


class ApplicationForm(Base):
    """One of the two forms, by the digest of the very bytes that are to be signed, and how far its signature is."""

    __tablename__ = "application_forms"
    __table_args__ = (
        UniqueConstraint("application_id", "part", name="uq_application_forms_one_of_each"),
        UniqueConstraint("sha256", name="uq_application_forms_sha256"),
        CheckConstraint(_SHA256, name="sha256_hex"),
        CheckConstraint(
            "(standing = 'proven') = (proven_by IS NOT NULL) AND (standing = 'proven') = (signed_at IS NOT NULL)",
            name="proven_by_an_upload",
        ),
        CheckConstraint("(standing = 'proven') = (verification_id IS NOT NULL)", name="proven_by_a_verification"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    application_id: Mapped[ApplicationId] = mapped_column(ForeignKey("applications.id"))
    part: Mapped[Part] = mapped_column(one_of(Part, "part_known"))
    sha256: Mapped[str] = mapped_column(CHAR(64), ForeignKey(Document.sha256))
    size: Mapped[int] = mapped_column(BigInteger)
    standing: Mapped[Standing] = mapped_column(one_of(Standing, "standing_known"))
    proven_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("application_uploads.id"))
    # Kept beside the upload's own: a file may be judged again for its other part's sake.
    verification_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey(Verification.id))
    signature_id: Mapped[str | None]
    signer_name: Mapped[str | None]
    signer_person_id: Mapped[PersonId | None] = mapped_column(ForeignKey("people.id"))  # where we know the signer
    signed_at: Mapped[datetime | None]  # by the qualified time stamp
    notes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)

    application: Mapped[Application] = relationship(back_populates="forms")
    upload: Mapped["Upload | None"] = relationship(foreign_keys=[proven_by])


class PartyLink(Base):
    """A mailed link; only the digest of its secret is kept. It opens one application, in one party's eyes."""

    __tablename__ = "application_links"
    __table_args__ = (
        UniqueConstraint("token_digest", name="uq_application_links_token_digest"),
        CheckConstraint("token_digest ~ '^[0-9a-f]{64}$'", name="token_digest_hex"),
        Index("ix_application_links_application_id", "application_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    application_id: Mapped[ApplicationId] = mapped_column(ForeignKey("applications.id"))
    party: Mapped[Party] = mapped_column(one_of(Party, "party_known"))
    email: Mapped[str]  # "" for the link of whoever filled the form in
    token_digest: Mapped[str] = mapped_column(CHAR(64))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship(back_populates="links")


class Upload(Base):
    """A file somebody handed in. The bytes are evidence; here stands what came of them.

    `findings` is a list of {"part": …|null, "standing": …, "reasons": [{"code", "params"}], "signature": …,
    "comparison": …}: part null speaks of the file as a whole; the signature's id stands where a person is to settle the
    reasons, and only there; likewise the digest of the comparison with our form that they have to look at.
    """

    __tablename__ = "application_uploads"
    __table_args__ = (
        UniqueConstraint("application_id", "sha256", name="uq_application_uploads_same_file_once"),
        CheckConstraint("attempts >= 0", name="attempts_counted"),
        CheckConstraint("state <> 'judged' OR verification_id IS NOT NULL", name="judged_with_a_verification"),
        Index("ix_application_uploads_sha256", "sha256"),
        Index("ix_application_uploads_waiting", "next_attempt_at", postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    application_id: Mapped[ApplicationId] = mapped_column(ForeignKey("applications.id"))
    sha256: Mapped[str] = mapped_column(ForeignKey(Document.sha256))
    name: Mapped[str]
    party: Mapped[Party] = mapped_column(one_of(Party, "party_known"))
    received_at: Mapped[datetime]
    state: Mapped[UploadState] = mapped_column(one_of(UploadState, "state_known"))
    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime | None]
    judged_at: Mapped[datetime | None]
    verification_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey(Verification.id))
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)

    application: Mapped[Application] = relationship(back_populates="uploads")
    document: Mapped[Document] = relationship(lazy="joined", innerjoin=True)


class Decision(Base):
    """What a reviewer decided, on which version, and why; rows are only added."""

    __tablename__ = "application_decisions"
    __table_args__ = (
        CheckConstraint("btrim(decided_by) <> ''", name="decided_by_somebody"),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> decided_by", name="confirmed_by_another_person"),
        CheckConstraint("kind = 'approved' OR btrim(reason) <> ''", name="reason_said"),
        CheckConstraint("(kind = 'approved') = (evidence_id IS NOT NULL)", name="approved_on_evidence"),
        Index("ix_application_decisions_application_id", "application_id"),
        Index(
            "uq_application_decisions_decided_once",
            "application_id",
            unique=True,
            postgresql_where=text("kind IN ('approved', 'refused')"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    application_id: Mapped[ApplicationId] = mapped_column(ForeignKey("applications.id"))
    kind: Mapped[DecisionKind] = mapped_column(one_of(DecisionKind, "kind_known"))
    reason: Mapped[str]
    decided_by: Mapped[str]  # staff username
    confirmed_by: Mapped[str | None]  # the second person's, where a decision needs two
    decided_at: Mapped[datetime]
    seen_version: Mapped[int]
    evidence_id: Mapped[EvidenceId | None] = mapped_column(ForeignKey("evidence.id"))

    application: Mapped[Application] = relationship(back_populates="decisions")
