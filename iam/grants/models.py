"""Tables of the sections catalogue, accounts, evidence and grants.

A grant keeps two times: the days it holds (`valid`) and when that was what we knew (`recorded`). `grants` says what
was given once and for all; `grant_periods` holds one row for each thing ever known about its days (decision 0030).

Triggers hold what no constraint can: `tr_accounts_stay` (person and username), `tr_grant_periods_only_close`,
`tr_grants_written_once`, `tr_grants_never_emptied`, `tr_evidence_written_once`, `tr_evidence_never_emptied`,
`tr_evidence_documents_written_once`, `tr_evidence_documents_never_emptied`.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import CHAR, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from iam import periods
from iam.base import Base, one_of
from iam.ids import AccountId, ApplicationId, EvidenceId, GrantId, OrderId, PersonId, ScopeId, SectionId
from iam.institutions.models import Scope
from iam.orders.models import Order
from iam.people.models import Person

__all__ = [
    "BLOCKED_OUTCOMES",
    "Account",
    "AccountStatus",
    "DocumentRole",
    "EndCause",
    "Evidence",
    "EvidenceDocument",
    "EvidenceKind",
    "Grant",
    "GrantPeriod",
    "Level",
    "Section",
    "Welcome",
]


class Section(Base):
    """One section of VIIS a right can be given for. A section that changes its meaning gets a new code."""

    __tablename__ = "sections"
    __table_args__ = (
        UniqueConstraint("code", name="uq_sections_code"),
        CheckConstraint("code ~ '^[a-z][a-z_]*$'", name="code_plain"),
        CheckConstraint("NOT isempty(period)", name="period_not_empty"),
    )

    id: Mapped[SectionId] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str]
    name_lv: Mapped[str]
    name_en: Mapped[str]
    position: Mapped[int]
    period: Mapped[Range[date]]


class Level(StrEnum):
    """What may be done in a section; edit includes view."""

    VIEW = "view"
    EDIT = "edit"


class AccountStatus(StrEnum):
    """Whether the account may be used at all."""

    ACTIVE = "active"
    ENDED = "ended"  # the person left; given again when a new right is given
    DISABLED = "disabled"  # shut by a person on purpose; no reset and no new right revives it


class Welcome(StrEnum):
    """Whether the holder has been told that the account can be used, which happens once."""

    DUE = "due"  # to be told on the first day of a right, once Keycloak shows the account
    SENT = "sent"


class Account(Base):
    """A person's account. One person, one account; its username never changes and is never used again.

    `revision` grows with every change that Keycloak must show, `projected_revision` is the one it shows: they differ
    while something is pending. `project_on` is the next day on which a right begins or has ended by itself.
    `welcome` is empty for an account that nobody applied for.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("person_id", name="uq_accounts_one_account_a_person"),
        UniqueConstraint("username", name="uq_accounts_username_never_again"),
        UniqueConstraint("keycloak_id", name="uq_accounts_keycloak_id"),
        CheckConstraint("username ~ '^[a-z0-9][a-z0-9._-]*$'", name="username_plain"),
        CheckConstraint("position('@' in email) > 1", name="email_looks_like_one"),
        CheckConstraint("language IN ('lv', 'en')", name="language_known"),
        CheckConstraint("projected_revision <= revision", name="projected_not_ahead"),
        Index("ix_accounts_email", text("lower(email)")),
        Index("ix_accounts_project_on", "project_on", postgresql_where=text("project_on IS NOT NULL")),
        Index("ix_accounts_pending", "id", postgresql_where=text("projected_revision <> revision")),
    )

    id: Mapped[AccountId] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.id"))
    username: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str]
    language: Mapped[str]
    status: Mapped[AccountStatus] = mapped_column(one_of(AccountStatus, "status_known"))
    adopted: Mapped[bool]  # taken over with what existed: history before that day is not evidenced
    opened_at: Mapped[datetime]
    keycloak_id: Mapped[str | None]
    revision: Mapped[int] = mapped_column(BigInteger)
    projected_revision: Mapped[int] = mapped_column(BigInteger)
    projected_at: Mapped[datetime | None]
    projected_status: Mapped[AccountStatus | None] = mapped_column(one_of(AccountStatus, "projected_status_known"))
    projection_outcome: Mapped[str | None]
    project_on: Mapped[date | None]
    welcome: Mapped[Welcome | None] = mapped_column(one_of(Welcome, "welcome_known"))

    person: Mapped[Person] = relationship(lazy="joined")

    @property
    def projection_pending(self) -> bool:
        """Whether Keycloak does not yet show what the database says."""
        return self.projected_revision != self.revision


BLOCKED_OUTCOMES = frozenset({"email_taken", "username_taken", "refused"})
"""How a projection ends that succeeds only after a person has acted (`iam.keycloak.projection`)."""


