"""Tables of applications: what was stated, the forms made of it, links, uploads, decisions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import CHAR, JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MOMENT = sa.TIMESTAMP(timezone=True)
_SHA256 = "~ '^[0-9a-f]{64}$'"


def upgrade() -> None:
    _applications()
    _uploads()
    _forms()
    _links()
    _decisions()
    # What the tables before could not point at yet.
    op.create_foreign_key("fk_evidence_application_id", "evidence", "applications", ["application_id"], ["id"])
    op.create_foreign_key(
        "fk_evidence_documents_verification_id", "evidence_documents", "verifications", ["verification_id"], ["id"]
    )
    # What was signed never changes: not the facts, not the digest of the form made of them.
    op.execute(
        """
        CREATE FUNCTION viis_application_keeps_what_was_signed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.submitted_at IS NOT NULL AND (NEW.stated, NEW.edition, NEW.submitted_at, NEW.reference)
                IS DISTINCT FROM (OLD.stated, OLD.edition, OLD.submitted_at, OLD.reference) THEN
                RAISE EXCEPTION 'what application % states was submitted and stays', OLD.id
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER applications_keep_what_was_signed BEFORE UPDATE ON applications
            FOR EACH ROW EXECUTE FUNCTION viis_application_keeps_what_was_signed();
        """
    )


def downgrade() -> None:
    # Rights rest on applications for ten years: with any such right there is no way back past this revision.
    op.execute(
        """
        DO $$
        BEGIN
            IF EXISTS (SELECT FROM evidence WHERE application_id IS NOT NULL) THEN
                RAISE EXCEPTION 'rights rest on applications, which cannot be taken away'
                    USING ERRCODE = 'restrict_violation';
            END IF;
        END $$
        """
    )
    op.drop_constraint("fk_evidence_documents_verification_id", "evidence_documents")
    op.drop_constraint("fk_evidence_application_id", "evidence")
    for table in (
        "application_decisions",
        "application_links",
        "application_forms",
        "application_uploads",
        "applications",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION viis_application_keeps_what_was_signed")


def _words(column: str, name: str, *words: str) -> sa.CheckConstraint:
    said = ", ".join(f"'{word}'" for word in words)
    return sa.CheckConstraint(f"{column} IN ({said})", name=name)


def _check(condition: str, name: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=name)


def _of_application(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("application_id", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=f"fk_{table}_application_id"),
    )


def _applications() -> None:
    op.create_table(
        "applications",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("answers", JSONB, nullable=False),
        sa.Column("stated", JSONB),
        sa.Column("edition", sa.Text),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.Column("submitted_at", _MOMENT),
        sa.Column("in_review_at", _MOMENT),
        sa.Column("decided_at", _MOMENT),
        sa.Column("expires_at", _MOMENT),
        sa.Column("claimed_by", sa.Text),
        sa.Column("claimed_at", _MOMENT),
        sa.Column("scope_id", sa.BigInteger),
        sa.Column("user_person_id", sa.BigInteger),
        sa.Column("head_is_user", sa.Boolean, nullable=False),
        sa.Column("signatory_open", sa.Boolean, nullable=False),
        sa.Column("applicant_name", sa.Text, nullable=False),
        sa.Column("applicant_code", sa.Text, nullable=False),
        sa.Column("municipality", sa.Text, nullable=False),
        sa.Column("head_name", sa.Text, nullable=False),
        sa.Column("user_name", sa.Text, nullable=False),
        sa.Column("search_key", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_applications"),
        sa.UniqueConstraint("reference", name="uq_applications_reference"),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name="fk_applications_scope_id"),
        sa.ForeignKeyConstraint(["user_person_id"], ["people.id"], name="fk_applications_user_person_id"),
        _words("kind", "ck_applications_kind_known", "grant", "revocation"),
        _words(
            "state",
            "ck_applications_state_known",
            "draft",
            "awaiting_signatures",
            "in_review",
            "more_requested",
            "approved",
            "refused",
            "withdrawn",
            "expired",
        ),
        _check("reference ~ '^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$'", "ck_applications_reference_shape"),
        _check("language IN ('lv', 'en')", "ck_applications_language_known"),
        _check(
            "(submitted_at IS NULL) = (stated IS NULL) AND (submitted_at IS NULL) = (edition IS NULL)",
            "ck_applications_submitted_with_what_it_states",
        ),
        _check(
            "submitted_at IS NOT NULL OR state IN ('draft', 'withdrawn', 'expired')",
            "ck_applications_only_drafts_unsubmitted",
        ),
        _check("(state IN ('approved', 'refused')) = (decided_at IS NOT NULL)", "ck_applications_decided_when_decided"),
        _check("(claimed_by IS NULL) = (claimed_at IS NULL)", "ck_applications_claimed_by_somebody_at_some_time"),
    )
    op.create_index("ix_applications_queue", "applications", ["state", "in_review_at"])
    op.create_index(
        "ix_applications_claimed_by",
        "applications",
        ["claimed_by"],
        postgresql_where=sa.text("claimed_by IS NOT NULL"),
    )
    op.create_index(
        "ix_applications_expires_at",
        "applications",
        ["expires_at"],
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index("ix_applications_scope_id", "applications", ["scope_id"])
    op.create_index("ix_applications_user_person_id", "applications", ["user_person_id"])


def _uploads() -> None:
    op.create_table(
        "application_uploads",
        *_of_application("application_uploads"),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("party", sa.String(40), nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", _MOMENT),
        sa.Column("judged_at", _MOMENT),
        sa.Column("verification_id", sa.BigInteger),
        sa.Column("findings", JSONB, nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["documents.sha256"], name="fk_application_uploads_sha256"),
        sa.ForeignKeyConstraint(
            ["verification_id"], ["verifications.id"], name="fk_application_uploads_verification_id"
        ),
        sa.UniqueConstraint("application_id", "sha256", name="uq_application_uploads_same_file_once"),
        _words("party", "ck_application_uploads_party_known", "head", "user", "applicant"),
        _words("state", "ck_application_uploads_state_known", "waiting", "judged", "unreadable"),
        _check("attempts >= 0", "ck_application_uploads_attempts_counted"),
        _check("state <> 'judged' OR verification_id IS NOT NULL", "ck_application_uploads_judged_with_a_verification"),
    )
    op.create_index("ix_application_uploads_sha256", "application_uploads", ["sha256"])
    op.create_index(
        "ix_application_uploads_waiting",
        "application_uploads",
        ["next_attempt_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )


def _forms() -> None:
    op.create_table(
        "application_forms",
        *_of_application("application_forms"),
        sa.Column("part", sa.String(40), nullable=False),
        sa.Column("sha256", CHAR(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("standing", sa.String(40), nullable=False),
        sa.Column("proven_by", sa.BigInteger),
        sa.Column("signature_id", sa.Text),
        sa.Column("signer_name", sa.Text),
        sa.Column("signer_person_id", sa.BigInteger),
        sa.Column("signed_at", _MOMENT),
        sa.Column("notes", JSONB, nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["documents.sha256"], name="fk_application_forms_sha256"),
        sa.ForeignKeyConstraint(["proven_by"], ["application_uploads.id"], name="fk_application_forms_proven_by"),
        sa.ForeignKeyConstraint(["signer_person_id"], ["people.id"], name="fk_application_forms_signer_person_id"),
        sa.UniqueConstraint("application_id", "part", name="uq_application_forms_one_of_each"),
        sa.UniqueConstraint("sha256", name="uq_application_forms_sha256"),
        _words("part", "ck_application_forms_part_known", "application", "letter"),
        _words(
            "standing",
            "ck_application_forms_standing_known",
            "awaited",
            "objected",
            "undetermined",
            "needs_person",
            "proven",
        ),
        _check(f"sha256 {_SHA256}", "ck_application_forms_sha256_hex"),
        _check(
            "(standing = 'proven') = (proven_by IS NOT NULL) AND (standing = 'proven') = (signed_at IS NOT NULL)",
            "ck_application_forms_proven_by_an_upload",
        ),
    )


def _links() -> None:
    op.create_table(
        "application_links",
        *_of_application("application_links"),
        sa.Column("party", sa.String(40), nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("token_digest", CHAR(64), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.UniqueConstraint("token_digest", name="uq_application_links_token_digest"),
        _words("party", "ck_application_links_party_known", "head", "user", "applicant"),
        _check(f"token_digest {_SHA256}", "ck_application_links_token_digest_hex"),
    )
    op.create_index("ix_application_links_application_id", "application_links", ["application_id"])


def _decisions() -> None:
    op.create_table(
        "application_decisions",
        *_of_application("application_decisions"),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text, nullable=False),
        sa.Column("decided_at", _MOMENT, nullable=False),
        sa.Column("seen_version", sa.Integer, nullable=False),
        sa.Column("evidence_id", sa.BigInteger),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name="fk_application_decisions_evidence_id"),
        _words("kind", "ck_application_decisions_kind_known", "approved", "refused", "more_requested"),
        _check("btrim(decided_by) <> ''", "ck_application_decisions_decided_by_somebody"),
        _check("kind = 'approved' OR btrim(reason) <> ''", "ck_application_decisions_reason_said"),
        _check("(kind = 'approved') = (evidence_id IS NOT NULL)", "ck_application_decisions_approved_on_evidence"),
    )
    op.create_index("ix_application_decisions_application_id", "application_decisions", ["application_id"])
    op.create_index(
        "uq_application_decisions_decided_once",
        "application_decisions",
        ["application_id"],
        unique=True,
        postgresql_where=sa.text("kind IN ('approved', 'refused')"),
    )
