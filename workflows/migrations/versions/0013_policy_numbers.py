"""Every number of policy stands in one table of dated rows that are only added."""

import datetime as dt
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_MOMENT = sa.TIMESTAMP(timezone=True)
_BEGIN = dt.date(2000, 1, 1)
_SET_AT = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)
_OURS = "ours, not law"
_SLIDES = "the ministry's slides of 2021-08-26"
_SECURITY = "MK 442/2015 as it was applied; MK 397/2025"
_UNITS = (
    "minutes",
    "hours",
    "days",
    "working days",
    "months",
    "years",
    "MiB",
    "percent",
    "count",
    "day of the year",
    "yes or no",
)

_FIRST = (
    ("draft_kept", 30, "days", _OURS),
    ("asked_documents_kept", 30, "days", _OURS),
    ("decision_due", 5, "working days", _OURS),
    ("decision_overdue", 10, "working days", _OURS),
    ("ended_application_shown", 90, "days", _OURS),
    ("start_earliest", 31, "days", _OURS),
    ("start_latest", 366, "days", _OURS),
    ("sign_mails_an_hour", 30, "count", _OURS),
    ("link_mails_an_hour", 5, "count", _OURS),
    ("looks_per_network", 250, "MiB", _OURS),
    ("looks_overall", 5_000, "MiB", _OURS),
    ("machine_per_network", 20_000, "MiB", _OURS),
    ("uploads_per_network", 2_048, "MiB", _OURS),
    ("uploads_overall", 10_000, "MiB", _OURS),
    ("per_application", 250, "MiB", _OURS),
    ("waiting_for_verdict", 500, "MiB", _OURS),
    ("evidence_most", 100_000, "MiB", _OURS),
    ("look_kept", 60, "minutes", _OURS),
    ("look_result_kept", 1, "days", _OURS),
    ("junk_kept", 30, "days", _OURS),
    ("junk_kept_when_full", 1, "hours", _OURS),
    ("mail_largest", 40, "MiB", _OURS),
    ("reset_mails_an_hour", 3, "count", _OURS),
    ("reset_requests_per_network", 60, "count", _OURS),
    ("reset_requests_overall", 3_000, "count", _OURS),
    ("reset_wrong_per_network", 300, "count", _OURS),
    ("reset_link_valid", 60, "minutes", _SLIDES),
    ("reset_requests_kept", 30, "days", _OURS),
    ("picture_code_length", 6, "count", _OURS),
    ("picture_code_valid", 10, "minutes", _OURS),
    ("picture_code_tries", 3, "count", _OURS),
    ("password_length", 12, "count", _SECURITY),
    ("password_classes", 0, "count", _SECURITY),
    ("keycloak_cap_accounts", 20, "count", _OURS),
    ("keycloak_cap_share", 5, "percent", _OURS),
    ("access_token_valid", 5, "minutes", _OURS),
    ("session_idle", 30, "minutes", _OURS),
    ("session_absolute", 12, "hours", _OURS),
    ("evidence_kept", 10, "years", _OURS),
    ("raw_mail_kept", 18, "months", _OURS),
    ("audit_kept", 18, "months", _SECURITY),
    ("closed_ticket_codes_kept", 6, "months", _OURS),
    ("four_eyes_paper", 1, "yes or no", _OURS),
    ("four_eyes_bulk", 1, "yes or no", _OURS),
    ("four_eyes_wide_scope", 1, "yes or no", _OURS),
    ("four_eyes_unregistered_signatory", 1, "yes or no", _OURS),
    ("confirmation_opens", 901, "day of the year", _OURS),
    ("confirmation_due", 930, "day of the year", _OURS),
    ("confirmation_first_reminder", 14, "days", _OURS),
    ("confirmation_second_reminder", 23, "days", _OURS),
)