class EvidenceKind(StrEnum):
    """On what a decision rests. The first four can give a right; the next two can only end one.

    An order that was undone gives back what it had ended, and nothing else.
    """

    SIGNED_PAIR = "signed_pair"
    PAPER_SEEN_BY_TWO = "paper_seen_by_two"
    RESTORATION = "restoration"
    TAKEN_OVER = "taken_over"
    SIGNED_APPLICATION = "signed_application"
    ORDER = "order"
    ORDER_UNDONE = "order_undone"


class Evidence(Base):
    """What one decision rests on; written once. `fingerprint` makes the same evidence the same row."""

    __tablename__ = "evidence"
    __table_args__ = (
        UniqueConstraint("fingerprint", name="uq_evidence_fingerprint"),
        UniqueConstraint("id", "kind", name="uq_evidence_id_kind"),
        CheckConstraint("fingerprint ~ '^[0-9a-f]{64}$'", name="fingerprint_sha256"),
        CheckConstraint(
            "(kind IN ('signed_pair', 'signed_application', 'paper_seen_by_two')) = (application_id IS NOT NULL)",
            name="application_named",
        ),
        CheckConstraint(
            "CASE WHEN kind = 'paper_seen_by_two'"
            " THEN num_nonnulls(seen_by, confirmed_by, seen_on) = 3 AND seen_by <> confirmed_by"
            " ELSE num_nonnulls(seen_by, confirmed_by, seen_on) = 0 END",
            name="paper_seen_by_two_different_people",
        ),
        CheckConstraint(
            "(kind = 'restoration') = (restores_period_id IS NOT NULL)", name="restoration_names_its_cause"
        ),
        CheckConstraint("(kind = 'taken_over') = (taken_over_from IS NOT NULL)", name="taken_over_from_somewhere"),
        CheckConstraint("(kind IN ('order', 'order_undone')) = (order_id IS NOT NULL)", name="order_named"),
    )

    id: Mapped[EvidenceId] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[EvidenceKind] = mapped_column(one_of(EvidenceKind, "kind_known"))
    fingerprint: Mapped[str] = mapped_column(CHAR(64))
    application_id: Mapped[ApplicationId | None]  # its foreign key comes with the table of applications
    seen_by: Mapped[str | None]
    confirmed_by: Mapped[str | None]
    seen_on: Mapped[date | None]
    # The period that a reform cut short: only such a reduction can be restored.
    restores_period_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("grant_periods.id", use_alter=True))
    taken_over_from: Mapped[str | None]
    order_id: Mapped[OrderId | None] = mapped_column(ForeignKey("orders.id"))
    recorded_at: Mapped[datetime]

    order: Mapped[Order | None] = relationship()
    documents: Mapped[list["EvidenceDocument"]] = relationship(order_by="EvidenceDocument.id")


class DocumentRole(StrEnum):
    """What a document proves in its decision."""

    APPLICATION = "application"  # iesniegums
    LETTER = "letter"  # saistību raksts


