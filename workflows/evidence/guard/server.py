"""How does a guard serve requests?

(1) It loads what its work needs before the first document, so that children start warm.
(2) It enters the sandbox and says so in the first frame it writes.
(3) For each request it forks a child, passes on what the child writes, and says how it ended. The child's words travel
    through a pipe of its own: it cannot write a second answer for somebody else's document.
(4) It ends when the service ends: its pipe closes.

Requests: {"seconds", "memory", …} and blobs. Answers: {"ended": "well", "answer": …} and blobs, or
{"ended": "timeout" | "memory" | "crash", "detail": …}.
"""

import gc
import io
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeAlias

from workflows.evidence.guard.frames import BrokenFrame, Frame, read_frame, write_frame
from workflows.evidence.guard.sandbox import die_with, enter_sandbox, limit

__all__ = ["ANSWER_LIMIT", "REQUEST_LIMIT", "Work", "serve"]

REQUEST_LIMIT = 512 * 2**20
ANSWER_LIMIT = 96 * 2**20

_OUT_OF_MEMORY = 77  # a child's exit status; any number Python does not use itself

Work: TypeAlias = Callable[[Frame], Frame]


def serve(work: Work, *, remember: Callable[[Frame], None] | None = None, readable: Iterable[Path] = ()) -> None:
    """Serve requests from standard input until it closes.

    `work` answers one request in a child. `remember` is given frames of the form {"remember": …}, whose blobs come from
    the service and not from a document (trusted lists): it keeps them for the children to come.
    """
    requests = os.fdopen(os.dup(0), "rb", buffering=1 << 20)
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    statm = os.open("/proc/self/statm", os.O_RDONLY)
    nothing = os.open(os.devnull, os.O_RDWR)
    restrictions = enter_sandbox(readable)  # (2)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    gc.freeze()  # what is loaded by now stays shared with the children
    write_frame(answers, {"ready": True, "restrictions": restrictions.as_words()})
    while (request := read_frame(requests, limit=REQUEST_LIMIT)) is not None:
        if "remember" in request.words:
            if remember is not None:
                remember(request)
            continue
        memory = _address_space(statm) + _number(request, "memory")
        answer = _serve_one(request, work, memory=memory, watch=requests.fileno())  # (3)
        write_frame(answers, answer.words, answer.blobs)
        del request, answer


def _serve_one(request: Frame, work: Work, *, memory: int, watch: int) -> Frame:
    seconds = _number(request, "seconds")
    deadline = time.monotonic() + seconds
    reading, writing = os.pipe()
    guard = os.getpid()
    child = os.fork()
    if child == 0:
        _run_child(request, work, memory=memory, seconds=seconds, writing=writing, parent=guard)
    os.close(writing)
    try:
        said, in_time = _read_child(reading, deadline=deadline, watch=watch)
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)  # it has said all it may
        _, status = os.waitpid(child, 0)
    if not in_time:
        return Frame({"ended": "timeout", "detail": f"{seconds} s"})
    return _ending(said, status)


def _ending(said: bytes, status: int) -> Frame:
    """Say how a child ended, by its status and by whether its answer is one whole frame."""
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == _OUT_OF_MEMORY:
        return Frame({"ended": "memory"})
    try:
        stream = io.BytesIO(said)
        frame = read_frame(stream, limit=ANSWER_LIMIT)
        whole = frame is not None and not stream.read(1)
    except BrokenFrame:
        frame, whole = None, False
    if frame is None or not whole:
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU:
            return Frame({"ended": "timeout", "detail": "processor time"})
        return Frame({"ended": "crash", "detail": f"status {os.waitstatus_to_exitcode(status)}"})
    return Frame({"ended": "well", "answer": dict(frame.words)}, frame.blobs)


def _read_child(reading: int, *, deadline: float, watch: int) -> tuple[bytes, bool]:
    """Collect what the child says until it closes its pipe; the second value tells whether that was in time."""
    said = bytearray()
    poll = select.poll()
    poll.register(reading, select.POLLIN)
    poll.register(watch, 0)  # hang-up alone: the service is gone
    while (left := deadline - time.monotonic()) > 0:
        for descriptor, event in poll.poll(left * 1000):
            if descriptor == watch and event & (select.POLLHUP | select.POLLERR):
                sys.exit(0)  # (4) the child dies with us
            if descriptor == reading:
                part = os.read(reading, 1 << 16)
                if not part:
                    return bytes(said), True
                said += part
                if len(said) > ANSWER_LIMIT:
                    return b"", True
    return b"", False


def _run_child(request: Frame, work: Work, *, memory: int, seconds: float, writing: int, parent: int) -> None:
    """Do the work in the child and exit; never returns."""
    status = 1
    try:
        die_with(parent)
        os.closerange(3, writing)
        os.closerange(writing + 1, 256)
        limit(memory=memory, seconds=seconds)
        answer = work(request)
        with os.fdopen(writing, "wb") as out:
            write_frame(out, answer.words, answer.blobs)
        status = 0
    except MemoryError:
        status = _OUT_OF_MEMORY
    except BaseException:  # noqa: BLE001, S110 - a child has nobody to tell; its status says that it failed
        pass
    finally:
        os._exit(status)


def _address_space(statm: int) -> int:
    pages = int(os.pread(statm, 64, 0).split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _number(request: Frame, name: str) -> int:
    value = request.words.get(name)
    if not isinstance(value, int | float):
        raise BrokenFrame(f"no {name}")
    return int(value)
