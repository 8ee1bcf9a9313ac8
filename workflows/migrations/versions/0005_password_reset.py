"""Tables of lost passwords: requests, links, codes seen, rates, policy."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MOMENT = sa.TIMESTAMP(timezone=True)
_DIGEST = "~ '^[0-9a-f]{64}$'"
_OUTCOMES = (
    "link_sent",
    "username_sent",
    "unknown",
    "shut",
    "not_ready",
    "no_address",
    "limited",
    "not_taken",
)
_STATES = ("sending", "live", "spending", "redeemed", "replaced", "cancelled", "unsent")


def upgrade() -> None:
    _requests()
    _links()
    _counters()
    _policy()


def downgrade() -> None:
    for table in ("reset_policies", "reset_rates", "reset_codes", "reset_links", "reset_requests"):
        op.drop_table(table)


def _words(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


def _requests() -> None:
    op.create_table(
        "reset_requests",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("asked", sa.Text),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("started_by", sa.Text),
        sa.Column("account_id", sa.BigInteger),
        sa.Column("outcome", sa.String(40)),
        sa.Column("settled_at", _MOMENT),
        sa.Column("mail_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_reset_requests"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_reset_requests_account_id"),
        sa.ForeignKeyConstraint(["mail_id"], ["mails.id"], name="fk_reset_requests_mail_id", ondelete="SET NULL"),
        sa.CheckConstraint("char_length(asked) <= 254", name="ck_reset_requests_asked_short"),
        sa.CheckConstraint("(outcome IS NULL) = (settled_at IS NULL)", name="ck_reset_requests_settled_with_outcome"),
        sa.CheckConstraint("outcome IS NULL OR asked IS NULL", name="ck_reset_requests_forgotten_when_settled"),
        sa.CheckConstraint("language IN ('lv', 'en')", name="ck_reset_requests_language_known"),
        sa.CheckConstraint(
            "started_by IS NULL OR account_id IS NOT NULL", name="ck_reset_requests_staff_name_the_account"
        ),
        sa.CheckConstraint(_words("outcome", _OUTCOMES), name="ck_reset_requests_outcome_known"),
    )
    op.create_index("ix_reset_requests_at", "reset_requests", ["at"])
    op.create_index(
        "ix_reset_requests_account",
        "reset_requests",
        ["account_id", "settled_at"],
        postgresql_where=sa.text("account_id IS NOT NULL"),
    )


def _links() -> None:
    op.create_table(
        "reset_links",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("account_id", sa.BigInteger, nullable=False),
        sa.Column("request_id", sa.BigInteger, nullable=False),
        sa.Column("secret_digest", sa.CHAR(64), nullable=False),
        sa.Column("code_digest", sa.CHAR(64), nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("password_seen", sa.Text, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("spent_at", _MOMENT),
        sa.Column("settled_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_reset_links"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_reset_links_account_id"),
        sa.ForeignKeyConstraint(
            ["request_id"], ["reset_requests.id"], name="fk_reset_links_request_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("secret_digest", name="uq_reset_links_secret_digest"),
        sa.UniqueConstraint("code_digest", name="uq_reset_links_code_digest"),
        sa.CheckConstraint(f"secret_digest {_DIGEST} AND code_digest {_DIGEST}", name="ck_reset_links_digests_hex"),
        sa.CheckConstraint("expires_at > made_at", name="ck_reset_links_lives_for_a_while"),
        sa.CheckConstraint(_words("state", _STATES), name="ck_reset_links_state_known"),
        sa.CheckConstraint(
            "(state IN ('sending', 'live', 'spending')) = (settled_at IS NULL)",
            name="ck_reset_links_settled_when_at_an_end",
        ),
        sa.CheckConstraint("state <> 'spending' OR spent_at IS NOT NULL", name="ck_reset_links_spent_at_some_time"),
    )
    # The rule of one live link, held by the database.
    op.create_index(
        "uq_reset_links_one_live_an_account",
        "reset_links",
        ["account_id"],
        unique=True,
        postgresql_where=sa.text("state = 'live'"),
    )
    op.create_index("ix_reset_links_account_id", "reset_links", ["account_id"])
    op.create_index("ix_reset_links_made_at", "reset_links", ["made_at"])


def _counters() -> None:
    # Unlogged: a crash of the server forgets ten minutes of codes and an hour of counts, which costs nothing. No
    # request waits for the disk on their account.
    op.create_table(
        "reset_codes",
        sa.Column("digest", sa.CHAR(64), nullable=False),
        sa.Column("tries", sa.SmallInteger, nullable=False),
        sa.Column("spent", sa.Boolean, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_reset_codes"),
        sa.CheckConstraint(f"digest {_DIGEST}", name="ck_reset_codes_digest_hex"),
        sa.CheckConstraint("tries >= 0", name="ck_reset_codes_tries_counted"),
        prefixes=["UNLOGGED"],
    )
    op.create_index("ix_reset_codes_until", "reset_codes", ["until"])
    op.create_table(
        "reset_rates",
        sa.Column("bucket", sa.Text, nullable=False),
        sa.Column("hour", _MOMENT, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("bucket", "hour", name="pk_reset_rates"),
        sa.CheckConstraint("count > 0", name="ck_reset_rates_count_positive"),
        prefixes=["UNLOGGED"],
    )


def _policy() -> None:
    numbers = (
        "mails_an_hour",
        "requests_per_network",
        "requests_overall",
        "wrong_per_network",
        "link_minutes",
        "code_minutes",
        "code_tries",
    )
    policies = op.create_table(
        "reset_policies",
        sa.Column("since", sa.Date, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in numbers),
        sa.PrimaryKeyConstraint("since", name="pk_reset_policies"),
        sa.CheckConstraint(
            "mails_an_hour > 0 AND requests_per_network > 0 AND requests_overall > 0 AND wrong_per_network > 0"
            " AND link_minutes > 0 AND code_minutes > 0 AND code_tries > 0",
            name="ck_reset_policies_numbers_positive",
        ),
    )
    op.bulk_insert(
        policies,
        [
            {
                "since": dt.date(2020, 1, 1),
                "mails_an_hour": 3,
                "requests_per_network": 300,
                "requests_overall": 3000,
                "wrong_per_network": 300,
                "link_minutes": 60,
                "code_minutes": 10,
                "code_tries": 3,
            }
        ],
    )
