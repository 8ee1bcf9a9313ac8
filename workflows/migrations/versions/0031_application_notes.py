"""Staff write notes to one another on a case, which applicants do not read."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "application_notes",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("application_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_application_notes"),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name="fk_application_notes_application_id"),
        sa.CheckConstraint("btrim(text) <> ''", name="ck_application_notes_text_said"),
        sa.CheckConstraint("btrim(by) <> ''", name="ck_application_notes_by_somebody"),
    )
    op.create_index("ix_application_notes_application_id", "application_notes", ["application_id"])


def downgrade() -> None:
    op.drop_table("application_notes")
