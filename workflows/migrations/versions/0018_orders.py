"""Orders about institutions in the place of arrows of descent; rights that an order ended, and that came again."""

import hashlib
import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import CHAR, JSONB

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_MOMENT = sa.TIMESTAMP(timezone=True)
_STATES = "('drafted', 'approved', 'applying', 'applied', 'undoing', 'undone', 'repealed')"
_OLD_KINDS = "'joined', 'merged', 'split', 'part_split_off', 'transformed', 'closed', 'branch_created'"
_OLD_EVIDENCE = "'signed_pair', 'paper_seen_by_two', 'restoration', 'taken_over', 'signed_application'"
_TABLES = ("orders", "order_steps", "order_changes", "order_parties")
# What may still change in a row; the rest says the same for ever.
_CHANGING = {"orders": "state", "order_changes": "before", "order_parties": "institution_id', 'municipality_id"}


def upgrade() -> None:
    _orders()
    _changes()
    _written_once()
    _evidence(_OLD_EVIDENCE + ", 'order', 'order_undone'", "NOT IN ('signed_application', 'order')")
    op.add_column("evidence", sa.Column("order_id", sa.BigInteger))
    op.create_foreign_key("fk_evidence_order_id", "evidence", "orders", ["order_id"], ["id"])
    op.create_check_constraint(
        "ck_evidence_order_named", "evidence", "(kind IN ('order', 'order_undone')) = (order_id IS NOT NULL)"
    )
    op.add_column("grants", sa.Column("reinstates_period_id", sa.BigInteger))
    op.create_foreign_key("fk_grants_reinstates_period_id", "grants", "grant_periods", ["reinstates_period_id"], ["id"])
    op.create_unique_constraint("uq_grants_reinstated_once", "grants", ["reinstates_period_id"])
    op.create_check_constraint(
        "ck_grants_reinstated_by_an_order_undone",
        "grants",
        "(evidence_kind = 'order_undone') = (reinstates_period_id IS NOT NULL)",
    )
    _arrows_into_orders()
    op.drop_table("successions")


