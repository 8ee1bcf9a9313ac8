"""What was typed into a form of staff that could not be carried out: kept for a while, to be shown again."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "web_kept_forms",
        sa.Column("owner_digest", sa.Text, nullable=False),
        sa.Column("page", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("kept_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner_digest", "page", name="pk_web_kept_forms"),
        sa.CheckConstraint("owner_digest ~ '^[0-9a-f]{64}$'", name="ck_web_kept_forms_owner_digest_hex"),
    )
    op.create_index("ix_web_kept_forms_kept_at", "web_kept_forms", ["kept_at"])


def downgrade() -> None:
    op.drop_table("web_kept_forms")
