"""Every migration goes up and comes down again, on rows: schema and rows are then what they were.

The chain is read from the folder, so a new migration is tested from its first day.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from builders.workflows.populated import populate
from demo.pki import Pki
from demo.servers import Postgres
from workflows.database import MIGRATIONS, sqlalchemy_url

Rows = Mapping[str, Mapping[str, list[str]]]  # by table and column, in the order of the whole rows

Row = tuple[tuple[str, str], ...]  # column and value as text
Schema = Mapping[str, str]  # by kind and name

# No way back on rows, by the words of its refusal; what lies below it is gone through without rows.
REFUSED: Mapping[str, str] = {"0003": "rights rest on applications"}

# What a way back would lose: the words of its refusal, and how rows are freed of it.
_LOSSES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "0026": (
        "people were told of orders",
        {
            "order_notices": "DELETE FROM order_notices",
            "prefilled_drafts": "DELETE FROM prefilled_drafts",
        },
    ),
    "0024": (
        "plans were paused, or their caps set",
        {
            "plan_pauses": "DELETE FROM plan_pauses",
            "plan_caps": "DELETE FROM plan_caps",
            "policy_numbers": "DELETE FROM policy_numbers WHERE name ^@ 'plan_cap_' AND set_by ^@ 'staff:'",
        },
    ),
    "0023": (
        "age of a sign-in was set",
        {"policy_numbers": "DELETE FROM policy_numbers WHERE name = 'fresh_sign_in' AND set_by ^@ 'staff:'"},
    ),
    "0018": (
        "orders were recorded or decided",
        {
            "order_parties": "DELETE FROM order_parties",
            "order_changes": "DELETE FROM order_changes",
            "order_steps": "DELETE FROM order_steps",
            "orders": "DELETE FROM orders",
        },
    ),
    "0016": (
        "proposals were decided",
        {
            "application_decisions": "UPDATE application_decisions SET confirmed_by = NULL",
            "proposals": "DELETE FROM proposals WHERE state <> 'proposed'",
            "policy_numbers": "DELETE FROM policy_numbers WHERE name = 'proposal_kept' AND set_by ^@ 'staff:'",
        },
    ),
    "0013": (
        "numbers of policy were set",
        {"policy_numbers": "DELETE FROM policy_numbers WHERE set_by <> 'system:migration'"},
    ),
}

# What a way up removes on purpose, because it is made anew: pictures of forms.
_MADE_ANEW: Mapping[str, str] = {"0021": "document_pages"}

# Tables of others, which `populate` leaves alone.
_OTHERS = ("procrastinate_", "alembic_version")

_SCHEMA = {
    "table": """
        SELECT relname, concat_ws(' ', relkind, relpersistence, array_to_string(reloptions, ','))
          FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S', 'm')""",
    "column": """
        SELECT relname || '.' || attname,
               concat_ws(' ', format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, attstorage,
                         attcollation::regcollation, pg_get_expr(adbin, adrelid))
          FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
          LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
         WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped""",
    "constraint": """
        SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
          FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "index": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "function": """
        SELECT oid::regprocedure::text, pg_get_functiondef(oid)
          FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
           AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')""",
    "trigger": """
        SELECT tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal""",
    "type": """
        SELECT typname, (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid)
          FROM pg_type t WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')""",
}


def chain() -> list[str]:
    """Return the revisions, the first one first."""
    folder = ScriptDirectory(str(MIGRATIONS))
    return [script.revision for script in folder.walk_revisions()][::-1]


@pytest.fixture(scope="module")
def schemas(postgres: Postgres) -> Mapping[str, Schema]:
    """The schema at each revision, as the way up makes it."""
    engine = create_engine(sqlalchemy_url(postgres.create("step_by_step")), poolclass=NullPool)
    found: dict[str, Schema] = {"base": {}}
    with engine.begin() as connection:
        for revision in chain():
            move(connection, to=revision)
            found[revision] = schema(connection)
    engine.dispose()
    postgres.drop("step_by_step")
    return found


@pytest.fixture
def populated(postgres: Postgres, furnished: str, pki: Pki) -> Iterator[Engine]:
    """A database at the newest revision with rows in every table."""
    name = "both_ways"
    engine = create_engine(sqlalchemy_url(postgres.create(name, template=furnished)), poolclass=NullPool)
    try:
        populate(engine, pki=pki, at=datetime.now(UTC))
        yield engine
    finally:
        engine.dispose()
        postgres.drop(name)


