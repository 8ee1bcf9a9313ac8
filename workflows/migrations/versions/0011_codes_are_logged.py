"""A code that was used stays used when PostgreSQL crashes: what is written of codes goes through its log."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE reset_codes SET LOGGED")


def downgrade() -> None:
    op.execute("ALTER TABLE reset_codes SET UNLOGGED")
