"""Many rows in one statement whose text and parameters do not grow with them: each column travels as one array.

An INSERT with a VALUES list of thousands costs the client more in rendering and parsing than the server in storing.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Date,
    Insert,
    Table,
    any_,
    bindparam,
    func,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import DATERANGE, Range
from sqlalchemy.sql.elements import CollectionAggregate
from sqlalchemy.types import TypeEngine

from iam.base import Base

if TYPE_CHECKING:
    from datetime import date

__all__ = ["any_of", "insert_all"]


def insert_all(into: type[Base], rows: Sequence[Mapping[str, object]]) -> Insert:
    """Say one INSERT of all `rows`, which name the same columns each; add `.returning(…)` as to any other.

    Date ranges must be half-open, as ours are. Raises ValueError for another one, and without any row.
    """
    if not rows:
        raise ValueError("nothing to insert")
    table = into.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{into.__name__} is not kept in a table")
    names = list(rows[0])
    arrays: list[ColumnElement[object]] = []
    labels: list[str] = []
    for name in names:
        for label, array in _arrays(table.c[name], [row[name] for row in rows]):
            labels.append(label)
            arrays.append(array)
    given = func.unnest(*arrays).table_valued(*labels, name="given").render_derived()
    values: list[ColumnElement[object]] = []
    for name in names:
        if name in given.c:
            values.append(given.c[name])
        else:
            values.append(func.daterange(given.c[f"{name}_lower"], given.c[f"{name}_upper"], "[)"))
    return insert(into).from_select(names, select(*values))


def _arrays(column: Column[object], values: list[object]) -> list[tuple[str, ColumnElement[object]]]:
    if not isinstance(column.type, DATERANGE):
        return [(column.name, bindparam(None, values, ARRAY(column.type)))]
    lower: list[date | None] = []
    upper: list[date | None] = []
    for value in values:
        if not isinstance(value, Range) or value.bounds != "[)":
            raise ValueError(f"{column.name} is not half-open: {value!r}")
        lower.append(value.lower)
        upper.append(value.upper)
    return [
        (f"{column.name}_{side}", bindparam(None, bounds, ARRAY(Date)))
        for side, bounds in (("lower", lower), ("upper", upper))
    ]


def any_of(values: Collection[object], type_: TypeEngine[Any] | None = None) -> CollectionAggregate[bool]:
    """Say `ANY (array)`: the statement's text does not grow with the values, as that of `IN (…)` does."""
    return any_(bindparam(None, list(values), ARRAY(type_ or BigInteger())))
