"""Many accounts are brought to Keycloak together; what does not succeed is tried again one by one."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

import workflows.rights.jobs  # noqa: F401 - declares the jobs
from builders.iam.rights import many_accounts
from iam.ids import AccountId
from workflows import database
from workflows.jobs import drain
from workflows.rights.projection import follow, last_projection_failure, many_on_their_way
from workflows.settings import Settings

NUMBER = 90


@pytest.fixture
def sessions(database_url: str) -> Iterator[sessionmaker[Session]]:
    engine = database.engine(database_url)
    yield database.session_factory(engine)
    engine.dispose()


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Settings under which nobody answers where Keycloak should be."""
    return Settings.model_validate({"database_url": database_url, "keycloak_url": "http://127.0.0.1:9"})


def queued(session: Session) -> dict[str, int]:
    """How many jobs of each kind wait for their time."""
    rows = session.execute(
        text("SELECT task_name, count(*) FROM procrastinate_jobs WHERE status = 'todo' GROUP BY 1 ORDER BY 1")
    )
    return {name: number for name, number in rows}  # noqa: C416 - rows, as a plain mapping


def followed(sessions: sessionmaker[Session], number: int) -> list[AccountId]:
    with sessions.begin() as session:
        ids = [AccountId(one) for one in many_accounts(session, number)]
        follow(session, *ids)
    return ids


def test_a_few_are_projected_one_by_one_and_many_together(sessions: sessionmaker[Session]) -> None:
    followed(sessions, 9)
    with sessions() as session:
        assert queued(session) == {"rights.project": 9}


def test_each_of_many_is_in_one_batch(sessions: sessionmaker[Session]) -> None:
    ids = followed(sessions, NUMBER)
    with sessions() as session:
        assert queued(session) == {"rights.project_all": 3}
        batches = session.scalars(text("SELECT args->'account_ids' FROM procrastinate_jobs ORDER BY id")).all()
        assert sorted(one for batch in batches for one in batch) == sorted(ids)
        lanes = session.scalars(text("SELECT count(DISTINCT lock) FROM procrastinate_jobs")).one()
        assert lanes == 2


def test_batches_of_one_act_and_of_several_share_the_lanes_out(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        ids = [AccountId(one) for one in many_accounts(session, 88)]
        for first in range(0, 88, 11):
            follow(session, *ids[first : first + 11])
    with sessions() as session:
        lanes = session.execute(text("SELECT lock, count(*) FROM procrastinate_jobs GROUP BY lock ORDER BY lock")).all()
    assert [tuple(one) for one in lanes] == [("accounts:0", 4), ("accounts:1", 4)]


def test_nobody_waits_for_rights_that_keycloak_does_not_take(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    followed(sessions, 12)
    with sessions() as session:
        assert many_on_their_way(session)
    drain(settings)
    with sessions() as session:
        assert not many_on_their_way(session), "each account is tried by itself now"


def test_where_keycloak_is_away_each_account_waits_by_itself_and_says_why(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    ids = followed(sessions, 12)
    drain(settings)
    with sessions() as session:
        assert queued(session) == {"rights.project": 12}
        assert all(last_projection_failure(session, one) is not None for one in ids)


def test_a_batch_over_which_a_worker_died_is_tried_one_by_one(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    followed(sessions, 12)
    with sessions.begin() as session:
        session.execute(text("UPDATE procrastinate_jobs SET attempts = 1"))
    drain(settings)
    with sessions() as session:
        assert queued(session) == {"rights.project": 12}
        finished = "SELECT status::text FROM procrastinate_jobs WHERE task_name = 'rights.project_all'"
        assert session.scalars(text(finished)).all() == ["succeeded"]
