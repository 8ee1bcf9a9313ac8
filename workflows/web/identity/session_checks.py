"""Is this session still good at Keycloak? It must not outlive the account or the session there.

Back-channel logout tells at once, when it arrives; a disabled or deleted account sends none. So a session is confirmed
with Keycloak by its refresh token (RFC 6749 §6), at most every `RECHECK_AFTER`:

    confirmed within RECHECK_AFTER    active
    Keycloak says invalid_grant       ended
    Keycloak is away                  changes wait for it; pages are shown for `GRACE` after the last confirmation

Two threads of their own ask: a Keycloak that does not answer slows the page that asks by `PATIENCE`, and no other.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from datetime import datetime, timedelta
from enum import Enum, auto

__all__ = ["GRACE", "PATIENCE", "RECHECK_AFTER", "SessionChecks", "SessionState"]

RECHECK_AFTER = timedelta(minutes=3)
GRACE = timedelta(minutes=15)
PATIENCE = 2.0
_MOST = 10_000


class SessionState(Enum):
    """Whether a session may go on; UNKNOWN while Keycloak does not say."""

    ACTIVE = auto()
    ENDED = auto()
    UNKNOWN = auto()


class SessionChecks:
    """What one web process knows of its sessions at Keycloak; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._confirmed: dict[str, datetime] = {}
        self._asking: dict[str, Future[bool | None]] = {}
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="viis-session-checks")

    def check(
        self, session: str, ask: Callable[[], bool | None], *, since: datetime, acting: bool, at: datetime
    ) -> SessionState:
        """Return the state of the session at `at`.

        `ask` answers True or False as Keycloak does, None when it does not; `since` is when the person signed in.
        """
        with self._lock:
            last = max(self._confirmed.get(session, since), since)
            if at - last < RECHECK_AFTER:
                return SessionState.ACTIVE
            if session not in self._asking:
                self._asking[session] = self._pool.submit(ask)
            asked = self._asking[session]
        try:
            answer = asked.result(PATIENCE)
        except TooLate:
            answer = None
        with self._lock:
            if asked.done() and self._asking.get(session) is asked:
                del self._asking[session]
            if answer:
                if len(self._confirmed) >= _MOST:
                    self._confirmed.clear()
                self._confirmed[session] = at
            elif answer is False:
                self._confirmed.pop(session, None)
        if answer is not None:
            return SessionState.ACTIVE if answer else SessionState.ENDED
        return SessionState.ACTIVE if not acting and at - last < GRACE else SessionState.UNKNOWN

    def close(self) -> None:
        """Stop asking."""
        self._pool.shutdown(wait=False, cancel_futures=True)
