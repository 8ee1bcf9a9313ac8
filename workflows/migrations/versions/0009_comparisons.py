"""What a signed PDF that a program saved anew shows beside our form, as a reviewer saw it and confirmed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document_comparisons",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("form_sha256", sa.Text, nullable=False),
        sa.Column("digest", sa.CHAR(64), nullable=False),
        sa.Column("compared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", postgresql.JSONB, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_document_comparisons"),
        sa.ForeignKeyConstraint(["sha256"], ["documents.sha256"], name="fk_document_comparisons_sha256"),
        sa.ForeignKeyConstraint(["form_sha256"], ["documents.sha256"], name="fk_document_comparisons_form_sha256"),
        sa.UniqueConstraint("sha256", "digest", name="uq_document_comparisons_digest"),
        sa.CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="ck_document_comparisons_digest_hex"),
    )


def downgrade() -> None:
    op.drop_table("document_comparisons")
