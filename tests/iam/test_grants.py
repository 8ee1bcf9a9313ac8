"""Rights are given on evidence, held on days, ended for a cause; and what was known when stays known."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from iam._base import AccountId, ApplicationId, ScopeId
from iam.audit import Actor, ActorKind
from iam.errors import AccountShut, AlreadyHeld, DocumentUsed, NothingToEnd, Refused, Unknown
from iam.grants import service
from iam.grants.evidence import (
    GivingEvidence,
    JudgedDocument,
    PaperSeenByTwo,
    Restoration,
    SignedApplication,
    SignedPair,
    TakenOver,
)
from iam.grants.models import Account, EndCause, Evidence, EvidenceKind, Grant, GrantPeriod, Level
from iam.institutions import service as institutions
from tests.iam.builders import AT, REVIEWER, imported, person

TODAY = date(2026, 9, 1)
DAY = timedelta(days=1)
BEFORE_US = TakenOver("adopt.csv line 2", "0" * 64)
PAIR = SignedPair(ApplicationId(1), JudgedDocument("a" * 64, 1), JudgedDocument("b" * 64, 2))


@pytest.fixture
def school(session: Session, tmp_path: Path) -> ScopeId:
    imported(session, tmp_path)
    return institutions.scope_of_institution(session, "4113900001").id


@pytest.fixture
def account(session: Session) -> Account:
    return opened(session)


def opened(session: Session, name: str = "Anna Bērziņa") -> Account:
    return service.open_account(
        session, person=person(session, name), email="anna@alda.example", phone="20000000", language="lv", at=AT
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
        by=REVIEWER,
        at=at,
    )


def sections_held(session: Session, account: Account, on: date, known_at: datetime | None = None) -> list[str]:
    return [grant.section for grant in service.current_grants(session, account.id, on=on, known_at=known_at)]


def without_foreign_keys(session: Session) -> None:
    """Let evidence name applications and verifications that other parts of the service would have written."""
    session.execute(text("SET LOCAL session_replication_role = replica"))


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
    service.end(session, grant, last_day=date(2026, 9, 20), cause=EndCause.REORGANISATION, by=REVIEWER, at=later)
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
    service.end_at_once(session, grant, cause=EndCause.HEAD, by=Actor(ActorKind.PERSON, "7"), at=later)
    assert sections_held(session, account, TODAY + 3 * DAY) == []
    assert sections_held(session, account, TODAY + 2 * DAY) == ["learners"]
    assert sections_held(session, account, TODAY + 3 * DAY, known_at=later - timedelta(seconds=1)) == ["learners"]


def test_a_right_given_and_ended_in_the_same_moment_is_taken_back(
    session: Session, account: Account, school: ScopeId
) -> None:
    grant = given(session, account, school)
    service.end_at_once(session, grant, cause=EndCause.ERROR, by=REVIEWER, at=AT)
    assert sections_held(session, account, TODAY) == []
    (taken_back,) = service.history(session, account.id)
    assert (taken_back.since, taken_back.until, taken_back.end_cause) == (None, None, EndCause.ERROR)
    with pytest.raises(NothingToEnd):
        service.end(session, grant, last_day=TODAY, cause=EndCause.IZM, by=REVIEWER, at=AT)
    # What was taken back is in nobody's way.
    given(session, account, school, at=AT + timedelta(hours=1))
    assert sections_held(session, account, TODAY) == ["learners"]


def test_when_a_right_was_last_over_is_a_moment(session: Session, account: Account, school: ScopeId) -> None:
    def last_over(by: datetime) -> datetime | None:
        return service.last_ended(service.history(session, account.id), by=by)

    given(session, account, school, "reports", until=date(2026, 9, 2))
    grant = given(session, account, school)
    midnight = datetime(2026, 9, 2, 21, tzinfo=UTC)  # in Riga the 3rd begins
    assert last_over(midnight - timedelta(seconds=1)) is None
    assert last_over(midnight) == midnight
    service.end_at_once(session, grant, cause=EndCause.HEAD, by=REVIEWER, at=midnight + timedelta(hours=7))
    assert last_over(midnight + timedelta(hours=8)) == midnight + timedelta(hours=7)
    mistaken = given(session, account, school, "staff", since=date(2027, 1, 1), at=midnight)
    service.end(session, mistaken, last_day=TODAY, cause=EndCause.ERROR, by=REVIEWER, at=midnight + timedelta(hours=9))
    assert last_over(midnight + timedelta(days=1)) == midnight + timedelta(hours=9)


def test_a_clock_that_was_set_back_does_not_break_history(session: Session, account: Account, school: ScopeId) -> None:
    grant = given(session, account, school)
    service.end(session, grant, last_day=TODAY, cause=EndCause.IZM, by=REVIEWER, at=AT - timedelta(hours=1))
    assert sections_held(session, account, TODAY) == ["learners"]
    assert sections_held(session, account, TODAY + DAY) == []


def test_a_right_ends_once(session: Session, account: Account, school: ScopeId) -> None:
    grant = given(session, account, school, until=date(2026, 12, 31))
    with pytest.raises(NothingToEnd):
        service.end(session, grant, last_day=date(2026, 12, 31), cause=EndCause.IZM, by=REVIEWER, at=AT)
    service.end(session, grant, last_day=date(2026, 10, 31), cause=EndCause.IZM, by=REVIEWER, at=AT)
    service.end(session, grant, last_day=date(2026, 9, 30), cause=EndCause.HEAD, by=REVIEWER, at=AT)
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


def test_one_document_supports_one_decision(session: Session, account: Account, school: ScopeId) -> None:
    without_foreign_keys(session)
    given(session, account, school, "learners", because=PAIR)
    given(session, account, school, "staff", because=PAIR)
    kept = session.scalars(select(Evidence)).one()
    assert (kept.kind, kept.application_id) == (EvidenceKind.SIGNED_PAIR, 1)
    assert [(document.role, document.sha256[0]) for document in kept.documents] == [
        ("application", "a"),
        ("letter", "b"),
    ]
    again = SignedPair(ApplicationId(2), JudgedDocument("a" * 64, 3), JudgedDocument("c" * 64, 4))
    with pytest.raises(DocumentUsed):
        given(session, account, school, "reports", because=again)
    # Of two decisions in the same moment neither sees the other's; the database does.
    with pytest.raises(IntegrityError, match="one_document_one_decision"):
        session.execute(
            text(
                "INSERT INTO evidence_documents (evidence_id, role, sha256)"
                " SELECT evidence_id + 1, role, sha256 FROM evidence_documents"
            )
        )


def test_one_container_may_be_both_documents(session: Session, account: Account, school: ScopeId) -> None:
    without_foreign_keys(session)
    both = JudgedDocument("d" * 64, 5)
    given(session, account, school, because=SignedPair(ApplicationId(3), both, both))
    assert sections_held(session, account, TODAY) == ["learners"]


def test_a_revocation_rests_on_the_application_alone_which_can_give_nothing(
    session: Session, account: Account, school: ScopeId
) -> None:
    without_foreign_keys(session)
    grant = given(session, account, school)
    revocation = SignedApplication(ApplicationId(4), JudgedDocument("e" * 64, 6))
    service.end(
        session, grant, last_day=TODAY, cause=EndCause.APPLICATION, by=REVIEWER, at=AT + DAY, because=revocation
    )
    period = session.scalars(select(GrantPeriod).where(GrantPeriod.end_cause.is_not(None))).one()
    kept = session.get_one(Evidence, period.end_evidence_id)
    assert kept.kind == EvidenceKind.SIGNED_APPLICATION
    with pytest.raises(IntegrityError, match="evidence_can_give"):
        session.execute(
            text(
                "INSERT INTO grants"
                " (account_id, scope_id, section_id, level, evidence_id, evidence_kind, given_by, given_at)"
                " SELECT account_id, scope_id, section_id, level, :evidence, 'signed_application', given_by, given_at"
                " FROM grants"
            ),
            {"evidence": kept.id},
        )


def test_paper_is_seen_by_two(session: Session, account: Account, school: ScopeId) -> None:
    without_foreign_keys(session)
    second = Actor(ActorKind.STAFF, "otrs.parbauditajs")
    given(session, account, school, because=PaperSeenByTwo(ApplicationId(5), REVIEWER, second, TODAY))
    kept = session.scalars(select(Evidence)).one()
    assert (kept.seen_by, kept.confirmed_by, kept.seen_on) == (str(REVIEWER), str(second), TODAY)
    with pytest.raises(ValueError, match="two different people"):
        PaperSeenByTwo(ApplicationId(5), REVIEWER, REVIEWER, TODAY)


def test_only_what_the_reform_took_is_given_back_and_only_where_it_was(
    session: Session, account: Account, school: ScopeId
) -> None:
    taken = given(session, account, school, "learners")
    ended = given(session, account, school, "staff")
    for grant, cause in ((taken, EndCause.REFORM), (ended, EndCause.APPLICATION)):
        service.end(session, grant, last_day=TODAY, cause=cause, by=REVIEWER, at=AT + DAY)
    periods = {grant.section: grant.period_id for grant in service.history(session, account.id)}
    since, at = TODAY + DAY, AT + 2 * DAY
    with pytest.raises(Refused, match="only what the reform took"):
        given(session, account, school, "staff", because=Restoration(periods["staff"]), since=since, at=at)
    with pytest.raises(Refused, match="where it held it"):
        given(session, account, school, "reports", because=Restoration(periods["learners"]), since=since, at=at)
    back = Restoration(periods["learners"])
    with pytest.raises(Refused, match="the level that was held"):
        given(session, account, school, "learners", level=Level.VIEW, because=back, since=since, at=at)
    given_back = given(session, account, school, "learners", because=back, since=since, at=at)
    assert sections_held(session, account, TODAY + DAY) == ["learners"]
    service.end(session, given_back, last_day=since, cause=EndCause.HEAD, by=REVIEWER, at=at)
    with pytest.raises(Refused, match="once"):
        given(session, account, school, "learners", because=back, since=since + DAY, at=at + DAY)


def test_a_section_out_of_the_catalogue_cannot_be_given(session: Session, account: Account, school: ScopeId) -> None:
    with pytest.raises(Unknown):
        given(session, account, school, "cookery")
    session.execute(text("UPDATE sections SET period = '(,2026-09-01)' WHERE code = 'funding'"))
    with pytest.raises(Unknown):
        given(session, account, school, "funding")
    assert len(service.sections(session, on=TODAY)) == 9
    assert len(service.sections(session, on=TODAY - DAY)) == 10


def test_leaving_ends_everything_and_a_new_right_opens_the_account_again(
    session: Session, account: Account, school: ScopeId
) -> None:
    given(session, account, school, "learners")
    given(session, account, school, "staff", since=date(2026, 10, 1))
    given(session, account, school, "reports", since=date(2025, 1, 1), until=date(2025, 12, 31))
    ended = service.end_account(session, account, cause=EndCause.EMPLOYMENT_ENDED, by=REVIEWER, at=AT + DAY)
    assert [grant.section for grant in ended] == ["learners", "staff"]
    assert service.account_of(session, account.person) is account
    assert account.status.value == "ended"
    assert account.project_on is None
    assert sections_held(session, account, date(2027, 1, 1)) == []
    assert sections_held(session, account, date(2025, 6, 1)) == ["reports"]
    given(session, account, school, "learners", since=date(2027, 1, 1), at=AT + 2 * DAY)
    assert account.status.value == "active"


def test_a_disabled_account_is_not_revived_by_a_new_right(session: Session, account: Account, school: ScopeId) -> None:
    service.disable(session, account)
    with pytest.raises(AccountShut):
        given(session, account, school)
    service.enable(session, account)
    given(session, account, school)


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


def test_a_username_that_means_somebody_else_is_given_to_nobody(session: Session) -> None:
    namesake = service.open_account(
        session,
        person=person(session, "Inese Kalna"),
        email="inese@alda.example",
        phone="",
        language="lv",
        at=AT,
        reserved={"inese.kalna", "inese.kalna2"},
    )
    assert namesake.username == "inese.kalna3"
