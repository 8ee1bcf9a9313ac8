"""Register people, and keep what they were called and numbered before. Each act writes its own audit entry."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from iam import audit, letters
from iam.audit import Origin
from iam.errors import BadPersonalCode, CodeOfAnotherPerson
from iam.ids import PersonId
from iam.locks import one_at_a_time
from iam.people import repository
from iam.people.models import FormerName, Person, PersonCode
from iam.people.rules import PersonalCode, parse_personal_code
from iam.people.tags import PersonTag

__all__ = [
    "CodeOfAnotherPerson",
    "change_code",
    "codes_of",
    "find_by_code",
    "find_by_codes",
    "register",
    "rename",
    "search",
]


def find_by_code(session: Session, code: PersonalCode) -> Person | None:
    """Find the person who has, or once had, this code."""
    return repository.holder_of(session, code)


def find_by_codes(session: Session, codes: Collection[PersonalCode]) -> dict[PersonalCode, Person]:
    """Find the people who have, or once had, these codes; a code that nobody has is left out."""
    return repository.holders_of(session, codes)


def codes_of(session: Session, person_id: PersonId) -> tuple[PersonalCode, ...]:
    """Return every code the person ever had, the present one first: any of them may stand in a certificate."""
    return tuple(PersonalCode(row.country, row.kind, row.digits) for row in repository.codes_of(session, person_id))


def register(
    session: Session, *, code: PersonalCode, given_name: str, surname: str, origin: Origin, at: datetime
) -> Person:
    """Return the person with this code, made now if nobody has it.

    A known person keeps the name we have, whatever name is given here: the code decides, and a name changes only by
    `rename`, when somebody decided that.
    """
    one_at_a_time(session, f"person:{code.serial_number}")
    known = repository.holder_of(session, code)
    if known is not None:
        return known
    person = Person(given_name=_tidy(given_name), surname=_tidy(surname), recorded_at=at)
    _key(person)
    person.codes.append(PersonCode(country=code.country, kind=code.kind, digits=code.digits, recorded_at=at))
    session.add(person)
    session.flush()
    _record(session, PersonTag.REGISTERED, person, origin, at)
    return person


def rename(
    session: Session,
    person: Person,
    *,
    given_name: str,
    surname: str,
    reason: str = "",
    origin: Origin,
    at: datetime,
) -> bool:
    """Record a new name and why; the one before stays findable. The same name again changes nothing.

    Returns whether the name changed.
    """
    given_name, surname = _tidy(given_name), _tidy(surname)
    if (person.given_name, person.surname) == (given_name, surname):
        return False
    person.former_names.append(FormerName(given_name=person.given_name, surname=person.surname, until=at))
    person.given_name, person.surname = given_name, surname
    _key(person)
    session.flush()
    _record(session, PersonTag.RENAMED, person, origin, at, reason=reason)
    return True


def change_code(session: Session, person: Person, code: PersonalCode, *, origin: Origin, at: datetime) -> None:
    """Record a code of the person; it takes the place of a present one of the same country and kind.

    Raises CodeOfAnotherPerson when it names somebody else. A code the person already had changes nothing.
    """
    one_at_a_time(session, f"person:{code.serial_number}")
    holder = repository.holder_of(session, code)
    if holder is not None:
        if holder.id != person.id:
            raise CodeOfAnotherPerson(holder.id)
        return
    for row in repository.codes_of(session, person.id):
        if row.replaced_at is None and (row.country, row.kind) == (code.country, code.kind):
            row.replaced_at = at
    # The row that gives way goes first, for the database allows one present code at any moment.
    session.flush()
    session.add(
        PersonCode(person_id=person.id, country=code.country, kind=code.kind, digits=code.digits, recorded_at=at)
    )
    session.flush()
    session.expire(person, ["codes"])
    _record(session, PersonTag.CODE_CHANGED, person, origin, at, country=code.country, kind=code.kind)


def search(session: Session, text: str, *, limit: int = 50, among: ColumnElement[bool] | None = None) -> list[Person]:
    """Find people by words of a present or former name, or by a whole personal code.

    `among` narrows it to whom somebody may see; for people who ask there is `iam.readable`.
    """
    try:
        code = parse_personal_code(text)
    except BadPersonalCode:
        return repository.matching(session, text, limit=limit, among=among)
    holder = repository.holder_of(session, code, among=among)
    return [] if holder is None else [holder]


def _record(session: Session, tag: PersonTag, person: Person, origin: Origin, at: datetime, **details: object) -> None:
    audit.record(session, tag, origin=origin, subject=f"person:{person.id}", at=at, details=details)


def _tidy(name: str) -> str:
    return letters.seen(name)


def _key(person: Person) -> None:
    names = [person.full_name, *(f"{former.given_name} {former.surname}" for former in person.former_names)]
    person.search_key = " ".join(dict.fromkeys(letters.fold(name) for name in names))
    person.sort_key = letters.sort_key(person.surname, person.given_name)
