"""One account a person, under a name nobody else ever had; how it is shut, ended and opened again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from builders.iam.register import AT, BY_REVIEWER, person
from builders.iam.rights import DAY, given, opened, sections_held
from iam.errors import AccountShut
from iam.grants import service
from iam.grants.models import Account, EndCause
from iam.ids import ScopeId


def test_leaving_ends_everything_and_a_new_right_opens_the_account_again(
    session: Session, account: Account, school: ScopeId
) -> None:
    given(session, account, school, "learners")
    given(session, account, school, "staff", since=date(2026, 10, 1))
    given(session, account, school, "reports", since=date(2025, 1, 1), until=date(2025, 12, 31))
    ended = service.end_account(session, account, cause=EndCause.EMPLOYMENT_ENDED, origin=BY_REVIEWER, at=AT + DAY)
    assert [grant.section for grant in ended] == ["learners", "staff"]
    assert service.account_of(session, account.person) is account
    assert account.status.value == "ended"
    assert account.project_on is None
    assert sections_held(session, account, date(2027, 1, 1)) == []
    assert sections_held(session, account, date(2025, 6, 1)) == ["reports"]
    given(session, account, school, "learners", since=date(2027, 1, 1), at=AT + 2 * DAY)
    assert account.status.value == "active"


def test_a_disabled_account_is_not_revived_by_a_new_right(session: Session, account: Account, school: ScopeId) -> None:
    service.disable(session, account, origin=BY_REVIEWER, at=AT)
    with pytest.raises(AccountShut):
        given(session, account, school)
    service.enable(session, account, origin=BY_REVIEWER, at=AT)
    given(session, account, school)


def test_usernames_are_plain_and_never_used_again(session: Session) -> None:
    names = ["Anna Bērziņa", "Ana Marija-Liepa", "Ņikita Šķēle"]
    usernames = [opened(session, name).username for name in names]
    assert usernames == ["anna.berzina", "ana.marija-liepa", "nikita.skele"]
    assert opened(session, "Anna Bērziņa").username == "anna.berzina", "one person, one account"
    assert opened(session, "Anna Berzina").username == "anna.berzina2"
    assert opened(session, "Ānna Berziņa").username == "anna.berzina3"


def test_sixteen_namesakes_who_come_at_once_get_sixteen_usernames(database_url: str) -> None:
    engine = create_engine(database_url, pool_size=16)
    spellings = ["Anna", "Ānna", "Aņņa", "Āņņa"]

    def go(number: int) -> str:
        with Session(engine) as session, session.begin():
            surname = ["Liepa", "Liepā", "Ļiepa", "Ļiepā"][number // 4]
            return opened(session, f"{spellings[number % 4]} {surname}").username

    with ThreadPoolExecutor(16) as pool:
        usernames = set(pool.map(go, range(16)))
    assert usernames == {"anna.liepa", *(f"anna.liepa{number}" for number in range(2, 17))}
    engine.dispose()


def test_a_username_that_means_somebody_else_is_given_to_nobody(session: Session) -> None:
    namesake = service.open_account(
        session,
        person=person(session, "Inese Kalna"),
        email="inese@alda.example",
        phone="",
        language="lv",
        because=None,
        origin=BY_REVIEWER,
        at=AT,
        reserved={"inese.kalna", "inese.kalna2"},
    )
    assert namesake.username == "inese.kalna3"
