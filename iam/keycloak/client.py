"""The one door to Keycloak's admin API: a few verbs of ours over python-keycloak.

What happened is told in three ways: a value; KeycloakRefused (understood, said no); KeycloakUnavailable (not reached,
not answered, or failed inside: it may have been done or not, so whoever asks does it again).
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

from keycloak.exceptions import KeycloakConnectionError, KeycloakError

from iam.errors import EmailTaken, KeycloakRefused, KeycloakUnavailable, UsernameTaken
from iam.keycloak._connection import Connection
from iam.keycloak.desired import DesiredUser

if TYPE_CHECKING:
    from requests import Response

__all__ = ["DIGEST", "GRANTS", "PAGE", "KeycloakDoor", "KeycloakUser"]

GRANTS = "viis_grants"
DIGEST = "viis_grants_digest"
# Measured on 10,000 users: pages of 100 and of 2,500 both take six times as long.
PAGE = 1000


@dataclass(frozen=True, slots=True)
class KeycloakUser:
    """A user as Keycloak has them. An empty attribute and an absent one are the same."""

    id: str
    username: str
    email: str
    given_name: str
    surname: str
    enabled: bool
    attributes: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def grants(self) -> frozenset[str]:
        """The rights Keycloak shows."""
        return self.attributes.get(GRANTS, frozenset())

    @property
    def digest(self) -> str | None:
        """The digest we wrote; None for a user we never wrote."""
        return next(iter(self.attributes.get(DIGEST, ())), None)


class KeycloakDoor:
    """The admin API of one realm, spoken to as the service account. One instance a process; threads may share it."""

    def __init__(
        self, *, url: str, realm: str, client_id: str, client_secret: str, timeout: int = 10, pool: int = 10
    ) -> None:
        self._connection = Connection(
            url=f"{url.rstrip('/')}/",
            realm=realm,
            client_id=client_id,
            client_secret=client_secret,
            timeout=timeout,
            pool=pool,
        )
        self._users = f"admin/realms/{quote(realm)}/users"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    def read(self, keycloak_id: str) -> KeycloakUser | None:
        """Read a user by Keycloak's id; None when there is none (any more)."""
        answer = self._ask(self._connection.raw_get, self._user(keycloak_id))
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        return _user(_good(answer).json())

    def find(self, username: str) -> KeycloakUser | None:
        """Find a user by the exact username."""
        return self._one(username=username)

    def holder_of(self, email: str) -> KeycloakUser | None:
        """Find who has this exact e-mail address."""
        return self._one(email=email)

    def page(self, first: int) -> list[KeycloakUser]:
        """Read up to PAGE users with their attributes, from the one numbered `first` on; for comparing everything."""
        answer = self._ask(
            self._connection.raw_get, self._users, first=str(first), max=str(PAGE), briefRepresentation="false"
        )
        return [_user(said) for said in _good(answer).json()]

    def create(self, wanted: DesiredUser) -> str:
        """Create the user without a password; Keycloak's id. Raises EmailTaken, UsernameTaken."""
        said = _representation(wanted, {}) | {"enabled": wanted.enabled, "emailVerified": True}
        answer = _good(self._ask(self._connection.raw_post, self._users, data=json.dumps(said)))
        return str(answer.headers["Location"]).rsplit("/", 1)[-1]

    def update(self, present: KeycloakUser, wanted: DesiredUser, *, enabled: bool | None = None) -> None:
        """Write names, e-mail and rights over what was just read; `enabled` only if it is the change.

        A PUT erases what it leaves out of names, e-mail and attributes: all are written, foreign attributes as they
        were read. One without `enabled` keeps it; an old copy of it could revive somebody. Raises EmailTaken.
        """
        said = _representation(wanted, present.attributes)
        if wanted.email != present.email:
            said["emailVerified"] = True
        if enabled is not None:
            said["enabled"] = enabled
        _good(self._ask(self._connection.raw_put, self._user(present.id), data=json.dumps(said)))

    def disable(self, keycloak_id: str) -> None:
        """Shut the user; nothing else of them changes."""
        _good(self._ask(self._connection.raw_put, self._user(keycloak_id), data=json.dumps({"enabled": False})))

    def logout(self, keycloak_id: str) -> None:
        """End all sessions of the user: refreshing is refused, introspection says inactive."""
        _good(self._ask(self._connection.raw_post, f"{self._user(keycloak_id)}/logout", data=""))

    def _user(self, keycloak_id: str) -> str:
        return f"{self._users}/{quote(keycloak_id, safe='')}"

    def _one(self, **by: str) -> KeycloakUser | None:
        asked = by | {"exact": "true", "briefRepresentation": "false", "max": "2"}
        found = _good(self._ask(self._connection.raw_get, self._users, **asked)).json()
        return _user(found[0]) if found else None

    def _ask(self, send: "Callable[..., Response]", path: str, **said: str) -> "Response":
        with _troubles():
            answer = send(path, **said)
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise KeycloakUnavailable(f"Keycloak failed inside: {answer.status_code}")
        return answer


@contextmanager
def _troubles() -> Iterator[None]:
    """Say the library's errors in ours. Every transport error is one exception there: the outcome is unknown."""
    try:
        yield
    except KeycloakConnectionError as lost:
        raise KeycloakUnavailable("Keycloak could not be reached or did not answer") from lost
    except KeycloakError as error:
        # Only the token call raises these: raw answers come back whole.
        if error.response_code is None or error.response_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise KeycloakUnavailable("Keycloak gave no token") from error
        raise KeycloakRefused(error.response_code, "the service account got no token") from error


def _good(answer: "Response") -> "Response":
    if answer.status_code < HTTPStatus.BAD_REQUEST:
        return answer
    reason = _reason(answer)
    if answer.status_code == HTTPStatus.CONFLICT:
        # "User exists with same email" / "… same username" / "… same username or email"
        if "username" not in reason and "email" in reason:
            raise EmailTaken(answer.status_code, reason)
        if "username" in reason and "email" not in reason:
            raise UsernameTaken(answer.status_code, reason)
    raise KeycloakRefused(answer.status_code, reason)


def _reason(answer: "Response") -> str:
    try:
        said = answer.json()
    except ValueError:
        return answer.reason or ""
    return str(said.get("errorMessage") or said.get("error") or said) if isinstance(said, dict) else str(said)


def _user(said: Mapping[str, object]) -> KeycloakUser:
    attributes = said.get("attributes")
    kept = attributes if isinstance(attributes, dict) else {}
    return KeycloakUser(
        id=str(said["id"]),
        username=str(said["username"]),
        email=str(said.get("email") or ""),
        given_name=str(said.get("firstName") or ""),
        surname=str(said.get("lastName") or ""),
        enabled=bool(said.get("enabled")),
        attributes={str(name): frozenset(map(str, values)) for name, values in kept.items() if values},
    )


def _representation(wanted: DesiredUser, attributes: Mapping[str, frozenset[str]]) -> dict[str, object]:
    kept = {name: sorted(values) for name, values in attributes.items()}
    return {
        "username": wanted.username,
        "email": wanted.email,
        "firstName": wanted.given_name,
        "lastName": wanted.surname,
        "attributes": kept | {GRANTS: sorted(wanted.grants), DIGEST: [wanted.digest]},
    }
