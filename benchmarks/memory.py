"""How much memory web, worker and guarded judge hold, and what one 25 MB upload adds for its moment.

The figures: web 160 MB after traffic, 60 MB more while the upload runs, worker 200 MB, any guarded process 250 MB.
Resident memory (proc(5), statm), looked at every 10 ms while documents are uploaded and judged. One JSON line last.
"""

import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
from sqlalchemy.orm import Session, sessionmaker

from benchmarks._applications import FILES, submit
from benchmarks._figures import Held, Machine, tell
from benchmarks._system import await_idle, sessions, system
from benchmarks._visitor import Applicant
from demo.pki import person
from demo.signer import sign_edoc
from demo.stack import Stack
from workflows import clock
from workflows.application.states import Part

WEB_MB, UPLOAD_ADDS_MB, WORKER_MB, JUDGE_MB = 160, 60, 200, 250
LARGE = 25 * 1024 * 1024
TRAFFIC = 200
UPLOADS = 3
SETTLED = 3.0

_PAGE = os.sysconf("SC_PAGE_SIZE")
_EVERY = 0.01
_MEGABYTE = 1024 * 1024
_PAGES = ("/", "/help", "/apply?q=vidusskola", "/verify", "/track", "/privacy")


def main() -> None:
    """Start a system and measure."""
    with system() as stack, sessions(stack) as database:
        measure(stack, database)


def measure(stack: Stack, database: sessionmaker[Session]) -> None:
    """Do it on a running system."""
    web, worker = (stack.process(name).pid or 0 for name in ("web", "worker"))
    fresh = _resident(web)
    with httpx.Client(base_url=stack.base_url, timeout=120) as http, Machine.watched() as machine:
        applicant, documents = _prepare(stack, database, http)
        with _watching(worker, _below(worker)) as behind:
            for number in range(TRAFFIC):
                http.get(_PAGES[number % len(_PAGES)]).raise_for_status()
            applicant.upload("small.edoc", documents[0])
            applicant.look()
            await_idle(database)
            time.sleep(SETTLED)
            idle = _resident(web)
            adds = []
            for number, document in enumerate(documents[1:]):
                before = _resident(web)
                with _watching(web) as front:
                    applicant.upload(f"large-{number}.edoc", document)
                adds.append(front.highest(web) - before)
                await_idle(database)
                time.sleep(SETTLED)
    guards = {name: behind.highest_named(name) for name in ("judge", "pages")}
    tell(
        "memory",
        {
            "web_idle_mb": Held(idle, WEB_MB),
            "large_upload_adds_mb": Held(max(adds), UPLOAD_ADDS_MB),
            "worker_mb": Held(behind.highest(worker), WORKER_MB),
            "judge_mb": Held(guards["judge"], JUDGE_MB),
        },
        machine,
        samples=behind.samples,
        web_fresh_mb=round(fresh, 1),
        web_after_uploads_mb=round(_resident(web), 1),
        worker_idle_mb=round(_resident(worker), 1),
        drawing_mb=round(guards["pages"], 1),
        uploads_add_mb=[round(one, 1) for one in adds],
    )


class _Watch:
    """The highest resident memory of processes and whatever they start, in MB."""

    def __init__(self, pids: list[int]) -> None:
        self.pids = pids
        self.samples = 0
        self._highest: dict[int, float] = {}
        self._names: dict[int, str] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def highest(self, pid: int) -> float:
        """Give the most one process held."""
        return self._highest[pid]

    def highest_named(self, name: str) -> float:
        """Give the most any one process of the guard called `name` held."""
        return max(most for pid, most in self._highest.items() if self._names.get(pid) == name)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_EVERY):
            self.samples += 1
            for pid in [*self.pids, *(child for parent in self.pids[1:] for child in _children(parent))]:
                if pid not in self._names:
                    self._names[pid] = _guard_name(pid)
                self._highest[pid] = max(self._highest.get(pid, 0), _resident(pid))


@contextmanager
def _watching(pid: int, guards: list[int] | None = None) -> Iterator[_Watch]:
    watch = _Watch([pid, *(guards or ())])
    watch.start()
    try:
        yield watch
    finally:
        watch.stop()
    watch.pids = []


def _prepare(stack: Stack, database: sessionmaker[Session], http: httpx.Client) -> tuple[Applicant, list[bytes]]:
    """Submit an application; sign one of its forms alone, and as often as wanted beside a large attachment."""
    at = clock.now()
    with database.begin() as session:
        submitted = submit(session, person("head"), person("user"), base_url=stack.base_url, at=at)
    form = (FILES[Part.LETTER], submitted.forms[Part.LETTER])
    room = LARGE - 64 * 1024
    signed = [sign_edoc([form], person=person("stranger"), pki=stack.pki.built, at=at)]
    signed += [
        sign_edoc(
            [form, ("pielikums.bin", secrets.token_bytes(room))],
            person=person("stranger"),
            pki=stack.pki.built,
            at=at,
        )
        for _ in range(UPLOADS)
    ]
    if any(len(document) > LARGE for document in signed):
        raise ValueError("larger than an upload may be")
    return Applicant(http, submitted), signed


def _below(worker: int) -> list[int]:
    return [child.pid for child in psutil.Process(worker).children()]


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(word) for word in text.split()]


def _guard_name(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    named = [word.rpartition(b".")[2].decode() for word in words if word.startswith(b"workflows.evidence.guard.")]
    return named[0] if named else ""


def _resident(pid: int) -> float:
    """Give the resident memory in MB; nothing for a process that has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE / _MEGABYTE
    except (OSError, IndexError):
        return 0.0


if __name__ == "__main__":
    main()
