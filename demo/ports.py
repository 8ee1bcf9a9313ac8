"""On which ports does a system listen, and how do several on one machine stay out of each other's way?"""

import fcntl
import json
import os
import socket
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Self

from demo.servers import PartFailed, free_port

__all__ = ["Ports", "Reservations"]

_TRIES = 50


class Reservations:
    """The ports one system took for itself, from before it listens on them until it ends.

    Between looking whether a port is free and listening on it, another system may look too; its web would then fail
    while ours answered in its name. So a port is held by a lock on a file of that number, which ends with the process.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.gettempdir()) / f"viis-ports-{os.getuid()}"
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._held: list[IO[str]] = []

    def take(self, wanted: int) -> int:
        """The wanted port if nobody has it, otherwise another one."""
        for port in (wanted, *(free_port() for _ in range(_TRIES))):
            if self._hold(port):
                return port
        raise PartFailed("No free port could be found on 127.0.0.1.")

    def close(self) -> None:
        """Give all of them back."""
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
        """Those of the last time where nobody has them meanwhile; remembered in `file` for the next."""
        wanted = {**asdict(cls()), **(json.loads(file.read_text()) if file.exists() else {})}
        ports = cls(**{name: reservations.take(port) for name, port in wanted.items()})
        file.write_text(json.dumps(asdict(ports)))
        return ports


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the servers do: TIME_WAIT does not count
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