def test_there_is_one_chain_of_migrations_and_each_stands_in_a_file_of_its_number() -> None:
    names = sorted(path.name for path in (MIGRATIONS / "versions").glob("*.py"))
    assert [name[:4] for name in names] == chain() == [f"{number:04}" for number in range(1, len(names) + 1)]


def test_the_rows_that_migrations_are_tried_on_fill_every_table(populated: Engine) -> None:
    with populated.connect() as connection:
        empty = [
            table
            for table, columns in rows(connection).items()
            if not any(columns.values()) and not table.startswith(_OTHERS)
        ]
    assert empty == [], "add rows of these tables to builders/workflows/populated.py"


def test_every_migration_goes_down_and_up_again(empty_database_url: str, schemas: Mapping[str, Schema]) -> None:
    engine = create_engine(sqlalchemy_url(empty_database_url), poolclass=NullPool)
    with engine.begin() as connection:
        move(connection, to="head")
        for previous, revision in steps_down():
            goes_down_and_up(connection, previous, revision, schemas)
    engine.dispose()


def test_every_migration_goes_down_and_up_again_on_rows(populated: Engine, schemas: Mapping[str, Schema]) -> None:
    with populated.begin() as connection:
        for previous, revision in steps_down():
            if revision in REFUSED:
                with pytest.raises(DBAPIError, match=REFUSED[revision]), connection.begin_nested():
                    move(connection, to=previous)
                break
            if revision in _LOSSES:
                words, _ = _LOSSES[revision]
                with pytest.raises(DBAPIError, match=words), connection.begin_nested():
                    move(connection, to=previous)
                free(connection, revision)
            goes_down_and_up(connection, previous, revision, schemas)
        assert rows(connection)["people"]["id"], "the rows are still there"


@pytest.mark.parametrize(
    ("revision", "table", "kept"),
    [
        ("0026", "order_notices", "successor IS NOT NULL"),
        ("0026", "prefilled_drafts", "code_tries = 0"),
        ("0024", "plan_pauses", "paused_by = 'system:viis'"),
        ("0024", "plan_caps", "reason = 'ATR'"),
        ("0024", "policy_numbers", "name = 'plan_cap_share'"),
        ("0023", "policy_numbers", "name = 'fresh_sign_in'"),
        ("0018", "orders", "state = 'repealed'"),
        ("0018", "orders", "state = 'undone'"),
        ("0018", "orders", "reference ^@ 'renamed'"),
        ("0018", "orders", "reference ^@ 'recoded'"),
        ("0016", "proposals", "state = 'carried_out'"),
        ("0016", "application_decisions", "confirmed_by IS NOT NULL"),
        ("0016", "policy_numbers", "name = 'proposal_kept'"),
        ("0013", "policy_numbers", "name = 'uploads_per_network'"),
        ("0013", "policy_numbers", "name = 'four_eyes_paper'"),
    ],
)
def test_a_way_back_refuses_rather_than_lose_one_row(populated: Engine, revision: str, table: str, kept: str) -> None:
    words, _ = _LOSSES[revision]
    with populated.begin() as connection:
        order = [one for one in chain() if one in _LOSSES]
        for other in order[: order.index(revision) : -1]:
            free(connection, other)
        move(connection, to=revision)
        assert connection.scalar(text(f"SELECT count(*) FROM {table} WHERE {kept}")), "the row is there"  # noqa: S608 - ours
        free(connection, revision, but=(table, kept))
        with pytest.raises(DBAPIError, match=words), connection.begin_nested():
            move(connection, to=chain()[chain().index(revision) - 1])


def test_all_the_way_down_and_up_again_leaves_the_numbers_of_policy_as_they_were(populated: Engine) -> None:
    with populated.begin() as connection:
        for revision in _LOSSES:
            free(connection, revision)
        before = rows(connection)
        bottom = max(REFUSED)
        move(connection, to=bottom)
        lower = rows(connection)
        move(connection, to="head")
        after = rows(connection)
        kept = {one: before[one] for one in before.keys() & lower.keys() - set(_MADE_ANEW.values())}
        assert changed(kept, lower, after) == []
        names = sorted(before["policy_numbers"])
        numbers = (_counted(one["policy_numbers"], names) for one in (before, after))
        assert len({frozenset(_without_id(one).items()) for one in numbers}) == 1


