"""What must be signed stands apart from what was made for it, and from the application; events have a table of pages.

Requests take over the numbers of their applications, so that what is queued by number stays right.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, CHAR, JSONB

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_MOMENT = sa.TIMESTAMP(timezone=True)
_SHA256 = "sha256 ~ '^[0-9a-f]{64}$'"
_WAYS = "ways <@ ARRAY['signature', 'person', 'paper'] AND cardinality(ways) > 0"
_PROVEN = "(standing = 'proven') = (proven_how IS NOT NULL) AND (standing = 'proven') = (signed_at IS NOT NULL)"
_VERIFIED = "(coalesce(proven_how, 'paper') <> 'paper') = (verification_id IS NOT NULL)"
_UPLOADED = (
    "CASE coalesce(proven_how, '') WHEN '' THEN proven_by IS NULL WHEN 'paper' THEN true ELSE proven_by IS NOT NULL END"
)
_SIGNED = "proven_how = 'signature' OR proven_how = 'person' OR signature_id IS NULL"
_TABLES = {
    "application_uploads": "signed_form_uploads",
    "application_links": "signed_form_links",
    "application_forms": "required_documents",
}
_JOBS = {
    "application.judge": "signed_forms.judge",
    "application.hand_to_a_person": "signed_forms.hand_to_a_person",
    "application.draw": "signed_forms.draw",
}


def upgrade() -> None:
    _requests()
    for old, new in _TABLES.items():
        op.rename_table(old, new)
        op.execute(f"ALTER TABLE {new} RENAME CONSTRAINT pk_{old} TO pk_{new}")
        op.execute(f"ALTER SEQUENCE {old}_id_seq RENAME TO {new}_id_seq")
        op.add_column(new, sa.Column("request_id", sa.BigInteger))
        op.execute(f"UPDATE {new} SET request_id = application_id")  # noqa: S608 - names of our own
        op.alter_column(new, "request_id", nullable=False)
        op.drop_column(new, "application_id")
        op.create_foreign_key(f"fk_{new}_request_id", new, "signing_requests", ["request_id"], ["id"])
        _rename_not_null(new, old, new)
    _uploads()
    _links()
    _documents()
    _events()
    op.drop_constraint("ck_applications_kind_known", "applications")
    op.alter_column("applications", "kind", type_=sa.Text)
    _rename_jobs(_JOBS, "application", "signing", "application_id", "request_id")


def downgrade() -> None:
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM signing_requests WHERE owner <> 'application')
                OR EXISTS (SELECT FROM applications WHERE kind NOT IN ('grant', 'revocation'))
                OR EXISTS (SELECT FROM required_documents d LEFT JOIN made_forms m ON m.document_id = d.id
                           WHERE m.document_id IS NULL OR d.proven_how = 'paper')
            THEN RAISE EXCEPTION 'there are rows that the tables before cannot hold: kinds, owners, paper'
                USING ERRCODE = 'restrict_violation';
            END IF;
        END $$
        """
    )
    _rename_jobs({new: old for old, new in _JOBS.items()}, "signing", "application", "request_id", "application_id")
    op.alter_column("applications", "kind", type_=sa.String(40))
    op.create_check_constraint("ck_applications_kind_known", "applications", "kind IN ('grant', 'revocation')")
    op.drop_table("application_events")
    _documents_back()
    _links_back()
    _uploads_back()
    for old, new in _TABLES.items():
        op.rename_table(new, old)
        op.execute(f"ALTER TABLE {old} RENAME CONSTRAINT pk_{new} TO pk_{old}")
        op.execute(f"ALTER SEQUENCE {new}_id_seq RENAME TO {old}_id_seq")
        _rename_not_null(old, new, old)
    op.drop_column("applications", "request_id")
    op.drop_table("signing_requests")


