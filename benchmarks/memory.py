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
from sqlalchemy.orm import Session, sessionmaker

from benchmarks._clients import Applicant, network
from benchmarks._figures import Held, Machine, tell
from benchmarks._system import await_idle, sessions, system
from builders.workflows.filed import FILES, submit
from demo.local_system import LocalSystem
from demo.pki import person
from demo.signer import sign_edoc
from workflows import clock
from workflows.application.kinds.grant.documents import Part

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


def measure(stack: LocalSystem, database: sessionmaker[Session]) -> None:
    """Do it on a running system."""
    web, worker = (stack.process(name).pid or 0 for name in ("web", "worker"))
    fresh = _resident(web)
    with network(stack) as http, Machine.watched() as machine:
        small, *large = _prepare(stack, database, http)
        with _watching(worker) as behind:
            for number in range(TRAFFIC):
                http.get(_PAGES[number % len(_PAGES)]).raise_for_status()
            applicant, name, content = small
            applicant.upload(name, content)
            await_idle(database)
            applicant.look()
            time.sleep(SETTLED)
            idle = _resident(web)
            adds = []
            for applicant, name, content in large:
                before = _resident(web)
                with _watching(web) as front:
                    applicant.upload(name, content)
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
    """The highest resident memory of a process and whatever it starts, in MB."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.samples = 0
        self._highest: dict[int, float] = {}
        self._names: dict[int, str] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def highest(self, pid: int) -> float:
        """Return the peak of one process."""
        return self._highest[pid]

    def highest_named(self, name: str) -> float:
        """Return the peak of any process of the guard called `name`."""
        return max(most for pid, most in self._highest.items() if self._names.get(pid) == name)

    def start(self) -> None:
        """Start sampling."""
        self._thread.start()

    def stop(self) -> None:
        """Stop sampling."""
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_EVERY):
            self.samples += 1
            for pid in [self._pid, *_descendants(self._pid)]:
                self._names[pid] = self._names.get(pid) or _guard_name(pid)
                self._highest[pid] = max(self._highest.get(pid, 0), _resident(pid))


@contextmanager
def _watching(pid: int) -> Iterator[_Watch]:
    watch = _Watch(pid)
    watch.start()
    try:
        yield watch
    finally:
        watch.stop()


def _prepare(
    stack: LocalSystem, database: sessionmaker[Session], http: httpx.Client
) -> list[tuple[Applicant, str, bytes]]:
    """Make a small file that proves an application, so that its pages are drawn, and large ones that prove nothing."""
    pki, at = stack.pki.built, clock.now()
    both = person("head-user")
    with database.begin() as session:
        proven, other = (submit(session, both, both, base_url=stack.base_url, at=at) for _ in range(2))
    forms = [(FILES[part], proven.forms[part]) for part in Part]
    files = [(Applicant(http, proven), "small.edoc", sign_edoc(forms, person=both, pki=pki, at=at))]
    applicant = Applicant(http, other)
    for number in range(UPLOADS):
        attachment = ("pielikums.bin", secrets.token_bytes(LARGE - 64 * 1024))
        letter = (FILES[Part.LETTER], other.forms[Part.LETTER])
        signed = sign_edoc([letter, attachment], person=person("stranger"), pki=pki, at=at)
        if len(signed) > LARGE:
            raise ValueError("larger than an upload may be")
        files.append((applicant, f"large-{number}.edoc", signed))
    return files


def _descendants(pid: int) -> list[int]:
    try:
        # By thread: guards are the children of the thread that started them.
        threads = Path(f"/proc/{pid}/task").iterdir()
        text = " ".join(thread.joinpath("children").read_text(encoding="ascii") for thread in threads)
    except OSError:
        return []
    children = [int(word) for word in text.split()]
    return [*children, *(below for child in children for below in _descendants(child))]


def _guard_name(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    named = [word.rpartition(b".")[2].decode() for word in words if word.startswith(b"workflows.evidence.guard.")]
    return named[0] if named else ""


def _resident(pid: int) -> float:
    """Return the resident memory in MB; 0 for a process that has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE / _MEGABYTE
    except (OSError, IndexError):
        return 0.0


if __name__ == "__main__":
    main()
