"""How is a document judged without meeting us?

`Judge` keeps a few guards (see `workflows.evidence.guard`), hands each document to one that is free, and replaces a
guard after anything unusual: a time-out, a crash, memory used up, an answer that is none. What cannot be judged is an
outcome like any other, kept and shown; the file is never lost over it.
"""

import contextlib
import hashlib
import logging
import os
import pickle
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import BinaryIO, Self, TypeAlias, cast

from signing import ExpectedContent, Report
from signing.judging.algorithms import TS_119_312, AlgorithmTable
from signing.trust import TrustStore
from workflows.evidence.guard.comparison import Comparison, read_comparison
from workflows.evidence.guard.frames import BrokenFrame, Frame, read_frame, write_frame
from workflows.evidence.guard.server import ANSWER_LIMIT
from workflows.settings import Settings

__all__ = [
    "Compared",
    "CouldNotBeJudged",
    "GuardUnavailable",
    "Judge",
    "Judgement",
    "PageImages",
    "Unreadable",
    "open_judge",
]

_log = logging.getLogger("viis.judge")

_JUDGE = (sys.executable, "-I", "-m", "workflows.evidence.guard.judge")
_PAGES = (sys.executable, "-I", "-m", "workflows.evidence.guard.pages")

_PLACE = re.compile(r"\w{1,100} at [\w.]{1,200}:\d{1,6}")
_STARTING = 60.0
# A guard counts its child's seconds itself; ours run out only when the guard hangs.
_GRACE = 5.0


class GuardUnavailable(Exception):
    """No guard could be started: an installation fault, not a document's."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """These bytes are nothing that could be judged; `code` and `params` are signing's, with sentences there."""

    code: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CouldNotBeJudged:
    """No verdict came of it: `reason` is "timed-out", "out-of-memory", "crashed", "failed" or "no-trust"."""

    reason: str
    detail: str = ""


Judgement: TypeAlias = Report | Unreadable | CouldNotBeJudged


@dataclass(frozen=True, slots=True)
class PageImages:
    """The pages of a PDF as PNG; `pages` counts all of them, pictures may be fewer."""

    pages: int
    pictures: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """A PDF beside forms of ours, one comparison each; `references` are numbers found in it, also packed ones."""

    comparisons: tuple[Comparison, ...]
    references: tuple[str, ...]


