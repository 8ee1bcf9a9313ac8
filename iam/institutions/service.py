"""Find institutions and municipalities, and name the scopes rights are given in."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, insert
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from iam import letters
from iam.errors import Unknown
from iam.ids import InstitutionId, MunicipalityId, ScopeId
from iam.institutions import repository
from iam.institutions.models import Institution, Municipality, Scope, ScopeKind
from iam.locks import one_at_a_time
from iam.periods import last_day

__all__ = [
    "InstitutionHit",
    "MunicipalityHit",
    "ScopePlace",
    "by_reg_no",
    "institutions_in",
    "last_day_of",
    "municipalities",
    "place_by_code",
    "place_name",
    "scope_by_code",
    "scope_code",
    "scope_name",
    "scope_names",
    "scope_of_institution",
    "scope_of_municipality",
    "scopes_over",
    "search",
    "search_examples",
    "search_municipalities",
    "state_scope",
]

_NUMBER = re.compile(r"[0-9]{1,10}")
_SCOPE_CODE = re.compile(r"i-(?P<institution>[0-9]{10})|m-(?P<municipality>[0-9]{1,18})|(?P<state>s)")


@dataclass(frozen=True, slots=True)
class InstitutionHit:
    """One found institution. `former_name` is the earlier name that matched, where the present one did not."""

    id: InstitutionId
    reg_no: str
    name: str
    municipality_id: MunicipalityId | None
    municipality: str | None
    closed: date | None
    former_name: str | None


@dataclass(frozen=True, slots=True)
class MunicipalityHit:
    """One municipality of a day."""

    id: MunicipalityId
    name: str
    atvk: str


@dataclass(frozen=True, slots=True)
class ScopePlace:
    """Where a right may hold, by the code of its scope, whether one was ever given there or not."""

    kind: ScopeKind
    code: str
    institution_id: InstitutionId | None = None
    municipality_id: MunicipalityId | None = None


def search(
    session: Session,
    text: str,
    *,
    limit: int = 20,
    on: date | None = None,
    among: ColumnElement[bool] | None = None,
) -> list[InstitutionHit]:
    """Find institutions by the beginning of the number, or by words of a name and the municipality in any order.

    Accents, case and quotes do not matter; a word may be only the beginning or the middle of one. Former names find
    too. `on` says for which day name and municipality are told (None: the latest known). Nothing typed finds nothing.
    `among` narrows it to what somebody may see; the register itself is public.
    """
    words = letters.search_words(text)
    number = "".join(words)
    if not words:
        return []
    by_number = number if _NUMBER.fullmatch(number) else None
    found = repository.hits(session, () if by_number else words, number=by_number, day=on, limit=limit, among=among)
    return [
        InstitutionHit(
            id=id_,
            reg_no=reg_no,
            name=present,
            municipality_id=municipality_id,
            municipality=municipality,
            closed=last_day(period),
            former_name=None if matched == present else matched,
        )
        for id_, reg_no, matched, present, municipality_id, municipality, period in found
    ]


def by_reg_no(session: Session, reg_no: str) -> Institution | None:
    """Find the institution with exactly this number; spaces around and inside do not matter."""
    return repository.by_reg_no(session, "".join(reg_no.split()))


def municipalities(session: Session, *, on: date | None = None) -> list[MunicipalityHit]:
    """List the municipalities of a day in Latvian order (None: those that have not ended)."""
    return [MunicipalityHit(*row) for row in repository.municipalities(session, day=on)]


def search_examples(session: Session, towns: Sequence[MunicipalityHit], *, on: date) -> tuple[str, ...]:
    """Give searches that find something in the register of the day: parts of names, as people type them.

    `towns` are the `municipalities` of the day.
    """
    name = repository.numbered_name(session, day=on)
    school = "" if name is None else " ".join(name.split()[:2]).rstrip(".,")
    return tuple(filter(None, (school, towns[0].name.split()[0] if towns else "")))


def search_municipalities(
    session: Session, text: str, *, limit: int = 20, among: ColumnElement[bool] | None = None
) -> list[tuple[MunicipalityId, str, date | None]]:
    """Find municipalities by words of a name they have or had: id, that name, last day of one that ended.

    Nothing typed finds nothing. `among` narrows it to what somebody may see.
    """
    words = letters.search_words(text)
    if not words:
        return []
    found = repository.municipality_hits(session, words, limit=limit, among=among)
    return [(id_, name, last_day(period)) for id_, name, period in found]


def institutions_in(session: Session, municipality: MunicipalityId, *, on: date) -> list[InstitutionId]:
    """List what a municipality's right covers on the day: the institutions that belong to it then."""
    return repository.institutions_of(session, municipality, day=on)


def scope_of_institution(session: Session, reg_no: str) -> Scope:
    """Return the scope of an institution, made at its first use. Raises Unknown."""
    known = repository.scope_of_reg_no(session, "".join(reg_no.split()))
    if known is not None:
        return known
    institution = by_reg_no(session, reg_no)
    if institution is None:
        raise Unknown(f"no institution has the number {reg_no!r}")
    return _scope(session, ScopeKind.INSTITUTION, institution.id)


def scope_of_municipality(session: Session, municipality_id: MunicipalityId) -> Scope:
    """Return the scope of a municipality, made at its first use. Raises Unknown."""
    if session.get(Municipality, municipality_id) is None:
        raise Unknown(f"no municipality has the id {municipality_id}")
    return _scope(session, ScopeKind.MUNICIPALITY, municipality_id)


