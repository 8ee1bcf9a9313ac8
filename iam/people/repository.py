"""Questions to the tables of people."""

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from iam import letters
from iam.ids import PersonId
from iam.people.models import Person, PersonCode
from iam.people.rules import PersonalCode

__all__ = ["codes_of", "holder_of", "matching"]


def holder_of(session: Session, code: PersonalCode, *, among: ColumnElement[bool] | None = None) -> Person | None:
    """Find who has or had the code, among those who meet the condition."""
    return session.scalar(
        select(Person)
        .join(PersonCode)
        .where(
            PersonCode.country == code.country,
            PersonCode.kind == code.kind,
            PersonCode.digits == code.digits,
            true() if among is None else among,
        )
    )


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
