"""A wire to a real server on which one answer gets lost: the request arrives, and nobody hears so."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

__all__ = ["LossyWire"]

_CHUNK = 65536


class LossyWire:
    """Passes on what is said to `port`; the answer to the first request that begins with `lose` is dropped."""

    def __init__(self, port: int, *, lose: bytes) -> None:
        self._port = port
        self._lose = lose
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._conversations: list[_Conversation] = []
        self._accepting = threading.Thread(target=self._accept)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.lost = 0

    def __enter__(self) -> Self:
        self._accepting.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        _hang_up(self._listener)
        self._accepting.join()
        for conversation in self._conversations:
            conversation.end()

    def loses(self, request: bytes) -> bool:
        """Say whether the answer to this request is the one to lose."""
        if self.lost or not request.startswith(self._lose):
            return False
        self.lost += 1
        return True

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self._conversations.append(_Conversation(self, near, socket.create_connection(("127.0.0.1", self._port))))


class _Conversation:
    """One connection on the wire."""

    def __init__(self, wire: LossyWire, near: socket.socket, far: socket.socket) -> None:
        self._wire, self._near, self._far = wire, near, far
        self._losing = False
        self._threads = [threading.Thread(target=way) for way in (self._ask, self._answer)]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Hang up and wait for both ways."""
        _hang_up(self._near)
        _hang_up(self._far)
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        while said := _heard(self._near):
            self._losing = self._losing or self._wire.loses(said)
            self._far.sendall(said)

    def _answer(self) -> None:
        while said := _heard(self._far):
            if self._losing:
                break
            self._near.sendall(said)
        _hang_up(self._near)


def _heard(end: socket.socket) -> bytes:
    try:
        return end.recv(_CHUNK)
    except OSError:
        return b""


def _hang_up(end: socket.socket) -> None:
    with suppress(OSError):  # the other side was first
        end.shutdown(socket.SHUT_RDWR)
    end.close()