def days_of(scope: Scope) -> Range[date] | None:
    """Return the days on which a place exists; None for the state."""
    place = scope.institution or scope.municipality
    return None if place is None else place.period


def last_day_of(scope: Scope) -> date | None:
    """Return the last day on which a place exists; None where no end is recorded, and for the state."""
    days = days_of(scope)
    return None if days is None else last_day(days)


def state_scope(session: Session) -> Scope:
    """Return the scope of the whole state."""
    return _scope(session, ScopeKind.STATE, None)


def scope_code(scope: Scope) -> str:
    """Return the code of a scope as tokens and files do: i-<register number>, m-<our own lasting id>, s."""
    match scope.kind:
        case ScopeKind.INSTITUTION:
            if scope.institution is None:
                raise Unknown(f"scope {scope.id} names no institution")
            return f"i-{scope.institution.reg_no}"
        case ScopeKind.MUNICIPALITY:
            return f"m-{scope.municipality_id}"
        case ScopeKind.STATE:
            return "s"


def scope_by_code(session: Session, code: str) -> Scope:
    """Read a scope's code; a bare ten-digit number is an institution's. Raises Unknown."""
    said = _read_code(code)
    if said["institution"]:
        return scope_of_institution(session, said["institution"])
    if said["municipality"]:
        return scope_of_municipality(session, MunicipalityId(int(said["municipality"])))
    return state_scope(session)


def place_by_code(session: Session, code: str) -> ScopePlace:
    """Read a scope's code as `scope_by_code` does, and make nothing: no scope is needed. Raises Unknown."""
    said = _read_code(code)
    if said["institution"]:
        institution = by_reg_no(session, said["institution"])
        if institution is None:
            raise Unknown(f"no institution has the number {said['institution']!r}")
        return ScopePlace(ScopeKind.INSTITUTION, f"i-{institution.reg_no}", institution_id=institution.id)
    if said["municipality"]:
        municipality = session.get(Municipality, int(said["municipality"]))
        if municipality is None:
            raise Unknown(f"no municipality has the id {said['municipality']}")
        return ScopePlace(ScopeKind.MUNICIPALITY, f"m-{municipality.id}", municipality_id=municipality.id)
    return ScopePlace(ScopeKind.STATE, "s")


def place_name(session: Session, place: ScopePlace, *, on: date) -> str:
    """Return the name of the place on the day, else its latest name; "" for the state."""
    if place.institution_id is not None:
        name = repository.name_of_institution(session, place.institution_id, day=on)
        return name or repository.name_of_institution(session, place.institution_id, day=None) or place.code
    if place.municipality_id is not None:
        return repository.name_of_municipality(session, place.municipality_id, day=on) or place.code
    return ""


def scopes_over(session: Session, place: ScopePlace, *, on: date) -> list[Scope]:
    """List the scopes whose rights reach the place on the day, the closest first.

    An institution is reached from its own scope, from that of its municipality on the day, and from the state's.
    """
    return repository.scopes_over(session, place.institution_id, place.municipality_id, day=on)


def scope_name(session: Session, scope: Scope, *, on: date | None = None) -> str:
    """Return the name of a scope's place on the day (None: the latest name); "" for the state.

    A place that is founded but has not begun goes by the name it will have.
    """
    match scope.kind:
        case ScopeKind.INSTITUTION if scope.institution_id is not None:
            name = repository.name_of_institution(session, scope.institution_id, day=on)
            latest = name or repository.name_of_institution(session, scope.institution_id, day=None)
            return latest or scope_code(scope)
        case ScopeKind.MUNICIPALITY if scope.municipality_id is not None:
            return repository.name_of_municipality(session, scope.municipality_id, day=on) or scope_code(scope)
        case _:
            return ""


def municipality_name_of(session: Session, institution: InstitutionId, *, on: date) -> str:
    """Return the name of the municipality to which the institution belongs on the day; "" for none."""
    return repository.municipality_name_of(session, institution, day=on) or ""


def scope_names(session: Session, scopes: Collection[ScopeId], *, on: date | None) -> dict[ScopeId, str]:
    """Return the names of the places of many scopes, each on the day, else its last one; the state has none.

    Without a day it is the last one.
    """
    return repository.names_of_scopes(session, scopes, day=on)


def _read_code(code: str) -> re.Match[str]:
    cleaned = code.strip().lower()
    said = _SCOPE_CODE.fullmatch(f"i-{cleaned}" if re.fullmatch(r"[0-9]{10}", cleaned) else cleaned)
    if said is None:
        raise Unknown(f"{code!r} names no scope: it is i-<number>, m-<id> or s")
    return said


def _scope(session: Session, kind: ScopeKind, what: InstitutionId | MunicipalityId | None) -> Scope:
    known = repository.scope(session, kind, what)
    if known is not None:
        return known
    one_at_a_time(session, f"scope:{kind}:{what}")
    known = repository.scope(session, kind, what)
    if known is None:
        column = {ScopeKind.INSTITUTION: "institution_id", ScopeKind.MUNICIPALITY: "municipality_id"}[kind]
        id_: ScopeId = session.execute(
            insert(Scope).values(kind=kind, **{column: what}).returning(Scope.id)
        ).scalar_one()
        known = session.get_one(Scope, id_)
    return known
