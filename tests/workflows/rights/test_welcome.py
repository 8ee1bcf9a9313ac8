"""The holder is told that the account can be used: on the first day of a right, once, whoever asks again."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from builders.iam.register import AT
from builders.iam.rights import TODAY, given, opened
from iam.grants import accounts
from iam.grants.models import Account, AccountStatus
from iam.ids import ScopeId
from workflows.mail import Mail
from workflows.rights import notices, projection

FIRST = TODAY + timedelta(days=3)


def told(session: Session, account: Account, *, on: date) -> bool:
    return accounts.take_welcome(session, account, on=on)


@pytest.fixture
def anna(session: Session, school: ScopeId) -> Account:
    account = opened(session)
    given(session, account, school, since=FIRST)
    return account


def test_the_welcome_waits_for_the_first_day_and_comes_once(session: Session, anna: Account) -> None:
    projection.follow(session, anna.id, welcome={anna.id})
    assert not told(session, anna, on=FIRST - timedelta(days=1))
    assert told(session, anna, on=FIRST)
    assert not told(session, anna, on=FIRST)


def test_another_right_of_somebody_who_was_told_brings_no_second_welcome(session: Session, anna: Account) -> None:
    projection.follow(session, anna.id, welcome={anna.id})
    assert told(session, anna, on=FIRST)
    projection.follow(session, anna.id, welcome={anna.id})
    assert not told(session, anna, on=FIRST + timedelta(days=1))


def test_an_account_nobody_applied_for_or_that_is_shut_gets_none(session: Session, anna: Account) -> None:
    assert not told(session, anna, on=FIRST)
    projection.follow(session, anna.id, welcome={anna.id})
    anna.status = AccountStatus.DISABLED
    assert not told(session, anna, on=FIRST)


@pytest.mark.parametrize(("has_password", "said"), [(True, "līdzšinējo paroli"), (False, "Paroli iestatiet")])
def test_the_welcome_says_what_the_holder_may_do_and_asks_for_a_password_only_where_there_is_none(
    session: Session, anna: Account, *, has_password: bool, said: str
) -> None:
    at = AT + timedelta(days=3)
    notices.account_ready(session, anna, has_password=has_password, base_url="https://viis.test", at=at)
    text = str(session.scalars(select(Mail.text_body).where(Mail.template == "account_ready")).one())
    assert said in text
    assert "Aldas vidusskola" in text
    assert ("Paroli iestatiet" in text) is not has_password
    assert "https://viis.test/reset?lang=lv" in text
