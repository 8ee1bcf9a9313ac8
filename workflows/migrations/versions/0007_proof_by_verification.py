"""A part rests on the verification that proved it, whatever judging the file again says later."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("application_forms", sa.Column("verification_id", sa.BigInteger))
    op.create_foreign_key(
        "fk_application_forms_verification_id", "application_forms", "verifications", ["verification_id"], ["id"]
    )
    # What is proven already: the file's last verification is all that was kept of it here.
    op.execute(
        "UPDATE application_forms SET verification_id = application_uploads.verification_id"
        " FROM application_uploads WHERE application_uploads.id = application_forms.proven_by"
    )
    op.create_check_constraint(
        "ck_application_forms_proven_by_a_verification",
        "application_forms",
        "(standing = 'proven') = (verification_id IS NOT NULL)",
    )


def downgrade() -> None:
    op.drop_constraint("ck_application_forms_proven_by_a_verification", "application_forms")
    op.drop_constraint("fk_application_forms_verification_id", "application_forms")
    op.drop_column("application_forms", "verification_id")
