"""A guard whose work is to misbehave as its document says, in the sandbox of the real one. For tests alone."""

import json
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from workflows.evidence.guard.frames import Frame
from workflows.evidence.guard.server import serve


def misbehave(request: Frame) -> Frame:
    """Do what the document says."""
    deed, *rest = request.blobs[0].decode().split(" ", 1)
    return Frame({"outcome": "fault", "detail": str(_DEEDS[deed](*rest))})


def _loop() -> None:
    while True:
        pass


def _sleep() -> None:
    time.sleep(3600)


def _eat() -> int:
    return len(b"x" * (2 << 30))


def _die() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _kill_guard() -> None:
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)


def _kill(pid: str) -> str:
    return _tried(lambda: os.kill(int(pid), signal.SIGKILL))


def _connect(port: str) -> str:
    def attempt() -> None:
        with socket.create_connection(("127.0.0.1", int(port)), timeout=2):
            pass

    return _tried(attempt)


def _read(path: str) -> str:
    return _tried(lambda: Path(path).read_bytes()[:100])


def _write(path: str) -> str:
    return _tried(lambda: Path(path).write_bytes(b"x"))


def _look_around() -> str:
    return json.dumps(
        {
            "environment": dict(os.environ),
            "environ": _tried(lambda: Path("/proc/self/environ").read_bytes()),
            "descriptors": sorted(number for number in range(256) if _is_open(number)),
            "limit": resource.getrlimit(resource.RLIMIT_AS),
            "modules": sorted(
                name for name in sys.modules if name.split(".")[0] in {"sqlalchemy", "psycopg", "keycloak"}
            ),
        }
    )


def _babble() -> None:
    for descriptor in range(3, 64):
        if _is_open(descriptor):
            os.write(descriptor, b"\xff\xff\xff\xff surprise")
    os._exit(0)


def _say(words: str) -> str:
    return words


def _tried(deed: Callable[[], object]) -> str:
    try:
        return f"did it: {deed()!r}"
    except OSError as error:
        return f"refused: {type(error).__name__} {error.errno}"


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


_DEEDS: dict[str, Callable[..., object]] = {
    "loop": _loop,
    "sleep": _sleep,
    "eat": _eat,
    "die": _die,
    "kill-guard": _kill_guard,
    "kill": _kill,
    "connect": _connect,
    "read": _read,
    "write": _write,
    "look": _look_around,
    "babble": _babble,
    "say": _say,
}

if __name__ == "__main__":
    serve(misbehave, remember=lambda _frame: None)
