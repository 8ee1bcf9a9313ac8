"""Tables of the web door: sessions of staff, logins on their way, files dropped for a look, rates."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = sa.TIMESTAMP(timezone=True)
_DIGEST = "~ '^[0-9a-f]{64}$'"


def upgrade() -> None:
    op.create_table(
        "web_sessions",
        sa.Column("token_digest", sa.Text, nullable=False),
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("keycloak_session", sa.Text, nullable=False),
        sa.Column("sealed_refresh", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("token_digest", name="pk_web_sessions"),
        sa.ForeignKeyConstraint(["username"], ["staff.username"], name="fk_web_sessions_username"),
        sa.CheckConstraint(f"token_digest {_DIGEST}", name="ck_web_sessions_token_digest_hex"),
        sa.CheckConstraint("seen_at >= created_at AND ends_at > created_at", name="ck_web_sessions_in_order"),
    )
    op.create_index("ix_web_sessions_subject", "web_sessions", ["subject"])
    op.create_index("ix_web_sessions_keycloak_session", "web_sessions", ["keycloak_session"])
    op.create_table(
        "web_logins",
        sa.Column("state_digest", sa.Text, nullable=False),
        sa.Column("visit_digest", sa.Text, nullable=False),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("verifier", sa.Text, nullable=False),
        sa.Column("then", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("state_digest", name="pk_web_logins"),
        sa.CheckConstraint(f"state_digest {_DIGEST} AND visit_digest {_DIGEST}", name="ck_web_logins_digests_hex"),
    )
    op.create_table(
        "web_checks",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("token_digest", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("verification_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_web_checks"),
        sa.ForeignKeyConstraint(["sha256"], ["documents.sha256"], name="fk_web_checks_sha256"),
        sa.ForeignKeyConstraint(
            ["verification_id"], ["verifications.id"], name="fk_web_checks_verification_id", ondelete="SET NULL"
        ),
        sa.CheckConstraint(f"token_digest {_DIGEST}", name="ck_web_checks_token_digest_hex"),
    )
    op.create_index("ix_web_checks_received_at", "web_checks", ["received_at"])
    op.create_index("uq_web_checks_token_digest", "web_checks", ["token_digest"], unique=True)
    op.create_table(
        "web_rates",
        sa.Column("bucket", sa.Text, nullable=False),
        sa.Column("window", _MOMENT, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("bucket", "window", name="pk_web_rates"),
        sa.CheckConstraint("count > 0", name="ck_web_rates_count_positive"),
        # Losing the counts in a crash costs nothing; writing them twice would.
        prefixes=["UNLOGGED"],
    )


def downgrade() -> None:
    for table in ("web_rates", "web_checks", "web_logins", "web_sessions"):
        op.drop_table(table)
