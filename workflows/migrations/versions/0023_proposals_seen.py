"""Proposals know the scope that they are about, and how old a second person's sign-in may be is policy."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_KEPT = """kind, {0}.subject, {0}.payload, {0}.shown, {0}.count, {0}.seen_digest, {0}.rests_on, {0}.parties,
                 {0}.reason, {0}.proposed_by, {0}.proposed_at, {0}.expires_at"""
_AS_BEFORE = "RAISE EXCEPTION 'a proposal stays as it was made, and its end as it was written'"
_AS_A_RULE = f"{_AS_BEFORE} USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME"


def upgrade() -> None:
    op.add_column("proposals", sa.Column("scope_id", sa.BigInteger))
    op.create_foreign_key("fk_proposals_scope_id", "proposals", "scopes", ["scope_id"], ["id"])
    op.create_index("ix_proposals_scope_id", "proposals", ["scope_id"])
    op.execute("ALTER TABLE proposals DISABLE TRIGGER USER")  # what has ended is not changed otherwise
    op.execute(
        "UPDATE proposals SET scope_id = applications.scope_id FROM applications"
        " WHERE proposals.kind = 'application.approve' AND proposals.subject = 'application:' || applications.id"
    )
    op.execute("ALTER TABLE proposals ENABLE TRIGGER USER")
    _as_it_was(more=", {0}.scope_id", refused=_AS_A_RULE)
    numbers = sa.table(
        "policy_numbers",
        *(sa.column(name) for name in ("name", "unit", "source", "set_by")),
        sa.column("value", sa.BigInteger),
        sa.column("since", sa.Date),
        sa.column("set_at", sa.TIMESTAMP(timezone=True)),
    )
    op.bulk_insert(
        numbers,
        [
            {
                "name": "fresh_sign_in",
                "value": 5,
                "unit": "minutes",
                "since": dt.date(2000, 1, 1),
                "source": "ours, not law",
                "set_by": "system:migration",
                "set_at": dt.datetime(2026, 11, 30, tzinfo=dt.UTC),
            }
        ],
    )


def downgrade() -> None:
    op.execute("""
        DO $$ BEGIN
            IF (SELECT count(*) FROM policy_numbers WHERE name = 'fresh_sign_in') > 1
            THEN RAISE EXCEPTION 'the longest age of a sign-in was set' USING ERRCODE = 'restrict_violation';
            END IF;
        END $$
    """)
    op.execute("ALTER TABLE policy_numbers DISABLE TRIGGER USER")
    op.execute("DELETE FROM policy_numbers WHERE name = 'fresh_sign_in'")
    op.execute("ALTER TABLE policy_numbers ENABLE TRIGGER USER")
    _as_it_was(more="", refused=_AS_BEFORE)
    op.drop_column("proposals", "scope_id")


def _as_it_was(*, more: str, refused: str) -> None:
    old, new = (f"{row}.{(_KEPT + more).format(row)}" for row in ("OLD", "NEW"))
    op.execute(f"""
        CREATE OR REPLACE FUNCTION viis_proposal_as_it_was() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' OR OLD.state <> 'proposed' OR (
                ({old})
                IS DISTINCT FROM
                ({new})
            ) THEN
                {refused};
            END IF;
            RETURN NEW;
        END $$
    """)
