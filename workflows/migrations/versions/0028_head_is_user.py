"""Whether the head is the user is what an application states; the column that repeated it was never read."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("applications", "head_is_user")


def downgrade() -> None:
    op.add_column("applications", sa.Column("head_is_user", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute("""
        UPDATE applications SET head_is_user = true
        WHERE stated -> 'head' ->> 'personal_code' = stated -> 'user' ->> 'personal_code'
    """)
    op.alter_column("applications", "head_is_user", server_default=None)
