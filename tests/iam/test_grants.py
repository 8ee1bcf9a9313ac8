"""Rights are given, held on days and ended for a cause; and what was known when stays known."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from builders.iam.register import AT, BY_REVIEWER
from builders.iam.rights import DAY, TODAY, given, opened, periods_read, sections_held
from iam.audit import Actor, ActorKind, Door, Origin
from iam.errors import AlreadyHeld, NothingToEnd, Unknown
from iam.grants import service
from iam.grants.models import Account, EndCause, Level
from iam.ids import AccountId, ScopeId
from iam.institutions import service as institutions


def test_a_right_is_held_from_its_first_to_its_last_day(session: Session, account: Account, school: ScopeId) -> None:
    given(session, account, school, until=date(2026, 12, 31))
    days = [TODAY - DAY, TODAY, date(2026, 12, 31), date(2027, 1, 1)]
    assert [sections_held(session, account, day) for day in days] == [[], ["learners"], ["learners"], []]
    (held,) = service.current_grants(session, account.id, on=TODAY)
    assert (held.scope, held.level, held.since, held.until) == (
        "i-4113900001",
        Level.EDIT,
        TODAY,
        date(2026, 12, 31),
    )


def test_ending_a_right_leaves_what_was_known_before(session: Session, account: Account, school: ScopeId) -> None:
    grant = given(session, account, school)
    later = AT + timedelta(days=30)
    service.end(session, grant, last_day=date(2026, 9, 20), cause=EndCause.REORGANISATION, origin=BY_REVIEWER, at=later)
    assert sections_held(session, account, date(2026, 9, 20)) == ["learners"]
    assert sections_held(session, account, date(2026, 9, 21)) == []
    # On 25 September we still thought it was held.
    assert sections_held(session, account, date(2026, 9, 25), known_at=date_at(2026, 9, 25)) == ["learners"]
    assert sections_held(session, account, date(2026, 9, 25), known_at=later) == []
    (whole,) = service.history(session, account.id)
    assert (whole.until, whole.end_cause) == (date(2026, 9, 20), EndCause.REORGANISATION)


def date_at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 12, tzinfo=UTC)


def test_a_right_ended_at_once_is_over_today_and_its_history_says_when(
    session: Session, account: Account, school: ScopeId
) -> None:
    grant = given(session, account, school)
    later = AT + timedelta(days=3, hours=5)
    service.end_at_once(
        session, grant, cause=EndCause.HEAD, origin=Origin(Actor(ActorKind.PERSON, "7"), Door.WEB), at=later
    )
    assert sections_held(session, account, TODAY + 3 * DAY) == []
    assert sections_held(session, account, TODAY + 2 * DAY) == ["learners"]
    assert sections_held(session, account, TODAY + 3 * DAY, known_at=later - timedelta(seconds=1)) == ["learners"]


def test_a_right_given_and_ended_in_the_same_moment_is_taken_back(
    session: Session, account: Account, school: ScopeId
) -> None:
    grant = given(session, account, school)
    service.end_at_once(session, grant, cause=EndCause.ERROR, origin=BY_REVIEWER, at=AT)
    assert sections_held(session, account, TODAY) == []
    (taken_back,) = service.history(session, account.id)
    assert (taken_back.since, taken_back.until, taken_back.end_cause) == (None, None, EndCause.ERROR)
    with pytest.raises(NothingToEnd):
        service.end(session, grant, last_day=TODAY, cause=EndCause.IZM, origin=BY_REVIEWER, at=AT)
    # What was taken back is in nobody's way.
    given(session, account, school, at=AT + timedelta(hours=1))
    assert sections_held(session, account, TODAY) == ["learners"]


def test_ends_are_told_of_rights_that_somebody_ended_each_by_its_last_word(
    session: Session, account: Account, school: ScopeId
) -> None:
    state, head = institutions.state_scope(session).id, Origin(Actor(ActorKind.PERSON, "7"), Door.WEB)
    cut = given(session, account, school)
    given(session, account, state, until=date(2026, 12, 31))
    assert service.ends_of(session, service.history(session, account.id)) == {}
    service.end(session, cut, last_day=date(2026, 10, 31), cause=EndCause.IZM, origin=BY_REVIEWER, at=AT + DAY)
    service.end(session, cut, last_day=date(2026, 9, 30), cause=EndCause.HEAD, origin=head, at=AT + 2 * DAY)
    held = service.history(session, account.id)
    (end,) = service.ends_of(session, held).values()
    assert (end.grant_id, end.cause, end.last_day) == (cut.id, EndCause.HEAD, date(2026, 9, 30))
    assert (end.by, end.at, end.scope) == ("person:7", AT + 2 * DAY, "i-4113900001")
    assert [one.id for one in held if one.period_id == end.period_id] == [cut.id]
    assert service.ends_of(session, []) == {}


def test_histories_of_many_accounts_are_those_of_each(session: Session, account: Account, school: ScopeId) -> None:
    given(session, account, school, until=date(2026, 12, 31))
    given(session, account, school, since=date(2027, 1, 1))
    other, nothing = opened(session, "Zane Kalna"), opened(session, "Valdis Ozols")
    given(session, other, school)
    ids = [account.id, other.id, nothing.id]
    assert service.histories(session, ids) == {id_: service.history(session, id_) for id_ in ids}
    assert len(service.histories(session, ids)[account.id]) == 2


def test_when_a_right_was_last_over_is_a_moment(session: Session, account: Account, school: ScopeId) -> None:
    def last_over(by: datetime) -> datetime | None:
        return service.last_ended(service.history(session, account.id), by=by)

    given(session, account, school, "reports", until=date(2026, 9, 2))
    grant = given(session, account, school)
    midnight = datetime(2026, 9, 2, 21, tzinfo=UTC)  # in Riga the 3rd begins
    assert last_over(midnight - timedelta(seconds=1)) is None
    assert last_over(midnight) == midnight
    service.end_at_once(session, grant, cause=EndCause.HEAD, origin=BY_REVIEWER, at=midnight + timedelta(hours=7))
    assert last_over(midnight + timedelta(hours=8)) == midnight + timedelta(hours=7)
    mistaken = given(session, account, school, "staff", since=date(2027, 1, 1), at=midnight)
    service.end(
        session, mistaken, last_day=TODAY, cause=EndCause.ERROR, origin=BY_REVIEWER, at=midnight + timedelta(hours=9)
    )
    assert last_over(midnight + timedelta(days=1)) == midnight + timedelta(hours=9)


def test_a_clock_that_was_set_back_does_not_break_history(session: Session, account: Account, school: ScopeId) -> None:
    grant = given(session, account, school)
    service.end(session, grant, last_day=TODAY, cause=EndCause.IZM, origin=BY_REVIEWER, at=AT - timedelta(hours=1))
    assert sections_held(session, account, TODAY) == ["learners"]
    assert sections_held(session, account, TODAY + DAY) == []


def test_a_right_ends_once(session: Session, account: Account, school: ScopeId) -> None:
    grant = given(session, account, school, until=date(2026, 12, 31))
    with pytest.raises(NothingToEnd):
        service.end(session, grant, last_day=date(2026, 12, 31), cause=EndCause.IZM, origin=BY_REVIEWER, at=AT)
    service.end(session, grant, last_day=date(2026, 10, 31), cause=EndCause.IZM, origin=BY_REVIEWER, at=AT)
    service.end(session, grant, last_day=date(2026, 9, 30), cause=EndCause.HEAD, origin=BY_REVIEWER, at=AT)
    (whole,) = service.history(session, account.id)
    assert (whole.until, whole.end_cause) == (date(2026, 9, 30), EndCause.HEAD)


def test_one_level_in_one_section_of_one_place_on_a_day(session: Session, account: Account, school: ScopeId) -> None:
    grant = given(session, account, school, until=date(2026, 12, 31))
    with pytest.raises(AlreadyHeld):
        given(session, account, school, level=Level.VIEW, since=date(2026, 12, 31))
    given(session, account, school, "staff")
    given(session, account, institutions.state_scope(session).id)
    given(session, account, school, level=Level.VIEW, since=date(2027, 1, 1))
    assert sections_held(session, account, TODAY) == ["learners", "learners", "staff"]
    held = {grant.level for grant in service.current_grants(session, account.id, on=date(2027, 1, 1))}
    assert held == {Level.VIEW, Level.EDIT}
    assert grant.id


def test_another_right_costs_the_same_however_many_are_held(
    session: Session, account: Account, school: ScopeId
) -> None:
    costs = []
    for section in [one.code for one in service.sections(session, on=TODAY)]:
        with periods_read() as read:
            grant = given(session, account, school, section, since=TODAY + DAY)
            service.end(
                session, grant, last_day=date(2026, 12, 31), cause=EndCause.IZM, origin=BY_REVIEWER, at=AT + DAY
            )
        session.expunge_all()
        costs.append(len(read))
    assert len(costs) > 5
    assert set(costs) == {costs[0]}
    assert session.get_one(Account, account.id).project_on == TODAY + DAY


def test_the_database_itself_refuses_two_levels_at_once(session: Session, account: Account, school: ScopeId) -> None:
    given(session, account, school)
    copy = text(
        "INSERT INTO grant_periods (grant_id, account_id, scope_id, section_id, valid, recorded, recorded_by)"
        " SELECT grant_id, account_id, scope_id, section_id, valid, tstzrange(lower(recorded), 'infinity'), recorded_by"
        " FROM grant_periods"
    )
    with pytest.raises(IntegrityError, match="ex_grant_periods_one_level_at_a_time"):
        session.execute(copy)


COPY = "account_id, scope_id, section_id"
COPY_PERIOD = f"INSERT INTO grant_periods (grant_id, {COPY}, valid, recorded, recorded_by) SELECT grant_id, {COPY}, "
COPY_GRANT = (
    f"INSERT INTO grants ({COPY}, level, given_by, given_at, evidence_id, evidence_kind) SELECT {COPY}, level, "
)
FORBIDDEN = {
    "UPDATE grants SET level = 'view'": "grants is written once",
    "DELETE FROM grants": "grants is written once",
    "UPDATE evidence SET taken_over_from = 'elsewhere'": "evidence is written once",
    "TRUNCATE grants CASCADE": "grants is written once",
    "UPDATE grant_periods SET valid = '[2020-01-01,)'": "can only be closed",
    "DELETE FROM grant_periods": "can only be closed",
    "UPDATE accounts SET username = 'somebody.else'": "keeps its person and username",
    "DELETE FROM accounts": "keeps its person and username",
    f"{COPY_PERIOD} 'empty', recorded, recorded_by FROM grant_periods": "valid_not_empty_unless_taken_back",
    f"{COPY_GRANT} given_by, given_at, 99, 'taken_over' FROM grants": "fk_grants_evidence",
    f"{COPY_GRANT} given_by, given_at, NULL, 'taken_over' FROM grants": "evidence_id",
}


@pytest.mark.parametrize(("statement", "constraint"), FORBIDDEN.items())
def test_the_database_refuses_to_change_history_and_a_right_without_evidence(
    session: Session, account: Account, school: ScopeId, statement: str, constraint: str
) -> None:
    given(session, account, school)
    with pytest.raises(IntegrityError, match=constraint):
        session.execute(text(statement))


def test_a_section_out_of_the_catalogue_cannot_be_given(session: Session, account: Account, school: ScopeId) -> None:
    with pytest.raises(Unknown):
        given(session, account, school, "cookery")
    session.execute(text("UPDATE sections SET period = '(,2026-09-01)' WHERE code = 'funding'"))
    with pytest.raises(Unknown):
        given(session, account, school, "funding")
    assert len(service.sections(session, on=TODAY)) == 9
    assert len(service.sections(session, on=TODAY - DAY)) == 10


def test_the_day_on_which_a_right_begins_or_is_over_is_known_beforehand(
    session: Session, account: Account, school: ScopeId
) -> None:
    given(session, account, school, "learners", since=date(2026, 10, 1), until=date(2026, 12, 31))
    assert account.project_on == date(2026, 10, 1)
    given(session, account, school, "staff", until=date(2026, 9, 10))
    assert account.project_on == date(2026, 9, 11)
    assert service.due(session, on=date(2026, 9, 10)) == []
    assert service.due(session, on=date(2026, 9, 11)) == [account.id]
    assert account.projection_pending
    assert service.pending(session) == [account.id]


def test_who_holds_what_in_a_school(session: Session, account: Account, school: ScopeId) -> None:
    other = opened(session, "Jānis Ozols")
    given(session, account, school, "learners")
    given(session, other, school, "staff", until=date(2026, 9, 10))
    given(session, other, institutions.state_scope(session).id, "staff")
    there = service.grants_in_scope(session, school, on=TODAY)
    assert [(holder.username, held.section) for holder, held in there] == [
        ("anna.berzina", "learners"),
        ("janis.ozols", "staff"),
    ]
    assert len(service.grants_in_scope(session, school, on=date(2026, 9, 11))) == 1


def test_two_who_give_the_same_right_at_once_give_it_once(
    database_url: str, session: Session, account: Account, school: ScopeId
) -> None:
    session.commit()
    engine = create_engine(database_url, pool_size=8)

    def go(account_id: AccountId) -> bool:
        with Session(engine) as mine, mine.begin():
            try:
                given(mine, mine.get_one(Account, account_id), school)
            except AlreadyHeld:
                return False
            return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(go, [account.id] * 8)) == 1
    engine.dispose()
