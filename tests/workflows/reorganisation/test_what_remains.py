"""What remains for somebody is said with the day on which another approved order ends it."""

from datetime import date

import pytest

from builders.iam.register import BY_REVIEWER
from iam.institutions import service as institutions
from iam.orders import service as orders
from iam.periods import midnight_in_riga
from tests.workflows.reorganisation.office import DAY, JOINED, Office
from tests.workflows.reorganisation.test_told_ahead import A, B, mail_to
from workflows.reorganisation.taking_back import repeal

CLOSED = "1-3/9,Domes lēmums,2026-09-15,closed,4101900002,,,\n"


@pytest.mark.parametrize("together", [True, False], ids=["one plan", "two plans"])
def test_what_remains_is_said_with_the_day_on_which_an_approved_order_ends_it(
    office: Office, *, together: bool
) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A)
    office.give(anna, B)
    if together:
        _, first = office.approved(JOINED + CLOSED)
    else:
        _, first = office.approved(JOINED)
        office.approved(CLOSED)
    office.tell(first)
    if not together:  # of the other order nobody was told yet
        said = mail_to(office, "anna@skola.example")
        assert "līdz 14.09.2026" in said.partition("Spēkā paliek")[2]
    office.now = midnight_in_riga(DAY)
    office.carry_out(first)
    said = mail_to(office, "anna@skola.example", "rights_ended")
    assert "līdz 14.09.2026" in said.partition("Spēkā paliek")[2]


def test_what_a_repealed_order_would_end_remains_without_a_day(office: Office) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A)
    office.give(anna, B)
    _, first = office.approved(JOINED)
    ids, _ = office.approved(CLOSED)
    with office.sessions.begin() as session:
        rows = [orders.order_with(session, one) for one in ids]
        repeal(session, rows, origin=BY_REVIEWER, at=office.now, reason="tiesa")
    office.tell(first)
    assert "14.09.2026" not in mail_to(office, "anna@skola.example")


def test_what_would_begin_only_after_its_place_has_ended_does_not_remain(office: Office) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A)
    office.give(anna, B, since=date(2026, 10, 1))
    _, first = office.approved(JOINED)
    office.approved(CLOSED)
    office.tell(first)
    assert "Spēkā paliek" not in mail_to(office, "anna@skola.example")


def test_what_ends_by_itself_before_its_place_does_keeps_its_own_day(office: Office) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A)
    office.give(anna, B, until=date(2026, 9, 7))
    _, first = office.approved(JOINED)
    office.approved(CLOSED)
    office.tell(first)
    assert "līdz 07.09.2026" in mail_to(office, "anna@skola.example").partition("Spēkā paliek")[2]


def test_a_town_that_an_approved_order_ends_is_said_with_its_day(office: Office) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A)
    with office.sessions() as session:
        town = next(one.id for one in institutions.municipalities(session, on=DAY) if one.name == "Cīruļu novads")
    office.give(anna, f"m-{town}")
    _, first = office.approved(JOINED)
    office.approved("2,Likums,2026-10-01,merged,0099000|0099100,0099200=Jaunais novads,,\n")
    office.tell(first)
    assert "līdz 30.09.2026" in mail_to(office, "anna@skola.example").partition("Spēkā paliek")[2]
