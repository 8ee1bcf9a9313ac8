"""What the demo and the tests do to Keycloak with its administrator's account, and the service never does.

Staff logins, a password for a user before the password page exists, the address our pages moved to.
"""

import time
from collections.abc import Iterable
from http import HTTPStatus
from types import TracebackType
from typing import Self

import httpx

from demo.servers.keycloak import Keycloak
from demo.servers.process import ServerFailed

__all__ = ["KeycloakAdmin"]

_TOKEN_GOOD_FOR = 45.0  # seconds; the master realm's tokens live for 60


class KeycloakAdmin:
    """The administrator of a running server, over Keycloak's own admin REST API. Refusals raise ServerFailed."""

    def __init__(self, keycloak: Keycloak) -> None:
        self._keycloak = keycloak
        self._client = httpx.Client(base_url=f"{keycloak.url}/admin/realms/viis", timeout=30)
        self._token_until = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def create_user(
        self,
        username: str,
        *,
        given_name: str,
        surname: str,
        email: str,
        password: str | None = None,
        roles: Iterable[str] = (),
    ) -> str:
        """Create a user who can log in at once; their id."""
        account: dict[str, object] = {
            "username": username,
            "firstName": given_name,
            "lastName": surname,
            "email": email,
            "emailVerified": True,
            "enabled": True,
        }
        if password is not None:
            account["credentials"] = [{"type": "password", "value": password, "temporary": False}]
        created = self.send("POST", "/users", json=account)
        user_id = created.headers["Location"].rsplit("/", 1)[-1]
        self.give_roles(user_id, roles)
        return user_id

    def give_roles(self, user_id: str, roles: Iterable[str]) -> None:
        """Give a user these realm roles beside those they have."""
        wanted = [self.send("GET", f"/roles/{role}").json() for role in roles]
        if wanted:
            self.send("POST", f"/users/{user_id}/role-mappings/realm", json=wanted)

    def find(self, username: str) -> dict[str, object] | None:
        """The user of that exact name as Keycloak describes them, attributes included."""
        found = self.send("GET", "/users", params={"username": username, "exact": "true"}).json()
        if not found:
            return None
        user: dict[str, object] = self.send("GET", f"/users/{found[0]['id']}").json()
        return user

    def set_password(self, username: str, password: str) -> None:
        """Set a user's password, under the realm's policy."""
        user = self.find(username)
        if user is None:
            raise ServerFailed(f"Keycloak knows no user {username}.")
        value = {"type": "password", "value": password, "temporary": False}
        self.send("PUT", f"/users/{user['id']}/reset-password", json=value)

    def delete(self, username: str) -> None:
        """Delete a user, if there."""
        user = self.find(username)
        if user is not None:
            self.send("DELETE", f"/users/{user['id']}")

    def move_pages(self, base_url: str) -> None:
        """Tell the staff login where our pages are now: the port may differ from the first start's."""
        client = self.send("GET", "/clients", params={"clientId": "viis-staff"}).json()[0]
        if client.get("rootUrl") == base_url:
            return
        client["rootUrl"] = base_url
        client["attributes"]["backchannel.logout.url"] = f"{base_url}/logout/backchannel"
        self.send("PUT", f"/clients/{client['id']}", json=client)

    def shut_offline_access(self) -> None:
        """Take from everybody what an import gives everybody: asking for a refresh token that outlives its session."""
        everybodys = self.send("GET", "/roles/default-roles-viis").json()
        role = self.send("GET", "/roles/offline_access").json()
        self.send("DELETE", f"/roles-by-id/{everybodys['id']}/composites", json=[role])
        for scope in self.send("GET", "/default-optional-client-scopes").json():
            if scope["name"] == "offline_access":
                self.send("DELETE", f"/client-scopes/{scope['id']}")

    def send(
        self, method: str, path: str, *, json: object = None, params: dict[str, str] | None = None
    ) -> httpx.Response:
        """One call below /admin/realms/viis with a fresh enough token."""
        if time.monotonic() > self._token_until:
            self._log_in()
        answer = self._client.request(method, path, json=json, params=params)
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            raise ServerFailed(f"Keycloak refused {method} {path}: {answer.status_code} {answer.text}")
        return answer

    def _log_in(self) -> None:
        answer = self._client.post(
            f"{self._keycloak.url}/realms/master/protocol/openid-connect/token",
            data={
                "grant_type": "password",
                "client_id": "admin-cli",
                "username": self._keycloak.admin_username,
                "password": self._keycloak.admin_password,
            },
        )
        if answer.status_code != HTTPStatus.OK:
            raise ServerFailed(f"Keycloak's administrator could not log in: {answer.status_code} {answer.text}")
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        self._token_until = time.monotonic() + _TOKEN_GOOD_FOR
