"""The answer of a revocation server is stored once by its digest, however many verifications it served."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "revocation_answers",
        sa.Column("sha256", sa.CHAR(64), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("stored_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_revocation_answers"),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="ck_revocation_answers_sha256_hex"),
    )
    op.execute("ALTER TABLE revocation_answers ALTER COLUMN content SET STORAGE EXTERNAL")
    op.add_column("verification_revocations", sa.Column("sha256", sa.CHAR(64)))
    op.execute("UPDATE verification_revocations SET sha256 = encode(sha256(content), 'hex')")
    op.execute("""
        INSERT INTO revocation_answers (sha256, content, stored_at)
        SELECT DISTINCT ON (named.sha256) named.sha256, named.content, judged.judged_at
          FROM verification_revocations AS named JOIN verifications AS judged ON judged.id = named.verification_id
         ORDER BY named.sha256, judged.judged_at DESC
    """)
    op.alter_column("verification_revocations", "sha256", nullable=False)
    op.create_foreign_key(
        "fk_verification_revocations_sha256", "verification_revocations", "revocation_answers", ["sha256"], ["sha256"]
    )
    op.create_index("ix_verification_revocations_sha256", "verification_revocations", ["sha256"])
    op.drop_column("verification_revocations", "content")


def downgrade() -> None:
    op.add_column("verification_revocations", sa.Column("content", sa.LargeBinary))
    op.execute("""
        UPDATE verification_revocations AS named SET content = answer.content
          FROM revocation_answers AS answer WHERE answer.sha256 = named.sha256
    """)
    op.alter_column("verification_revocations", "content", nullable=False)
    op.drop_index("ix_verification_revocations_sha256", "verification_revocations")
    op.drop_constraint("fk_verification_revocations_sha256", "verification_revocations")
    op.drop_column("verification_revocations", "sha256")
    op.drop_table("revocation_answers")
