"""Write what changes of institutions and municipalities on a day: periods, names, codes, where institutions lie.

Pieces for `iam.orders.places`, which records the act. Each returns what stood before, as plain JSON, and `put_back`
writes that again. A row is named by its id, an end by the first day without it (None: open).
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from iam import letters
from iam.ids import MunicipalityId
from iam.institutions.models import (
    Institution,
    InstitutionMunicipality,
    InstitutionName,
    Municipality,
    MunicipalityCode,
    MunicipalityName,
)

__all__ = [
    "Before",
    "end_on_first_day",
    "end_place",
    "found_again",
    "found_institution",
    "found_municipality",
    "free_code",
    "move_members",
    "put_back",
    "recode",
    "rename",
    "take_away",
]

Before = dict[str, list[list[Any]]]
"""By table: rows whose period was cut, as id, first day and the day after the last; under `made` the rows that came,
as table and id; under `said` rows that say something else now, as table, id and words of before."""

_TABLES: Mapping[str, Any] = {
    "institutions": Institution,
    "institution_names": InstitutionName,
    "institution_municipalities": InstitutionMunicipality,
    "municipalities": Municipality,
    "municipality_names": MunicipalityName,
    "municipality_codes": MunicipalityCode,
}

_DAY = timedelta(days=1)
_ALIKE = ("legal_status", "stage", "type", "founder", "parish")  # of a founded one and of the one it comes of
# By what two rows are of the same: no two of those hold at once.
_ONE_AT_A_TIME: Mapping[Any, tuple[str, ...]] = {
    InstitutionName: ("institution_id",),
    InstitutionMunicipality: ("institution_id",),
    MunicipalityName: ("municipality_id",),
    MunicipalityCode: ("municipality_id", "atvk"),
}


def found_institution(
    session: Session, reg_no: str, name: str, *, like: Institution | None, first: date, at: datetime
) -> Institution:
    """Record an institution that exists from `first` on; kind, founder and place are those of the one it comes of."""
    made = Institution(
        reg_no=reg_no,
        **{column: getattr(like, column) if like is not None else "" for column in _ALIKE},
        branches=0,
        units=0,
        period=_from(first),
        recorded_at=at,
    )
    made.names.append(InstitutionName(period=_from(first), **_keys(name)))
    session.add(made)
    session.flush()
    lay = None if like is None else _lies_in(session, like, first)
    if lay is not None:
        session.add(InstitutionMunicipality(institution_id=made.id, municipality_id=lay, period=_from(first)))
        session.flush()
    return made


def found_municipality(session: Session, atvk: str, name: str, *, first: date) -> Municipality:
    """Record a municipality that exists from `first` on, under an id of its own; with its code, if that is free."""
    made = Municipality(period=_from(first))
    made.names.append(MunicipalityName(period=_from(first), **_keys(name)))
    session.add(made)
    if _is_free(session, atvk, first):
        made.codes.append(MunicipalityCode(period=_from(first), atvk=atvk))
    session.flush()
    return made


def found_again(
    session: Session,
    place: Institution | Municipality,
    name: str,
    *,
    first: date,
    like: Institution | None = None,
    atvk: str | None = None,
) -> None:
    """Let a place begin on `first` that ended on its first day: name, code and where it lies are those of now.

    What was recorded of it since and begins later counts from then on.
    """
    was, place.period = place.period.lower, _from(first)
    session.flush()
    if isinstance(place, Institution):
        _begins(session, InstitutionName, {"institution_id": place.id}, _keys(name), was=was, first=first)
        for column in _ALIKE if like is not None else ():
            setattr(place, column, getattr(like, column))
        lies = None if like is None else _lies_in(session, like, first)
        said = None if lies is None else {"municipality_id": lies}
        _begins(session, InstitutionMunicipality, {"institution_id": place.id}, said, was=was, first=first)
    else:
        _begins(session, MunicipalityName, {"municipality_id": place.id}, _keys(name), was=was, first=first)
        code = {"atvk": atvk} if _is_free(session, atvk, first, but=place.id) else None
        _begins(session, MunicipalityCode, {"municipality_id": place.id}, code, was=was, first=first)
    session.expire_all()


def end_place(session: Session, place: Institution | Municipality, *, day: date) -> Before:
    """Let a place end on the eve of `day`, a municipality with its name and its code; the register may know already."""
    if isinstance(place, Institution):
        return _cut(session, Institution, Institution.id == place.id, day)
    before = _cut(session, Municipality, Municipality.id == place.id, day)
    before |= _cut(session, MunicipalityName, MunicipalityName.municipality_id == place.id, day)
    return before | _cut(session, MunicipalityCode, MunicipalityCode.municipality_id == place.id, day)


def rename(session: Session, place: Institution | Municipality, name: str, *, day: date) -> Before:
    """Let a place be called otherwise from `day` on."""
    if isinstance(place, Institution):
        row: Any = InstitutionName
        of: dict[str, int] = {"institution_id": place.id}
    else:
        row, of = MunicipalityName, {"municipality_id": place.id}
    known = session.scalar(select(row).filter_by(**of).where(row.period.contains(day)))
    if known is not None and known.name == name:
        return {}
    return _replaced(session, row, of, _keys(name), day, ends=place.period.upper)


def free_code(session: Session, place: Municipality, *, day: date, but: str) -> Before:
    """Let the code of a municipality end on the eve of `day`, so that another can have it; `but` is what it gets."""
    which = (MunicipalityCode.municipality_id == place.id) & (MunicipalityCode.atvk != but)
    return _cut(session, MunicipalityCode, which, day)


def recode(session: Session, place: Municipality, atvk: str, *, day: date) -> Before:
    """Let a municipality have another code from `day` on; the register may know already, or it was freed before."""
    of = {"municipality_id": place.id}
    known = session.scalar(select(MunicipalityCode).filter_by(**of).where(MunicipalityCode.period.contains(day)))
    if known is not None and known.atvk == atvk:
        return {}
    return _replaced(session, MunicipalityCode, of, {"atvk": atvk}, day, ends=place.period.upper)


def move_members(session: Session, from_: MunicipalityId, *, to: MunicipalityId | None, day: date) -> Before:
    """Let what lies in a municipality lie in another from `day` on, or in none: after a split a person says where.

    What was founded there and begins on that day or later never lies in the one that ends.
    """
    reaching = _reaching(InstitutionMunicipality, day)
    inside = list(
        session.scalars(
            select(InstitutionMunicipality).where(InstitutionMunicipality.municipality_id == from_, reaching)
        )
    )
    ends = {one.institution_id: one.period.upper for one in inside}
    before = _cut(session, InstitutionMunicipality, InstitutionMunicipality.municipality_id == from_, day)
    if to is None:
        return before
    begins = func.lower(InstitutionMunicipality.period) >= day
    founded = list(
        session.scalars(select(InstitutionMunicipality).where(InstitutionMunicipality.municipality_id == from_, begins))
    )
    for one in founded:
        one.municipality_id = to
    if founded:
        was = {"municipality_id": from_}
        before["said"] = [["institution_municipalities", one.id, was] for one in founded]
    made = [
        InstitutionMunicipality(institution_id=institution, municipality_id=to, period=Range(day, end, bounds="[)"))
        for institution, end in ends.items()
    ]
    session.add_all(made)
    session.flush()
    return before | {"made": [["institution_municipalities", one.id] for one in made]}


def end_on_first_day(session: Session, place: Institution | Municipality, first: date) -> None:
    """Let a place that should not have come end on the day it began, a municipality with its name and its code."""
    place.period = Range(first, first + _DAY, bounds="[)")
    if isinstance(place, Municipality):
        _cut(session, MunicipalityName, MunicipalityName.municipality_id == place.id, first + _DAY)
        _cut(session, MunicipalityCode, MunicipalityCode.municipality_id == place.id, first + _DAY)
    session.flush()


def take_away(session: Session, before: Mapping[str, Iterable[Iterable[Any]]]) -> None:
    """Delete the rows that came, and write former words again; `put_back` follows, once nothing stands in its way."""
    for table, id_ in before.get("made", ()):
        session.execute(delete(_TABLES[table]).where(_TABLES[table].id == id_))
    for table, id_, was in before.get("said", ()):
        session.execute(update(_TABLES[table]).where(_TABLES[table].id == id_).values(**was))
    session.expire_all()


def put_back(session: Session, before: Mapping[str, Iterable[Iterable[Any]]]) -> None:
    """Write what stood before: periods that were cut reach as far again, or to what was recorded since."""
    for table, rows in before.items():
        if table in ("made", "said"):
            continue
        model = _TABLES[table]
        for id_, first, end in rows:
            until = _until_the_next(session, model, id_, _day(first), _day(end))
            period = Range(_day(first), until, bounds="[)")
            session.execute(update(model).where(model.id == id_).values(period=period))
    session.flush()
    session.expire_all()


def _until_the_next(session: Session, model: Any, id_: int, first: date | None, end: date | None) -> date | None:  # noqa: ANN401
    """Return the end of a row that reaches again as far as it may: a later row of the same counts."""
    row = session.get(model, id_)
    if row is None or model not in _ONE_AT_A_TIME:
        return end
    begins = func.lower(model.period)
    same = or_(*(getattr(model, name) == getattr(row, name) for name in _ONE_AT_A_TIME[model]))
    later = begins.is_not(None) if first is None else begins > first
    follows = session.scalar(select(func.min(begins)).where(same, model.id != id_, later))
    return end if follows is None or (end is not None and end <= follows) else follows


def _cut(session: Session, model: Any, which: Any, day: date) -> Before:  # noqa: ANN401 - any of the dated tables
    """End rows on the eve of the day; one that would begin then or later cannot, and stays for a person to see."""
    rows = list(session.scalars(select(model).where(which, _reaching(model, day))))
    before = [[row.id, _iso(row.period.lower), _iso(row.period.upper)] for row in rows]
    for row in rows:
        row.period = Range(row.period.lower, day, bounds="[)")
    session.flush()
    return {model.__tablename__: before} if before else {}


def _replaced(
    session: Session,
    model: Any,  # noqa: ANN401 - any of the dated tables
    of: Mapping[str, int],
    said: Mapping[str, str],
    day: date,
    *,
    ends: date | None,
) -> Before:
    known = session.scalar(select(model).filter_by(**of).where(model.period.contains(day)))
    if known is None:  # until the next one, or for as long as the place exists
        following = session.scalar(select(func.min(func.lower(model.period))).filter_by(**of).where(_after(model, day)))
        until = min((one for one in (following, ends) if one is not None), default=None)
    else:
        until = known.period.upper
    before: Before = {}
    if known is not None and known.period.lower == day:
        # It changes twice on one day: the later word counts.
        was = {name: getattr(known, name) for name in said}
        for name, value in said.items():
            setattr(known, name, value)
        session.flush()
        return {"said": [[model.__tablename__, known.id, was]]}
    if known is not None:
        before = _cut(session, model, model.id == known.id, day)
    made = model(period=Range(day, until, bounds="[)"), **of, **said)
    session.add(made)
    session.flush()
    return before | {"made": [[model.__tablename__, made.id]]}


def _begins(
    session: Session,
    model: Any,  # noqa: ANN401 - any of the dated tables
    of: Mapping[str, int],
    said: Mapping[str, Any] | None,
    *,
    was: date | None,
    first: date,
) -> None:
    """Have a row say something from `first` on, in place of the one that the founding on `was` wrote."""
    rows = list(session.scalars(select(model).filter_by(**of).order_by(model.period)))
    for row in rows:
        if row.period.lower in {was, first}:
            session.delete(row)
        elif row.period.contains(first):
            row.period = Range(row.period.lower, first, bounds="[)")
    session.flush()
    begins = [one.period.lower for one in rows if one.period.lower not in {None, was}]
    until = min((day for day in begins if day > first), default=None)
    if said is not None:
        session.add(model(period=Range(first, until, bounds="[)"), **of, **said))
        session.flush()


def _reaching(model: Any, day: date) -> Any:  # noqa: ANN401 - any of the dated tables
    """Match rows that hold on the day and on its eve."""
    return model.period.contains(day) & (func.lower_inf(model.period) | (func.lower(model.period) < day))


def _is_free(session: Session, atvk: str | None, first: date, *, but: int = 0) -> bool:
    """Return whether no other municipality has the code from then on."""
    then = MunicipalityCode.period.op("&&")(literal(_from(first), MunicipalityCode.period.type))
    others = (MunicipalityCode.atvk == atvk) & (MunicipalityCode.municipality_id != but)
    return session.scalar(select(MunicipalityCode.id).where(others, then).limit(1)) is None


def _after(model: Any, day: date) -> Any:  # noqa: ANN401 - any of the dated tables
    return func.lower(model.period) > day


def _lies_in(session: Session, institution: Institution, day: date) -> MunicipalityId | None:
    return session.scalar(
        select(InstitutionMunicipality.municipality_id)
        .join(Municipality, Municipality.id == InstitutionMunicipality.municipality_id)
        .where(InstitutionMunicipality.institution_id == institution.id, Municipality.period.contains(day))
        .order_by(
            InstitutionMunicipality.period.contains(day).desc(), func.upper(InstitutionMunicipality.period).desc()
        )
        .limit(1)
    )


def _from(first: date) -> Range[date]:
    return Range(first, None, bounds="[)")


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(iso: str | None) -> date | None:
    return None if iso is None else date.fromisoformat(iso)


def _keys(name: str) -> dict[str, str]:
    return {"name": name, "search_key": letters.fold(name), "sort_key": letters.sort_key(name)}