class Judge:
    """Guards for a worker's documents, `size` at a time; safe to use from several threads.

    Guards start when first needed (or by `warm`) and end with the judge, or with the process whatever way it ends.
    """

    def __init__(
        self,
        *,
        seconds: float,
        memory_mb: int,
        size: int = 1,
        judge_command: Sequence[str] = _JUDGE,
        pages_command: Sequence[str] = _PAGES,
    ) -> None:
        self._allowance = {"seconds": seconds, "memory": memory_mb * 2**20}
        self._seconds = seconds
        self._judges = _Pool(judge_command, size)
        self._draughtsmen = _Pool(pages_command, 1)
        self._pickled: tuple[TrustStore, bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._judges.close()
        self._draughtsmen.close()

    def warm(self) -> Mapping[str, bool]:
        """Start the guards now; tell which walls stand around those that judge ("network", "files", "signals")."""
        self._judges.start()
        # The first picture would take half a second of a processor from whoever waits for a verdict then.
        self._draughtsmen.start()
        with self._judges.borrow() as guard:
            return guard.walls

    def judge(
        self,
        document: bytes,
        *,
        name: str,
        trust: TrustStore,
        at: datetime,
        revocation: Sequence[bytes] = (),
        expected: Sequence[ExpectedContent] = (),
        algorithms: AlgorithmTable = TS_119_312,
    ) -> Judgement:
        """Judge `document` in a guard. Raises GuardUnavailable."""
        pickled = self._pickle(trust)
        words = {
            **self._allowance,
            "name": name,
            "at": at.isoformat(),
            "trust": hashlib.sha256(pickled).hexdigest(),
            "expected": [{"sha256": one.sha256, "size": one.size} for one in expected],
            "algorithms": algorithms.name,
        }
        with self._judges.borrow() as guard:
            try:
                guard.remember(pickled)
                answer = guard.ask(words, [document, *revocation], seconds=self._seconds)
                judgement = _read_judgement(answer)
            except _Anomaly as anomaly:
                guard.stop()
                judgement = CouldNotBeJudged(anomaly.reason, anomaly.detail)
        if isinstance(judgement, CouldNotBeJudged):
            _log.error("a document could not be judged: %s", _told(judgement))
        return judgement

    def page_images(self, pdf: bytes) -> PageImages | Unreadable | CouldNotBeJudged:
        """Draw the pages of `pdf` in a guard. Raises GuardUnavailable."""
        with self._draughtsmen.borrow() as guard:
            try:
                answer = guard.ask(self._allowance, [pdf], seconds=self._seconds)
                return _read_pages(answer)
            except _Anomaly as anomaly:
                guard.stop()
                return CouldNotBeJudged(anomaly.reason, anomaly.detail)

    def compare(self, pdf: bytes, forms: Sequence[bytes]) -> Compared | CouldNotBeJudged:
        """Compare `pdf` with forms of ours in a guard; without comparisons where it cannot be. Raises GuardUnavailable.

        A file that is compared was judged before: what takes longer or more memory than judging ends here too.
        """
        with self._draughtsmen.borrow() as guard:
            try:
                answer = guard.ask({**self._allowance, "compare": True}, [pdf, *forms], seconds=self._seconds)
                return _read_compared(answer, [hashlib.sha256(one).hexdigest() for one in (pdf, *forms)])
            except _Anomaly as anomaly:
                guard.stop()
                return CouldNotBeJudged(anomaly.reason, anomaly.detail)

    def _pickle(self, trust: TrustStore) -> bytes:
        # One trust serves thousands of documents; the object itself is kept so that its id cannot be reused.
        if self._pickled is None or self._pickled[0] is not trust:
            self._pickled = (trust, pickle.dumps(trust))
        return self._pickled[1]


@contextmanager
def open_judge(settings: Settings) -> Iterator[Judge]:
    """Make a worker's judge, warm: `run.tools.use(open_judge)`."""
    with Judge(
        seconds=settings.guard_seconds, memory_mb=settings.guard_memory_mb, size=settings.worker_concurrency
    ) as judge:
        walls = judge.warm()
        if not all(walls.values()):
            missing = ", ".join(name for name, stands in walls.items() if not stands)
            _log.warning("this kernel does not build every wall around documents; missing: %s", missing)
        yield judge


def _told(fault: CouldNotBeJudged) -> str:
    """Say why, and of a fault its place; the words of a child may be a document's, and stay out of the log."""
    place = fault.detail if _PLACE.fullmatch(fault.detail) else ""
    return f"{fault.reason}: {place}" if place else fault.reason


class _Anomaly(Exception):
    """What a guard did instead of answering."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


class _Pool:
    """A few guards, each used by one thread at a time; the one used last is taken first, so that few are started."""

    def __init__(self, command: Sequence[str], size: int) -> None:
        self._free: queue.LifoQueue[_Guard] = queue.LifoQueue()
        self._all = [_Guard(command) for _ in range(size)]
        for guard in reversed(self._all):
            self._free.put(guard)

    @contextmanager
    def borrow(self) -> Iterator["_Guard"]:
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
        for guard in self._all:
            guard.stop()


class _Guard:
    """One guard process, started when needed."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._process: subprocess.Popen[bytes] | None = None
        self._remembers: bytes | None = None
        self.walls: Mapping[str, bool] = {}

    def start(self) -> None:
        """Start it unless it runs; return when it is ready and shut in."""
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
        walls = cast("Mapping[str, object]", ready.words.get("walls", {}))
        self.walls = {name: stands is True for name, stands in walls.items()}

    def remember(self, what: bytes) -> None:
        """Have it keep `what`, of ours, for the documents to come."""
        self.start()
        if self._remembers is not what:
            with self._watched(_STARTING):
                self._write({"remember": True}, [what])
            self._remembers = what

    def ask(self, words: Mapping[str, object], blobs: Sequence[bytes], *, seconds: float) -> Frame:
        """Ask and return the child's own answer. Raises _Anomaly."""
        self.start()
        with self._watched(seconds + _GRACE) as watch:
            self._write(words, blobs)
            try:
                frame = read_frame(self._out, limit=ANSWER_LIMIT + 4096)
            except BrokenFrame as error:
                raise _Anomaly("crashed", str(error)) from error
        if frame is None:
            raise _Anomaly("timed-out" if watch.ran_out else "crashed", "the guard itself ended")
        match frame.words:
            case {"ended": "well", "answer": dict(answer)}:
                return Frame(answer, frame.blobs)
            case {"ended": "timeout"}:
                raise _Anomaly("timed-out", str(frame.words.get("detail", "")))
            case {"ended": "memory"}:
                raise _Anomaly("out-of-memory")
            case _:
                raise _Anomaly("crashed", str(frame.words.get("detail", "")))

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
            raise _Anomaly("crashed", "not running")
        return cast("BinaryIO", process.stdout)

    def _write(self, words: Mapping[str, object], blobs: Sequence[bytes]) -> None:
        process = self._process
        if process is None or process.stdin is None:
            raise _Anomaly("crashed", "not running")
        try:
            write_frame(process.stdin, words, blobs)
        except BrokenPipeError as error:
            raise _Anomaly("crashed", "the guard itself ended") from error

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


def _read_judgement(answer: Frame) -> Judgement:
    """Read what a child said, taking nothing for granted: it may be the document speaking."""
    match answer.words:
        case {"outcome": "report", "report": dict(report)}:
            try:
                return Report.from_json(report)
            except (ValueError, TypeError) as error:
                raise _Anomaly("crashed", "the report is none") from error
        case {"outcome": "unreadable", "code": str(code), "params": dict(params)}:
            return Unreadable(code[:200], {str(key)[:200]: str(value)[:1000] for key, value in params.items()})
        case {"outcome": "no-trust"}:
            return CouldNotBeJudged("no-trust")
        case {"outcome": "fault", "detail": str(detail)}:
            return CouldNotBeJudged("failed", detail[:500])
        case _:
            raise _Anomaly("crashed", "no outcome")


def _read_pages(answer: Frame) -> PageImages | Unreadable:
    match answer.words:
        case {"pages": int(pages)} if all(blob.startswith(b"\x89PNG\r\n\x1a\n") for blob in answer.blobs):
            return PageImages(pages, answer.blobs)
        case {"unreadable": str(why)}:
            return Unreadable("document.pages-unreadable", {"why": why[:200]})
        case _:
            raise _Anomaly("crashed", "no pages")


def _read_compared(answer: Frame, digests: Sequence[str]) -> Compared:
    file, *forms = digests
    match answer.words:
        case {"references": list(references), **rest}:
            mentioned = tuple(str(one)[:14] for one in references[:50])
        case _:
            raise _Anomaly("crashed", "no comparison")
    match rest:
        case {"compared": list(compared)}:
            try:
                comparisons = tuple(read_comparison(one) for one in compared)
            except ValueError as error:
                raise _Anomaly("crashed", "the comparison is none") from error
            # What was compared is for us to say: the child's words may be the document's.
            if [(one.file, one.form) for one in comparisons] != [(file, form) for form in forms]:
                raise _Anomaly("crashed", "compared something else")
            return Compared(comparisons, mentioned)
        case {"incomparable": str()}:
            return Compared((), mentioned)
        case _:
            raise _Anomaly("crashed", "no comparison")
