"""What the register says of the places that orders name, now or once orders that are being undone are undone. Reads.

What orders founded that do not hold is not recorded: it never came.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, Text, func, select
from sqlalchemy.orm import Session

from iam.bulk import any_of
from iam.ids import MunicipalityId
from iam.institutions.models import (
    Institution,
    InstitutionMunicipality,
    InstitutionName,
    Municipality,
    MunicipalityCode,
    MunicipalityName,
)
from iam.orders.dated import Dated
from iam.orders.models import Order
from iam.orders.problem import Life
from iam.orders.said import PartySaid
from iam.orders.unfounded import unfounded

__all__ = ["Recorded", "codes_recorded", "recorded"]

_DAY = timedelta(days=1)
_Row = tuple[str, str, date | None, date | None]


@dataclass(frozen=True, slots=True)
class Recorded:
    """Lives by key, names and codes with their days; `leaving` are places that are undone, by key the reference.

    `inside` says in which municipalities the institutions lie, by their keys; those have their lives too.
    """

    lives: Mapping[str, Life]
    names: tuple[Dated, ...]
    codes: tuple[Dated, ...]
    leaving: Mapping[str, str]
    inside: tuple[Dated, ...]


@dataclass(slots=True)
class _Undone:
    """What undoing takes back: rows that came, ends that were cut, words that were rewritten, by table and id.

    `never_came` are places that count as not recorded in any case: `iam.orders.unfounded`.
    """

    never_came: Collection[str] = ()
    made: set[tuple[str, int]] = field(default_factory=set)
    ends: dict[tuple[str, int], date | None] = field(default_factory=dict)
    words: dict[tuple[str, int], Mapping[str, str]] = field(default_factory=dict)
    leaving: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session, orders: Iterable[Order]) -> "_Undone":
        found = cls(unfounded(session))
        for order in orders:
            for change in reversed(order.changes):
                before: Mapping[str, Any] = change.before or {}
                found.made |= {(table, id_) for table, id_ in before.get("made", ())}
                found.words |= {(table, id_): was for table, id_, was in before.get("said", ())}
                for table in before.keys() - {"made", "said"}:
                    found.ends |= {(table, id_): _day(end) for id_, _, end in before[table]}
                for party in change.parties:
                    if party.founded_as is not None:
                        key = f"m-{party.municipality_id}" if party.reg_no is None else f"i-{party.reg_no}"
                        found.leaving[key] = order.reference
        return found

    def rows(self, session: Session, model: Any, query: Select[Any], word: str = "") -> Iterator[_Row]:  # noqa: ANN401
        """Read place, word, first and last day of rows of a table, as they are or will be."""
        table = model.__tablename__
        period = model.period
        asked = query.add_columns(model.id, func.lower(period), func.upper(period))
        for place, text, id_, first, after in session.execute(asked):
            gone = place in self.leaving or place in self.never_came
            if (table, id_) not in self.made and not gone:
                end = self.ends.get((table, id_), after)
                said = self.words.get((table, id_), {}).get(word, text)
                yield place, said, first, None if end is None else end - _DAY


def recorded(session: Session, parties: Iterable[PartySaid], *, undone: Collection[Order] = ()) -> Recorded:
    """Read what is recorded of these parties; every code is read, whoever has it."""
    back = _Undone.of(session, undone)
    said = list(parties)
    numbers = {party.reg_no for party in said if party.reg_no is not None}
    ids = {party.municipality for party in said if party.municipality is not None}
    memberships = (
        select("i-" + Institution.reg_no, _key(InstitutionMunicipality.municipality_id))
        .join(Institution, Institution.id == InstitutionMunicipality.institution_id)
        .where(Institution.reg_no == any_of(numbers, Text()))
    )
    inside = tuple(Dated(*row) for row in back.rows(session, InstitutionMunicipality, memberships))
    ids |= {MunicipalityId(int(one.text[2:])) for one in inside}
    places = [
        (Institution, Institution.reg_no == any_of(numbers, Text()), "i-" + Institution.reg_no),
        (Municipality, Municipality.id == any_of(ids), _key(Municipality.id)),
    ]
    lives = {
        place: Life(first, last)
        for model, which, key in places
        for place, _, first, last in back.rows(session, model, select(key, key).where(which))
    }
    of_institutions = select("i-" + Institution.reg_no, InstitutionName.name).join(Institution)
    named = [
        (InstitutionName, of_institutions.where(Institution.reg_no == any_of(numbers, Text()))),
        (
            MunicipalityName,
            select(_key(MunicipalityName.municipality_id), MunicipalityName.name).where(
                MunicipalityName.municipality_id == any_of(ids)
            ),
        ),
    ]
    names = tuple(Dated(*row) for model, query in named for row in back.rows(session, model, query, "name"))
    return Recorded(lives, names, codes_recorded(session, undone=undone), back.leaving, inside)


def codes_recorded(session: Session, *, undone: Collection[Order] = ()) -> tuple[Dated, ...]:
    """Read every code of every municipality, with its days."""
    query = select(_key(MunicipalityCode.municipality_id), MunicipalityCode.atvk)
    return tuple(Dated(*row) for row in _Undone.of(session, undone).rows(session, MunicipalityCode, query, "atvk"))


def _key(id_: Any) -> Any:  # noqa: ANN401 - a column
    return func.concat("m-", id_)


def _day(iso: str | None) -> date | None:
    return None if iso is None else date.fromisoformat(iso)
