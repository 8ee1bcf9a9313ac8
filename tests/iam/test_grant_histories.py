"""Any order of giving and ending leaves what a plain reading of it says, at every past moment."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from builders.iam.register import BY_REVIEWER, imported
from builders.iam.rights import opened
from iam.errors import AlreadyHeld, NothingToEnd
from iam.grants import service
from iam.grants.evidence import TakenOver
from iam.grants.models import Account, EndCause, Grant, Level
from iam.grants.rules import held_on
from iam.ids import ScopeId
from iam.institutions import service as institutions

FIRST = date(2026, 1, 1)
START = datetime(2026, 1, 1, 9, tzinfo=UTC)
SECTIONS = ("learners", "staff")


@dataclass(frozen=True)
class Give:
    """Somebody gives a right from one day to another."""

    section: int
    since: int
    days: int | None


@dataclass(frozen=True)
class End:
    """Somebody ends the right given as the nth."""

    which: int
    last: int


@dataclass
class Told:
    """The plain reading: per right its section, first and last day as a number; None for the last: open."""

    section: str
    since: int
    until: int | None
    held: bool = True

    def holds(self, day: int) -> bool:
        return self.held and self.since <= day and (self.until is None or day <= self.until)


@dataclass
class Story:
    """The story told so far, and what it said after each act."""

    rights: list[Told] = field(default_factory=list)
    chapters: list[dict[int, set[str]]] = field(default_factory=list)

    def close_chapter(self) -> None:
        self.chapters.append({day: {t.section for t in self.rights if t.holds(day)} for day in range(-1, 40)})


acts = st.lists(
    st.builds(Give, st.integers(0, 1), st.integers(0, 20), st.none() | st.integers(0, 10))
    | st.builds(End, st.integers(0, 5), st.integers(-2, 25)),
    min_size=1,
    max_size=10,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts)
def test_every_history_reads_back_as_it_was_told(database_url: str, tmp_path: Path, acts: list[Give | End]) -> None:
    engine = create_engine(database_url, poolclass=NullPool)
    with Session(engine) as session:
        imported(session, tmp_path)
        school = institutions.scope_of_institution(session, "4113900001").id
        account = opened(session, at=START)
        story, given_grants = Story(), list[Grant]()
        for number, act in enumerate(acts):
            _play(session, act, account, school, story, given_grants, at=START + timedelta(hours=number))
            story.close_chapter()
        for number, chapter in enumerate(story.chapters):
            known_at = START + timedelta(hours=number, minutes=1)
            known = service.history(session, account.id, known_at=known_at)
            for day, sections in chapter.items():
                assert {grant.section for grant in held_on(known, FIRST + timedelta(days=day))} == sections
    engine.dispose()


def _play(
    session: Session,
    act: Give | End,
    account: Account,
    school: ScopeId,
    story: Story,
    given_grants: list[Grant],
    *,
    at: datetime,
) -> None:
    match act:
        case Give(section=section, since=since, days=days):
            until = None if days is None else since + days
            told = Told(SECTIONS[section], since, until)
            clash = any(
                other.section == told.section and any(other.holds(day) and told.holds(day) for day in range(60))
                for other in story.rights
            )
            try:
                grant = service.give(
                    session,
                    told.section,
                    Level.VIEW,
                    to=account,
                    at_scope=school,
                    since=FIRST + timedelta(days=since),
                    until=None if until is None else FIRST + timedelta(days=until),
                    because=TakenOver("story", "0" * 64),
                    origin=BY_REVIEWER,
                    at=at,
                )
            except AlreadyHeld:
                assert clash
                return
            assert not clash
            given_grants.append(grant)
            story.rights.append(told)
        case End(which=which, last=last):
            if which >= len(given_grants):
                return
            told = story.rights[which]
            nothing = not told.held or (told.until is not None and told.until <= last)
            try:
                service.end(
                    session,
                    given_grants[which],
                    last_day=FIRST + timedelta(days=last),
                    cause=EndCause.HEAD,
                    origin=BY_REVIEWER,
                    at=at,
                )
            except NothingToEnd:
                assert nothing
                return
            assert not nothing
            told.held, told.until = last >= told.since, last
