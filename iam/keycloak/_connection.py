"""python-keycloak's connection, which here asks for one token at a time and never repeats a request by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from threading import Lock, local

from keycloak import ConnectionManager, KeycloakOpenIDConnection
from keycloak.exceptions import KeycloakConnectionError, KeycloakError
from requests import Response

from iam.errors import KeycloakRefused, KeycloakUnavailable

__all__ = ["Connection", "troubles"]


class _Used(local):
    """The token this thread's call went out with."""

    token: object = None


class Connection(KeycloakOpenIDConnection):
    """A connection of the service account that many threads may share.

    The library refreshes without a lock, so that ten calls at once ask for ten tokens; and it repeats a POST after a
    lost connection, although the first may have arrived. Here the token is asked for once, and nothing is repeated.
    """

    def __init__(self, *, url: str, realm: str, client_id: str, client_secret: str, timeout: int, pool: int) -> None:
        self._token_lock = Lock()
        self._used = _Used()
        super().__init__(
            server_url=url,
            realm_name=realm,
            client_id=client_id,
            client_secret_key=client_secret,
            grant_type="client_credentials",
            timeout=timeout,
            max_retries=0,
            pool_maxsize=pool,
        )

    def refresh_token(self) -> None:
        """Ask for a new token, unless another thread got one since this thread's call went out."""
        with self._token_lock:
            if self.token is None or self.token is self._used.token:
                # A service account has no refresh token: the secret is shown again.
                self.get_token()

    def _refresh_if_required(self) -> None:
        self._used.token = self.token
        super()._refresh_if_required()
        self._used.token = self.token

    def put_once(self, path: str, data: str) -> Response:
        """Send one PUT with the token at hand: none is asked for, and nothing comes after it."""
        return ConnectionManager.raw_put(self, path, data=data)

    def close(self) -> None:
        """Close the pool of connections."""
        self._s.close()


@contextmanager
def troubles() -> Iterator[None]:
    """Map the library's errors to ours. Every transport error is one exception there: the outcome is unknown."""
    try:
        yield
    except KeycloakConnectionError as lost:
        raise KeycloakUnavailable("Keycloak could not be reached or did not answer") from lost
    except KeycloakError as error:
        # Only the token call raises these: raw answers come back whole.
        if error.response_code is None or error.response_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise KeycloakUnavailable("Keycloak gave no token") from error
        raise KeycloakRefused(error.response_code, "the service account got no token") from error
