"""Days as people type them: what is meant is read, what cannot be meant is told with what to do."""

from datetime import date, timedelta

import pytest

from iam.periods import days, midnight_in_riga
from workflows.written_days import EARLIEST, LATEST, NO_SUCH_DAY, BadDay, read_day

YEAR = "1900"
FOUR = "four digits"


@pytest.mark.parametrize(
    "typed", ["01.12.2026.", "1.12.2026", "01/12/2026", "01-12-2026", "1 12 2026", " 2026-12-01 ", "1. 12. 2026."]
)
def test_a_day_is_read_however_it_is_written(typed: str) -> None:
    assert read_day(typed) == date(2026, 12, 1)


@pytest.mark.parametrize("typed", ["", " ", "\t"])
def test_nothing_typed_is_no_day(typed: str) -> None:
    assert read_day(typed) is None


@pytest.mark.parametrize("typed", ["29.02.2024.", "2000-02-29", "29.02.2000"])
def test_29_february_is_a_day_of_leap_years(typed: str) -> None:
    assert read_day(typed) is not None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("29.02.2026.", NO_SUCH_DAY),
        ("29.02.2100.", NO_SUCH_DAY),
        ("31.04.2026.", NO_SUCH_DAY),
        ("00.01.2026.", NO_SUCH_DAY),
        ("2026-13-01", NO_SUCH_DAY),
        ("20261201", NO_SUCH_DAY),
        ("2026-W49-2", NO_SUCH_DAY),
        ("rīt", NO_SUCH_DAY),
        ("01.12.20261", NO_SUCH_DAY),
        ("01.12.026", NO_SUCH_DAY),
        ("\N{ARABIC-INDIC DIGIT ONE}.12.2026", NO_SUCH_DAY),
        ("01.12.26", FOUR),
        ("1.1.99.", FOUR),
        ("01.01.0001.", YEAR),
        ("0001-01-01", YEAR),
        ("0000-01-01", YEAR),
        ("01.12.0026", YEAR),
        ("31.12.1899", YEAR),
        ("01.01.2200", YEAR),
        ("31.12.9999.", YEAR),
        ("9999-12-31", YEAR),
    ],
)
def test_what_cannot_be_meant_is_told_with_what_to_do(typed: str, said: str) -> None:
    with pytest.raises(BadDay) as told:
        read_day(typed)
    assert said in told.value.sentence


@pytest.mark.parametrize("day", [EARLIEST, LATEST])
def test_every_day_that_is_read_can_be_reckoned_with(day: date) -> None:
    assert read_day(day.isoformat()) == day
    assert days(day, day).upper == day + timedelta(days=1)
    assert midnight_in_riga(day - timedelta(days=1)) < midnight_in_riga(day)
