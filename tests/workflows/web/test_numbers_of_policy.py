"""Numbers of the dated policy hold on pages, with the next request."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.policy_numbers import set_numbers
from tests.workflows.web.conftest import session_of
from tests.workflows.web.reading import text_of
from tests.workflows.web.site import Site
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


def test_what_pages_say_of_time_is_what_the_policy_says(site: Site, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        set_numbers(session, decision_due=7, draft_kept=21, junk_kept=12, session_absolute=9)
    with site.visitor() as visitor:
        said = {page: text_of(visitor.get(page).text) for page in ("/", "/privacy", "/cookies")}
        english = text_of(visitor.get("/privacy?lang=en").text)
    assert "lēmumu pieņem 7 darbdienu laikā" in said["/"]
    assert "ierakstītais tiek dzēsts 21 dienu" in said["/privacy"]
    assert "pārbaudes rezultāts paliek 12 dienas" in said["/privacy"]
    assert "ne ilgāk kā 9 stundas" in said["/cookies"]
    assert "21 days" in english
    assert "at least 10 years" in english
