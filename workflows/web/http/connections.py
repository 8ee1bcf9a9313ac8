"""How long may a connection keep us waiting, and how many may there be? uvicorn bounds neither by itself.

    (1) a request's head has to be complete within `HEAD_SECONDS` of its first byte, and of the connection's beginning
    (2) past `MOST` connections the one that has waited longest without a head goes; where none waits, the new one
    (3) what is left of a body after its answer is read for `LINGER_SECONDS` and no longer

Whoever opens connections and says nothing (slowloris) shuts out themselves, not others.
"""

import asyncio
import resource
from typing import ClassVar

import h11
import structlog
from prometheus_client import Counter
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["HEAD_SECONDS", "LINGER_SECONDS", "MOST", "BoundedConnection", "room_for_connections"]

HEAD_SECONDS = 10.0
LINGER_SECONDS = 5.0
MOST = 1000
_OTHER_FILES = 256  # database connections, temporary files, templates

_log = structlog.get_logger("viis.web.connections")
_dropped = Counter("viis_http_connections_dropped", "Connections closed by us, by reason", ["reason"])


def room_for_connections() -> None:
    """Let the process open as many files as `MOST` connections need, as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST + _OTHER_FILES
    if soft < wanted:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (min(wanted, hard) if hard != resource.RLIM_INFINITY else wanted, hard)
        )


class BoundedConnection(H11Protocol):
    """An HTTP/1.1 connection with the bounds above."""

    # Connections of this process without a complete head, the longest waiting first.
    _waiting: ClassVar[dict["BoundedConnection", asyncio.TimerHandle]] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Begin to wait for a head; make room first (2)."""
        super().connection_made(transport)
        if len(self.connections) > MOST:
            next(iter(self._waiting), self).drop("too many")
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._head_is_complete()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; a head that has begun has to end in time (1)."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._head_is_complete()
        elif self not in self._waiting and not self.transport.is_closing():
            self._await_head()

    def on_response_complete(self) -> None:
        """Give a client that is still sending a moment to read its answer (3)."""
        if self.conn.their_state is h11.SEND_BODY:
            self.loop.call_later(LINGER_SECONDS, self._stop_listening, self.cycle)
        super().on_response_complete()

    def _stop_listening(self, answered: object) -> None:
        if self.cycle is answered and self.conn.their_state is h11.SEND_BODY:
            self.drop("still sending")

    def _await_head(self) -> None:
        self._waiting[self] = self.loop.call_later(HEAD_SECONDS, self.drop, "no head in time")

    def _head_is_complete(self) -> None:
        timer = self._waiting.pop(self, None)
        if timer is not None:
            timer.cancel()

    def drop(self, reason: str) -> None:
        """Close the connection at once, and count it."""
        self._head_is_complete()
        if not self.transport.is_closing():
            _dropped.labels(reason).inc()
            _log.warning("connection dropped", reason=reason)
            self.transport.abort()
