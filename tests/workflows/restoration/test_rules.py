"""What comes back of what a reform took, as plain facts; and for any facts never more than was held."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iam.grants.models import EndCause, EvidenceKind, Level
from iam.grants.rules import HeldGrant
from iam.ids import AccountId, GrantId, ScopeId
from workflows.restoration.rules import Facts, NotRestorable, Obstacle, Restorable, Taken, Town, judge, left_alone

TODAY = date(2026, 11, 30)
DAY = timedelta(days=1)
EVE = date(2021, 6, 30)
AT = datetime(2021, 7, 5, tzinfo=UTC)
GULBENE = Town(None, None)
SECTIONS = frozenset({"learners", "staff"})
RANK = {Level.VIEW: 1, Level.EDIT: 2}
TAKEN = Taken(
    period=1,
    grant=GrantId(1),
    scope_id=ScopeId(7),
    scope="m-1",
    section="learners",
    level=Level.EDIT,
    last_day=EVE,
    known_before=True,
    until_before=None,
    recorded_by="system:demo",
    recorded_at=AT,
)


def right(
    number: int,
    *,
    level: Level = Level.VIEW,
    section: str = "learners",
    since: date | None = date(2021, 7, 1),
    until: date | None = None,
    cause: EndCause | None = None,
    reinstates: int | None = None,
    evidence: EvidenceKind = EvidenceKind.TAKEN_OVER,
) -> HeldGrant:
    return HeldGrant(
        id=GrantId(number),
        period_id=number + 100,
        account_id=AccountId(1),
        scope_id=ScopeId(7),
        scope="m-1",
        section=section,
        level=level,
        since=since,
        until=until,
        evidence=evidence,
        end_cause=cause,
        known_since=AT,
        reinstates=reinstates,
    )


def verdict(taken: Taken = TAKEN, *held: HeldGrant, town: Town | None = GULBENE) -> Restorable | Obstacle:
    towns = {} if town is None else {"m-1": town}
    made = judge(Facts((taken,), held, towns, SECTIONS), on=TODAY)
    return made.restorable[0] if made else made.kept[0].why


def test_a_right_of_a_municipality_left_alone_comes_back_as_it_was() -> None:
    assert verdict() == Restorable(TAKEN, TODAY, None, None)
    assert verdict(TAKEN, right(2)) == Restorable(TAKEN, TODAY, None, Level.VIEW)


@pytest.mark.parametrize(
    ("town", "why"),
    [
        (None, Obstacle.NOT_MUNICIPAL),
        (Town(None, EVE), Obstacle.ENDED),
        (Town(date(2021, 7, 1), None), Obstacle.CHANGED),
        (Town(None, date(2025, 6, 30)), Obstacle.ENDED),
        (Town(None, None, "1-3/7"), Obstacle.CHANGED),
    ],
)
def test_only_a_municipality_the_reform_left_alone_counts(town: Town | None, why: Obstacle) -> None:
    assert verdict(town=town) is why


def test_the_list_is_dated() -> None:
    varaklani = Town(None, date(2025, 6, 30))
    assert left_alone(varaklani, on=date(2025, 6, 30))
    assert not left_alone(varaklani, on=date(2025, 7, 1))


@pytest.mark.parametrize(
    ("taken", "why"),
    [
        (replace(TAKEN, restored=True), Obstacle.RESTORED),
        (replace(TAKEN, known_before=False), Obstacle.NOT_HELD),
        (replace(TAKEN, last_day=None), Obstacle.NOT_HELD),
        (replace(TAKEN, until_before=TODAY - DAY), Obstacle.OVER),
        (replace(TAKEN, section="gone"), Obstacle.NO_SECTION),
    ],
)
def test_what_is_spent_stays_spent(taken: Taken, why: Obstacle) -> None:
    assert verdict(taken) is why


def test_a_newer_decision_goes_first() -> None:
    over = TODAY - DAY
    assert verdict(TAKEN, right(2, level=Level.EDIT)) is Obstacle.HELD
    assert verdict(TAKEN, right(2, until=over, cause=EndCause.HEAD)) is Obstacle.DECIDED_SINCE
    assert verdict(TAKEN, right(2, until=over)) is Obstacle.DECIDED_SINCE, "its time was over, as somebody had decided"
    assert verdict(TAKEN, right(2, reinstates=TAKEN.period)) is Obstacle.RESTORED
    later = right(2, level=Level.VIEW, since=TODAY + 5 * DAY)
    assert verdict(TAKEN, later) == Restorable(TAKEN, TODAY, TODAY + 4 * DAY, None)


APPLIED_FOR = (EvidenceKind.SIGNED_PAIR, EvidenceKind.PAPER_SEEN_BY_TWO)


@pytest.mark.parametrize("evidence", APPLIED_FOR)
@pytest.mark.parametrize("cause", [None, *EndCause])
def test_an_application_since_goes_first_however_its_right_ended(
    evidence: EvidenceKind, cause: EndCause | None
) -> None:
    until = None if cause is None else date(2024, 12, 31)
    assert verdict(TAKEN, right(2, evidence=evidence, until=until, cause=cause)) is Obstacle.DECIDED_SINCE


@pytest.mark.parametrize("evidence", [one for one in EvidenceKind if one not in APPLIED_FOR])
def test_what_nobody_applied_for_is_replaced(evidence: EvidenceKind) -> None:
    assert verdict(TAKEN, right(2, evidence=evidence)) == Restorable(TAKEN, TODAY, None, Level.VIEW)


@pytest.mark.parametrize("evidence", EvidenceKind)
def test_an_application_from_before_the_reduction_is_no_newer_decision(evidence: EvidenceKind) -> None:
    before = right(2, evidence=evidence, since=date(2019, 1, 1), until=date(2020, 1, 1), cause=EndCause.REPLACED)
    assert verdict(TAKEN, before) == Restorable(TAKEN, TODAY, None, None)


def test_of_what_two_reforms_took_the_level_applied_for_between_them_comes_back() -> None:
    second = replace(TAKEN, period=2, grant=GrantId(2), level=Level.VIEW, last_day=date(2025, 6, 30))
    applied = right(
        2,
        since=date(2023, 1, 1),
        until=date(2025, 6, 30),
        cause=EndCause.REFORM,
        evidence=EvidenceKind.SIGNED_PAIR,
    )
    made = judge(Facts((TAKEN, second), (applied,), {"m-1": GULBENE}, SECTIONS), on=TODAY)
    assert [one.taken for one in made.restorable] == [second]
    assert made.kept == (NotRestorable(TAKEN, Obstacle.DECIDED_SINCE),)


def test_what_is_held_now_is_never_shortened() -> None:
    ends = replace(TAKEN, until_before=TODAY + DAY)
    assert verdict(ends, right(2)) is Obstacle.HELD_LONGER
    assert verdict(ends, right(2, level=Level.EDIT)) is Obstacle.HELD
    assert verdict(ends, right(2, until=TODAY + DAY)) == Restorable(ends, TODAY, TODAY + DAY, Level.VIEW)


def test_of_two_reductions_of_a_section_the_higher_level_comes_back_once() -> None:
    second = replace(TAKEN, period=2, grant=GrantId(2), level=Level.VIEW, last_day=date(2021, 7, 20))
    held = right(2, until=date(2021, 7, 20), cause=EndCause.REFORM)
    made = judge(Facts((second, TAKEN), (held,), {"m-1": GULBENE}, SECTIONS), on=TODAY)
    assert [one.taken for one in made.restorable] == [TAKEN]
    assert made.kept == (NotRestorable(second, Obstacle.HELD),)


_days = st.dates(date(2021, 7, 1), TODAY + 60 * DAY)


@st.composite
def _facts(draw: st.DrawFn) -> Facts:
    taken, held = [], []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        ended = draw(st.dates(EVE - 30 * DAY, EVE + 60 * DAY))
        taken.append(
            replace(
                TAKEN,
                period=number,
                grant=GrantId(number),
                section=draw(st.sampled_from(sorted(SECTIONS))),
                level=draw(st.sampled_from(Level)),
                last_day=ended,
                until_before=draw(st.none() | st.dates(ended, TODAY + 60 * DAY)),
                restored=draw(st.booleans()),
            )
        )
        held.append(right(number, section=taken[-1].section, since=EVE - 90 * DAY, until=ended, cause=EndCause.REFORM))
    free: dict[str, date] = dict.fromkeys(SECTIONS, EVE + 61 * DAY)
    for number in range(11, 11 + draw(st.integers(0, 4))):
        section = draw(st.sampled_from(sorted(SECTIONS)))
        if free[section] > TODAY + 60 * DAY:
            continue
        since = draw(st.dates(free[section], TODAY + 60 * DAY))
        until = draw(st.none() | st.dates(since, TODAY + 90 * DAY))
        cause = None if until is None else draw(st.none() | st.sampled_from(EndCause))
        level = draw(st.sampled_from(Level))
        held.append(right(number, section=section, level=level, since=since, until=until, cause=cause))
        free[section] = date.max if until is None else until + DAY
    town = draw(st.sampled_from([GULBENE, GULBENE, Town(None, EVE), Town(date(2021, 7, 1), None)]))
    return Facts(tuple(taken), tuple(held), {"m-1": town}, SECTIONS)


@given(_facts())
def test_nobody_gets_more_than_was_held_the_day_before_and_nobody_loses_anything(facts: Facts) -> None:
    made = judge(facts, on=TODAY)
    judged = [one.taken.period for one in made.restorable] + [one.taken.period for one in made.kept]
    assert set(judged) == {one.period for one in facts.taken}
    for section in SECTIONS:
        held = [one for one in facts.held if one.section == section]
        back = [one for one in made.restorable if one.taken.section == section]
        assert len(back) <= 1, "one level at a time"
        for day in (TODAY + offset * DAY for offset in range(91)):
            now = max((RANK[one.level] for one in held if one.holds_on(day)), default=0)
            lasting = [one for one in back if one.until is None or day <= one.until]
            before = [
                RANK[one.level]
                for one in facts.taken
                if one.section == section and (one.until_before is None or day <= one.until_before)
            ]
            after = RANK[lasting[0].taken.level] if lasting else now
            assert after <= max([now, *before]), "more than was held on the day before"
            assert after >= now, "a right that is held was lost"
