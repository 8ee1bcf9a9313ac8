"""Sessions know when their person last proved to Keycloak who they are."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("web_sessions", sa.Column("authenticated_at", sa.TIMESTAMP(timezone=True)))


def downgrade() -> None:
    op.drop_column("web_sessions", "authenticated_at")
