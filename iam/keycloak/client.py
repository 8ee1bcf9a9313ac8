"""The calls this service makes to Keycloak's admin API, over python-keycloak.

What happened is told in three ways: a value; KeycloakRefused (understood, said no); KeycloakUnavailable (not reached,
not answered, or failed inside: it may have been done or not, so whoever asks does it again).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

from iam.errors import EmailTaken, KeycloakRefused, KeycloakUnavailable, UsernameTaken
from iam.keycloak.desired import DesiredUser
from iam.keycloak.profile import UserProfile, read_profile

if TYPE_CHECKING:
    from requests import Response

__all__ = ["DIGEST", "GRANTS", "PAGE", "KeycloakClient", "KeycloakUser"]

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


class KeycloakClient:
    """The admin API of one realm, spoken to as the service account. One instance a process; threads may share it."""

    def __init__(
        self, *, url: str, realm: str, client_id: str, client_secret: str, timeout: int = 10, pool: int = 10
    ) -> None:
        # python-keycloak weighs 30 MB. The web process names the projection's job and never speaks to Keycloak's
        # admin API: only who makes a client loads it.
        from iam.keycloak import _connection  # noqa: PLC0415 - see above

        self._troubles = _connection.troubles
        self._timeout = timeout
        self._connection = _connection.Connection(
            url=f"{url.rstrip('/')}/",
            realm=realm,
            client_id=client_id,
            client_secret=client_secret,
            timeout=timeout,
            pool=pool,
        )
        self._realm = f"admin/realms/{quote(realm)}"
        self._users = f"{self._realm}/users"
        self._attacks = f"{self._realm}/attack-detection/brute-force/users"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    @property
    def longest_exchange(self) -> timedelta:
        """How long one request waits, for its connection and for its answer: what `set_password` takes at most."""
        return timedelta(seconds=2 * self._timeout)

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

    def password_policy(self) -> str:
        """Read the rules of passwords as Keycloak writes them: "length(12) and notUsername(undefined)"."""
        said = _good(self._ask(self._connection.raw_get, self._realm)).json()
        return str(said.get("passwordPolicy") or "")

    def user_profile(self) -> UserProfile:
        """Read what the realm asks of names and addresses."""
        return read_profile(_good(self._ask(self._connection.raw_get, f"{self._users}/profile")).json())

    def password_mark(self, keycloak_id: str) -> str:
        """Return a mark of the user's present password, which changes with it; "" for none."""
        answer = self._ask(self._connection.raw_get, f"{self._user(keycloak_id)}/credentials")
        kept = [said for said in _good(answer).json() if said.get("type") == "password"]
        return " ".join(f"{said['id']} {said.get('createdDate')}" for said in kept)

    def set_password(self, keycloak_id: str, password: str) -> None:
        """Set the user's password; other ways to prove who they are stay as they are.

        One exchange, with the token of an earlier call: other verbs may ask for a token first, and once more, and
        whoever waits for the end of this one would have to wait for all of it. Raises KeycloakRefused (400, `reason` is
        Keycloak's name of the rule) when the policy says no; 401 when the token ended meanwhile.
        """
        said = {"type": "password", "value": password, "temporary": False}
        path = f"{self._user(keycloak_id)}/reset-password"
        _good(self._ask(self._connection.put_once, path, data=json.dumps(said)))

    def lift_lock(self, keycloak_id: str) -> None:
        """End a lock that failed logins brought about."""
        path = f"{self._attacks}/{quote(keycloak_id, safe='')}"
        _good(self._ask(self._connection.raw_delete, path))

    def _user(self, keycloak_id: str) -> str:
        return f"{self._users}/{quote(keycloak_id, safe='')}"

    def _one(self, **by: str) -> KeycloakUser | None:
        asked = by | {"exact": "true", "briefRepresentation": "false", "max": "2"}
        found = _good(self._ask(self._connection.raw_get, self._users, **asked)).json()
        return _user(found[0]) if found else None

    def _ask(self, send: "Callable[..., Response]", path: str, **said: str) -> "Response":
        with self._troubles():
            answer = send(path, **said)
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise KeycloakUnavailable(f"Keycloak failed inside: {answer.status_code}")
        return answer


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
