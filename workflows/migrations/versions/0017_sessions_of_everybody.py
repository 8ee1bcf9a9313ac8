"""A session belongs to whoever signed in at Keycloak, staff or not."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint("fk_web_sessions_username", "web_sessions", type_="foreignkey")


def downgrade() -> None:
    # Before, only staff could have one; the others sign in anew.
    op.execute("DELETE FROM web_sessions WHERE username NOT IN (SELECT username FROM staff)")
    op.create_foreign_key("fk_web_sessions_username", "web_sessions", "staff", ["username"], ["username"])
