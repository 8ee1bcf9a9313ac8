"""Each code mailed for a filled-in application has a row of its own, with the address it was mailed to."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "mailbox_codes",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("application_id", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.CHAR(64), nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("sent_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mailbox_codes"),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["prefilled_drafts.application_id"],
            name="fk_mailbox_codes_application_id",
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="ck_mailbox_codes_digest_sha256"),
    )
    op.create_index("ix_mailbox_codes_application_id", "mailbox_codes", ["application_id"])
    # A code of before was for one address that nobody kept: whoever waits for it asks for another.
    op.drop_constraint("ck_prefilled_drafts_code_digest_sha256", "prefilled_drafts")
    op.drop_constraint("ck_prefilled_drafts_code_was_sent", "prefilled_drafts")
    op.drop_constraint("ck_prefilled_drafts_code_tries_counted", "prefilled_drafts")
    for column in ("code_digest", "code_sent_at", "code_tries"):
        op.drop_column("prefilled_drafts", column)


def downgrade() -> None:
    op.add_column("prefilled_drafts", sa.Column("code_digest", sa.CHAR(64)))
    op.add_column("prefilled_drafts", sa.Column("code_sent_at", _MOMENT))
    op.add_column("prefilled_drafts", sa.Column("code_tries", sa.Integer, nullable=False, server_default="0"))
    op.alter_column("prefilled_drafts", "code_tries", server_default=None)
    op.create_check_constraint(
        "ck_prefilled_drafts_code_digest_sha256", "prefilled_drafts", "code_digest ~ '^[0-9a-f]{64}$'"
    )
    op.create_check_constraint(
        "ck_prefilled_drafts_code_was_sent", "prefilled_drafts", "code_digest IS NULL OR code_sent_at IS NOT NULL"
    )
    op.create_check_constraint("ck_prefilled_drafts_code_tries_counted", "prefilled_drafts", "code_tries >= 0")
    op.drop_table("mailbox_codes")
