"""Count what could not be judged without reading every verification."""

from alembic import op
from sqlalchemy import text

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_verifications_not_judged",
        "verifications",
        ["judged_at"],
        postgresql_where=text("outcome = 'could-not-be-judged'"),
    )


def downgrade() -> None:
    op.drop_index("ix_verifications_not_judged", "verifications")
