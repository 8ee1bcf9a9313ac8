"""A session here does not outlive the account at Keycloak, and a Keycloak that is away stops acts, not reading."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser
from sqlalchemy.orm import Session, sessionmaker

from demo.servers import KeycloakAdmin
from iam.audit import Actor, ActorKind, Door
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import token_in
from tests.workflows.web.site import Site
from workflows import staff
from workflows.staff import Role
from workflows.web.identity import session_checks as _session_checks
from workflows.web.identity.session_checks import GRACE, RECHECK_AFTER, SessionChecks, SessionState

SINCE = datetime(2026, 3, 2, 10, tzinfo=UTC)
LATER = SINCE + RECHECK_AFTER
PASSWORD = "Ceturtdiena-1874"


@pytest.fixture
def checks() -> Iterator[SessionChecks]:
    one = SessionChecks()
    yield one
    one.close()


def answering(answer: bool | None, asked: list[int] | None = None) -> Callable[[], bool | None]:  # noqa: FBT001 - the answer
    def ask() -> bool | None:
        (asked if asked is not None else []).append(1)
        return answer

    return ask


def test_a_login_is_its_own_confirmation(checks: SessionChecks) -> None:
    asked: list[int] = []
    at = SINCE + RECHECK_AFTER - timedelta(seconds=1)
    assert checks.check("a", answering(False, asked), since=SINCE, acting=True, at=at) is SessionState.ACTIVE
    assert asked == []


def test_keycloak_is_asked_once_for_each_while(checks: SessionChecks) -> None:
    asked: list[int] = []
    for minute in range(20):
        at = LATER + timedelta(minutes=minute)
        assert checks.check("a", answering(True, asked), since=SINCE, acting=False, at=at) is SessionState.ACTIVE
    assert len(asked) == 7


def test_what_keycloak_ended_is_over_for_reading_too(checks: SessionChecks) -> None:
    assert checks.check("a", answering(False), since=SINCE, acting=False, at=LATER) is SessionState.ENDED


def test_while_keycloak_is_away_acts_wait_and_pages_are_shown_for_a_while(checks: SessionChecks) -> None:
    def stands(*, acting: bool, at: datetime) -> SessionState:
        return checks.check("a", answering(None), since=SINCE, acting=acting, at=at)

    assert stands(acting=True, at=LATER) is SessionState.UNKNOWN
    assert stands(acting=False, at=LATER) is SessionState.ACTIVE
    assert stands(acting=False, at=SINCE + GRACE) is SessionState.UNKNOWN
    assert checks.check("a", answering(True), since=SINCE, acting=True, at=SINCE + GRACE) is SessionState.ACTIVE


def test_a_keycloak_that_does_not_answer_is_asked_once_for_each_session(
    checks: SessionChecks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_session_checks, "PATIENCE", 0.05)
    asked: list[int] = []
    frozen = threading.Event()

    def ask() -> bool | None:
        asked.append(1)
        frozen.wait(10)
        return None

    try:
        for _ in range(5):
            assert checks.check("a", ask, since=SINCE, acting=True, at=LATER) is SessionState.UNKNOWN
        assert len(asked) == 1
    finally:
        frozen.set()


def test_pages_of_staff_while_keycloak_is_away(
    sign_in: SignIn, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    del sessions
    monkeypatch.setattr(_session_checks, "RECHECK_AFTER", timedelta(0))
    visitor = sign_in()
    page = visitor.get("/review")
    assert page.status_code == 200, "read on"
    answer = visitor.post("/review/next", data={"csrf": token_in(page.text)})
    assert answer.status_code == 503, "nothing is done by somebody Keycloak may have shut out"


@pytest.mark.keycloak
@pytest.mark.browser
@pytest.mark.parametrize("how", ["disabled", "deleted"])
def test_who_is_shut_out_of_the_real_keycloak_is_shut_out_here(
    real_site: Site,
    keycloak_admin: KeycloakAdmin,
    sessions: sessionmaker[Session],
    chromium: Browser,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    monkeypatch.setattr(_session_checks, "RECHECK_AFTER", timedelta(0))
    name = f"rita.{how}"
    keycloak_admin.create_user(name, given_name="Rita", surname="Ozola", email=f"{name}@izm.test", password=PASSWORD)
    with sessions.begin() as session:
        by, at = Actor(ActorKind.SYSTEM, "test"), datetime.now(UTC)
        staff.add(session, name, name="Rita Ozola", roles=[Role.REVIEWER], by=by, door=Door.CLI, at=at)
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{real_site.url}/review")
    page.fill("#username", name)
    page.fill("#password", PASSWORD)
    page.click("#kc-login")
    page.wait_for_url(f"{real_site.url}/review")
    page.goto(f"{real_site.url}/people")
    page.goto(f"{real_site.url}/review")
    assert page.inner_text("h1") == "Iesniegumi", "confirmed again and again"
    user = keycloak_admin.find(name)
    assert user is not None
    if how == "disabled":
        keycloak_admin.send("PUT", f"/users/{user['id']}", json={"enabled": False})
    else:
        keycloak_admin.delete(name)
    page.goto(f"{real_site.url}/review")
    assert "openid-connect/auth" in page.url
    context.close()
