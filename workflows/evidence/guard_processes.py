"""How is a guard started, asked, timed and stopped?

A guard (see `workflows.evidence.guard`) is replaced after anything unusual: a time-out, a crash, memory used up, an
answer that is none.
"""

import contextlib
import os
import queue
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import BinaryIO, cast

from workflows.evidence.guard.frames import BrokenFrame, Frame, read_frame, write_frame
from workflows.evidence.guard.server import ANSWER_LIMIT

__all__ = ["Anomaly", "GuardPool", "GuardProcess", "GuardUnavailable"]

_STARTING = 60.0
# A guard counts its child's seconds itself; ours run out only when the guard hangs.
_GRACE = 5.0


class GuardUnavailable(Exception):
    """No guard could be started: an installation fault, not a document's."""


class Anomaly(Exception):
    """What a guard did instead of answering."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


class GuardPool:
    """A few guards, each used by one thread at a time; the one used last is taken first, so that few are started."""

    def __init__(self, command: Sequence[str], size: int) -> None:
        self._free: queue.LifoQueue[GuardProcess] = queue.LifoQueue()
        self._all = [GuardProcess(command) for _ in range(size)]
        for guard in reversed(self._all):
            self._free.put(guard)

    @contextmanager
    def borrow(self) -> Iterator["GuardProcess"]:
        """Wait for a free guard and have it alone for the block."""
        guard = self._free.get()
        try:
            yield guard
        finally:
            self._free.put(guard)

    def start(self) -> None:
        """Start those that are free; each can be borrowed as soon as it is ready."""
        free = []
        with contextlib.suppress(queue.Empty):
            while True:
                free.append(self._free.get_nowait())
        try:
            for guard in reversed(free):
                guard.start()
        finally:
            for guard in free:
                self._free.put(guard)

    def close(self) -> None:
        """End every guard."""
        for guard in self._all:
            guard.stop()


class GuardProcess:
    """One guard process, started when needed."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._process: subprocess.Popen[bytes] | None = None
        self._remembers: bytes | None = None
        self.restrictions: Mapping[str, bool] = {}

    def start(self) -> None:
        """Start it unless it runs; return when it is ready and confined."""
        if self._process is not None:
            if self._process.poll() is None:
                return
            self.stop()
        with tempfile.TemporaryFile() as complaints:
            # exec, an empty environment, no descriptors but the pipes: nothing of the service goes in.
            # A session of its own: Ctrl-C at the terminal is for the service, which then ends its guards.
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                env={},
                cwd="/",
                close_fds=True,
                start_new_session=True,
            )
            try:
                with self._watched(_STARTING):
                    ready = read_frame(self._out, limit=4096)
            except BrokenFrame:
                ready = None
            if ready is None or ready.words.get("ready") is not True:
                self.stop()
                complaints.seek(0)
                raise GuardUnavailable(complaints.read()[-2000:].decode("utf-8", "replace").strip() or "no answer")
        self._remembers = None
        told = cast("Mapping[str, object]", ready.words.get("restrictions", {}))
        self.restrictions = {name: holds is True for name, holds in told.items()}

    def remember(self, what: bytes) -> None:
        """Have it keep `what`, of ours, for the documents to come."""
        self.start()
        if self._remembers is not what:
            with self._watched(_STARTING):
                self._write({"remember": True}, [what])
            self._remembers = what

    def ask(self, words: Mapping[str, object], blobs: Sequence[bytes], *, seconds: float) -> Frame:
        """Ask and return the child's own answer. Raises Anomaly."""
        self.start()
        with self._watched(seconds + _GRACE) as watch:
            self._write(words, blobs)
            try:
                frame = read_frame(self._out, limit=ANSWER_LIMIT + 4096)
            except BrokenFrame as error:
                raise Anomaly("crashed", str(error)) from error
        if frame is None:
            raise Anomaly("timed-out" if watch.ran_out else "crashed", "the guard itself ended")
        match frame.words:
            case {"ended": "well", "answer": dict(answer)}:
                return Frame(answer, frame.blobs)
            case {"ended": "timeout"}:
                raise Anomaly("timed-out", str(frame.words.get("detail", "")))
            case {"ended": "memory"}:
                raise Anomaly("out-of-memory")
            case _:
                raise Anomaly("crashed", str(frame.words.get("detail", "")))

    def stop(self) -> None:
        """End it and whatever it started."""
        process, self._process = self._process, None
        self._remembers = None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    @property
    def _out(self) -> BinaryIO:
        process = self._process
        if process is None or process.stdout is None:
            raise Anomaly("crashed", "not running")
        return cast("BinaryIO", process.stdout)

    def _write(self, words: Mapping[str, object], blobs: Sequence[bytes]) -> None:
        process = self._process
        if process is None or process.stdin is None:
            raise Anomaly("crashed", "not running")
        try:
            write_frame(process.stdin, words, blobs)
        except BrokenPipeError as error:
            raise Anomaly("crashed", "the guard itself ended") from error

    @contextmanager
    def _watched(self, seconds: float) -> Iterator["_Watch"]:
        """Kill the guard when the block takes longer than `seconds`: a read from it then ends."""
        watch = _Watch(self._process)
        timer = threading.Timer(seconds, watch.run_out)
        timer.daemon = True
        timer.start()
        try:
            yield watch
        finally:
            timer.cancel()


class _Watch:
    def __init__(self, process: "subprocess.Popen[bytes] | None") -> None:
        self._process = process
        self.ran_out = False

    def run_out(self) -> None:
        self.ran_out = True
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
