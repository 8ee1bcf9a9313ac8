"""How much may come in and how long it is kept; what is only looked at has a table of its own, and goes."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_MOMENT = sa.TIMESTAMP(timezone=True)
_FIRST = {
    "since": dt.date(2020, 1, 1),
    "looks_per_network": 250,
    "looks_overall": 5_000,
    "machine_per_network": 20_000,
    "uploads_per_network": 1_000,
    "uploads_overall": 10_000,
    "per_application": 150,
    "looked_at": 500,
    "kept": 100_000,
    "look_minutes": 60,
    "junk_days": 7,
}


def upgrade() -> None:
    op.add_column("documents", sa.Column("held", sa.String(40), nullable=False, server_default="kept"))
    op.create_check_constraint("ck_documents_held_known", "documents", "held IN ('kept', 'looked-at', 'dropped')")
    # How much is held is added up with each upload: from the index alone.
    op.create_index("ix_documents_held", "documents", ["held"], postgresql_include=["size"])
    op.create_table(
        "look_chunks",
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("sha256", "number", name="pk_look_chunks"),
        sa.ForeignKeyConstraint(["sha256"], ["documents.sha256"], name="fk_look_chunks_sha256", ondelete="CASCADE"),
        sa.CheckConstraint("octet_length(content) BETWEEN 1 AND 1048576", name="ck_look_chunks_size"),
        prefixes=["UNLOGGED"],
    )
    op.execute("ALTER TABLE look_chunks ALTER COLUMN content SET STORAGE EXTERNAL")
    # Its rows live for seconds: their room is wanted back before a fifth of the table is dead.
    op.execute("ALTER TABLE look_chunks SET (toast.autovacuum_vacuum_scale_factor = 0.05)")
    op.create_table(
        "upload_bytes",
        sa.Column("bucket", sa.Text, nullable=False),
        sa.Column("hour", _MOMENT, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("bucket", "hour", name="pk_upload_bytes"),
        sa.CheckConstraint("bytes >= 0", name="ck_upload_bytes_bytes_counted"),
        prefixes=["UNLOGGED"],
    )
    numbers = [name for name in _FIRST if name != "since"]
    policies = op.create_table(
        "upload_policies",
        sa.Column("since", sa.Date, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in numbers),
        sa.PrimaryKeyConstraint("since", name="pk_upload_policies"),
        sa.CheckConstraint(" AND ".join(f"{name} > 0" for name in numbers), name="ck_upload_policies_numbers_positive"),
    )
    op.bulk_insert(policies, [_FIRST])


def downgrade() -> None:
    for table in ("upload_policies", "upload_bytes", "look_chunks"):
        op.drop_table(table)
    op.drop_index("ix_documents_held", "documents")
    op.drop_constraint("ck_documents_held_known", "documents")
    op.drop_column("documents", "held")
