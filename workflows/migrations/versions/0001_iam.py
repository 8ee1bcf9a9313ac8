"""Tables of iam: people, institutions and who may sign, sections, accounts and grants, the audit.

Every rule stands here as a named constraint; the models carry the same names and a test compares the two.
Longer than a module should be: a schema reads best in one piece.
"""

from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

if TYPE_CHECKING:
    from datetime import date

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = (
    "people",
    "person_codes",
    "person_former_names",
    "municipalities",
    "municipality_names",
    "municipality_codes",
    "institutions",
    "institution_names",
    "institution_municipalities",
    "successions",
    "scopes",
    "signatories",
    "sections",
    "accounts",
    "evidence",
    "evidence_documents",
    "grants",
    "grant_periods",
    "audit_entries",
)

# A dated catalogue: the words come from the ministry's slides of 2021-08-26, since when they hold nobody says.
_SECTIONS = (
    ("learners", "Izglītojamie un piederība", "Learners and enrolment"),
    ("classes", "Klases un grupas", "Classes and groups"),
    ("programmes", "Izglītības programmas", "Education programmes"),
    ("contacts", "Kontaktinformācija", "Contact information"),
    ("places", "Īstenošanas vietas", "Places of provision"),
    ("staff", "Pedagogi un tehniskais personāls", "Teachers and technical staff"),
    ("tariffs", "Tarifikācija", "Teacher workload and pay lists"),
    ("funding", "Finansējums", "Funding"),
    ("reports", "Pārskati", "Reports"),
    ("users", "Lietotāji", "Users"),
)

_NEVER_CHANGED = ("audit_entries", "grants", "evidence", "evidence_documents")
_FUNCTIONS = ("viis_refuse_change", "viis_grant_period_only_closes", "viis_account_stays")


