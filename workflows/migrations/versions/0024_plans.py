"""Plans of reorganisations: pauses, caps raised for one plan, and the numbers of policy that cap them."""

import datetime as dt

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import CHAR

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_MOMENT = sa.TIMESTAMP(timezone=True)
_FIRST = (("plan_cap_accounts", 20, "count"), ("plan_cap_share", 5, "percent"))


def upgrade() -> None:
    op.create_table(
        "plan_pauses",
        sa.Column("proposal_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("paused_by", sa.Text, nullable=False),
        sa.Column("paused_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("proposal_id", name="pk_plan_pauses"),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.id"], name="fk_plan_pauses_proposal_id"),
        sa.CheckConstraint("btrim(paused_by) <> ''", name="ck_plan_pauses_paused_by_somebody"),
    )
    op.create_table(
        "plan_caps",
        sa.Column("plan_digest", CHAR(64), nullable=False),
        sa.Column("accounts", sa.Integer, nullable=False),
        sa.Column("raised_by", sa.Text, nullable=False),
        sa.Column("raised_at", _MOMENT, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("plan_digest", name="pk_plan_caps"),
        sa.CheckConstraint("plan_digest ~ '^[0-9a-f]{64}$'", name="ck_plan_caps_plan_digest_sha256"),
        sa.CheckConstraint("accounts > 0", name="ck_plan_caps_accounts_positive"),
        sa.CheckConstraint("btrim(raised_by) <> ''", name="ck_plan_caps_raised_by_somebody"),
        sa.CheckConstraint("btrim(reason) <> ''", name="ck_plan_caps_reason_said"),
    )
    numbers = sa.table(
        "policy_numbers",
        *(sa.column(name) for name in ("name", "value", "unit", "since", "source", "set_by", "set_at")),
    )
    op.bulk_insert(
        numbers,
        [
            {
                "name": name,
                "value": value,
                "unit": unit,
                "since": dt.date(2000, 1, 1),
                "source": "ours, not law",
                "set_by": "system:migration",
                "set_at": dt.datetime(2026, 11, 30, tzinfo=dt.UTC),
            }
            for name, value, unit in _FIRST
        ],
    )


def downgrade() -> None:
    op.execute("""
        DO $$ BEGIN
            IF EXISTS (SELECT FROM plan_pauses) OR EXISTS (SELECT FROM plan_caps)
                OR (SELECT count(*) FROM policy_numbers WHERE name ^@ 'plan_cap_') > 2
            THEN RAISE EXCEPTION 'plans were paused, or their caps set'
                USING ERRCODE = 'restrict_violation';
            END IF;
        END $$
    """)
    op.execute("ALTER TABLE policy_numbers DISABLE TRIGGER USER")
    op.execute("DELETE FROM policy_numbers WHERE name IN ('plan_cap_accounts', 'plan_cap_share')")
    op.execute("ALTER TABLE policy_numbers ENABLE TRIGGER USER")
    op.drop_table("plan_caps")
    op.drop_table("plan_pauses")
