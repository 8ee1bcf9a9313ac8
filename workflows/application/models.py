"""Tables of applications: what was stated and what was decided. What is signed stands in `signed_forms.models`.

The trigger `applications_keep_what_was_signed` refuses changes of what was submitted.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import CHAR, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from iam.base import Base, one_of
from iam.ids import AccountId, ApplicationId, EvidenceId, OrderId, PersonId, ScopeId
from workflows.application.states import DecisionKind, State
from workflows.signed_forms.models import RequiredDocument, SigningRequest, Upload

__all__ = ["Application", "ApplicationEvent", "ApplicationNote", "Decision", "MailboxCode", "PrefilledDraft"]


class Application(Base):
    """One application. `version` grows with every change: whoever decides says which one they saw.

    `answers` are the groups of the form as typed while it is a draft; `stated` is what the signed forms say and never
    changes after the submission. The columns from `applicant_name` on repeat parts of it for lists and searching.
    """

    __tablename__ = "applications"
    __table_args__ = (
        UniqueConstraint("reference", name="uq_applications_reference"),
        UniqueConstraint("request_id", name="uq_applications_request_id"),
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
        CheckConstraint(
            "state = 'more_requested' OR (answer_sent_at IS NULL AND answer_draft = '')", name="answered_while_asked"
        ),
        CheckConstraint("(claimed_by IS NULL) = (claimed_at IS NULL)", name="claimed_by_somebody_at_some_time"),
        Index("ix_applications_queue", "state", "in_review_at"),
        Index("ix_applications_claimed_by", "claimed_by", postgresql_where=text("claimed_by IS NOT NULL")),
        Index("ix_applications_expires_at", "expires_at", postgresql_where=text("expires_at IS NOT NULL")),
        Index("ix_applications_scope_id", "scope_id"),
        Index("ix_applications_user_person_id", "user_person_id"),
    )

    id: Mapped[ApplicationId] = mapped_column(Identity(), primary_key=True)
    reference: Mapped[str]
    request_id: Mapped[int] = mapped_column(ForeignKey("signing_requests.id"))
    kind: Mapped[str]  # the name of a kind that `kinds` knows
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
    answer_draft: Mapped[str]  # words written in answer to what was asked, until the answer is handed over
    answer_sent_at: Mapped[datetime | None]  # that is all: handed over once its files are judged
    signatory_open: Mapped[bool]  # paraksttiesības jāapstiprina
    applicant_name: Mapped[str]
    applicant_code: Mapped[str]
    municipality: Mapped[str]
    head_name: Mapped[str]
    user_name: Mapped[str]
    search_key: Mapped[str]

    signing: Mapped[SigningRequest] = relationship()
    decisions: Mapped[list["Decision"]] = relationship(back_populates="application", order_by="Decision.id")
    prefilled: Mapped["PrefilledDraft | None"] = relationship(viewonly=True)  # read by pages; written as its own row

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once from the class

    @property
    def subject(self) -> str:
        """How the audit names it."""
        return f"application:{self.id}"

    @property
    def documents(self) -> list[RequiredDocument]:
        """The documents that must be signed; none before the submission."""
        return self.signing.documents

    @property
    def uploads(self) -> list[Upload]:
        """The files that were handed in, in their order."""
        return self.signing.uploads

    def document(self, part: str) -> RequiredDocument:
        """Return the required document of that part; raises KeyError before the submission."""
        return self.signing.document(part)


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


class ApplicationNote(Base):
    """What a member of staff wrote to colleagues about a case; rows are only added."""

    __tablename__ = "application_notes"
    __table_args__ = (
        CheckConstraint("btrim(text) <> ''", name="text_said"),
        CheckConstraint("btrim(by) <> ''", name="by_somebody"),
        Index("ix_application_notes_application_id", "application_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    application_id: Mapped[ApplicationId] = mapped_column(ForeignKey("applications.id"))
    at: Mapped[datetime]
    by: Mapped[str]  # staff username
    text: Mapped[str]


class ApplicationEvent(Base):
    """One line of an application's history; rows are only added.

    The audit keeps the same and more, for ever; pages read this table. `details` are plain JSON with codes masked.
    """

    __tablename__ = "application_events"
    __table_args__ = (
        CheckConstraint("tag ~ '^application:[a-z_]+$'", name="tag_of_applications"),
        CheckConstraint("jsonb_typeof(details) = 'object'", name="details_object"),
        Index("ix_application_events_application_id", "application_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    application_id: Mapped[ApplicationId] = mapped_column(ForeignKey("applications.id"))
    at: Mapped[datetime]
    tag: Mapped[str]
    actor: Mapped[str]  # as the audit writes it: staff:inese.kalna
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)


class PrefilledDraft(Base):
    """An application that was filled in for the holder of an account because an order ends their rights.

    `place` is the successor it is for, and `shown_at` when the mailbox was shown to be theirs.
    """

    __tablename__ = "prefilled_drafts"
    __table_args__ = (
        UniqueConstraint("account_id", "order_id", "place", name="uq_prefilled_drafts_one_a_place"),
        CheckConstraint("place ~ '^(i-[0-9]{10}|m-[0-9]+)$'", name="place_of_a_successor"),
        Index("ix_prefilled_drafts_order_id", "order_id"),
    )

    application_id: Mapped[ApplicationId] = mapped_column(
        ForeignKey("applications.id"), primary_key=True, autoincrement=False
    )
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"))
    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"))
    place: Mapped[str]
    shown_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship()


class MailboxCode(Base):
    """A code mailed to the address of an account, by which its holder shows that the mailbox is theirs."""

    __tablename__ = "mailbox_codes"
    __table_args__ = (
        CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest_sha256"),
        Index("ix_mailbox_codes_application_id", "application_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    application_id: Mapped[ApplicationId] = mapped_column(
        ForeignKey("prefilled_drafts.application_id", ondelete="CASCADE")
    )
    digest: Mapped[str] = mapped_column(CHAR(64))
    email: Mapped[str]
    sent_at: Mapped[datetime]
