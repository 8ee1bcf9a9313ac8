"""For any history of rights in the database: restored is what was held the day before a reduction, and nothing more."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from builders.iam.register import BY_REVIEWER
from demo.reform import GULBENE, seed_reform
from iam.audit import Actor, ActorKind, Door, Origin
from iam.errors import AlreadyHeld, NothingToEnd
from iam.grants import service as grants
from iam.grants.evidence import TakenOver
from iam.grants.models import EndCause, EvidenceKind, Level
from iam.grants.rules import HeldGrant
from iam.periods import riga_day
from workflows.restoration.models import RestorationRequest
from workflows.restoration.restoring import restore
from workflows.restoration.states import State

AT = datetime(2026, 11, 30, 8, tzinfo=UTC)
TODAY = riga_day(AT)
RANK = {Level.VIEW: 1, Level.EDIT: 2}
BEFORE = TakenOver("story", "0" * 64)
SECTIONS = ("users", "classes")  # in which the demo's user never held anything
INESE = Origin(Actor(ActorKind.STAFF, "inese.kalna"), Door.REVIEW)

_days = st.dates(date(2021, 1, 1), TODAY + timedelta(days=20))
_given = st.tuples(st.just("give"), st.sampled_from(SECTIONS), st.sampled_from(Level), _days, st.none() | _days)
_causes = st.just(EndCause.REFORM) | st.sampled_from(EndCause)
_ended = st.tuples(st.just("end"), st.sampled_from(SECTIONS), _causes, _days)
_taken = st.tuples(
    st.tuples(
        st.just("give"),
        st.just("users"),
        st.sampled_from(Level),
        st.dates(date(2021, 1, 1), date(2021, 3, 31)),
        st.none() | st.dates(TODAY - timedelta(days=2), TODAY + timedelta(days=20)),
    ),
    st.tuples(st.just("end"), st.just("users"), st.just(EndCause.REFORM), st.dates(date(2021, 4, 1), date(2021, 9, 1))),
)
_acts = st.builds(lambda taken, others: [*taken, *others], _taken, st.lists(_given | _ended, max_size=5))


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # each example fills a database: what fails is small enough
)
@given(acts=_acts)
def test_whatever_happened_nobody_gets_more_than_was_held_and_loses_nothing(
    database_url: str, acts: list[tuple[object, ...]]
) -> None:
    engine = create_engine(database_url, poolclass=NullPool)
    with Session(engine) as session:
        seed_reform(session, at=AT - timedelta(days=30))
        account = grants.account_called(session, GULBENE.username)
        assert account is not None
        known: list[list[HeldGrant]] = []
        for number, act in enumerate(acts):
            known.append(grants.history(session, account.id))
            _do(session, act, AT - timedelta(days=20) + timedelta(seconds=number))
        before = grants.history(session, account.id)
        known.append(before)
        request = RestorationRequest(
            state=State.IN_REVIEW,
            language="lv",
            asked_at=AT,
            username=account.username,
            given_name="Rasa",
            surname="Gulbīte",
            description="",
            account_id=account.id,
            confirmed_at=AT,
            reason="",
        )
        session.add(request)
        session.flush()
        made = restore(
            session,
            request,
            decided_by="inese.kalna",
            second_person=None,
            origin=INESE,
            base_url="https://viis.test",
            at=AT,
        )
        after = grants.history(session, account.id)
        assert made, "what the demo took is always there to come back"
        back = [one for one in after if one.evidence is EvidenceKind.RESTORATION]
        assert {one.since for one in back} == {TODAY}
        for one in (one for one in back if one.section in SECTIONS):
            event("something of this history came back")
            # Somebody's knowledge of then says that it was held on the last day before the reduction, and so long.
            reduced = _reduced(after, one)
            held_then = [
                then
                for history in known
                for then in history
                if then.id == reduced.id and reduced.until is not None and then.holds_on(reduced.until)
            ]
            assert any(then.until is None or (one.until is not None and one.until <= then.until) for then in held_then)
            assert {then.level for then in held_then} == {one.level}
        for section in {one.section for one in after}:
            for day in (TODAY, TODAY + timedelta(days=1), TODAY + timedelta(days=30)):
                assert _level(after, section, day) >= _level(before, section, day), "a right that is held was lost"
        session.rollback()
    engine.dispose()


def _do(session: Session, act: tuple[object, ...], at: datetime) -> None:
    """Give or end a right as people do; what cannot be is left out."""
    account = grants.account_called(session, GULBENE.username)
    assert account is not None
    match act:
        case ("give", str(section), Level() as level, date() as since, until):
            if isinstance(until, date) and until < since:
                return
            try:
                with session.begin_nested():
                    grants.give(
                        session,
                        section,
                        level,
                        to=account,
                        at_scope=next(one.scope_id for one in grants.history(session, account.id)),
                        since=since,
                        until=until if isinstance(until, date) else None,
                        because=BEFORE,
                        origin=BY_REVIEWER,
                        at=at,
                    )
            except AlreadyHeld:
                return
        case ("end", str(section), EndCause() as cause, date() as last_day):
            for one in grants.history(session, account.id):
                if one.section == section:
                    try:
                        with session.begin_nested():
                            grants.end(session, one, last_day=last_day, cause=cause, origin=BY_REVIEWER, at=at)
                    except NothingToEnd:
                        continue
        case _:
            raise AssertionError(act)


def _reduced(history: list[HeldGrant], restored: HeldGrant) -> HeldGrant:
    """Find the right that the reform took, of which this is what came back."""
    found = [
        one
        for one in history
        if one.end_cause is EndCause.REFORM
        and (one.section, one.scope, one.level) == (restored.section, restored.scope, restored.level)
    ]
    return max(found, key=lambda one: one.known_since)


def _level(history: list[HeldGrant], section: str, day: date) -> int:
    return max((RANK[one.level] for one in history if one.section == section and one.holds_on(day)), default=0)
