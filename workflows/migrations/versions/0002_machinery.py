"""Tables of the machinery: the queue, mail, evidence, trusted lists, staff."""

from importlib import resources
from importlib.metadata import version

import psycopg
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MOMENT = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    _queue()
    _mail()
    _evidence()
    _trusted_lists()
    _staff()


def downgrade() -> None:
    for table in (
        "staff",
        "trust_sources",
        "trust_lists",
        "verification_revocations",
        "verifications",
        "document_pages",
        "document_chunks",
        "documents",
        "mails",
        "job_steps",
        "job_errors",
    ):
        op.drop_table(table)
    _drop_procrastinate()


def _queue() -> None:
    """Procrastinate's schema as the installed package has it, stamped with its version (docs/decisions/0040)."""
    schema = (resources.files("procrastinate.sql") / "schema.sql").read_bytes()
    _driver().execute(schema)
    op.execute(f"COMMENT ON TABLE procrastinate_jobs IS 'procrastinate {version('procrastinate')}'")
    op.create_table(
        "job_errors",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("job_id", sa.BigInteger, nullable=False),
        sa.Column("job", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("traceback", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_job_errors"),
    )
    op.create_index("ix_job_errors_job_id", "job_errors", ["job_id"])
    op.create_table(
        "job_steps",
        sa.Column("job_id", sa.BigInteger, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("job_id", "step", name="pk_job_steps"),
    )


def _mail() -> None:
    op.create_table(
        "mails",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("to_address", sa.Text, nullable=False),
        sa.Column("reply_to", sa.Text),
        sa.Column("in_reply_to", sa.Text),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("text_body", sa.Text),
        sa.Column("html_body", sa.Text),
        sa.Column("keeps_body", sa.Boolean, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("queued_at", _MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("settled_at", _MOMENT),
        sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        sa.UniqueConstraint("token", name="uq_mails_token"),
        sa.CheckConstraint("state IN ('queued', 'sent', 'failed')", name="ck_mails_state"),
        sa.CheckConstraint("(state = 'queued') = (settled_at IS NULL)", name="ck_mails_settled_when_not_queued"),
        sa.CheckConstraint("state <> 'failed' OR reason IS NOT NULL", name="ck_mails_failure_has_a_reason"),
        sa.CheckConstraint(
            "(state <> 'queued' AND NOT keeps_body) = (text_body IS NULL)"
            " AND (text_body IS NULL) = (html_body IS NULL)",
            name="ck_mails_body_until_settled",
        ),
        # The last line of defence against a second header or a second addressee.
        sa.CheckConstraint(
            r"to_address !~ '[[:cntrl:],;<>\s]' AND concat(subject, reply_to, in_reply_to) !~ '[[:cntrl:]]'",
            name="ck_mails_one_line",
        ),
    )
    op.create_index("ix_mails_unsettled", "mails", ["queued_at"], postgresql_where=sa.text("state <> 'sent'"))
    op.create_index("ix_mails_to_address", "mails", ["to_address"])


def _evidence() -> None:
    op.create_table(
        "documents",
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("chunks", sa.Integer, nullable=False),
        sa.Column("declared_name", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_documents"),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="ck_documents_sha256"),
        sa.CheckConstraint("size >= 0 AND chunks = (size + 1048575) / 1048576", name="ck_documents_whole"),
    )
    op.create_table(
        "document_chunks",
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("sha256", "number", name="pk_document_chunks"),
        sa.ForeignKeyConstraint(["sha256"], ["documents.sha256"], name="fk_document_chunks_sha256", ondelete="CASCADE"),
        sa.CheckConstraint("octet_length(content) BETWEEN 1 AND 1048576", name="ck_document_chunks_size"),
    )
    # Signed files are compressed already; a second attempt costs time and saves nothing.
    op.execute("ALTER TABLE document_chunks ALTER COLUMN content SET STORAGE EXTERNAL")
    op.create_table(
        "document_pages",
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("of", sa.Integer, nullable=False),
        sa.Column("png", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("sha256", "number", name="pk_document_pages"),
        sa.ForeignKeyConstraint(["sha256"], ["documents.sha256"], name="fk_document_pages_sha256", ondelete="CASCADE"),
        sa.CheckConstraint('number BETWEEN 1 AND "of"', name="ck_document_pages_number"),
    )
    op.create_table(
        "verifications",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("judged_at", _MOMENT, nullable=False),
        sa.Column("duration_ms", sa.Integer, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("report", JSONB),
        sa.Column("code", sa.Text),
        sa.Column("params", JSONB),
        sa.Column("expected", JSONB, nullable=False),
        sa.Column("trust_state", sa.Text),
        sa.Column("trust_digests", ARRAY(sa.Text), nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_verifications"),
        sa.ForeignKeyConstraint(["sha256"], ["documents.sha256"], name="fk_verifications_sha256"),
        sa.CheckConstraint(
            "CASE outcome WHEN 'report' THEN report IS NOT NULL AND code IS NULL"
            " WHEN 'unreadable' THEN report IS NULL AND code IS NOT NULL"
            " WHEN 'could-not-be-judged' THEN report IS NULL AND code IS NOT NULL ELSE false END",
            name="ck_verifications_outcome",
        ),
    )
    op.create_index("ix_verifications_sha256", "verifications", ["sha256"])
    op.create_table(
        "verification_revocations",
        sa.Column("verification_id", sa.BigInteger, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("verification_id", "number", name="pk_verification_revocations"),
        sa.ForeignKeyConstraint(
            ["verification_id"],
            ["verifications.id"],
            name="fk_verification_revocations_verification_id",
            ondelete="CASCADE",
        ),
    )


def _trusted_lists() -> None:
    op.create_table(
        "trust_lists",
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("sequence_number", sa.BigInteger, nullable=False),
        sa.Column("issued_at", _MOMENT, nullable=False),
        sa.Column("next_update", _MOMENT),
        sa.Column("fetched_at", _MOMENT, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_trust_lists"),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="ck_trust_lists_sha256"),
    )
    op.create_table(
        "trust_sources",
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("current", sa.Text),
        sa.Column("problem", JSONB),
        sa.Column("tried_at", _MOMENT, nullable=False),
        sa.Column("refreshed_at", _MOMENT),
        sa.PrimaryKeyConstraint("url", name="pk_trust_sources"),
        sa.ForeignKeyConstraint(["current"], ["trust_lists.sha256"], name="fk_trust_sources_current"),
        sa.CheckConstraint("current IS NOT NULL OR problem IS NOT NULL", name="ck_trust_sources_missing_has_a_reason"),
    )


def _staff() -> None:
    op.create_table(
        "staff",
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("roles", ARRAY(sa.Text), nullable=False),
        sa.Column("municipality_id", sa.BigInteger),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.Column("added_by", sa.Text, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.PrimaryKeyConstraint("username", name="pk_staff"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipalities.id"], name="fk_staff_municipality_id"),
        sa.CheckConstraint("username = lower(username) AND username <> ''", name="ck_staff_username"),
        sa.CheckConstraint(
            "cardinality(roles) > 0 AND"
            " roles <@ ARRAY['reviewer', 'approver', 'consultant', 'auditor', 'administrator']",
            name="ck_staff_roles",
        ),
        sa.CheckConstraint(
            "('consultant' = ANY (roles)) = (municipality_id IS NOT NULL)",
            name="ck_staff_consultant_has_a_municipality",
        ),
    )


def _drop_procrastinate() -> None:
    op.execute(
        """
        DO $$
        DECLARE
            thing record;
        BEGIN
            FOR thing IN SELECT oid::regclass AS name FROM pg_class
                          WHERE relname LIKE 'procrastinate\\_%' AND relkind = 'r' LOOP
                EXECUTE format('DROP TABLE IF EXISTS %s CASCADE', thing.name);
            END LOOP;
            FOR thing IN SELECT oid::regprocedure AS name FROM pg_proc WHERE proname LIKE 'procrastinate\\_%' LOOP
                EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', thing.name);
            END LOOP;
            FOR thing IN SELECT oid::regtype AS name FROM pg_type
                          WHERE typname LIKE 'procrastinate\\_%' AND typtype IN ('e', 'c') LOOP
                EXECUTE format('DROP TYPE IF EXISTS %s CASCADE', thing.name);
            END LOOP;
        END $$
        """
    )


def _driver() -> psycopg.Connection[tuple[object, ...]]:
    """The driver's own connection: the schema is many statements and full of percent signs and colons."""
    connection = op.get_bind().connection.driver_connection
    if not isinstance(connection, psycopg.Connection):
        raise TypeError("PostgreSQL through psycopg is needed")
    return connection
