"""Runs that crash, overlap, or wait for a slow Keycloak leave it true in the end."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from builders.iam.register import AT, BY_REVIEWER
from builders.iam.rights import given
from demo.servers import Keycloak, KeycloakAdmin
from iam.errors import KeycloakUnavailable
from iam.grants import service as grants
from iam.grants.models import Account, EndCause
from iam.ids import ScopeId
from iam.keycloak.client import DIGEST, KeycloakClient
from iam.keycloak.desired import DesiredUser
from iam.keycloak.projection import ProjectionOutcome, project
from tests.iam.doors import open_door
from tests.iam.keycloak.users import logged_in, sections_shown, shown
from tests.iam.lossy import LossyWire

pytestmark = pytest.mark.keycloak


def test_a_user_whose_making_was_not_heard_of_is_made_once_and_recognised(
    session: Session, keycloak: Keycloak, door: KeycloakClient, account: Account, school: ScopeId
) -> None:
    given(session, account, school)
    making = b"POST /admin/realms/viis/users HTTP"
    with LossyWire(keycloak.port, lose=making) as wire, open_door(keycloak, url=wire.url) as lossy:
        with pytest.raises(KeycloakUnavailable):
            project(session, lossy, account.id, AT)
        assert wire.lost == 1
        assert account.keycloak_id is None
        assert account.projection_pending
        made = door.find(account.username)
        assert made is not None, "Keycloak had done it all the same"
        assert project(session, lossy, account.id, AT).kind == ProjectionOutcome.UNCHANGED
    assert account.keycloak_id == made.id


def test_sessions_are_ended_again_after_a_crash_between_writing_and_remembering(
    session: Session,
    door: KeycloakClient,
    account: Account,
    school: ScopeId,
    keycloak: Keycloak,
    keycloak_admin: KeycloakAdmin,
) -> None:
    grant = given(session, account, school)
    project(session, door, account.id, AT + timedelta(minutes=1))
    viis, tokens = logged_in(keycloak_admin, keycloak, account)
    grants.end_at_once(session, grant, cause=EndCause.HEAD, origin=BY_REVIEWER, at=AT + timedelta(minutes=2))
    # The run before us wrote the rights and died before ending the sessions.
    user = shown(door, account)
    keycloak_admin.send(
        "PUT",
        f"/users/{user.id}",
        json={
            "email": user.email,
            "firstName": user.given_name,
            "lastName": user.surname,
            "attributes": {DIGEST: [_digest_of_nothing()]},
        },
    )
    assert viis.introspect(tokens)["active"] is True
    assert project(session, door, account.id, AT + timedelta(minutes=3)).sessions_ended
    assert viis.introspect(tokens)["active"] is False


def _digest_of_nothing() -> str:
    return "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_user_deleted_behind_our_back_is_made_again(
    session: Session, door: KeycloakClient, account: Account, school: ScopeId, keycloak_admin: KeycloakAdmin
) -> None:
    given(session, account, school)
    project(session, door, account.id, AT)
    first = account.keycloak_id
    keycloak_admin.delete(account.username)
    assert project(session, door, account.id, AT).kind == ProjectionOutcome.CREATED
    assert account.keycloak_id not in (None, first)


def test_two_runs_at_once_write_one_after_the_other(
    database_url: str, session: Session, door: KeycloakClient, account: Account, school: ScopeId
) -> None:
    given(session, account, school)
    account_id = account.id
    session.commit()
    engine = create_engine(database_url, pool_size=6)

    def go(_: int) -> ProjectionOutcome:
        with Session(engine) as mine, mine.begin():
            return project(mine, door, account_id, AT).kind

    with ThreadPoolExecutor(6) as pool:
        kinds = sorted(pool.map(go, range(6)))
    assert kinds == ["created", *["unchanged"] * 5]
    engine.dispose()


def test_a_decision_made_while_keycloak_is_slow_does_not_wait_and_is_shown_by_the_next_run(
    database_url: str,
    session: Session,
    door: KeycloakClient,
    account: Account,
    school: ScopeId,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given(session, account, school)
    staff = given(session, account, school, "staff")
    session.commit()
    new = f"jauna.{account.email}".lower()
    engine = create_engine(database_url, pool_size=2, connect_args={"options": "-c lock_timeout=2s"})
    asked, answers = threading.Event(), threading.Event()
    creating = KeycloakClient.create

    def slowly(slow: KeycloakClient, wanted: DesiredUser) -> str:
        asked.set()
        assert answers.wait(20)
        return creating(slow, wanted)

    def go() -> ProjectionOutcome:
        with Session(engine) as mine, mine.begin():
            return project(mine, door, account.id, AT + timedelta(minutes=1)).kind

    monkeypatch.setattr(KeycloakClient, "create", slowly)
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(go)
        try:
            assert asked.wait(20)
            with Session(engine) as other, other.begin():  # nobody waits for Keycloak
                whose = other.get_one(Account, account.id)
                grants.end_at_once(other, staff, cause=EndCause.HEAD, origin=BY_REVIEWER, at=AT + timedelta(minutes=2))
                grants.change_contact(
                    other, whose, email=new, phone="", language="lv", because=None, origin=BY_REVIEWER, at=AT
                )
        finally:
            answers.set()
        assert run.result() is ProjectionOutcome.CREATED
    session.expire_all()
    # What was written meanwhile stands, and is known to be missing in Keycloak.
    assert (account.email, account.projection_pending) == (new, True)
    assert sections_shown(door, account) == {"learners", "staff"}
    again = project(session, door, account.id, AT + timedelta(minutes=3))
    assert (again.kind, again.sessions_ended, account.projection_pending) == (ProjectionOutcome.UPDATED, True, False)
    assert sections_shown(door, account) == {"learners"}
    assert shown(door, account).email == new
    engine.dispose()
