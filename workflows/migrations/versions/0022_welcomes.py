"""Accounts know whether their holder was told that they can be used."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("welcome", sa.String(40)))
    op.create_check_constraint("ck_accounts_welcome_known", "accounts", "welcome IN ('due', 'sent')")
    # Until now the mail left as soon as Keycloak showed the account.
    op.execute(
        "UPDATE accounts SET welcome = CASE WHEN keycloak_id IS NULL THEN 'due' ELSE 'sent' END"
        " WHERE NOT adopted AND EXISTS (SELECT FROM grants JOIN evidence ON evidence.id = grants.evidence_id"
        " WHERE grants.account_id = accounts.id AND evidence.kind = 'signed_pair')"
    )


def downgrade() -> None:
    op.drop_column("accounts", "welcome")
