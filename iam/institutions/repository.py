"""Questions to the tables of institutions, municipalities and scopes. A day of None asks for the latest known."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Date, and_, bindparam, case, false, func, or_, select, true
from sqlalchemy.dialects.postgresql import Range, distinct_on
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, contains_eager

from iam.bulk import any_of
from iam.ids import InstitutionId, MunicipalityId, ScopeId
from iam.institutions.models import (
    Institution,
    InstitutionMunicipality,
    InstitutionName,
    Municipality,
    MunicipalityCode,
    MunicipalityName,
    Scope,
    ScopeKind,
)

__all__ = [
    "Hit",
    "by_reg_no",
    "hits",
    "institutions_of",
    "municipalities",
    "municipality_hits",
    "municipality_name_of",
    "municipality_with_code",
    "name_of_institution",
    "name_of_municipality",
    "numbered_name",
    "scope",
    "scope_of_reg_no",
    "scopes_over",
]

# id, register number, name that matched, its period, present name, municipality id and name, existence
Hit = tuple[InstitutionId, str, str, str, MunicipalityId | None, str | None, Range[date]]


_NUMBERED = select(Institution).where(Institution.reg_no == bindparam("reg_no"))
_SCOPE_NUMBERED = (
    select(Scope)
    .join(Scope.institution)
    .options(contains_eager(Scope.institution))
    .where(Institution.reg_no == bindparam("reg_no"))
)
_NAME = select(InstitutionName.name).where(InstitutionName.institution_id == bindparam("institution"))
_NAME_NOW = _NAME.where(func.upper_inf(InstitutionName.period))
_NAME_ON = _NAME.where(InstitutionName.period.contains(bindparam("day", type_=Date)))
_MUNICIPALITY_OF = (
    select(MunicipalityName.name)
    .join(InstitutionMunicipality, InstitutionMunicipality.municipality_id == MunicipalityName.municipality_id)
    .where(
        InstitutionMunicipality.institution_id == bindparam("institution"),
        InstitutionMunicipality.period.contains(bindparam("day", type_=Date)),
        MunicipalityName.period.contains(bindparam("day", type_=Date)),
    )
)


def _on(period: "InstrumentedAttribute[Range[date]]", day: date | None) -> ColumnElement[bool]:
    return func.upper_inf(period) if day is None else period.contains(day)


def by_reg_no(session: Session, reg_no: str) -> Institution | None:
    """Find the institution with this number."""
    return session.scalar(_NUMBERED, {"reg_no": reg_no})


def scope_of_reg_no(session: Session, reg_no: str) -> Scope | None:
    """Find the scope of the institution with this number, where it has been used."""
    return session.scalar(_SCOPE_NUMBERED, {"reg_no": reg_no})


def hits(
    session: Session,
    words: Sequence[str],
    *,
    number: str | None,
    day: date | None,
    limit: int,
    among: ColumnElement[bool] | None = None,
) -> list[Hit]:
    """List institutions whose number begins so, or one of whose names (with the municipality's) holds all words.

    `among` is a condition that the institutions have to meet.

    Best first: a name that begins with the first word, then present names before former ones, then Latvian order.
    """
    present = aliased(InstitutionName)
    key = func.concat(InstitutionName.search_key, " ", func.coalesce(MunicipalityName.search_key, ""))
    query = (
        select(
            Institution.id,
            Institution.reg_no,
            InstitutionName.name,
            present.name,
            InstitutionMunicipality.municipality_id,
            MunicipalityName.name,
            Institution.period,
        )
        .join(InstitutionName, InstitutionName.institution_id == Institution.id)
        .join(present, (present.institution_id == Institution.id) & _on(present.period, day))
        .outerjoin(
            InstitutionMunicipality,
            (InstitutionMunicipality.institution_id == Institution.id) & _on(InstitutionMunicipality.period, day),
        )
        .outerjoin(
            MunicipalityName,
            (MunicipalityName.municipality_id == InstitutionMunicipality.municipality_id)
            & _on(MunicipalityName.period, day),
        )
    )
    if among is not None:
        query = query.where(among)
    for word in words:
        query = query.where(key.contains(word, autoescape=True))
    if number is not None:
        query = query.where(Institution.reg_no.startswith(number, autoescape=True), InstitutionName.id == present.id)
    first = words[0] if words else ""
    query = query.order_by(
        case((InstitutionName.search_key.startswith(first, autoescape=True), 0), else_=1),
        case((InstitutionName.id == present.id, 0), else_=1),
        present.sort_key,
        Institution.reg_no,
    )
    # A name that matched twice is listed once, at its best place; so a few rows more are read.
    found: dict[InstitutionId, Hit] = {}
    for id_, reg_no, matched, now, town_id, town, period in session.execute(query.limit(limit * 3)):
        found.setdefault(id_, (id_, reg_no, matched, now, town_id, town, period))
    return list(found.values())[:limit]


def numbered_name(session: Session, *, day: date) -> str | None:
    """Return the first name of the day, in Latvian order, whose second word is a number; else the first of all."""
    names = select(InstitutionName.name).where(_on(InstitutionName.period, day)).order_by(InstitutionName.sort_key)
    numbered = names.where(InstitutionName.name.regexp_match(r"^[^ ]+ [0-9]+\."))
    return session.scalar(numbered.limit(1)) or session.scalar(names.limit(1))


def municipalities(session: Session, *, day: date | None) -> list[tuple[MunicipalityId, str, str]]:
    """List the municipalities of a day: id, name, ATVK code, in Latvian order."""
    query = (
        select(MunicipalityName.municipality_id, MunicipalityName.name, MunicipalityCode.atvk)
        .join(MunicipalityCode, MunicipalityCode.municipality_id == MunicipalityName.municipality_id)
        .where(_on(MunicipalityName.period, day), _on(MunicipalityCode.period, day))
        .order_by(MunicipalityName.sort_key)
    )
    return [(id_, name, atvk) for id_, name, atvk in session.execute(query)]


def municipality_hits(
    session: Session, words: Sequence[str], *, limit: int, among: ColumnElement[bool] | None = None
) -> list[tuple[MunicipalityId, str, Range[date]]]:
    """List municipalities one of whose names holds all words: id, the newest such name, existence.

    Those that exist come before those that ended, then in Latvian order. `among` is a condition they have to meet.
    """
    query = (
        select(Municipality.id, MunicipalityName.name, Municipality.period)
        .join(MunicipalityName, MunicipalityName.municipality_id == Municipality.id)
        .where(true() if among is None else among)
        .order_by(func.upper_inf(Municipality.period).desc(), MunicipalityName.sort_key, MunicipalityName.period.desc())
    )
    for word in words:
        query = query.where(MunicipalityName.search_key.contains(word, autoescape=True))
    found: dict[MunicipalityId, tuple[MunicipalityId, str, Range[date]]] = {}
    for id_, name, period in session.execute(query):
        found.setdefault(id_, (id_, name, period))
    return list(found.values())[:limit]


def municipality_with_code(session: Session, atvk: str, *, day: date | None) -> MunicipalityId | None:
    """Find whose code this was on the day."""
    return session.scalar(
        select(MunicipalityCode.municipality_id).where(MunicipalityCode.atvk == atvk, _on(MunicipalityCode.period, day))
    )


def institutions_of(session: Session, municipality: MunicipalityId, *, day: date) -> list[InstitutionId]:
    """List the institutions that belong to the municipality on the day and exist on it."""
    return list(
        session.scalars(
            select(InstitutionMunicipality.institution_id)
            .join(Institution)
            .where(
                InstitutionMunicipality.municipality_id == municipality,
                InstitutionMunicipality.period.contains(day),
                Institution.period.contains(day),
            )
        )
    )


def name_of_institution(session: Session, institution: InstitutionId, *, day: date | None) -> str | None:
    """Return the name of the institution on the day."""
    return session.scalar(_NAME_NOW if day is None else _NAME_ON, {"institution": institution, "day": day})


def municipality_name_of(session: Session, institution: InstitutionId, *, day: date) -> str | None:
    """Return the name on the day of the municipality to which the institution belongs then."""
    return session.scalar(_MUNICIPALITY_OF, {"institution": institution, "day": day})


def name_of_municipality(session: Session, municipality: MunicipalityId, *, day: date | None) -> str | None:
    """Return the name of the municipality on the day; of one that had ended by then, its last name."""
    query = select(MunicipalityName.name).where(MunicipalityName.municipality_id == municipality)
    on_the_day = session.scalar(query.where(_on(MunicipalityName.period, day)))
    if on_the_day is not None:
        return on_the_day
    return session.scalar(query.order_by(func.upper(MunicipalityName.period).desc().nulls_first()).limit(1))


def names_of_scopes(session: Session, scopes: Collection[ScopeId], *, day: date | None) -> dict[ScopeId, str]:
    """Return the name of each scope's place on the day; of one that had ended or not begun by then, its last name.

    Without a day it is the last name of all.
    """
    names: dict[ScopeId, str] = {}
    for table, owner, place in (
        (InstitutionName, InstitutionName.institution_id, Scope.institution_id),
        (MunicipalityName, MunicipalityName.municipality_id, Scope.municipality_id),
    ):
        unnamed = set(scopes) - names.keys()
        if not unnamed:
            break
        on_the_day = () if day is None else (table.period.contains(day).desc(),)
        query = (
            select(Scope.id, table.name)
            .join(table, owner == place)
            .where(Scope.id == any_of(unnamed))
            .ext(distinct_on(Scope.id))
            .order_by(Scope.id, *on_the_day, func.upper(table.period).desc().nulls_first())
        )
        names |= dict(session.execute(query).all())
    return names


def scope(session: Session, kind: ScopeKind, what: InstitutionId | MunicipalityId | None) -> Scope | None:
    """Find the scope of an institution, a municipality or the state."""
    query = select(Scope).where(Scope.kind == kind)
    match kind:
        case ScopeKind.INSTITUTION:
            query = query.where(Scope.institution_id == what)
        case ScopeKind.MUNICIPALITY:
            query = query.where(Scope.municipality_id == what)
        case ScopeKind.STATE:
            pass
    return session.scalar(query)


def scopes_over(
    session: Session, institution: InstitutionId | None, municipality: MunicipalityId | None, *, day: date
) -> list[Scope]:
    """List the scopes whose rights reach the place on the day, the closest first: its own, those above it.

    The place is the institution, the municipality, or the state where both are None. An institution is reached from
    above on the days on which it exists.
    """
    own: ColumnElement[bool]
    if institution is not None:
        own = Scope.institution_id == institution
        exists = select(Institution.id).where(Institution.id == institution, Institution.period.contains(day)).exists()
        belongs = select(InstitutionMunicipality.municipality_id).where(
            InstitutionMunicipality.institution_id == institution, InstitutionMunicipality.period.contains(day)
        )
        above = and_(exists, or_(Scope.kind == ScopeKind.STATE, Scope.municipality_id.in_(belongs)))
    elif municipality is not None:
        own, above = Scope.municipality_id == municipality, Scope.kind == ScopeKind.STATE
    else:
        own, above = Scope.kind == ScopeKind.STATE, false()
    nearest = case({ScopeKind.INSTITUTION: 0, ScopeKind.MUNICIPALITY: 1}, value=Scope.kind, else_=2)
    return list(session.scalars(select(Scope).where(or_(own, above)).order_by(nearest)))
