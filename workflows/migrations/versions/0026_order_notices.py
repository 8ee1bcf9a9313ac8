"""Who was told of an approved order, and the applications that were filled in for people whose rights it ends."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import CHAR

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_MOMENT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "order_notices",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("order_id", sa.BigInteger, nullable=False),
        sa.Column("grant_id", sa.BigInteger),
        sa.Column("signatory_id", sa.BigInteger),
        sa.Column("successor", sa.Text),
        sa.Column("told_at", _MOMENT, nullable=False),
        sa.Column("taken_back_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_order_notices"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_order_notices_order_id"),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name="fk_order_notices_grant_id"),
        sa.ForeignKeyConstraint(["signatory_id"], ["signatories.id"], name="fk_order_notices_signatory_id"),
        sa.UniqueConstraint("order_id", "grant_id", name="uq_order_notices_right_once"),
        sa.UniqueConstraint("order_id", "signatory_id", name="uq_order_notices_signatory_once"),
        sa.CheckConstraint("num_nonnulls(grant_id, signatory_id) = 1", name="ck_order_notices_about_one_thing"),
        sa.CheckConstraint(
            "successor IS NULL OR grant_id IS NOT NULL AND successor ~ '^(i-[0-9]{10}|m-[0-9]+)$'",
            name="ck_order_notices_successor_of_a_right",
        ),
        sa.CheckConstraint("taken_back_at >= told_at", name="ck_order_notices_taken_back_after_told"),
    )
    op.create_index("ix_order_notices_grant_id", "order_notices", ["grant_id"])
    op.create_table(
        "prefilled_drafts",
        sa.Column("application_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("account_id", sa.BigInteger, nullable=False),
        sa.Column("order_id", sa.BigInteger, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("code_digest", CHAR(64)),
        sa.Column("code_sent_at", _MOMENT),
        sa.Column("code_tries", sa.Integer, nullable=False),
        sa.Column("shown_at", _MOMENT),
        sa.PrimaryKeyConstraint("application_id", name="pk_prefilled_drafts"),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name="fk_prefilled_drafts_application_id"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_prefilled_drafts_account_id"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_prefilled_drafts_order_id"),
        sa.UniqueConstraint("account_id", "order_id", "place", name="uq_prefilled_drafts_one_a_place"),
        sa.CheckConstraint("place ~ '^(i-[0-9]{10}|m-[0-9]+)$'", name="ck_prefilled_drafts_place_of_a_successor"),
        sa.CheckConstraint("code_digest ~ '^[0-9a-f]{64}$'", name="ck_prefilled_drafts_code_digest_sha256"),
        sa.CheckConstraint("code_digest IS NULL OR code_sent_at IS NOT NULL", name="ck_prefilled_drafts_code_was_sent"),
        sa.CheckConstraint("code_tries >= 0", name="ck_prefilled_drafts_code_tries_counted"),
    )
    op.create_index("ix_prefilled_drafts_order_id", "prefilled_drafts", ["order_id"])


def downgrade() -> None:
    op.execute("""
        DO $$ BEGIN
            IF EXISTS (SELECT FROM order_notices) OR EXISTS (SELECT FROM prefilled_drafts)
            THEN RAISE EXCEPTION 'people were told of orders'
                USING ERRCODE = 'restrict_violation';
            END IF;
        END $$
    """)
    op.drop_table("prefilled_drafts")
    op.drop_table("order_notices")
