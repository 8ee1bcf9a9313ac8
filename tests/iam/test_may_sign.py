"""Who may sign on a day is one rule, and every place that asks it gets the same answer."""

from datetime import date, datetime

import pytest

from iam.ids import PersonId
from iam.institutions.models import Capacity
from iam.institutions.signatories import Entitlement, SigningRight, may_sign
from iam.periods import RIGA

HEAD, DEPUTY, STRANGER = PersonId(1), PersonId(2), PersonId(3)
RECORDED = (
    Entitlement(HEAD, Capacity.HEAD, date(2020, 9, 1), date(2026, 8, 31)),
    Entitlement(DEPUTY, Capacity.POWER_OF_ATTORNEY, date(2026, 8, 1), date(2026, 8, 31)),
)
LAST = date(2026, 8, 31)


@pytest.mark.parametrize(
    ("person", "on", "right"),
    [
        (HEAD, LAST, SigningRight.ENTITLED),
        (HEAD, date(2020, 9, 1), SigningRight.ENTITLED),
        (HEAD, date(2020, 8, 31), SigningRight.ON_OTHER_DAYS),
        (DEPUTY, date(2026, 7, 31), SigningRight.OTHERS_ENTITLED),
        (DEPUTY, LAST, SigningRight.ENTITLED),
        (STRANGER, LAST, SigningRight.OTHERS_ENTITLED),
        (None, LAST, SigningRight.OTHERS_ENTITLED),
        (STRANGER, date(2026, 9, 1), SigningRight.NOBODY_RECORDED),
        (None, date(2026, 9, 1), SigningRight.NOBODY_RECORDED),
    ],
)
def test_both_days_count_and_others_recorded_for_the_day_shut_a_stranger_out(
    person: PersonId | None, on: date, right: SigningRight
) -> None:
    assert may_sign(person, RECORDED, on=on) is right
    assert bool(may_sign(person, RECORDED, on=on)) is (right is SigningRight.ENTITLED)


def test_where_nobody_is_recorded_a_person_has_to_say() -> None:
    assert may_sign(HEAD, (), on=datetime(2026, 8, 31, tzinfo=RIGA).date()) is SigningRight.NOBODY_RECORDED


def test_a_power_of_attorney_makes_nobody_head() -> None:
    head, deputy = RECORDED
    assert head.heads_on(LAST)
    assert deputy.holds_on(LAST)
    assert not deputy.heads_on(LAST)
