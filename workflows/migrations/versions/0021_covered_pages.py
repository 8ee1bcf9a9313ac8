"""Pictures of our forms cover the personal codes on them: those drawn before are drawn anew."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM document_pages WHERE sha256 IN (SELECT sha256 FROM made_forms)")
    # Jobs have tables of their own, which a new database does not have yet.
    op.execute(
        """
        DO $$ BEGIN
          IF to_regclass('procrastinate_jobs') IS NOT NULL THEN
            INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, priority, args)
            SELECT 'drawing', 'signed_forms.draw', 'draw:' || request_id, -10,
                   jsonb_build_object('request_id', request_id)
              FROM applications WHERE state IN ('in_review', 'more_requested')
            ON CONFLICT DO NOTHING;
          END IF;
        END $$
        """
    )


def downgrade() -> None:
    # Covered pictures stay good: they show less.
    pass