class EvidenceDocument(Base):
    """A document in a decision. One container may be both application and letter, but of one decision only."""

    __tablename__ = "evidence_documents"
    __table_args__ = (
        UniqueConstraint("sha256", "role", name="uq_evidence_documents_one_document_one_decision"),
        UniqueConstraint("evidence_id", "role", name="uq_evidence_documents_one_of_each"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_hex"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    evidence_id: Mapped[EvidenceId] = mapped_column(ForeignKey("evidence.id"))
    role: Mapped[DocumentRole] = mapped_column(one_of(DocumentRole, "role_known"))
    sha256: Mapped[str] = mapped_column(CHAR(64))
    # None for paper: paper claims no electronic verdict. Its foreign key comes with the table of verifications.
    verification_id: Mapped[int | None] = mapped_column(BigInteger)


class EndCause(StrEnum):
    """Why a right ends when it does. Only a reduction by the reform can be restored."""

    APPLICATION = "application"
    HEAD = "head"
    IZM = "izm"
    EMPLOYMENT_ENDED = "employment_ended"
    REORGANISATION = "reorganisation"
    REFORM = "reform"
    REPLACED = "replaced"
    ERROR = "error"


class Grant(Base):
    """A right somebody was given: which section, at which level, where, on what evidence, by whom. Never changed.

    A right that an order ended, and that came again when the order was undone, is another right with the same words:
    the days between are a gap that everybody sees (decision 0036).
    """

    __tablename__ = "grants"
    __table_args__ = (
        ForeignKeyConstraint(
            ["evidence_id", "evidence_kind"], ["evidence.id", "evidence.kind"], name="fk_grants_evidence"
        ),
        CheckConstraint("evidence_kind NOT IN ('signed_application', 'order')", name="evidence_can_give"),
        CheckConstraint(
            "(evidence_kind = 'order_undone') = (reinstates_period_id IS NOT NULL)",
            name="reinstated_by_an_order_undone",
        ),
        UniqueConstraint("reinstates_period_id", name="uq_grants_reinstated_once"),
        CheckConstraint("btrim(given_by) <> ''", name="given_by_somebody"),
        UniqueConstraint("id", "account_id", "scope_id", "section_id", name="uq_grants_what_where_whose"),
        Index("ix_grants_account_id", "account_id"),
        Index("ix_grants_scope_id", "scope_id"),
        Index("ix_grants_evidence_id", "evidence_id"),
    )

    id: Mapped[GrantId] = mapped_column(Identity(), primary_key=True)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"))
    scope_id: Mapped[ScopeId] = mapped_column(ForeignKey("scopes.id"))
    section_id: Mapped[SectionId] = mapped_column(ForeignKey("sections.id"))
    level: Mapped[Level] = mapped_column(one_of(Level, "level_known"))
    evidence_id: Mapped[EvidenceId]
    evidence_kind: Mapped[EvidenceKind] = mapped_column(one_of(EvidenceKind, "evidence_kind_known"))
    given_by: Mapped[str]  # `str(Actor)`
    given_at: Mapped[datetime]
    # The period that an order ended, where this right is what came again after it: once only.
    reinstates_period_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("grant_periods.id", use_alter=True))

    account: Mapped[Account] = relationship()
    scope: Mapped[Scope] = relationship()
    section: Mapped[Section] = relationship()
    evidence: Mapped[Evidence] = relationship()
    known_periods: Mapped[list["GrantPeriod"]] = relationship(
        back_populates="grant", order_by="GrantPeriod.id", foreign_keys="GrantPeriod.grant_id"
    )


class GrantPeriod(Base):
    """What was known about the days of a grant from one moment to another.

    An end closes the row (`recorded` gets its upper bound) and adds one with the shorter `valid` and the cause. A
    right taken back before its first day leaves a row whose `valid` is empty. The exclusion constraint says: at any
    moment of our knowledge, on any day, one account has one level in one section of one scope.
    """

    __tablename__ = "grant_periods"
    __table_args__ = (
        ForeignKeyConstraint(
            ["grant_id", "account_id", "scope_id", "section_id"],
            ["grants.id", "grants.account_id", "grants.scope_id", "grants.section_id"],
            name="fk_grant_periods_grant",
        ),
        CheckConstraint(
            "CASE WHEN isempty(valid) THEN end_cause IS NOT NULL ELSE NOT lower_inf(valid) END",
            name="valid_not_empty_unless_taken_back",
        ),
        CheckConstraint("NOT isempty(recorded) AND NOT lower_inf(recorded)", name="recorded_not_empty"),
        CheckConstraint("end_cause IS NULL OR isempty(valid) OR NOT upper_inf(valid)", name="ended_has_a_last_day"),
        CheckConstraint("end_evidence_id IS NULL OR end_cause IS NOT NULL", name="end_evidence_has_a_cause"),
        CheckConstraint("btrim(recorded_by) <> ''", name="recorded_by_somebody"),
        ExcludeConstraint(
            (text("int8range(account_id, account_id, '[]')"), "&&"),
            (text("int8range(scope_id, scope_id, '[]')"), "&&"),
            (text("int8range(section_id, section_id, '[]')"), "&&"),
            (text("valid"), "&&"),
            (text("recorded"), "&&"),
            using="gist",
            name="ex_grant_periods_one_level_at_a_time",
        ),
        Index("ix_grant_periods_grant_id", "grant_id"),
        Index("uq_grant_periods_one_known_now", "grant_id", unique=True, postgresql_where=text("upper_inf(recorded)")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    grant_id: Mapped[GrantId] = mapped_column(ForeignKey("grants.id"))
    account_id: Mapped[AccountId]
    scope_id: Mapped[ScopeId]
    section_id: Mapped[SectionId]
    valid: Mapped[Range[date]]
    recorded: Mapped[Range[datetime]]
    recorded_by: Mapped[str]
    end_cause: Mapped[EndCause | None] = mapped_column(one_of(EndCause, "end_cause_known"))
    end_evidence_id: Mapped[EvidenceId | None] = mapped_column(ForeignKey("evidence.id"))

    grant: Mapped[Grant] = relationship(back_populates="known_periods", foreign_keys=[grant_id])

    @property
    def since(self) -> date | None:
        """The first day; None when the right was taken back before it began."""
        return periods.first_day(self.valid)

    @property
    def until(self) -> date | None:
        """The last day, included; None while open."""
        return periods.last_day(self.valid)