def free(connection: Connection, revision: str, *, but: tuple[str, str] = ("", "")) -> None:
    """Remove what the way back of a revision would lose, except the rows of one table that a condition names."""
    for table, statement in _LOSSES[revision][1].items():
        if table == but[0]:
            statement += f" {'AND' if 'WHERE' in statement else 'WHERE'} NOT ({but[1]})"  # noqa: PLW2901 - more of it
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        connection.execute(text(statement))
        connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


def steps_down() -> list[tuple[str, str]]:
    """Return the steps of the way back: each revision, after the one below it."""
    return list(zip(["base", *chain()], chain(), strict=False))[::-1]


def goes_down_and_up(connection: Connection, previous: str, revision: str, schemas: Mapping[str, Schema]) -> None:
    """Take one migration back, make it once more, and take it back for good, comparing schema and rows each time."""
    before = rows(connection)
    move(connection, to=previous)
    assert schema(connection) == schemas[previous], f"{revision} leaves something behind, or takes too much"
    lower = rows(connection)
    move(connection, to=revision)
    assert schema(connection) == schemas[revision], f"{revision} does not come again after it was taken back"
    after = {table: columns for table, columns in rows(connection).items() if table != _MADE_ANEW.get(revision)}
    kept = {table: before[table] for table in before.keys() & after.keys()}
    assert changed(kept, lower, after) == [], f"{revision} and its way back change rows"
    move(connection, to=previous)


def changed(before: Rows, lower: Rows, after: Rows) -> list[str]:
    """Name the tables whose rows are others after a way back, or after the way up again.

    Rows that a migration brings along may go with it: they have to come again, under whatever id.
    """
    found = []
    for table in sorted(before.keys() & lower.keys()):
        columns = sorted(before[table].keys() & lower[table].keys())
        was, now, again = (_counted(one[table], columns) for one in (before, lower, after))
        if was == again:
            continue
        if now - was:
            found.append(f"{table}: rows change on the way back and stay so: {list(now - was)[:3]}")
        elif _without_id(was) != _without_id(again):
            found.append(f"{table}: rows do not come again: {list(was - again)[:3]}")
    return found


def _counted(columns: Mapping[str, list[str]], names: list[str]) -> Counter[Row]:
    return Counter(tuple(zip(names, values, strict=True)) for values in zip(*(columns[n] for n in names), strict=True))


def _without_id(counted: Counter[Row]) -> Counter[Row]:
    return Counter(tuple(pair for pair in row if pair[0] != "id") for row in counted.elements())


def move(connection: Connection, *, to: str) -> None:
    """Bring the schema to a revision, whichever way that lies; the caller commits."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    order = ["base", *chain(), "head"]
    present = "base"
    if connection.scalar(text("SELECT to_regclass('alembic_version')")) is not None:
        present = connection.scalar(text("SELECT version_num FROM alembic_version")) or "base"
    direction = command.upgrade if order.index(to) > order.index(present) else command.downgrade
    direction(config, to)


def schema(connection: Connection) -> Schema:
    """Read all that the schema is made of, by name."""
    return {
        f"{kind} {name}": str(definition)
        for kind, query in _SCHEMA.items()
        for name, definition in connection.execute(text(query))
        if not str(name).startswith("alembic_version")
    }


def rows(connection: Connection) -> Rows:
    """Read every table, each column as text; a row is in all columns at the same place."""
    columns = connection.execute(
        text(
            "SELECT table_name, array_agg(column_name::text ORDER BY column_name) FROM information_schema.columns"
            " JOIN pg_class ON relname = table_name AND relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " WHERE table_schema = 'public' AND table_name <> 'alembic_version' GROUP BY table_name"
        )
    ).all()
    found: dict[str, dict[str, list[str]]] = {}
    for table, names in columns:
        said = ", ".join(f'"{name}"::text' for name in names)
        read = connection.execute(text(f'SELECT {said} FROM "{table}"')).all()  # noqa: S608 - names of our own tables
        found[table] = {name: [row[place] for row in read] for place, name in enumerate(names)}
    return found
