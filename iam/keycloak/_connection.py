"""python-keycloak's connection with its traps closed: one token at a time, and no request sent twice by itself."""

from threading import Lock, local

from keycloak import KeycloakOpenIDConnection

__all__ = ["Connection"]


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

    def close(self) -> None:
        """Close the pool of connections."""
        self._s.close()
