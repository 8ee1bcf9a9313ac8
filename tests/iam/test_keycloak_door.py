"""The door to Keycloak: what it says of a server that is away, what it may, and how it asks for its token."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.orm import Session

from builders.iam.register import AT
from builders.iam.rights import given
from demo.servers import Keycloak, free_port
from iam.errors import KeycloakRefused, KeycloakUnavailable
from iam.grants.models import Account
from iam.ids import ScopeId
from iam.keycloak.client import KeycloakClient
from iam.keycloak.projection import project
from tests.iam.doors import open_door

pytestmark = pytest.mark.keycloak


def test_a_keycloak_that_is_away_is_told_apart_from_one_that_refuses(
    session: Session, keycloak: Keycloak, account: Account, school: ScopeId
) -> None:
    given(session, account, school)
    with open_door(keycloak, url=f"http://127.0.0.1:{free_port()}") as away, pytest.raises(KeycloakUnavailable):
        project(session, away, account.id, AT)
    assert account.projection_pending
    with open_door(keycloak, secret="wrong") as wrong, pytest.raises(KeycloakRefused) as caught:
        wrong.find(account.username)
    assert caught.value.status == 401


def test_the_service_account_reaches_users_and_nothing_else(door: KeycloakClient) -> None:
    door._users = "admin/realms/viis/clients"
    with pytest.raises(KeycloakRefused) as caught:
        door.find("x")
    assert caught.value.status == 403


def test_many_threads_ask_for_one_token(keycloak: Keycloak, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_door(keycloak) as door:
        asked: list[int] = []
        real = door._connection.get_token

        def counted() -> None:
            asked.append(1)
            real()

        monkeypatch.setattr(door._connection, "get_token", counted)
        with ThreadPoolExecutor(10) as pool:
            assert set(pool.map(door.find, [f"nobody{number}" for number in range(30)])) == {None}
        assert len(asked) == 1
        # A token that was revoked is asked for once more, by whoever notices first.
        token = door._connection.token
        assert token is not None
        door._connection.token = token | {"access_token": "no longer good"}
        with ThreadPoolExecutor(10) as pool:
            assert set(pool.map(door.find, [f"nobody{number}" for number in range(30)])) == {None}
        assert len(asked) == 2
