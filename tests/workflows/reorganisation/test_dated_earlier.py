"""An order before, on and after its day, and rights of every period: what is planned and mailed is what happens."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from iam.orders.models import ChangeKind
from iam.periods import midnight_in_riga
from tests.workflows.reorganisation.invented import DAY, EVE, LONG_AGO, NAMES, A, B, C, Rights, change, order
from tests.workflows.reorganisation.office import Office
from workflows.i18n import translator
from workflows.mail import Mail
from workflows.reorganisation.facts import Facts
from workflows.reorganisation.plan import Fate, Plan, plan

BEFORE, AFTER = DAY - timedelta(days=12), DAY + timedelta(days=19)
NOW = "now"


def day(number: int) -> date:
    """A day of September: the order holds from the first."""
    return date(2026, 9, number)


LAST, NEVER = "pēdējā diena 31.08.2026", "nesāksies"
# Today, the period of a right, why it ends (None: it stays), the gap, and what its holder reads.
TABLE = [
    (BEFORE, LONG_AGO, None, "closed", EVE, LAST),
    (BEFORE, LONG_AGO, EVE, None, None, None),
    (BEFORE, LONG_AGO, BEFORE + timedelta(days=2), None, None, None),
    (BEFORE, LONG_AGO, DAY, "closed", EVE, LAST),
    (BEFORE, LONG_AGO, day(10), "closed", EVE, LAST),
    (BEFORE, BEFORE + timedelta(days=5), None, "closed", EVE, LAST),
    (BEFORE, EVE, None, "closed", EVE, LAST),
    (BEFORE, DAY, None, "closed.never_begins", None, NEVER),
    (BEFORE, day(10), None, "closed.never_begins", None, NEVER),
    (BEFORE, DAY, day(10), "closed.never_begins", None, NEVER),
    (DAY, LONG_AGO, None, "closed", EVE, LAST),
    (DAY, EVE, DAY, "closed", EVE, LAST),
    (DAY, DAY, None, "closed.ends_now", NOW, "beigušās tagad, 01.09.2026"),
    (DAY, DAY, DAY, "closed.ends_now", NOW, "beigušās tagad, 01.09.2026"),
    (DAY, day(2), None, "closed.never_begins", None, NEVER),
    (AFTER, LONG_AGO, None, "closed", EVE, LAST),
    (AFTER, LONG_AGO, EVE, None, None, None),
    (AFTER, LONG_AGO, day(10), "closed", EVE, LAST),
    (AFTER, DAY, None, "closed.ends_now", NOW, "beigušās tagad, 20.09.2026"),
    (AFTER, day(10), None, "closed.ends_now", NOW, "beigušās tagad, 20.09.2026"),
    (AFTER, day(10), AFTER, "closed.ends_now", NOW, "beigušās tagad, 20.09.2026"),
    (AFTER, AFTER, None, "closed.ends_now", NOW, "beigušās tagad, 20.09.2026"),
    (AFTER, DAY, day(19), "closed.over_already", None, "beidzās jau 19.09.2026"),
    (AFTER, day(10), day(15), "closed.over_already", None, "beidzās jau 15.09.2026"),
    (AFTER, day(21), None, "closed.never_begins", None, NEVER),
    (AFTER, day(21), day(30), "closed.never_begins", None, NEVER),
]
CLOSED_LINE = "1-3/9,Domes lēmums,2026-09-01,closed,4113900001,,,\n"
CLOSED = order(change(ChangeKind.CLOSED, A))


def planned(rights: Rights, today: date | None) -> Plan:
    return plan([CLOSED], Facts(rights=tuple(rights.made), names=NAMES, today=today))


def gaps(made: Plan) -> list[tuple[str | None, str | None, object]]:
    return [(one.account, one.scope, one.last_day or NOW) for one in made.of(Fate.GAP)]


@pytest.mark.parametrize(("today", "since", "until", "why", "gap"), [row[:5] for row in TABLE])
def test_the_plan_says_what_becomes_of_a_right_and_whether_its_holder_is_left_with_nothing(
    today: date, since: date, until: date | None, why: str | None, gap: object
) -> None:
    rights = Rights()
    rights.give("anna", A, since=since, until=until)
    made = planned(rights, today)
    assert [(one.why, one.last_day) for one in made.of(Fate.ENDS)] == ([] if why is None else [(why, EVE)])
    assert gaps(made) == ([] if gap is None else [("anna", A, gap)])
    for one in made.changes:
        for language in ("lv", "en"):
            assert "%(" not in one.reason.in_words(translator(language))


@pytest.mark.parametrize(("today", "since", "until", "said"), [(*row[:3], row[5]) for row in TABLE])
def test_the_mail_says_the_same_and_so_it_is_carried_out(
    office: Office, today: date, since: date, until: date | None, said: str | None
) -> None:
    anna = office.account("Anna Bērziņa")
    office.give(anna, A, since=since, until=until)
    office.now = midnight_in_riga(today) + timedelta(hours=9)
    held = office.held()
    _, proposal = office.approved(CLOSED_LINE)
    office.tell(proposal)
    with office.sessions() as session:
        mails = session.execute(
            select(Mail.subject, Mail.text_body).where(Mail.template.in_(("order_ahead", "rights_ended")))
        ).all()
    if said is None:
        assert not mails
        return
    ((subject, body),) = mails
    assert re.search(rf": {re.escape(said)}", body or "")
    assert ("pēdējā diena" in subject) is (today <= DAY)
    assert bool(held) is (since <= today and (until is None or today <= until))
    office.now = max(office.now, midnight_in_riga(DAY))
    office.carry_out(proposal)
    assert office.held() == set()
    left = office.held_on_days([EVE, DAY, day(12)])
    assert bool(left[EVE]) is (since <= EVE and (until is None or until >= EVE))
    assert not left[DAY]
    assert not left[day(12)]


@pytest.mark.parametrize(
    ("mine", "elsewhere", "gap"),
    [
        ((day(10), None), (LONG_AGO, None), None),
        ((day(10), None), (LONG_AGO, day(19)), NOW),
        ((day(10), None), (LONG_AGO, AFTER), None),
        ((day(10), None), (AFTER, None), None),
        ((day(10), None), (day(21), None), NOW),
        ((LONG_AGO, None), (LONG_AGO, None), None),
        ((LONG_AGO, None), (LONG_AGO, EVE), EVE),
        ((LONG_AGO, None), (LONG_AGO, day(10)), NOW),
        ((LONG_AGO, None), (day(10), None), EVE),
        ((LONG_AGO, day(10)), (LONG_AGO, day(10)), None),
        ((day(10), day(15)), (day(10), day(15)), None),
    ],
)
@pytest.mark.parametrize("place", [B, "s"])
def test_what_is_held_elsewhere_today_keeps_somebody_from_being_left_with_nothing(
    mine: tuple[date, date | None], elsewhere: tuple[date, date | None], gap: object, place: str
) -> None:
    rights = Rights()
    rights.give("anna", A, since=mine[0], until=mine[1])
    rights.give("anna", place, since=elsewhere[0], until=elsewhere[1])
    assert gaps(planned(rights, AFTER)) == ([] if gap is None else [("anna", A, gap)])


def test_somebody_who_loses_two_places_on_one_day_is_told_of_both() -> None:
    rights = Rights()
    for place in (A, B):
        rights.give("anna", place)
    for orders in (
        [order(change(ChangeKind.CLOSED, A), change(ChangeKind.CLOSED, B))],
        [order(change(ChangeKind.CLOSED, A)), order(change(ChangeKind.CLOSED, B), reference="2")],
    ):
        made = plan(orders, Facts(rights=tuple(rights.made), names=NAMES))
        assert sorted(gaps(made)) == [("anna", A, EVE), ("anna", B, EVE)]
        assert {one.order for one in made.of(Fate.GAP)} == {one.reference for one in orders}


@pytest.mark.parametrize("between", [1, 5, 30])
def test_a_second_gap_is_told_as_well(between: int) -> None:
    rights = Rights()
    rights.give("anna", A)
    rights.give("anna", B, since=DAY + timedelta(days=between))
    rights.give("zane", A)
    rights.give("zane", C)
    second = order(change(ChangeKind.CLOSED, B), reference="2", effective=DAY + timedelta(days=60))
    made = plan([CLOSED, second], Facts(rights=tuple(rights.made), names=NAMES))
    assert gaps(made) == [("anna", A, EVE), ("anna", B, EVE + timedelta(days=60))]


@pytest.mark.parametrize(
    ("since", "there", "gap"),
    [
        (LONG_AGO, None, EVE),
        (day(10), None, NOW),
        (day(10), LONG_AGO, None),
        (day(10), AFTER, None),
        (day(10), day(21), NOW),
        (day(21), None, None),
    ],
)
def test_a_place_that_goes_on_is_left_with_nobody_on_its_day_or_now(
    since: date, there: date | None, gap: object
) -> None:
    rights = Rights()
    rights.give("anna", A, since=since)
    if there is not None:
        rights.give("zane", B, since=there)
    made = plan([order(change(ChangeKind.JOINED, A, B))], Facts(rights=tuple(rights.made), names=NAMES, today=AFTER))
    assert [one for one in gaps(made) if one[0] is None] == ([] if gap is None else [(None, B, gap)])