def _requests() -> None:
    op.create_table(
        "signing_requests",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT),
        sa.Column("anything_from", _MOMENT),
        sa.Column("kept", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_signing_requests"),
        sa.UniqueConstraint("owner", "reference", name="uq_signing_requests_reference"),
        sa.CheckConstraint("language IN ('lv', 'en')", name="ck_signing_requests_language_known"),
        sa.CheckConstraint("btrim(reference) <> ''", name="ck_signing_requests_reference_given"),
    )
    op.create_index(
        "ix_signing_requests_closed_at",
        "signing_requests",
        ["closed_at"],
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    op.execute(
        """
        INSERT INTO signing_requests (id, owner, reference, language, opened_at, closed_at, anything_from, kept)
            OVERRIDING SYSTEM VALUE
        SELECT id, 'application', reference, language, created_at,
            CASE WHEN state IN ('approved', 'refused', 'withdrawn', 'expired')
                THEN coalesce(decided_at, changed_at) END,
            (SELECT min(d.decided_at) FROM application_decisions d
                WHERE d.application_id = applications.id AND d.kind = 'more_requested'),
            state IN ('approved', 'refused')
        FROM applications
        """
    )
    op.execute(
        "SELECT setval(pg_get_serial_sequence('signing_requests', 'id'), max(id)) FROM signing_requests"
        " HAVING max(id) IS NOT NULL"
    )
    op.add_column("applications", sa.Column("request_id", sa.BigInteger))
    op.execute("UPDATE applications SET request_id = id")
    op.alter_column("applications", "request_id", nullable=False)
    op.create_unique_constraint("uq_applications_request_id", "applications", ["request_id"])
    op.create_foreign_key("fk_applications_request_id", "applications", "signing_requests", ["request_id"], ["id"])


def _uploads() -> None:
    table = "signed_form_uploads"
    op.drop_constraint("ck_application_uploads_party_known", table)
    op.alter_column(table, "party", type_=sa.Text)
    op.create_unique_constraint("uq_signed_form_uploads_same_file_once", table, ["request_id", "sha256"])
    _rename(table, "CONSTRAINT", "application_uploads", "fk", "sha256", "verification_id")
    _rename(
        table,
        "CONSTRAINT",
        "application_uploads",
        "ck",
        "state_known",
        "attempts_counted",
        "judged_with_a_verification",
    )
    _rename(table, "INDEX", "application_uploads", "ix", "sha256", "waiting")


def _links() -> None:
    table = "signed_form_links"
    op.drop_constraint("ck_application_links_party_known", table)
    op.alter_column(table, "party", type_=sa.Text)
    op.create_index("ix_signed_form_links_request_id", table, ["request_id"])
    _rename(table, "CONSTRAINT", "application_links", "uq", "token_digest")
    _rename(table, "CONSTRAINT", "application_links", "ck", "token_digest_hex")


def _documents() -> None:
    table = "required_documents"
    for name in ("part_known", "proven_by_an_upload", "proven_by_a_verification"):
        op.drop_constraint(f"ck_application_forms_{name}", table)
    op.alter_column(table, "part", type_=sa.Text)
    op.create_unique_constraint("uq_required_documents_one_of_each", table, ["request_id", "part"])
    _rename(table, "CONSTRAINT", "application_forms", "fk", "proven_by", "signer_person_id", "verification_id")
    _rename(table, "CONSTRAINT", "application_forms", "ck", "standing_known")
    op.create_table(
        "made_forms",
        sa.Column("document_id", sa.BigInteger, nullable=False),
        sa.Column("sha256", CHAR(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("edition", sa.Text, nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("document_id", name="pk_made_forms"),
        sa.ForeignKeyConstraint(["document_id"], ["required_documents.id"], name="fk_made_forms_document_id"),
        sa.ForeignKeyConstraint(["sha256"], ["documents.sha256"], name="fk_made_forms_sha256"),
        sa.UniqueConstraint("sha256", name="uq_made_forms_sha256"),
        sa.CheckConstraint(_SHA256, name="ck_made_forms_sha256_hex"),
        sa.CheckConstraint("size > 0", name="ck_made_forms_size_positive"),
    )
    op.execute(
        """
        INSERT INTO made_forms (document_id, sha256, size, edition, made_at)
        SELECT d.id, d.sha256, d.size, a.edition, a.submitted_at
        FROM required_documents d JOIN applications a ON a.request_id = d.request_id
        """
    )
    op.drop_column(table, "sha256")
    op.drop_column(table, "size")
    op.add_column(table, sa.Column("signer", sa.Text))
    op.add_column(table, sa.Column("ways", ARRAY(sa.Text)))
    op.add_column(table, sa.Column("proven_how", sa.String(40)))
    op.execute(
        """
        UPDATE required_documents d SET ways = ARRAY['signature', 'person'],
            signer = CASE WHEN d.part = 'application' OR a.head_is_user THEN 'head' ELSE 'user' END,
            proven_how = CASE WHEN d.standing <> 'proven' THEN NULL
                WHEN d.notes @> '[{"code": "application.confirmed-by-person"}]' THEN 'person'
                ELSE 'signature' END
        FROM applications a WHERE a.request_id = d.request_id
        """
    )
    op.alter_column(table, "signer", nullable=False)
    op.alter_column(table, "ways", nullable=False)
    for name, condition in {
        "proven_how_known": "proven_how IN ('signature', 'person', 'paper')",
        "ways_known": _WAYS,
        "proven_somehow_at_some_time": _PROVEN,
        "proven_as_allowed": "proven_how IS NULL OR proven_how = ANY (ways)",
        "proven_by_a_verification": _VERIFIED,
        "proven_by_an_upload": _UPLOADED,
        "who_signed": _SIGNED,
    }.items():
        op.create_check_constraint(f"ck_required_documents_{name}", table, condition)


def _events() -> None:
    op.create_table(
        "application_events",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("application_id", sa.BigInteger, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("tag", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("details", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_application_events"),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name="fk_application_events_application_id"),
        sa.CheckConstraint("tag ~ '^application:[a-z_]+$'", name="ck_application_events_tag_of_applications"),
        sa.CheckConstraint("jsonb_typeof(details) = 'object'", name="ck_application_events_details_object"),
    )
    op.create_index("ix_application_events_application_id", "application_events", ["application_id", "id"])
    # Of attempts that found the same as the one before, the first is enough: only that one was news.
    op.execute(
        """
        INSERT INTO application_events (application_id, at, tag, actor, details)
        SELECT application_id, at, tag, actor, details FROM (
            SELECT e.id, a.id AS application_id, e.at, e.tag, e.actor_kind || ':' || e.actor_id AS actor, e.details,
                jsonb_build_array(e.details -> 'state', e.details -> 'codes') AS said,
                lag(jsonb_build_array(e.details -> 'state', e.details -> 'codes'))
                    OVER (PARTITION BY e.subject, e.tag, e.details -> 'upload' ORDER BY e.id) AS said_before
            FROM audit_entries e JOIN applications a ON e.subject = 'application:' || a.id
            WHERE e.tag LIKE 'application:%'
        ) entries
        WHERE tag <> 'application:judged' OR details ->> 'state' <> 'waiting' OR said IS DISTINCT FROM said_before
        ORDER BY id
        """
    )


def _documents_back() -> None:
    table = "required_documents"
    for name in (
        "proven_how_known",
        "ways_known",
        "proven_somehow_at_some_time",
        "proven_as_allowed",
        "proven_by_a_verification",
        "proven_by_an_upload",
        "who_signed",
    ):
        op.drop_constraint(f"ck_required_documents_{name}", table)
    op.add_column(table, sa.Column("sha256", CHAR(64)))
    op.add_column(table, sa.Column("size", sa.BigInteger))
    op.execute(
        "UPDATE required_documents d SET sha256 = m.sha256, size = m.size FROM made_forms m WHERE m.document_id = d.id"
    )
    op.alter_column(table, "sha256", nullable=False)
    op.alter_column(table, "size", nullable=False)
    op.drop_table("made_forms")
    for column in ("signer", "ways", "proven_how"):
        op.drop_column(table, column)
    _application_again(table, "application_forms")
    op.alter_column(table, "part", type_=sa.String(40))
    _rename_back(table, "CONSTRAINT", "application_forms", "fk", "proven_by", "signer_person_id", "verification_id")
    _rename_back(table, "CONSTRAINT", "application_forms", "ck", "standing_known")
    op.create_foreign_key("fk_application_forms_sha256", table, "documents", ["sha256"], ["sha256"])
    op.create_unique_constraint("uq_application_forms_one_of_each", table, ["application_id", "part"])
    op.create_unique_constraint("uq_application_forms_sha256", table, ["sha256"])
    for name, condition in {
        "part_known": "part IN ('application', 'letter')",
        "sha256_hex": _SHA256,
        "proven_by_an_upload": (
            "(standing = 'proven') = (proven_by IS NOT NULL) AND (standing = 'proven') = (signed_at IS NOT NULL)"
        ),
        "proven_by_a_verification": "(standing = 'proven') = (verification_id IS NOT NULL)",
    }.items():
        op.create_check_constraint(f"ck_application_forms_{name}", table, condition)


def _links_back() -> None:
    table = "signed_form_links"
    _application_again(table, "application_links")
    op.alter_column(table, "party", type_=sa.String(40))
    op.create_index("ix_application_links_application_id", table, ["application_id"])
    _rename_back(table, "CONSTRAINT", "application_links", "uq", "token_digest")
    _rename_back(table, "CONSTRAINT", "application_links", "ck", "token_digest_hex")
    op.create_check_constraint("ck_application_links_party_known", table, "party IN ('head', 'user', 'applicant')")


def _uploads_back() -> None:
    table = "signed_form_uploads"
    _application_again(table, "application_uploads")
    op.alter_column(table, "party", type_=sa.String(40))
    op.create_unique_constraint("uq_application_uploads_same_file_once", table, ["application_id", "sha256"])
    _rename_back(table, "CONSTRAINT", "application_uploads", "fk", "sha256", "verification_id")
    checks = ("state_known", "attempts_counted", "judged_with_a_verification")
    _rename_back(table, "CONSTRAINT", "application_uploads", "ck", *checks)
    _rename_back(table, "INDEX", "application_uploads", "ix", "sha256", "waiting")
    op.create_check_constraint("ck_application_uploads_party_known", table, "party IN ('head', 'user', 'applicant')")


def _application_again(table: str, old: str) -> None:
    """Point rows at their application again; their request goes with its column."""
    op.add_column(table, sa.Column("application_id", sa.BigInteger))
    op.execute(
        f"UPDATE {table} SET application_id = a.id FROM applications a WHERE a.request_id = {table}.request_id"  # noqa: S608 - names of our own
    )
    op.alter_column(table, "application_id", nullable=False)
    op.drop_column(table, "request_id")
    op.create_foreign_key(f"fk_{old}_application_id", table, "applications", ["application_id"], ["id"])


def _rename(table: str, what: str, old: str, prefix: str, *names: str) -> None:
    for name in names:
        _one(table, what, f"{prefix}_{old}_{name}", f"{prefix}_{table}_{name}")


def _rename_back(table: str, what: str, old: str, prefix: str, *names: str) -> None:
    for name in names:
        _one(table, what, f"{prefix}_{table}_{name}", f"{prefix}_{old}_{name}")


def _one(table: str, what: str, before: str, after: str) -> None:
    if what == "INDEX":
        op.execute(f"ALTER INDEX {before} RENAME TO {after}")
    else:
        op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {before} TO {after}")


def _rename_not_null(table: str, before: str, after: str) -> None:
    """Name the NOT NULL constraints after their table, where PostgreSQL names them (18 and later)."""
    op.execute(
        f"""
        DO $$ DECLARE named text; BEGIN
            FOR named IN SELECT conname FROM pg_constraint
                WHERE conrelid = '{table}'::regclass AND contype = 'n' AND starts_with(conname, '{before}_')
            LOOP EXECUTE format('ALTER TABLE {table} RENAME CONSTRAINT %I TO %I', named,
                '{after}_' || substr(named, length('{before}_') + 1));
            END LOOP;
        END $$
        """  # noqa: S608 - names of our own
    )


def _rename_jobs(names: dict[str, str], old_lock: str, new_lock: str, old_argument: str, new_argument: str) -> None:
    """Let what is queued find its job again, one file of a request at a time as before."""
    for before, after in names.items():
        op.execute(
            sa.text(
                "UPDATE procrastinate_jobs SET task_name = :after, lock = replace(lock, :old_lock, :new_lock),"
                " args = CASE WHEN args ? :old_argument THEN"
                " (args - :old_argument) || jsonb_build_object(CAST(:new_argument AS text), args -> :old_argument)"
                " ELSE args END WHERE task_name = :before"
            ).bindparams(
                before=before,
                after=after,
                old_lock=f"{old_lock}:",
                new_lock=f"{new_lock}:",
                old_argument=old_argument,
                new_argument=new_argument,
            )
        )
