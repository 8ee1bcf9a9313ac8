"""Proposals: what one person of staff proposes and another decides. A decision of two names the second one."""

import datetime as dt

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, CHAR, JSONB

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_MOMENT = sa.TIMESTAMP(timezone=True)
_STATES = ("proposed", "carried_out", "refused", "withdrawn", "expired", "outdated")


def upgrade() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("payload", JSONB, nullable=False),
        sa.Column("shown", JSONB, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("seen_digest", CHAR(64), nullable=False),
        sa.Column("rests_on", JSONB, nullable=False),
        sa.Column("parties", ARRAY(sa.Text), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("proposed_by", sa.Text, nullable=False),
        sa.Column("proposed_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("confirmed_by", sa.Text),
        sa.Column("ended_by", sa.Text),
        sa.Column("ended_at", _MOMENT),
        sa.Column("end_reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_proposals"),
        sa.CheckConstraint("seen_digest ~ '^[0-9a-f]{64}$'", name="ck_proposals_seen_digest_sha256"),
        sa.CheckConstraint("btrim(proposed_by) <> ''", name="ck_proposals_proposed_by_somebody"),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by <> proposed_by", name="ck_proposals_confirmed_by_another_person"
        ),
        sa.CheckConstraint("NOT proposed_by = ANY (parties)", name="ck_proposals_proposed_by_no_party"),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR NOT confirmed_by = ANY (parties)", name="ck_proposals_confirmed_by_no_party"
        ),
        sa.CheckConstraint(
            "(state = 'carried_out') = (confirmed_by IS NOT NULL)", name="ck_proposals_carried_out_when_confirmed"
        ),
        sa.CheckConstraint("(state = 'proposed') = (ended_at IS NULL)", name="ck_proposals_ended_at_some_time"),
        sa.CheckConstraint(
            "state NOT IN ('refused', 'withdrawn') OR btrim(end_reason) <> ''", name="ck_proposals_end_reason_said"
        ),
        sa.CheckConstraint("count >= 0", name="ck_proposals_count_not_negative"),
        sa.CheckConstraint("expires_at > proposed_at", name="ck_proposals_expires_later"),
        sa.CheckConstraint(f"state IN ({', '.join(map(repr, _STATES))})", name="ck_proposals_state_known"),
    )
    waiting = sa.text("state = 'proposed'")
    op.create_index("uq_proposals_one_waits", "proposals", ["kind", "subject"], unique=True, postgresql_where=waiting)
    op.create_index("ix_proposals_subject", "proposals", ["subject"])
    op.create_index("ix_proposals_expires_at", "proposals", ["expires_at"], postgresql_where=waiting)
    # What was decided is kept as it was: an end is written once, and nothing proposed is ever changed.
    op.execute("""
        CREATE FUNCTION viis_proposal_as_it_was() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' OR OLD.state <> 'proposed' OR (
                (OLD.kind, OLD.subject, OLD.payload, OLD.shown, OLD.count, OLD.seen_digest, OLD.rests_on, OLD.parties,
                 OLD.reason, OLD.proposed_by, OLD.proposed_at, OLD.expires_at)
                IS DISTINCT FROM
                (NEW.kind, NEW.subject, NEW.payload, NEW.shown, NEW.count, NEW.seen_digest, NEW.rests_on, NEW.parties,
                 NEW.reason, NEW.proposed_by, NEW.proposed_at, NEW.expires_at)
            ) THEN
                RAISE EXCEPTION 'a proposal stays as it was made, and its end as it was written';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER tr_proposals_as_they_were BEFORE UPDATE OR DELETE ON proposals
        FOR EACH ROW EXECUTE FUNCTION viis_proposal_as_it_was()
    """)
    op.add_column("application_decisions", sa.Column("confirmed_by", sa.Text))
    op.create_check_constraint(
        "ck_application_decisions_confirmed_by_another_person",
        "application_decisions",
        "confirmed_by IS NULL OR confirmed_by <> decided_by",
    )
    numbers = sa.table(
        "policy_numbers",
        *(sa.column(name) for name in ("name", "unit", "source", "set_by")),
        sa.column("value", sa.BigInteger),
        sa.column("since", sa.Date),
        sa.column("set_at", _MOMENT),
    )
    op.bulk_insert(
        numbers,
        [
            {
                "name": "proposal_kept",
                "value": 14,
                "unit": "days",
                "since": dt.date(2000, 1, 1),
                "source": "ours, not law",
                "set_by": "system:migration",
                "set_at": dt.datetime(2026, 11, 30, tzinfo=dt.UTC),
            }
        ],
    )


def downgrade() -> None:
    op.execute("""
        DO $$ BEGIN
            IF EXISTS (SELECT FROM application_decisions WHERE confirmed_by IS NOT NULL)
                OR EXISTS (SELECT FROM proposals WHERE state <> 'proposed')
                OR (SELECT count(*) FROM policy_numbers WHERE name = 'proposal_kept') > 1
            THEN RAISE EXCEPTION 'proposals were decided, or the time they are kept was set'
                USING ERRCODE = 'restrict_violation';
            END IF;
        END $$
    """)
    op.execute("ALTER TABLE policy_numbers DISABLE TRIGGER USER")
    op.execute("DELETE FROM policy_numbers WHERE name = 'proposal_kept'")
    op.execute("ALTER TABLE policy_numbers ENABLE TRIGGER USER")
    op.drop_constraint("ck_application_decisions_confirmed_by_another_person", "application_decisions")
    op.drop_column("application_decisions", "confirmed_by")
    op.drop_table("proposals")
    op.execute("DROP FUNCTION viis_proposal_as_it_was()")
