"""The evidence: documents as they came, and every verdict about them with what it was made from."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, CHAR, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from iam.base import Base, one_of
from signing import Report
from workflows.evidence.guard.comparison import Comparison, read_comparison

__all__ = [
    "Document",
    "DocumentChunk",
    "DocumentComparison",
    "DocumentPage",
    "Held",
    "LookChunk",
    "RevocationAnswer",
    "UploadBytes",
    "Verification",
    "VerificationOutcome",
    "VerificationRevocation",
]


class Held(StrEnum):
    """Where a document's bytes lie."""

    KEPT = "kept"  # evidence
    LOOKED_AT = "looked-at"  # until the verdict is there
    DROPPED = "dropped"  # nowhere: looked at, or junk


class Document(Base):
    """One file, addressed by what is in it: the same bytes are one row, whoever sends them and how often.

    `declared_name` and `received_at` are of the first time; whoever receives a document keeps the name it came under.
    `media_type` is read from the content, never believed from the sender.
    """

    __tablename__ = "documents"
    __table_args__ = (
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        CheckConstraint("size >= 0 AND chunks = (size + 1048575) / 1048576", name="whole"),
        Index("ix_documents_held", "held", postgresql_include=["size"]),
    )

    sha256: Mapped[str] = mapped_column(Text, primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    chunks: Mapped[int]
    declared_name: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime]
    held: Mapped[Held] = mapped_column(one_of(Held, "held_known"), default=Held.KEPT, server_default=Held.KEPT)


class DocumentChunk(Base):
    """One MiB of a document, numbered from 0: neither coming in nor going out is a document ever whole in memory."""

    __tablename__ = "document_chunks"
    __table_args__ = (CheckConstraint("octet_length(content) BETWEEN 1 AND 1048576", name="size"),)

    sha256: Mapped[str] = mapped_column(ForeignKey("documents.sha256", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class LookChunk(Base):
    """One MiB of a document that is only looked at. The table is unlogged: nothing is lost with it but a look."""

    __tablename__ = "look_chunks"
    __table_args__ = (CheckConstraint("octet_length(content) BETWEEN 1 AND 1048576", name="size"),)

    sha256: Mapped[str] = mapped_column(ForeignKey("documents.sha256", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class DocumentPage(Base):
    """The picture of one page of a PDF, numbered from 1; `of` is how many pages the PDF has."""

    __tablename__ = "document_pages"
    __table_args__ = (CheckConstraint("number BETWEEN 1 AND of", name="number"),)

    sha256: Mapped[str] = mapped_column(ForeignKey("documents.sha256", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    of: Mapped[int]
    png: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class DocumentComparison(Base):
    """A signed PDF compared with a form of ours, in the guard; never changed.

    `digest` is that of `result` (guard.comparison.Comparison): a person who confirms the document names it.
    """

    __tablename__ = "document_comparisons"
    __table_args__ = (
        UniqueConstraint("sha256", "digest", name="uq_document_comparisons_digest"),
        CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest_hex"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("documents.sha256"))
    form_sha256: Mapped[str] = mapped_column(ForeignKey("documents.sha256"))
    digest: Mapped[str] = mapped_column(CHAR(64))
    compared_at: Mapped[datetime]
    result: Mapped[Mapping[str, Any]] = mapped_column(JSONB)
    version: Mapped[str] = mapped_column(Text)

    @property
    def comparison(self) -> Comparison:
        """Return what was found."""
        return read_comparison(self.result)


class VerificationOutcome(StrEnum):
    """What came of judging."""

    REPORT = "report"  # a report, whatever it says; policies read it
    UNREADABLE = "unreadable"  # nothing that could be judged, and why
    COULD_NOT_BE_JUDGED = "could-not-be-judged"  # the judge failed, not the document; a person looks, or it is repeated


class Verification(Base):
    """One act of judging one document; never changed. It holds no policy: what the report proves is asked elsewhere.

    `code` and `params` say why there is no report. `trust_digests` are the SHA-256 of the lists it was judged by (kept
    in `trust_lists`), `version` is that of the judging program: with the document and `VerificationRevocation` the
    verdict can be repeated and explained years later.
    """

    __tablename__ = "verifications"
    __table_args__ = (
        CheckConstraint(
            "CASE outcome WHEN 'report' THEN report IS NOT NULL AND code IS NULL"
            " WHEN 'unreadable' THEN report IS NULL AND code IS NOT NULL"
            " WHEN 'could-not-be-judged' THEN report IS NULL AND code IS NOT NULL ELSE false END",
            name="outcome",
        ),
        Index("ix_verifications_not_judged", "judged_at", postgresql_where=text("outcome = 'could-not-be-judged'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("documents.sha256"), index=True)
    name: Mapped[str] = mapped_column(Text)
    judged_at: Mapped[datetime]
    duration_ms: Mapped[int]
    outcome: Mapped[str] = mapped_column(Text)
    report_json: Mapped[Mapping[str, Any] | None] = mapped_column("report", JSONB(none_as_null=True))
    code: Mapped[str | None] = mapped_column(Text)
    params: Mapped[Mapping[str, str] | None] = mapped_column(JSONB(none_as_null=True))
    expected: Mapped[Sequence[Mapping[str, Any]]] = mapped_column(JSONB)
    trust_state: Mapped[str | None] = mapped_column(Text)
    trust_digests: Mapped[Sequence[str]] = mapped_column(ARRAY(Text))
    version: Mapped[str] = mapped_column(Text)

    @property
    def report(self) -> Report | None:
        """Return the report; None when there is none (see `outcome`)."""
        return None if self.report_json is None else Report.from_json(self.report_json)


class RevocationAnswer(Base):
    """An OCSP answer or CRL as it was received, once for the same bytes, whichever verifications it served.

    `stored_at` is when a verification last needed it stored; what no verification names is deleted a day later.
    """

    __tablename__ = "revocation_answers"
    __table_args__ = (CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_hex"),)

    sha256: Mapped[str] = mapped_column(CHAR(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    stored_at: Mapped[datetime]


class VerificationRevocation(Base):
    """Which answers were fetched for a verification, in the order they were handed in."""

    __tablename__ = "verification_revocations"
    __table_args__ = (Index("ix_verification_revocations_sha256", "sha256"),)

    verification_id: Mapped[int] = mapped_column(ForeignKey("verifications.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(CHAR(64), ForeignKey("revocation_answers.sha256"))

    answer: Mapped[RevocationAnswer] = relationship()

    @property
    def content(self) -> bytes:
        """Return the answer as it was received."""
        return self.answer.content


class UploadBytes(Base):
    """How many bytes came from one network, or from all, since the hour or day began at `hour`; for all processes."""

    __tablename__ = "upload_bytes"
    __table_args__ = (CheckConstraint("bytes >= 0", name="bytes_counted"),)

    bucket: Mapped[str] = mapped_column(Text, primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    bytes: Mapped[int] = mapped_column(BigInteger)
