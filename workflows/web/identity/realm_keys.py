"""The keys a realm signs its tokens with, as it shows them; safe to share between threads.

They are fetched once and again when a token is not signed with one of them, at most once in half a minute: a stranger
who sends nonsense must not make us ask Keycloak each time.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from workflows.web.http.upstream import UpstreamUnavailableError

__all__ = ["KeysUnavailableError", "RealmKeys"]

_ALGORITHMS: Final = ["RS256", "PS256", "ES256"]  # what Keycloak signs with; never "none", never a shared secret
_LOCK_PATIENCE: Final = 0.5
_REFETCH_AFTER: Final = timedelta(seconds=30)


class KeysUnavailableError(Exception):
    """Keycloak does not show its keys, and none are known from before."""


class RealmKeys:
    """Keeps the keys that `fetch`, a request for the realm's list, brings."""

    def __init__(self, fetch: Callable[[], httpx.Response]) -> None:
        self._fetch = fetch
        self._keys: KeySet | None = None
        self._fetched: datetime | None = None
        self._lock = threading.Lock()

    def decode(self, token: str, *, at: datetime) -> jwt.Token:
        """Check signature and algorithm. Raises JoseError or ValueError for a bad token, KeysUnavailableError."""
        keys = self._keys_known(at)
        try:
            return jwt.decode(token, keys, algorithms=_ALGORITHMS)
        except (JoseError, ValueError):
            # Keycloak may have changed its keys since.
            newer = self._keys_known(at, instead_of=keys)
            if newer is keys:
                raise
            return jwt.decode(token, newer, algorithms=_ALGORITHMS)

    def _keys_known(self, at: datetime, *, instead_of: KeySet | None = None) -> KeySet:
        # Whoever fetches may wait for a Keycloak that froze; the others do not wait with it.
        if not self._lock.acquire(timeout=_LOCK_PATIENCE):
            raise KeysUnavailableError("somebody else waits for the realm's keys")
        try:
            if self._keys is not None and self._keys is not instead_of:
                return self._keys
            just_fetched = self._fetched is not None and at - self._fetched < _REFETCH_AFTER
            if not just_fetched:
                self._fetched = at
                self._keys = self._fetch_keys() or self._keys
            if self._keys is None:
                raise KeysUnavailableError("the realm shows no keys")
            return self._keys
        finally:
            self._lock.release()

    def _fetch_keys(self) -> KeySet | None:
        try:
            answer = self._fetch()
            answer.raise_for_status()
            shown = answer.json()["keys"]
        except (httpx.HTTPError, UpstreamUnavailableError, ValueError, KeyError):
            return None
        # Encryption keys stand in the same list; only what signs may verify.
        return KeySet.import_key_set({"keys": [key for key in shown if key.get("use") == "sig"]})
