"""On which ports does a system listen, and how do several systems on one machine avoid each other's?"""

import fcntl
import json
import os
import socket
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Self

from demo.servers import ServerFailed, free_port

__all__ = ["Ports", "Reservations"]

_TRIES = 50


class Reservations:
    """The ports reserved by one system, from before it listens on them until it ends.

    Between a check that a port is free and listening on it, another system may check too; its web would then fail while
    ours answers in its place. So a port is reserved by a lock on a file of that number, which ends with the process.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.gettempdir()) / f"viis-ports-{os.getuid()}"
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._held: list[IO[str]] = []

    def take(self, wanted: int) -> int:
        """The wanted port if it is free, otherwise another one."""
        for port in (wanted, *(free_port() for _ in range(_TRIES))):
            if self._hold(port):
                return port
        raise ServerFailed("No free port could be found on 127.0.0.1.")

    def close(self) -> None:
        """Release all of them."""
        for lock in self._held:
            lock.close()
        self._held.clear()

    def _hold(self, port: int) -> bool:
        lock = (self._folder / str(port)).open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        if not _is_free(port):
            lock.close()
            return False
        self._held.append(lock)
        return True


@dataclass(frozen=True, slots=True)
class Ports:
    """Where everything listens on 127.0.0.1; the usual numbers where they are free."""

    web: int = 8000
    keycloak: int = 8080
    smtp: int = 8025
    imap: int = 8143
    pki: int = 8099
    mailbox: int = 8026

    @classmethod
    def remembered(cls, file: Path, reservations: Reservations) -> Self:
        """The ports of the last start where they are still free; they are kept in `file` for the next."""
        wanted = {**asdict(cls()), **(json.loads(file.read_text()) if file.exists() else {})}
        ports = cls(**{name: reservations.take(port) for name, port in wanted.items()})
        file.write_text(json.dumps(asdict(ports)))
        return ports


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the servers do: TIME_WAIT does not block
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
