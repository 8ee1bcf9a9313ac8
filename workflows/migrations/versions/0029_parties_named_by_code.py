"""A party that named a founded municipality by our id names it by its code once that municipality is taken away."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE FUNCTION viis_party_says_the_same() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            free text[] := ARRAY['institution_id', 'municipality_id', 'atvk'];
        BEGIN
            IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - free = to_jsonb(OLD) - free
               AND (NEW.atvk IS NOT DISTINCT FROM OLD.atvk
                    OR OLD.atvk IS NULL AND OLD.municipality_id IS NOT NULL AND NEW.municipality_id IS NULL) THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION '% says the same for ever: % refused', TG_TABLE_NAME, TG_OP
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
        END $$
    """)
    _trigger("viis_party_says_the_same()")


def downgrade() -> None:
    _trigger("viis_only_some_columns_change('institution_id', 'municipality_id')")
    op.execute("DROP FUNCTION viis_party_says_the_same()")


def _trigger(calls: str) -> None:
    op.execute("DROP TRIGGER tr_order_parties_say_the_same ON order_parties")
    op.execute(f"""
        CREATE TRIGGER tr_order_parties_say_the_same BEFORE UPDATE OR DELETE ON order_parties
        FOR EACH ROW EXECUTE FUNCTION {calls}
    """)
