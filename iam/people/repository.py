"""Questions to the tables of people."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Text, any_, bindparam, select
from sqlalchemy.orm import Session

from iam import letters
from iam.bulk import array
from iam.ids import PersonId
from iam.people.models import Person, PersonCode
from iam.people.rules import PersonalCode

__all__ = ["codes_of", "holder_of", "holders_of", "matching"]


_HOLDER = (
    select(Person)
    .join(PersonCode)
    .where(
        PersonCode.country == bindparam("country"),
        PersonCode.kind == bindparam("kind"),
        PersonCode.digits == bindparam("digits"),
    )
)

_HOLDERS = (
    select(Person, PersonCode.country, PersonCode.kind, PersonCode.digits)
    .join(PersonCode)
    .where(PersonCode.digits == any_(array("digits", Text())))
)


def holder_of(session: Session, code: PersonalCode, *, among: ColumnElement[bool] | None = None) -> Person | None:
    """Find who has or had the code, among those who meet the condition."""
    query = _HOLDER if among is None else _HOLDER.where(among)
    return session.scalar(query, {"country": code.country, "kind": code.kind, "digits": code.digits})


def holders_of(session: Session, codes: Collection[PersonalCode]) -> dict[PersonalCode, Person]:
    """Find who has or had each of these codes."""
    found = session.execute(_HOLDERS, {"digits": [code.digits for code in codes]})
    by_code = {PersonalCode(country, kind, digits): person for person, country, kind, digits in found}
    return {code: by_code[code] for code in codes if code in by_code}


def codes_of(session: Session, person_id: PersonId) -> list[PersonCode]:
    """List every code of a person, the present ones first, then the latest before."""
    return list(
        session.scalars(
            select(PersonCode)
            .where(PersonCode.person_id == person_id)
            .order_by(PersonCode.replaced_at.desc().nulls_first(), PersonCode.id.desc())
        )
    )


def matching(session: Session, text: str, *, limit: int, among: ColumnElement[bool] | None = None) -> list[Person]:
    """List people whose present or former names hold all the words, in any order, in Latvian order of surnames.

    A text without a word in it finds nobody, not everybody. `among` is a condition that they have to meet.
    """
    words = letters.search_words(text)
    if not words:
        return []
    query = select(Person).order_by(Person.sort_key, Person.id).limit(limit)
    query = query if among is None else query.where(among)
    for word in words:
        query = query.where(Person.search_key.contains(word, autoescape=True))
    return list(session.scalars(query))
