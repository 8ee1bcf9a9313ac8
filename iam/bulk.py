"""Many rows in one statement whose text and parameters do not grow with them: each column travels as one array.

An INSERT with a VALUES list of thousands costs the client more in rendering and parsing than the server in storing.
Each statement is built once a process: for one row, building it anew costs more than sending it.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    Column,
    Executable,
    Insert,
    Result,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    func,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import DATERANGE, TSTZRANGE, Range
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import CollectionAggregate
from sqlalchemy.types import TypeEngine

from iam.base import Base

__all__ = ["any_of", "array", "insert_all", "insert_loaded", "next_ids", "table_of"]

_Row = TypeVar("_Row", bound=Base)


def insert_all(
    session: Session, into: type[Base], rows: Sequence[Mapping[str, object]], *, returning: tuple[str, ...] = ()
) -> Result[Any]:
    """Insert all `rows`, which name the same columns each, in one statement; what is pending is written before.

    The result has the columns named by `returning`, in no order that is promised. Ranges must be half-open, as ours
    are, or empty. Raises ValueError for another one, and without any row.
    """
    given = _given(into, rows)
    session.flush()
    return session.execute(_insertion(into, tuple(rows[0]), returning), given)


def insert_loaded(session: Session, into: type[_Row], rows: Sequence[Mapping[str, object]]) -> list[_Row]:
    """Insert as `insert_all` does, and return the rows as they were written, in no order that is promised."""
    given = _given(into, rows)
    return list(session.scalars(_loading(into, tuple(rows[0])), given))


def _given(into: type[Base], rows: Sequence[Mapping[str, object]]) -> dict[str, list[object]]:
    if not rows:
        raise ValueError("nothing to insert")
    columns = table_of(into).c
    ranges = {name for name in rows[0] if _is_range(columns[name])}
    return {
        _parameter(name): [_written(name, row[name]) for row in rows] if name in ranges else [row[name] for row in rows]
        for name in rows[0]
    }


@cache
def _loading(into: type[_Row], names: tuple[str, ...]) -> Executable:
    columns = tuple(column.name for column in table_of(into).c)
    return select(into).from_statement(_insertion(into, names, columns))


def table_of(of: type[Base]) -> Table:
    """Return the table that a model is kept in: statements about it pass by what the session has loaded."""
    table = of.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{of.__name__} is not kept in a table")
    return table


@cache
def _insertion(into: type[Base], names: tuple[str, ...], returning: tuple[str, ...]) -> Insert:
    table = table_of(into)
    ranges = {name for name in names if _is_range(table.c[name])}
    arrays = [array(_parameter(name), Text() if name in ranges else table.c[name].type) for name in names]
    given = func.unnest(*arrays).table_valued(*names, name="given").render_derived()
    values = [cast(given.c[name], table.c[name].type) if name in ranges else given.c[name] for name in names]
    statement = insert(table).from_select(names, select(*values))
    return statement.returning(*(table.c[name] for name in returning)) if returning else statement


def _parameter(name: str) -> str:
    return f"all_{name}"  # SQLAlchemy keeps the name of a column for itself


def next_ids(session: Session, into: type[Base], count: int) -> list[int]:
    """Take that many ids of a table beforehand: RETURNING promises no order by which to match rows."""
    sequence = func.pg_get_serial_sequence(into.__tablename__, "id")
    return list(session.scalars(select(func.nextval(sequence)).select_from(func.generate_series(1, count))))


def _is_range(column: Column[Any]) -> bool:
    return isinstance(column.type, DATERANGE | TSTZRANGE)


def _written(name: str, value: object) -> str:
    if not isinstance(value, Range) or not (value.isempty or value.bounds == "[)"):
        raise ValueError(f"{name} is not half-open: {value!r}")
    if value.isempty:
        return "empty"
    lower, upper = ("" if bound is None else bound.isoformat() for bound in (value.lower, value.upper))
    return f"[{lower},{upper})"


def any_of(values: Collection[object], type_: TypeEngine[Any] | None = None) -> CollectionAggregate[bool]:
    """Build `ANY (array)`: unlike `IN (…)`, the statement's text does not grow with the values."""
    return any_(bindparam(None, list(values), ARRAY(type_ or BigInteger())))


def array(name: str, type_: TypeEngine[Any] | None = None) -> BindParameter[Any]:
    """Build the place of an array in a statement that is built once, to be filled at each execution."""
    return bindparam(name, type_=ARRAY(type_ or BigInteger()))
