"""Many rows in one statement whose text and parameters do not grow with them: each column travels as one array.

An INSERT with a VALUES list of thousands costs the client more in rendering and parsing than the server in storing.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Insert,
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

__all__ = ["any_of", "insert_all", "next_ids"]


def insert_all(into: type[Base], rows: Sequence[Mapping[str, object]]) -> Insert:
    """Build one INSERT of all `rows`, which name the same columns each; add `.returning(…)` as to any other.

    Ranges must be half-open, as ours are, or empty. Raises ValueError for another one, and without any row.
    """
    if not rows:
        raise ValueError("nothing to insert")
    table = into.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{into.__name__} is not kept in a table")
    names = list(rows[0])
    arrays = [_array(table.c[name], [row[name] for row in rows]) for name in names]
    given = func.unnest(*arrays).table_valued(*names, name="given").render_derived()
    values = [cast(given.c[name], table.c[name].type) if _is_range(table.c[name]) else given.c[name] for name in names]
    return insert(into).from_select(names, select(*values))


def next_ids(session: Session, into: type[Base], count: int) -> list[int]:
    """Take that many ids of a table beforehand: RETURNING promises no order by which to match rows."""
    sequence = func.pg_get_serial_sequence(into.__tablename__, "id")
    return list(session.scalars(select(func.nextval(sequence)).select_from(func.generate_series(1, count))))


def _array(column: Column[Any], values: list[object]) -> ColumnElement[object]:
    if not _is_range(column):
        return bindparam(None, values, ARRAY(column.type))
    return bindparam(None, [_written(column.name, value) for value in values], ARRAY(Text))


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