def upgrade() -> None:
    _people()
    _institutions()
    _grants()
    _audit()
    _triggers()
    _catalogue()


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.execute(f"DROP TABLE {table} CASCADE")
    for function in _FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}()")


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("surname", sa.Text(), nullable=False),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("btrim(given_name) <> '' AND btrim(surname) <> ''", name="ck_people_named"),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
    )
    op.create_index("ix_people_sort_key", "people", ["sort_key"])
    op.create_table(
        "person_codes",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("digits", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "NOT (country = 'LV' AND kind = 'PNO') OR digits ~ '^[0-9]{11}$'",
            name="ck_person_codes_latvian_eleven_digits",
        ),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name="ck_person_codes_country_said"),
        sa.CheckConstraint(
            "digits = upper(digits) AND digits !~ '[[:space:]-]' AND digits <> ''", name="ck_person_codes_digits_normal"
        ),
        sa.CheckConstraint(
            "replaced_at IS NULL OR replaced_at >= recorded_at", name="ck_person_codes_replaced_after_recorded"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_person_codes_person_id"),
        sa.CheckConstraint("kind IN ('PNO', 'PAS', 'IDC', 'TAX', 'TIN')", name="ck_person_codes_kind_known"),
        sa.PrimaryKeyConstraint("id", name="pk_person_codes"),
        sa.UniqueConstraint("country", "kind", "digits", name="uq_person_codes_one_code_one_person"),
    )
    op.create_index(
        "uq_person_codes_one_present",
        "person_codes",
        ["person_id", "country", "kind"],
        unique=True,
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_table(
        "person_former_names",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("surname", sa.Text(), nullable=False),
        sa.Column("until", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("btrim(given_name) <> '' AND btrim(surname) <> ''", name="ck_person_former_names_named"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_person_former_names_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_person_former_names"),
    )
    op.create_index("ix_person_former_names_person_id", "person_former_names", ["person_id"])


def _institutions() -> None:
    op.create_table(
        "municipalities",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("enterprise_reg_no", sa.Text(), nullable=True),
        sa.Column("period", postgresql.DATERANGE(), nullable=False),
        sa.CheckConstraint("NOT isempty(period)", name="ck_municipalities_period_not_empty"),
        sa.PrimaryKeyConstraint("id", name="pk_municipalities"),
    )
    op.create_table(
        "municipality_names",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("municipality_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
        sa.Column("period", postgresql.DATERANGE(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(municipality_id, municipality_id, '[]')"), "&&"),
            (sa.text("period"), "&&"),
            using="gist",
            name="ex_municipality_names_one_at_a_time",
        ),
        sa.CheckConstraint("btrim(name) <> ''", name="ck_municipality_names_named"),
        sa.CheckConstraint("NOT isempty(period)", name="ck_municipality_names_period_not_empty"),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name="fk_municipality_names_municipality_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_municipality_names"),
    )
    op.create_table(
        "municipality_codes",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("municipality_id", sa.BigInteger(), nullable=False),
        sa.Column("atvk", sa.Text(), nullable=False),
        sa.Column("period", postgresql.DATERANGE(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(CAST(atvk AS bigint), CAST(atvk AS bigint), '[]')"), "&&"),
            (sa.text("period"), "&&"),
            using="gist",
            name="ex_municipality_codes_one_owner",
        ),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(municipality_id, municipality_id, '[]')"), "&&"),
            (sa.text("period"), "&&"),
            using="gist",
            name="ex_municipality_codes_one_at_a_time",
        ),
        sa.CheckConstraint("atvk ~ '^[0-9]{7}$'", name="ck_municipality_codes_atvk_seven_digits"),
        sa.CheckConstraint("NOT isempty(period)", name="ck_municipality_codes_period_not_empty"),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name="fk_municipality_codes_municipality_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_municipality_codes"),
    )
    op.create_table(
        "institutions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("reg_no", sa.CHAR(length=10), nullable=False),
        sa.Column("legal_status", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("founder", sa.Text(), nullable=False),
        sa.Column("parish", sa.Text(), nullable=False),
        sa.Column("branches", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("period", postgresql.DATERANGE(), nullable=False),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("reg_no ~ '^[0-9]{10}$'", name="ck_institutions_reg_no_ten_digits"),
        sa.CheckConstraint("NOT isempty(period)", name="ck_institutions_period_not_empty"),
        sa.PrimaryKeyConstraint("id", name="pk_institutions"),
        sa.UniqueConstraint("reg_no", name="uq_institutions_reg_no"),
    )
    op.create_table(
        "institution_names",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
        sa.Column("period", postgresql.DATERANGE(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(institution_id, institution_id, '[]')"), "&&"),
            (sa.text("period"), "&&"),
            using="gist",
            name="ex_institution_names_one_at_a_time",
        ),
        sa.CheckConstraint("btrim(name) <> ''", name="ck_institution_names_named"),
        sa.CheckConstraint("NOT isempty(period)", name="ck_institution_names_period_not_empty"),
        sa.ForeignKeyConstraint(["institution_id"], ["institutions.id"], name="fk_institution_names_institution_id"),
        sa.PrimaryKeyConstraint("id", name="pk_institution_names"),
    )
    op.create_table(
        "institution_municipalities",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=False),
        sa.Column("municipality_id", sa.BigInteger(), nullable=False),
        sa.Column("period", postgresql.DATERANGE(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(institution_id, institution_id, '[]')"), "&&"),
            (sa.text("period"), "&&"),
            using="gist",
            name="ex_institution_municipalities_one_at_a_time",
        ),
        sa.CheckConstraint("NOT isempty(period)", name="ck_institution_municipalities_period_not_empty"),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name="fk_institution_municipalities_institution_id"
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipalities.id"], name="fk_institution_municipalities_municipality_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_institution_municipalities"),
    )
    op.create_index("ix_institution_municipalities_municipality_id", "institution_municipalities", ["municipality_id"])
    op.create_table(
        "successions",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("source_institution_id", sa.BigInteger(), nullable=True),
        sa.Column("source_municipality_id", sa.BigInteger(), nullable=True),
        sa.Column("target_institution_id", sa.BigInteger(), nullable=True),
        sa.Column("target_municipality_id", sa.BigInteger(), nullable=True),
        sa.Column("effective", sa.Date(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'closed') = (num_nonnulls(target_institution_id, target_municipality_id) = 0)",
            name="ck_successions_only_the_closed_have_no_successor",
        ),
        sa.CheckConstraint("btrim(legal_basis) <> ''", name="ck_successions_legal_basis_said"),
        sa.CheckConstraint(
            "num_nonnulls(source_institution_id, source_municipality_id) = 1"
            " AND num_nonnulls(target_institution_id, target_municipality_id) <= 1"
            " AND (source_institution_id IS NULL OR target_municipality_id IS NULL)"
            " AND (source_municipality_id IS NULL OR target_institution_id IS NULL)",
            name="ck_successions_like_into_like",
        ),
        sa.CheckConstraint(
            "source_institution_id IS DISTINCT FROM target_institution_id"
            " OR source_municipality_id IS DISTINCT FROM target_municipality_id",
            name="ck_successions_not_into_itself",
        ),
        sa.ForeignKeyConstraint(
            ["source_institution_id"], ["institutions.id"], name="fk_successions_source_institution_id"
        ),
        sa.ForeignKeyConstraint(
            ["source_municipality_id"], ["municipalities.id"], name="fk_successions_source_municipality_id"
        ),
        sa.ForeignKeyConstraint(
            ["target_institution_id"], ["institutions.id"], name="fk_successions_target_institution_id"
        ),
        sa.ForeignKeyConstraint(
            ["target_municipality_id"], ["municipalities.id"], name="fk_successions_target_municipality_id"
        ),
        sa.CheckConstraint(
            "kind IN ('joined', 'merged', 'split', 'part_split_off', 'transformed', 'closed', 'branch_created')",
            name="ck_successions_kind_known",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_successions"),
        sa.UniqueConstraint(
            "source_institution_id",
            "source_municipality_id",
            "target_institution_id",
            "target_municipality_id",
            "effective",
            name="uq_successions_once",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_successions_source_institution_id", "successions", ["source_institution_id"])
    op.create_index("ix_successions_target_institution_id", "successions", ["target_institution_id"])
    op.create_table(
        "scopes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("institution_id", sa.BigInteger(), nullable=True),
        sa.Column("municipality_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'institution') = (institution_id IS NOT NULL)"
            " AND (kind = 'municipality') = (municipality_id IS NOT NULL)",
            name="ck_scopes_points_at_what_it_says",
        ),
        sa.ForeignKeyConstraint(["institution_id"], ["institutions.id"], name="fk_scopes_institution_id"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipalities.id"], name="fk_scopes_municipality_id"),
        sa.CheckConstraint("kind IN ('institution', 'municipality', 'state')", name="ck_scopes_kind_known"),
        sa.PrimaryKeyConstraint("id", name="pk_scopes"),
        sa.UniqueConstraint("institution_id", name="uq_scopes_institution_id"),
        sa.UniqueConstraint("municipality_id", name="uq_scopes_municipality_id"),
    )
    op.create_index("uq_scopes_one_state", "scopes", ["kind"], unique=True, postgresql_where=sa.text("kind = 'state'"))
    op.create_table(
        "signatories",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("scope_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("capacity", sa.String(40), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("period", postgresql.DATERANGE(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_kind", sa.String(40), nullable=False),
        sa.Column("recorded", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(scope_id, scope_id, '[]')"), "&&"),
            (sa.text("int8range(person_id, person_id, '[]')"), "&&"),
            (sa.text("period"), "&&"),
            (sa.text("recorded"), "&&"),
            using="gist",
            name="ex_signatories_one_capacity_at_a_time",
        ),
        sa.CheckConstraint("btrim(recorded_by) <> ''", name="ck_signatories_recorded_by_somebody"),
        sa.CheckConstraint("btrim(source) <> ''", name="ck_signatories_source_said"),
        sa.CheckConstraint("NOT isempty(period)", name="ck_signatories_period_not_empty"),
        sa.CheckConstraint(
            "NOT isempty(recorded) AND NOT lower_inf(recorded)", name="ck_signatories_recorded_not_empty"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_signatories_person_id"),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name="fk_signatories_scope_id"),
        sa.CheckConstraint(
            "capacity IN ('head', 'acting_head', 'power_of_attorney')", name="ck_signatories_capacity_known"
        ),
        sa.CheckConstraint(
            "source_kind IN ('register', 'order', 'power_of_attorney', 'application', 'import', 'other')",
            name="ck_signatories_source_kind_known",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_signatories"),
    )


def _grants() -> None:
    op.create_table(
        "sections",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_lv", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("period", postgresql.DATERANGE(), nullable=False),
        sa.CheckConstraint("code ~ '^[a-z][a-z_]*$'", name="ck_sections_code_plain"),
        sa.CheckConstraint("NOT isempty(period)", name="ck_sections_period_not_empty"),
        sa.PrimaryKeyConstraint("id", name="pk_sections"),
        sa.UniqueConstraint("code", name="uq_sections_code"),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("adopted", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("keycloak_id", sa.Text(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("projected_revision", sa.BigInteger(), nullable=False),
        sa.Column("projected_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("projected_status", sa.String(40), nullable=True),
        sa.Column("projection_outcome", sa.Text(), nullable=True),
        sa.Column("project_on", sa.Date(), nullable=True),
        sa.CheckConstraint("language IN ('lv', 'en')", name="ck_accounts_language_known"),
        sa.CheckConstraint("position('@' in email) > 1", name="ck_accounts_email_looks_like_one"),
        sa.CheckConstraint("username ~ '^[a-z0-9][a-z0-9._-]*$'", name="ck_accounts_username_plain"),
        sa.CheckConstraint("projected_revision <= revision", name="ck_accounts_projected_not_ahead"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_accounts_person_id"),
        sa.CheckConstraint("status IN ('active', 'ended', 'disabled')", name="ck_accounts_status_known"),
        sa.CheckConstraint(
            "projected_status IN ('active', 'ended', 'disabled')", name="ck_accounts_projected_status_known"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("keycloak_id", name="uq_accounts_keycloak_id"),
        sa.UniqueConstraint("person_id", name="uq_accounts_one_account_a_person"),
        sa.UniqueConstraint("username", name="uq_accounts_username_never_again"),
    )
    op.create_index("ix_accounts_email", "accounts", [sa.literal_column("lower(email)")])
    op.create_index(
        "ix_accounts_pending", "accounts", ["id"], postgresql_where=sa.text("projected_revision <> revision")
    )
    op.create_index(
        "ix_accounts_project_on", "accounts", ["project_on"], postgresql_where=sa.text("project_on IS NOT NULL")
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("fingerprint", sa.CHAR(length=64), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=True),
        sa.Column("seen_by", sa.Text(), nullable=True),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("seen_on", sa.Date(), nullable=True),
        sa.Column("restores_period_id", sa.BigInteger(), nullable=True),
        sa.Column("taken_over_from", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'restoration') = (restores_period_id IS NOT NULL)", name="ck_evidence_restoration_names_its_cause"
        ),
        sa.CheckConstraint(
            "(kind = 'taken_over') = (taken_over_from IS NOT NULL)", name="ck_evidence_taken_over_from_somewhere"
        ),
        sa.CheckConstraint(
            "(kind IN ('signed_pair', 'signed_application', 'paper_seen_by_two')) = (application_id IS NOT NULL)",
            name="ck_evidence_application_named",
        ),
        sa.CheckConstraint(
            "CASE WHEN kind = 'paper_seen_by_two' THEN num_nonnulls(seen_by, confirmed_by, seen_on) = 3"
            " AND seen_by <> confirmed_by ELSE num_nonnulls(seen_by, confirmed_by, seen_on) = 0 END",
            name="ck_evidence_paper_seen_by_two_different_people",
        ),
        sa.CheckConstraint("fingerprint ~ '^[0-9a-f]{64}$'", name="ck_evidence_fingerprint_sha256"),
        sa.CheckConstraint(
            "kind IN ('signed_pair', 'paper_seen_by_two', 'restoration', 'taken_over', 'signed_application')",
            name="ck_evidence_kind_known",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
        sa.UniqueConstraint("fingerprint", name="uq_evidence_fingerprint"),
        sa.UniqueConstraint("id", "kind", name="uq_evidence_id_kind"),
    )
    op.create_table(
        "evidence_documents",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("evidence_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("sha256", sa.CHAR(length=64), nullable=False),
        sa.Column("verification_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="ck_evidence_documents_sha256_hex"),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name="fk_evidence_documents_evidence_id"),
        sa.CheckConstraint("role IN ('application', 'letter')", name="ck_evidence_documents_role_known"),
        sa.PrimaryKeyConstraint("id", name="pk_evidence_documents"),
        sa.UniqueConstraint("evidence_id", "role", name="uq_evidence_documents_one_of_each"),
        sa.UniqueConstraint("sha256", "role", name="uq_evidence_documents_one_document_one_decision"),
    )
    op.create_table(
        "grants",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("scope_id", sa.BigInteger(), nullable=False),
        sa.Column("section_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.String(40), nullable=False),
        sa.Column("evidence_id", sa.BigInteger(), nullable=False),
        sa.Column("evidence_kind", sa.String(40), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("given_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("btrim(given_by) <> ''", name="ck_grants_given_by_somebody"),
        sa.CheckConstraint("evidence_kind <> 'signed_application'", name="ck_grants_evidence_can_give"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_grants_account_id"),
        sa.ForeignKeyConstraint(
            ["evidence_id", "evidence_kind"], ["evidence.id", "evidence.kind"], name="fk_grants_evidence"
        ),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name="fk_grants_scope_id"),
        sa.ForeignKeyConstraint(["section_id"], ["sections.id"], name="fk_grants_section_id"),
        sa.CheckConstraint("level IN ('view', 'edit')", name="ck_grants_level_known"),
        sa.CheckConstraint(
            "evidence_kind IN ('signed_pair', 'paper_seen_by_two', 'restoration', 'taken_over', 'signed_application')",
            name="ck_grants_evidence_kind_known",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_grants"),
        sa.UniqueConstraint("id", "account_id", "scope_id", "section_id", name="uq_grants_what_where_whose"),
    )
    op.create_index("ix_grants_account_id", "grants", ["account_id"])
    op.create_index("ix_grants_evidence_id", "grants", ["evidence_id"])
    op.create_index("ix_grants_scope_id", "grants", ["scope_id"])
    op.create_table(
        "grant_periods",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("grant_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("scope_id", sa.BigInteger(), nullable=False),
        sa.Column("section_id", sa.BigInteger(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("recorded", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("end_cause", sa.String(40), nullable=True),
        sa.Column("end_evidence_id", sa.BigInteger(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(account_id, account_id, '[]')"), "&&"),
            (sa.text("int8range(scope_id, scope_id, '[]')"), "&&"),
            (sa.text("int8range(section_id, section_id, '[]')"), "&&"),
            (sa.text("valid"), "&&"),
            (sa.text("recorded"), "&&"),
            using="gist",
            name="ex_grant_periods_one_level_at_a_time",
        ),
        sa.CheckConstraint("btrim(recorded_by) <> ''", name="ck_grant_periods_recorded_by_somebody"),
        sa.CheckConstraint(
            "CASE WHEN isempty(valid) THEN end_cause IS NOT NULL ELSE NOT lower_inf(valid) END",
            name="ck_grant_periods_valid_not_empty_unless_taken_back",
        ),
        sa.CheckConstraint(
            "NOT isempty(recorded) AND NOT lower_inf(recorded)", name="ck_grant_periods_recorded_not_empty"
        ),
        sa.CheckConstraint(
            "end_cause IS NULL OR isempty(valid) OR NOT upper_inf(valid)", name="ck_grant_periods_ended_has_a_last_day"
        ),
        sa.CheckConstraint(
            "end_evidence_id IS NULL OR end_cause IS NOT NULL", name="ck_grant_periods_end_evidence_has_a_cause"
        ),
        sa.ForeignKeyConstraint(["end_evidence_id"], ["evidence.id"], name="fk_grant_periods_end_evidence_id"),
        sa.ForeignKeyConstraint(
            ["grant_id", "account_id", "scope_id", "section_id"],
            ["grants.id", "grants.account_id", "grants.scope_id", "grants.section_id"],
            name="fk_grant_periods_grant",
        ),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name="fk_grant_periods_grant_id"),
        sa.CheckConstraint(
            "end_cause IN ('application', 'head', 'izm', 'employment_ended', 'reorganisation',"
            " 'reform', 'replaced', 'error')",
            name="ck_grant_periods_end_cause_known",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_grant_periods"),
    )
    op.create_index("ix_grant_periods_grant_id", "grant_periods", ["grant_id"])
    op.create_index(
        "uq_grant_periods_one_known_now",
        "grant_periods",
        ["grant_id"],
        unique=True,
        postgresql_where=sa.text("upper_inf(recorded)"),
    )
    # Evidence and periods name each other: a restoration rests on the period the reform cut short.
    op.create_foreign_key("fk_evidence_restores_period_id", "evidence", "grant_periods", ["restores_period_id"], ["id"])


def _audit() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("uid", sa.UUID(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.String(40), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("door", sa.String(40), nullable=False),
        sa.Column("evidence", sa.CHAR(length=64), nullable=True),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.Column("digest", sa.CHAR(length=64), nullable=False),
        sa.CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="ck_audit_entries_digest_sha256"),
        sa.CheckConstraint("evidence IS NULL OR evidence ~ '^[0-9a-f]{64}$'", name="ck_audit_entries_evidence_sha256"),
        sa.CheckConstraint("jsonb_typeof(details) = 'object'", name="ck_audit_entries_details_object"),
        sa.CheckConstraint("tag ~ '^[a-z][a-z_]*:[a-z][a-z_]*$'", name="ck_audit_entries_tag_noun_done"),
        sa.CheckConstraint(
            "actor_kind IN ('person', 'staff', 'applicant', 'system')", name="ck_audit_entries_actor_kind_known"
        ),
        sa.CheckConstraint(
            "door IN ('web', 'review', 'api', 'mail', 'cli', 'job')", name="ck_audit_entries_door_known"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entries"),
        sa.UniqueConstraint("uid", name="uq_audit_entries_uid"),
    )
    op.create_index("ix_audit_entries_actor", "audit_entries", ["actor_kind", "actor_id"])
    op.create_index("ix_audit_entries_at", "audit_entries", ["at"])
    op.create_index("ix_audit_entries_subject", "audit_entries", ["subject"])
    op.create_index("ix_audit_entries_tag", "audit_entries", ["tag"])


def _triggers() -> None:
    op.execute("""
        CREATE FUNCTION viis_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is written once: % refused', TG_TABLE_NAME, TG_OP
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
        END $$
    """)
    for table in _NEVER_CHANGED:
        op.execute(f"""
            CREATE TRIGGER tr_{table}_written_once BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION viis_refuse_change()
        """)
        op.execute(f"""
            CREATE TRIGGER tr_{table}_never_emptied BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION viis_refuse_change()
        """)
    # What was known about a grant's days is history: the one change is that the knowledge ends.
    op.execute("""
        CREATE FUNCTION viis_grant_period_only_closes() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND upper_inf(OLD.recorded) AND lower(NEW.recorded) = lower(OLD.recorded)
                AND (NEW.id, NEW.grant_id, NEW.account_id, NEW.scope_id, NEW.section_id, NEW.valid, NEW.recorded_by)
                  = (OLD.id, OLD.grant_id, OLD.account_id, OLD.scope_id, OLD.section_id, OLD.valid, OLD.recorded_by)
                AND NEW.end_cause IS NOT DISTINCT FROM OLD.end_cause
                AND NEW.end_evidence_id IS NOT DISTINCT FROM OLD.end_evidence_id
            THEN RETURN NEW;
            END IF;
            RAISE EXCEPTION 'a known period of a grant can only be closed: % refused', TG_OP
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER tr_grant_periods_only_close BEFORE UPDATE OR DELETE ON grant_periods
        FOR EACH ROW EXECUTE FUNCTION viis_grant_period_only_closes()
    """)
    op.execute("""
        CREATE FUNCTION viis_account_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND (NEW.id, NEW.person_id, NEW.username) = (OLD.id, OLD.person_id, OLD.username)
            THEN RETURN NEW;
            END IF;
            RAISE EXCEPTION 'an account keeps its person and username for ever: % refused', TG_OP
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER tr_accounts_stay BEFORE UPDATE OR DELETE ON accounts
        FOR EACH ROW EXECUTE FUNCTION viis_account_stays()
    """)


def _catalogue() -> None:
    sections = sa.table(
        "sections",
        sa.column("code"),
        sa.column("name_lv"),
        sa.column("name_en"),
        sa.column("position"),
        sa.column("period", postgresql.DATERANGE()),
    )
    always: postgresql.Range[date] = postgresql.Range(None, None, bounds="()")
    op.bulk_insert(
        sections,
        [
            {"code": code, "name_lv": name_lv, "name_en": name_en, "position": position, "period": always}
            for position, (code, name_lv, name_en) in enumerate(_SECTIONS, start=1)
        ],
    )
    op.execute("INSERT INTO scopes (kind) VALUES ('state')")
