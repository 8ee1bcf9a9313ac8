"""Numbers of the dated policy hold on pages, with the next request."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.policy_numbers import set_numbers
from tests.workflows.web.conftest import session_of
from workflows.web.identity import sessions as web_sessions


@pytest.mark.parametrize(("number", "value"), [("session_idle", 10), ("session_absolute", 1)])
def test_a_session_ends_when_the_policy_says(sessions: sessionmaker[Session], number: str, value: int) -> None:
    now = datetime.now(UTC)
    later = now + (timedelta(minutes=11) if number == "session_idle" else timedelta(minutes=61))
    with sessions.begin() as session:
        set_numbers(session, **{number: value})
    token = session_of(sessions, "inese.kalna", "Inese Kalna")
    with sessions.begin() as session:
        assert web_sessions.find(session, token, at=now + timedelta(minutes=9)) is not None
    if number == "session_absolute":
        with sessions.begin() as session:  # in use till the end
            session.execute(text("UPDATE web_sessions SET seen_at = :at"), {"at": later - timedelta(minutes=1)})
    else:
        later += timedelta(minutes=9)
    with sessions.begin() as session:
        assert web_sessions.find(session, token, at=later) is None
        web_sessions.forget_old(session, at=later)
        assert session.scalar(text("SELECT count(*) FROM web_sessions")) == 0
