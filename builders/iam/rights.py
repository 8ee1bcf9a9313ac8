"""Accounts opened and rights given in the tests of iam, as simple as they come."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from sqlalchemy import event
from sqlalchemy.orm import Session

from builders.iam.register import AT, BY_REVIEWER, person
from iam.grants import service
from iam.grants.evidence import (
    GivingEvidence,
    TakenOver,
)
from iam.grants.models import Account, AccountStatus, Grant, GrantPeriod, Level
from iam.ids import AccountId, ScopeId
from iam.people.models import Person

__all__ = ["BEFORE_US", "DAY", "TODAY", "given", "many_accounts", "opened", "periods_read", "sections_held"]

TODAY = date(2026, 9, 1)
DAY = timedelta(days=1)
BEFORE_US = TakenOver("adopt.csv line 2", "0" * 64)


def opened(
    session: Session, name: str = "Anna Bērziņa", *, email: str = "anna@alda.example", at: datetime = AT
) -> Account:
    return service.open_account(
        session,
        person=person(session, name),
        email=email,
        phone="20000000",
        language="lv",
        because=None,
        origin=BY_REVIEWER,
        at=at,
    )


def given(  # noqa: PLR0913 - a right is many things, most of them the same here
    session: Session,
    account: Account,
    school: ScopeId,
    section: str = "learners",
    *,
    level: Level = Level.EDIT,
    since: date = TODAY,
    until: date | None = None,
    because: GivingEvidence = BEFORE_US,
    at: datetime = AT,
) -> Grant:
    return service.give(
        session,
        section,
        level,
        to=account,
        at_scope=school,
        since=since,
        until=until,
        because=because,
        origin=BY_REVIEWER,
        at=at,
    )


@contextmanager
def periods_read() -> Iterator[list[object]]:
    """Collect the rows of rights that are read from the database in the block."""
    read: list[object] = []

    def note(period: GrantPeriod, _context: object) -> None:
        read.append(period)

    event.listen(GrantPeriod, "load", note)
    try:
        yield read
    finally:
        event.remove(GrantPeriod, "load", note)


def sections_held(session: Session, account: Account, on: date, known_at: datetime | None = None) -> list[str]:
    return [grant.section for grant in service.current_grants(session, account.id, on=on, known_at=known_at)]


def many_accounts(session: Session, count: int) -> list[AccountId]:
    """Open accounts as a file that is taken over would: the people first, all at once."""
    first = opened(session)
    people = [
        Person(given_name="Anna", surname=f"Liepa {number}", search_key="", sort_key=str(number), recorded_at=AT)
        for number in range(count - 1)
    ]
    session.add_all(people)
    session.flush()
    rows = [
        Account(
            person_id=person.id,
            username=f"anna.liepa{number}",
            email=f"anna{number}@alda.example",
            phone="",
            language="lv",
            status=AccountStatus.ACTIVE,
            adopted=True,
            opened_at=AT,
            revision=1,
            projected_revision=0,
        )
        for number, person in enumerate(people)
    ]
    session.add_all(rows)
    session.flush()
    return [first.id, *(row.id for row in rows)]
