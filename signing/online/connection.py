"""How is one exchange kept to the address that was looked at, and to one deadline? A network of httpcore's own kind.

httpcore asks its network for a connection and for every piece it reads or writes. This one connects to the pinned
address, whatever the name would give a second time, and waits for no piece longer than the whole exchange has left.
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpcore

from signing.errors import NotFetched

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

__all__ = ["Deadline", "PinnedNetwork"]


@dataclass(frozen=True, slots=True)
class Deadline:
    """The one moment, by the monotonic clock, by which all of an exchange has to be over."""

    moment: float
    url: str

    def left(self) -> float:
        """Return the seconds left; raises `NotFetched` when there are none."""
        left = self.moment - time.monotonic()
        if left <= 0:
            raise NotFetched("fetch.failed", {"url": self.url, "error": "timeout"})
        return left


class PinnedNetwork(httpcore.NetworkBackend):
    """Connects to one address alone, until a deadline. httpcore's own time limits are not asked."""

    def __init__(self, address: str, deadline: Deadline) -> None:
        self._address, self._deadline = address, deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the address that was looked at; the name is not resolved again."""
        del host, timeout, local_address, socket_options
        return _Stream(socket.create_connection((self._address, port), self._deadline.left()), self._deadline)


class _Stream(httpcore.NetworkStream):
    def __init__(self, line: socket.socket, deadline: Deadline) -> None:
        self._line, self._deadline = line, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        del timeout
        self._line.settimeout(self._deadline.left())
        return self._line.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        del timeout
        self._line.settimeout(self._deadline.left())
        self._line.sendall(buffer)

    def close(self) -> None:
        self._line.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        del timeout
        try:
            self._line.settimeout(self._deadline.left())
            return _Stream(ssl_context.wrap_socket(self._line, server_hostname=server_hostname), self._deadline)
        except BaseException:
            self.close()  # httpcore forgets a stream that could not be wrapped
            raise

    def get_extra_info(self, info: str) -> object:
        del info  # asked about HTTP/2 and about reuse; there is neither
        return None
