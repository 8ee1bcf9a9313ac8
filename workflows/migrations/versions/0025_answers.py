"""An answer to what was asked is gathered, words and files, until the applicants say that it is all."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("applications", sa.Column("answer_draft", sa.Text, nullable=False, server_default=""))
    op.alter_column("applications", "answer_draft", server_default=None)
    op.add_column("applications", sa.Column("answer_sent_at", sa.TIMESTAMP(timezone=True)))
    # A file that was being judged answered by itself until now.
    op.execute("""
        UPDATE applications SET answer_sent_at = changed_at
        WHERE state = 'more_requested' AND EXISTS (
            SELECT 1 FROM signed_form_uploads uploads
            WHERE uploads.request_id = applications.request_id AND uploads.state = 'waiting'
        )
    """)
    op.create_check_constraint(
        "ck_applications_answered_while_asked",
        "applications",
        "state = 'more_requested' OR (answer_sent_at IS NULL AND answer_draft = '')",
    )


def downgrade() -> None:
    op.drop_constraint("ck_applications_answered_while_asked", "applications")
    op.drop_column("applications", "answer_sent_at")
    op.drop_column("applications", "answer_draft")