# The tables before: column, its first value, the number's name now, and how many new units make one old unit.
_BEFORE = {
    "reset_policies": (
        ("mails_an_hour", 3, "reset_mails_an_hour", 1),
        ("requests_per_network", 300, "reset_requests_per_network", 1),
        ("requests_overall", 3000, "reset_requests_overall", 1),
        ("wrong_per_network", 300, "reset_wrong_per_network", 1),
        ("link_minutes", 60, "reset_link_valid", 1),
        ("code_minutes", 10, "picture_code_valid", 1),
        ("code_tries", 3, "picture_code_tries", 1),
    ),
    "upload_policies": (
        ("looks_per_network", 250, "looks_per_network", 1),
        ("looks_overall", 5_000, "looks_overall", 1),
        ("machine_per_network", 20_000, "machine_per_network", 1),
        ("uploads_per_network", 1_000, "uploads_per_network", 24),  # an hour, now a day
        ("uploads_overall", 10_000, "uploads_overall", 1),
        ("per_application", 150, "per_application", 1),
        ("looked_at", 500, "waiting_for_verdict", 1),
        ("kept", 100_000, "evidence_most", 1),
        ("look_minutes", 60, "look_kept", 1),
        ("junk_days", 7, "junk_kept", 1),
    ),
}


def upgrade() -> None:
    table = op.create_table(
        "policy_numbers",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.Column("set_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_policy_numbers"),
        sa.CheckConstraint("value >= 0", name="ck_policy_numbers_value_not_negative"),
        sa.CheckConstraint("char_length(source) BETWEEN 3 AND 500", name="ck_policy_numbers_source_given"),
        sa.CheckConstraint("unit <> 'yes or no' OR value IN (0, 1)", name="ck_policy_numbers_yes_or_no"),
        sa.CheckConstraint(f"unit IN ({', '.join(map(repr, _UNITS))})", name="ck_policy_numbers_unit_known"),
    )
    op.create_index("ix_policy_numbers_name_since", "policy_numbers", ["name", "since"])
    first = [
        {"name": name, "value": value, "unit": unit, "since": _BEGIN, "source": source}
        for name, value, unit, source in _FIRST
    ]
    changed = list(_changed())
    op.bulk_insert(table, [{**one, "set_by": "system:migration", "set_at": _SET_AT} for one in [*first, *changed]])
    op.execute("""
        CREATE TRIGGER tr_policy_numbers_written_once BEFORE UPDATE OR DELETE ON policy_numbers
        FOR EACH ROW EXECUTE FUNCTION viis_refuse_change()
    """)
    for before in _BEFORE:
        op.drop_table(before)


def _changed() -> Iterator[dict[str, object]]:
    """Carry over what somebody set otherwise than the program did."""
    units = {name: unit for name, _, unit, _ in _FIRST}
    for before, columns in _BEFORE.items():
        rows = op.get_bind().execute(sa.text(f"SELECT * FROM {before} ORDER BY since")).mappings().all()  # noqa: S608 - our own table
        for column, last, name, times in columns:
            for row in rows:
                if row[column] != last:
                    last = row[column]  # noqa: PLW2901 - the value before
                    yield {
                        "name": name,
                        "value": last * times,
                        "unit": units[name],
                        "since": row["since"],
                        "source": f"carried over from {before}",
                    }


def downgrade() -> None:
    op.execute("""
        DO $$ BEGIN
            IF EXISTS (SELECT FROM policy_numbers WHERE set_by <> 'system:migration') THEN
                RAISE EXCEPTION 'numbers of policy were set, which the tables before cannot hold with their sources'
                    USING ERRCODE = 'restrict_violation';
            END IF;
        END $$
    """)
    for before, columns in _BEFORE.items():
        names = [column for column, *_ in columns]
        table = op.create_table(
            before,
            sa.Column("since", sa.Date, nullable=False),
            *(sa.Column(name, sa.Integer, nullable=False) for name in names),
            sa.PrimaryKeyConstraint("since", name=f"pk_{before}"),
            sa.CheckConstraint(" AND ".join(f"{name} > 0" for name in names), name=f"ck_{before}_numbers_positive"),
        )
        op.bulk_insert(table, list(_wide(columns)))
    op.drop_table("policy_numbers")


def _wide(columns: tuple[tuple[str, int, str, int], ...]) -> Iterator[dict[str, object]]:
    """Give one row a day on which any of these numbers changed, with all of them.

    A number that nobody changed goes back to its first value before, so that the way up finds it unchanged.
    """
    wanted = {name: (column, first, times) for column, first, name, times in columns}
    rows = op.get_bind().execute(
        sa.text("SELECT name, value, since FROM policy_numbers WHERE name = ANY(:names) ORDER BY since, id"),
        {"names": list(wanted)},
    )
    known: dict[str, object] = {}
    days: dict[dt.date, dict[str, object]] = {}
    for name, value, since in rows:
        column, first, times = wanted[name]
        known[column] = max(1, value // times) if column in known else first
        days[since] = {**known, "since": since}
    yield from days.values()
