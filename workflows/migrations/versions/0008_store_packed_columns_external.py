"""Pictures and files are compressed already: the server no longer tries, which took longer than writing them."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, column in (("document_pages", "png"), ("document_chunks", "content")):
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL")


def downgrade() -> None:
    # The chunks were stored so before: 0002 makes them so.
    op.execute("ALTER TABLE document_pages ALTER COLUMN png SET STORAGE EXTENDED")