def downgrade() -> None:
    """Go back; arrows know neither names nor references nor states, so only an order that was one can become one."""
    op.execute("""
        DO $$ BEGIN
            IF EXISTS (SELECT FROM evidence WHERE order_id IS NOT NULL) THEN
                RAISE EXCEPTION 'rights rest on orders';
            END IF;
            IF EXISTS (SELECT FROM orders WHERE recorded_by <> 'system:migration' OR state <> 'drafted') THEN
                RAISE EXCEPTION 'orders were recorded or decided, which arrows cannot hold'
                    USING ERRCODE = 'restrict_violation';
            END IF;
        END $$
    """)
    _successions()
    _orders_into_arrows()
    op.drop_column("grants", "reinstates_period_id")
    op.drop_column("evidence", "order_id")
    _evidence(_OLD_EVIDENCE, "<> 'signed_application'")
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.execute("DROP FUNCTION viis_only_some_columns_change()")


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("legal_basis", sa.Text, nullable=False),
        sa.Column("effective", sa.Date, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("digest", CHAR(64), nullable=False),
        sa.Column("recorded_by", sa.Text, nullable=False),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.CheckConstraint("btrim(reference) <> ''", name="ck_orders_reference_said"),
        sa.CheckConstraint("btrim(legal_basis) <> ''", name="ck_orders_legal_basis_said"),
        sa.CheckConstraint("btrim(recorded_by) <> ''", name="ck_orders_recorded_by_somebody"),
        sa.CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="ck_orders_digest_sha256"),
        sa.CheckConstraint(f"state IN {_STATES}", name="ck_orders_state_known"),
    )
    op.create_index(
        "uq_orders_one_in_force_a_reference",
        "orders",
        ["reference"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('repealed', 'undone')"),
    )
    op.create_index("ix_orders_effective", "orders", ["effective"])
    op.create_table(
        "order_steps",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("order_id", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_order_steps"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_order_steps_order_id"),
        sa.CheckConstraint("btrim(by) <> ''", name="ck_order_steps_by_somebody"),
        sa.CheckConstraint(f"state IN {_STATES}", name="ck_order_steps_state_known"),
    )
    op.create_index("ix_order_steps_order_id", "order_steps", ["order_id"])


def _changes() -> None:
    op.create_table(
        "order_changes",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("order_id", sa.BigInteger, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("new_name", sa.Text),
        sa.Column("new_atvk", CHAR(7)),
        sa.Column("before", JSONB),
        sa.PrimaryKeyConstraint("id", name="pk_order_changes"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_order_changes_order_id"),
        sa.UniqueConstraint("order_id", "position", name="uq_order_changes_order_id_position"),
        sa.CheckConstraint("position >= 1", name="ck_order_changes_position_from_one"),
        sa.CheckConstraint(
            "(kind IN ('renamed', 'branch_created')) = (new_name IS NOT NULL) AND btrim(new_name) <> ''",
            name="ck_order_changes_named_where_the_kind_names",
        ),
        sa.CheckConstraint(
            "(kind = 'recoded') = (new_atvk IS NOT NULL)", name="ck_order_changes_coded_where_the_kind_codes"
        ),
        sa.CheckConstraint("new_atvk ~ '^[0-9]{7}$'", name="ck_order_changes_new_atvk_seven_digits"),
        sa.CheckConstraint("jsonb_typeof(before) = 'object'", name="ck_order_changes_before_object"),
        sa.CheckConstraint(f"kind IN ({_OLD_KINDS}, 'renamed', 'recoded')", name="ck_order_changes_kind_known"),
    )
    op.create_table(
        "order_parties",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("change_id", sa.BigInteger, nullable=False),
        sa.Column("side", sa.String(40), nullable=False),
        sa.Column("reg_no", CHAR(10)),
        sa.Column("institution_id", sa.BigInteger),
        sa.Column("municipality_id", sa.BigInteger),
        sa.Column("atvk", CHAR(7)),
        sa.Column("founded_as", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_order_parties"),
        sa.ForeignKeyConstraint(["change_id"], ["order_changes.id"], name="fk_order_parties_change_id"),
        sa.ForeignKeyConstraint(["institution_id"], ["institutions.id"], name="fk_order_parties_institution_id"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipalities.id"], name="fk_order_parties_municipality_id"),
        sa.UniqueConstraint("change_id", "reg_no", name="uq_order_parties_institution_once"),
        sa.UniqueConstraint("change_id", "municipality_id", name="uq_order_parties_municipality_once"),
        sa.UniqueConstraint("change_id", "atvk", name="uq_order_parties_atvk_once"),
        sa.CheckConstraint(
            "(reg_no IS NOT NULL) <> (num_nonnulls(municipality_id, atvk) > 0)"
            " AND (institution_id IS NULL OR reg_no IS NOT NULL)",
            name="ck_order_parties_institution_or_municipality",
        ),
        sa.CheckConstraint("reg_no ~ '^[0-9]{10}$'", name="ck_order_parties_reg_no_ten_digits"),
        sa.CheckConstraint("atvk ~ '^[0-9]{7}$'", name="ck_order_parties_atvk_seven_digits"),
        sa.CheckConstraint(
            "founded_as IS NULL OR side = 'target' AND btrim(founded_as) <> ''",
            name="ck_order_parties_only_targets_founded",
        ),
        sa.CheckConstraint("side IN ('source', 'target')", name="ck_order_parties_side_known"),
    )
    for column in ("institution_id", "municipality_id", "reg_no"):
        op.create_index(f"ix_order_parties_{column}", "order_parties", [column])


def _written_once() -> None:
    op.execute("""
        CREATE FUNCTION viis_only_some_columns_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - TG_ARGV::text[] = to_jsonb(OLD) - TG_ARGV::text[] THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION '% says the same for ever: % refused', TG_TABLE_NAME, TG_OP
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
        END $$
    """)
    for table, columns in _CHANGING.items():
        op.execute(f"""
            CREATE TRIGGER tr_{table}_say_the_same BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION viis_only_some_columns_change('{columns}')
        """)
    op.execute("""
        CREATE TRIGGER tr_order_steps_written_once BEFORE UPDATE OR DELETE ON order_steps
        FOR EACH ROW EXECUTE FUNCTION viis_refuse_change()
    """)


def _evidence(kinds: str, can_give: str) -> None:
    for table, column in (("evidence", "kind"), ("grants", "evidence_kind")):
        op.drop_constraint(f"ck_{table}_{column}_known", table)
        op.create_check_constraint(f"ck_{table}_{column}_known", table, f"{column} IN ({kinds})")
    op.drop_constraint("ck_grants_evidence_can_give", "grants")
    op.create_check_constraint("ck_grants_evidence_can_give", "grants", f"evidence_kind {can_give}")


def _arrows_into_orders() -> None:
    connection = op.get_bind()
    arrows = connection.execute(
        sa.text("""
            SELECT successions.*, source.reg_no AS source_reg_no, target.reg_no AS target_reg_no FROM successions
              LEFT JOIN institutions source ON source.id = source_institution_id
              LEFT JOIN institutions target ON target.id = target_institution_id ORDER BY successions.id
        """)
    ).mappings()
    for arrow in arrows.all():
        order = connection.scalar(
            sa.text("""
                INSERT INTO orders (reference, legal_basis, effective, state, digest, recorded_by, recorded_at)
                VALUES (:reference, :legal_basis, :effective, 'drafted', :digest, 'system:migration', :recorded_at)
                RETURNING id
            """),
            {**arrow, "reference": f"arrow {arrow['id']}", "digest": _digest(arrow)},
        )
        change = connection.scalar(
            sa.text("""
                INSERT INTO order_changes (order_id, position, kind, new_name) VALUES (:order, 1, :kind, :new_name)
                RETURNING id
            """),
            {"order": order, "kind": arrow["kind"], "new_name": _branch(arrow)},
        )
        for side in ("source", "target"):
            if arrow[f"{side}_institution_id"] or arrow[f"{side}_municipality_id"]:
                connection.execute(
                    sa.text("""
                        INSERT INTO order_parties (change_id, side, reg_no, institution_id, municipality_id)
                        VALUES (:change, :side, :reg_no, :institution, :municipality)
                    """),
                    {
                        "change": change,
                        "side": side,
                        "reg_no": arrow[f"{side}_reg_no"],
                        "institution": arrow[f"{side}_institution_id"],
                        "municipality": arrow[f"{side}_municipality_id"],
                    },
                )


def _branch(arrow: sa.RowMapping) -> str | None:
    return "?" if arrow["kind"] == "branch_created" else None


def _digest(arrow: sa.RowMapping) -> str:
    # As `iam.orders.said.digest_of` writes it in its first version.
    keys = {
        side: [f"i-{arrow[f'{side}_reg_no']}"]
        if arrow[f"{side}_reg_no"]
        else [f"m-{arrow[f'{side}_municipality_id']}"]
        if arrow[f"{side}_municipality_id"]
        else []
        for side in ("source", "target")
    }
    said = {
        "reference": f"arrow {arrow['id']}",
        "legal_basis": arrow["legal_basis"],
        "effective": arrow["effective"].isoformat(),
        "changes": [
            {
                "kind": arrow["kind"],
                "sources": keys["source"],
                "targets": [[key, None] for key in keys["target"]],
                "new_name": _branch(arrow),
                "new_atvk": None,
            }
        ],
        "v": 1,
    }
    plain = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def _orders_into_arrows() -> None:
    op.execute("""
        INSERT INTO successions (kind, source_institution_id, source_municipality_id, target_institution_id,
                                 target_municipality_id, effective, legal_basis, recorded_at)
        SELECT change.kind, source.institution_id, source.municipality_id, target.institution_id,
               target.municipality_id, effective, legal_basis, recorded_at
          FROM orders JOIN order_changes change ON change.order_id = orders.id
          JOIN order_parties source ON source.change_id = change.id AND source.side = 'source'
          LEFT JOIN order_parties target ON target.change_id = change.id AND target.side = 'target'
         WHERE orders.state NOT IN ('repealed', 'undone') AND change.kind NOT IN ('renamed', 'recoded')
           AND num_nonnulls(source.institution_id, source.municipality_id) = 1
           AND num_nonnulls(target.institution_id, target.municipality_id) = (change.kind <> 'closed')::int
         ORDER BY change.id
        ON CONFLICT DO NOTHING
    """)


def _successions() -> None:
    op.create_table(
        "successions",
        sa.Column("id", sa.Integer, sa.Identity(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("source_institution_id", sa.BigInteger),
        sa.Column("source_municipality_id", sa.BigInteger),
        sa.Column("target_institution_id", sa.BigInteger),
        sa.Column("target_municipality_id", sa.BigInteger),
        sa.Column("effective", sa.Date, nullable=False),
        sa.Column("legal_basis", sa.Text, nullable=False),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_successions"),
        *(
            sa.ForeignKeyConstraint([f"{side}_{what}_id"], [f"{table}.id"], name=f"fk_successions_{side}_{what}_id")
            for side in ("source", "target")
            for what, table in (("institution", "institutions"), ("municipality", "municipalities"))
        ),
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
        sa.CheckConstraint(f"kind IN ({_OLD_KINDS})", name="ck_successions_kind_known"),
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
