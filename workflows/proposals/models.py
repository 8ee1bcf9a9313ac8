"""The table of proposals; the trigger `tr_proposals_as_they_were` keeps what was proposed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, CHAR, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from iam.base import Base, one_of
from iam.ids import ScopeId
from workflows.proposals.states import State

__all__ = ["Proposal"]


class Proposal(Base):
    """What one person of staff proposed and another decides. What is proposed never changes.

    `shown` is what both see, in no language; `seen_digest` is taken over it, `payload` and `subject`. `rests_on` holds
    what the proposal depends on, each by name and digest. `parties` are the staff it is about: none of them decides.
    """

    __tablename__ = "proposals"
    __table_args__ = (
        CheckConstraint("seen_digest ~ '^[0-9a-f]{64}$'", name="seen_digest_sha256"),
        CheckConstraint("btrim(proposed_by) <> ''", name="proposed_by_somebody"),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> proposed_by", name="confirmed_by_another_person"),
        CheckConstraint("NOT proposed_by = ANY (parties)", name="proposed_by_no_party"),
        CheckConstraint("confirmed_by IS NULL OR NOT confirmed_by = ANY (parties)", name="confirmed_by_no_party"),
        CheckConstraint("(state = 'carried_out') = (confirmed_by IS NOT NULL)", name="carried_out_when_confirmed"),
        CheckConstraint("(state = 'proposed') = (ended_at IS NULL)", name="ended_at_some_time"),
        CheckConstraint("state NOT IN ('refused', 'withdrawn') OR btrim(end_reason) <> ''", name="end_reason_said"),
        CheckConstraint("count >= 0", name="count_not_negative"),
        CheckConstraint("expires_at > proposed_at", name="expires_later"),
        Index("uq_proposals_one_waits", "kind", "subject", unique=True, postgresql_where=text("state = 'proposed'")),
        Index("ix_proposals_subject", "subject"),
        Index("ix_proposals_scope_id", "scope_id"),
        Index("ix_proposals_expires_at", "expires_at", postgresql_where=text("state = 'proposed'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]  # what it is about, as the audit names it: application:17
    # Who may see this scope may see the proposal; without one, only who may see everything.
    scope_id: Mapped[ScopeId | None] = mapped_column(BigInteger, ForeignKey("scopes.id", name="fk_proposals_scope_id"))
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    shown: Mapped[dict[str, Any]] = mapped_column(JSONB)
    count: Mapped[int]
    seen_digest: Mapped[str] = mapped_column(CHAR(64))
    rests_on: Mapped[dict[str, Any]] = mapped_column(JSONB)
    parties: Mapped[Sequence[str]] = mapped_column(ARRAY(Text))  # staff usernames
    state: Mapped[State] = mapped_column(one_of(State, "state_known"))
    reason: Mapped[str]
    proposed_by: Mapped[str]  # staff username, like the two below
    proposed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    confirmed_by: Mapped[str | None]
    ended_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str]

    @property
    def audit_subject(self) -> str:
        """How the audit names the proposal itself."""
        return f"proposal:{self.id}"
