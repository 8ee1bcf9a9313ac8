"""Requests to restore rights that the reform took."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import CHAR

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_MOMENT = sa.TIMESTAMP(timezone=True)
_STATES = ("asked", "mailed", "in_review", "restored", "refused", "answered", "lapsed", "dropped")
_TABLE = "restoration_requests"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("given_name", sa.Text, nullable=False),
        sa.Column("surname", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("account_id", sa.BigInteger),
        sa.Column("settled_at", _MOMENT),
        sa.Column("secret_digest", CHAR(64)),
        sa.Column("email", sa.Text),
        sa.Column("link_until", _MOMENT),
        sa.Column("confirmed_at", _MOMENT),
        sa.Column("decided_by", sa.Text),
        sa.Column("second_person", sa.Text),
        sa.Column("decided_at", _MOMENT),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_restoration_requests"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_restoration_requests_account_id"),
        sa.UniqueConstraint("secret_digest", name="uq_restoration_requests_secret_digest"),
        *(sa.CheckConstraint(said, name=f"ck_restoration_requests_{name}") for name, said in _checks().items()),
    )
    op.create_index(
        "uq_restoration_requests_one_in_review",
        _TABLE,
        ["account_id"],
        unique=True,
        postgresql_where=sa.text("state = 'in_review'"),
    )
    op.create_index("ix_restoration_requests_state", _TABLE, ["state", "confirmed_at"])
    op.create_index("ix_restoration_requests_account_id", _TABLE, ["account_id"])


def downgrade() -> None:
    # A right that was given back names its evidence, not the request: what would be lost is who asked and decided.
    op.execute("""
        DO $$ BEGIN
            IF EXISTS (SELECT FROM restoration_requests WHERE state IN ('in_review', 'restored', 'refused'))
            THEN RAISE EXCEPTION 'requests to restore rights were confirmed'
                USING ERRCODE = 'restrict_violation';
            END IF;
        END $$
    """)
    op.drop_table(_TABLE)


def _checks() -> dict[str, str]:
    return {
        "state_known": f"state IN ({', '.join(repr(state) for state in _STATES)})",
        "language_known": "language IN ('lv', 'en')",
        "description_short": "char_length(description) <= 2000",
        "forgotten_when_nobody_goes_on": (
            "state NOT IN ('dropped', 'answered', 'lapsed') OR username || given_name || surname || description = ''"
        ),
        "account_known": "state IN ('asked', 'dropped') OR account_id IS NOT NULL",
        "mailed_with_a_link": "state <> 'mailed' OR num_nonnulls(secret_digest, email, link_until) = 3",
        "secret_digest_sha256": "secret_digest ~ '^[0-9a-f]{64}$'",
        "confirmed_by_holder": "(state IN ('in_review', 'restored', 'refused')) = (confirmed_at IS NOT NULL)",
        "decided_by_somebody": (
            "(state IN ('restored', 'refused')) = (num_nonnulls(decided_by, decided_at) = 2)"
            " AND num_nonnulls(decided_by, decided_at) <> 1"
        ),
        "refused_with_a_reason": "state <> 'refused' OR btrim(reason) <> ''",
        "second_is_another_person": "second_person IS NULL OR second_person <> decided_by",
    }
