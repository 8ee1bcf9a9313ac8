"""How is a document judged in a sandbox?

`Judge` keeps a few guards, hands each document to one that is free, and replaces a guard after anything unusual. A
document that cannot be judged is a result like any other, kept and shown; the file is never lost over it.
"""

import hashlib
import logging
import pickle
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Self

from signing import ExpectedContent
from signing.judging.algorithms import TS_119_312, AlgorithmTable
from signing.trust import TrustStore
from workflows.evidence.guard_processes import Anomaly, GuardPool, GuardUnavailable
from workflows.evidence.guard_results import (
    Compared,
    CouldNotBeJudged,
    Judgement,
    PageImages,
    Unreadable,
    read_compared,
    read_judgement,
    read_pages,
)
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
        self._judges = GuardPool(judge_command, size)
        self._drawing = GuardPool(pages_command, 1)
        self._pickled: tuple[TrustStore, bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._judges.close()
        self._drawing.close()

    def warm(self) -> Mapping[str, bool]:
        """Start the guards now; tell which restrictions hold for those that judge ("network", "files", "signals")."""
        self._judges.start()
        # The first picture would take half a second of a processor from whoever waits for a verdict then.
        self._drawing.start()
        with self._judges.borrow() as guard:
            return guard.restrictions

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
                judgement = read_judgement(answer)
            except Anomaly as anomaly:
                guard.stop()
                judgement = CouldNotBeJudged(anomaly.reason, anomaly.detail)
        if isinstance(judgement, CouldNotBeJudged):
            _log.error("a document could not be judged: %s", _told(judgement))
        return judgement

    def page_images(
        self, document: bytes, *, cover: Sequence[str] | None = None, without: Sequence[str] = ()
    ) -> PageImages | Unreadable | CouldNotBeJudged:
        """Draw the pages of a document in a guard. Raises GuardUnavailable.

        `cover` are the personal codes a form of ours states; None where nothing is covered. `without` are the digests
        of files that are left out where the document is a container.
        """
        words: dict[str, object] = {**self._allowance, "without": list(without)}
        if cover is not None:
            words["cover"] = list(cover)
        with self._drawing.borrow() as guard:
            try:
                answer = guard.ask(words, [document], seconds=self._seconds)
                return read_pages(answer)
            except Anomaly as anomaly:
                guard.stop()
                return CouldNotBeJudged(anomaly.reason, anomaly.detail)

    def compare(self, pdf: bytes, forms: Sequence[bytes]) -> Compared | CouldNotBeJudged:
        """Compare `pdf` with forms of ours in a guard; without comparisons where it cannot be. Raises GuardUnavailable.

        A file that is compared was judged before: what takes longer or more memory than judging ends here too.
        """
        with self._drawing.borrow() as guard:
            try:
                answer = guard.ask({**self._allowance, "compare": True}, [pdf, *forms], seconds=self._seconds)
                return read_compared(answer, [hashlib.sha256(one).hexdigest() for one in (pdf, *forms)])
            except Anomaly as anomaly:
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
        restrictions = judge.warm()
        if not all(restrictions.values()):
            missing = ", ".join(name for name, holds in restrictions.items() if not holds)
            _log.warning("this kernel does not offer every restriction of the sandbox; missing: %s", missing)
        yield judge


def _told(fault: CouldNotBeJudged) -> str:
    """Say why, and of a fault its place; the words of a child may be a document's, and stay out of the log."""
    place = fault.detail if _PLACE.fullmatch(fault.detail) else ""
    return f"{fault.reason}: {place}" if place else fault.reason
