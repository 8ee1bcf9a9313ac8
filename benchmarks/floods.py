"""Floods against a real web process, with 20 honest visitors beside them. `python -m benchmarks.floods SECONDS`.

    (a) 25 MB bodies full of what looks like a boundary
    (b) 380 kB forms in the charset `punycode`
    (c) 2,000 connections that never finish their request's head

Figures: p95 of the honest ones 300 ms; an attacker's request costs the web process at most 3 times the CPU of an honest
one of its size; after (c) the process is at most 150 MB larger. One JSON line last.
"""

import contextlib
import multiprocessing.synchronize
import os
import re
import resource
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

import httpx

from benchmarks._figures import Held, Machine, p95, spread, tell
from benchmarks._system import sessions, system
from builders.workflows.policy_numbers import set_numbers
from demo.local_system import LocalSystem
from workflows.database import transaction

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

SECONDS = 60.0
VISITORS = 20
PAUSE = 1.0
ATTACKERS = 8
HALF_OPEN = 2000
AT_MOST_MS = 300.0
AT_MOST_TIMES = 3.0
AT_MOST_MB = 150.0
_PAGES = ("/", "/apply?q=vidusskola", "/track", "/help", "/verify")
_MIB = 2**20
_BODY = 25 * _MIB
_FORM = 380_000
_TICKS = os.sysconf("SC_CLK_TCK")
_ROUNDS = 4
_TOKEN: Final = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Body:
    """A request: its path, body and content type."""

    kind: str
    content: bytes


@dataclass(slots=True)
class Met:
    """What honest visitors experienced."""

    took: list[float] = field(default_factory=list)
    failed: int = 0


def main() -> None:
    """Start a system and measure."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    with system() as stack, sessions(stack) as database:
        with transaction(database) as session:
            # Measured is the work of reading, so quotas are lifted.
            set_numbers(session, looks_per_network=10**6, looks_overall=10**6)
        measure(stack, seconds)


def measure(stack: LocalSystem, seconds: float) -> None:
    """Do it on a running system."""
    base, web = stack.base_url, _listening_at(urlsplit(stack.base_url).port or 80)
    token, cookies = _visit(base)
    floods = {
        "boundaries": (_multipart(b"\r\n--boun" * (_BODY // 8), token), _multipart(os.urandom(_BODY), token)),
        "punycode": (_urlencoded("; charset=punycode", token), _urlencoded("", token)),
    }
    held: dict[str, Held] = {}
    said: dict[str, object] = {"start_mb": round(_resident(web), 1)}
    with Machine.watched() as machine:
        said["alone"] = _told(_honest(base, seconds=min(seconds, 10.0)))
        for name, (bad, good) in floods.items():
            address = f"{base}/verify" if name == "boundaries" else f"{base}/track"
            costs = [_cpu_of(web, partial(_send, address, one, cookies)) for one in (bad, good)]
            with _flood(address, bad, cookies) as sent:
                met = _honest(base, seconds=seconds)
            held[f"{name}_honest_p95_ms"] = Held(p95(met.took), AT_MOST_MS)
            held[f"{name}_cpu_times"] = Held(costs[0] / max(costs[1], 1 / _TICKS / _ROUNDS), AT_MOST_TIMES)
            said[name] = {
                **_told(met),
                "attacks_answered": sent(),
                "attack_cpu_ms": round(costs[0] * 1000, 1),
                "honest_cpu_ms": round(costs[1] * 1000, 1),
            }
        time.sleep(2)
        before = _resident(web)
        with _half_open(base) as lines:
            met = _honest(base, seconds=seconds)
            during = _resident(web)
        time.sleep(3)
        after = _resident(web)
    held["half_open_honest_p95_ms"] = Held(p95(met.took), AT_MOST_MS)
    held["half_open_more_mb"] = Held(during - before, AT_MOST_MB)
    said["half_open"] = {
        **_told(met),
        "connections": lines,
        "before_mb": round(before, 1),
        "during_mb": round(during, 1),
        "after_mb": round(after, 1),
    }
    tell("floods", held, machine, seconds=seconds, visitors=VISITORS, attackers=ATTACKERS, **said)


def _honest(base: str, *, seconds: float) -> Met:
    """Let visitors open pages, each on connections of their own, and time them."""
    met = Met()
    until = time.monotonic() + seconds
    turns = count()

    def visit() -> None:
        time.sleep(PAUSE * next(turns) / VISITORS)
        while time.monotonic() < until:
            page = _PAGES[next(turns) % len(_PAGES)]
            begun = time.perf_counter()
            try:
                if _ask(base, page) != HTTPStatus.OK:
                    met.failed += 1
            except (OSError, HTTPException):
                met.failed += 1
            met.took.append((time.perf_counter() - begun) * 1000)
            time.sleep(PAUSE)

    _together([visit] * VISITORS)
    return met


@contextmanager
def _flood(address: str, body: Body, cookies: dict[str, str]) -> Iterator[Callable[[], int]]:
    """Send the body repeatedly over several connections until the block ends, in a process of its own."""
    context = get_context("spawn")
    over, sent = context.Event(), context.Value("i", 0)
    attackers = context.Process(target=_attack, args=(address, body, cookies, over, sent), daemon=True)
    attackers.start()
    time.sleep(2)  # it imports what we import
    yield lambda: int(sent.value)
    over.set()
    attackers.join(30)
    attackers.kill()


def _attack(
    address: str,
    body: Body,
    cookies: dict[str, str],
    over: multiprocessing.synchronize.Event,
    sent: "Synchronized[int]",
) -> None:
    def attack() -> None:
        while not over.is_set():
            with contextlib.suppress(OSError, HTTPException):
                _send(address, body, cookies)
                with sent.get_lock():
                    sent.value += 1

    _together([attack] * ATTACKERS)


@contextmanager
def _half_open(base: str) -> Iterator[int]:
    """Open connections and never finish a head; those the server closes are reopened."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, HALF_OPEN + 500), hard), hard))
    where = ("127.0.0.1", urlsplit(base).port or 80)
    over = threading.Event()
    lines: list[socket.socket] = []

    def keep() -> None:
        while not over.is_set():
            lines[:] = [line for line in lines if not _closed(line)]
            while len(lines) < HALF_OPEN and not over.is_set():
                with contextlib.suppress(OSError):
                    line = socket.create_connection(where, timeout=5)
                    line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ")
                    lines.append(line)
            over.wait(1)

    keeper = threading.Thread(target=keep, daemon=True)
    keeper.start()
    until = time.monotonic() + 20
    while len(lines) < HALF_OPEN and time.monotonic() < until:
        time.sleep(0.05)
    yield len(lines)
    over.set()
    keeper.join(30)
    for line in lines:
        line.close()


def _closed(line: socket.socket) -> bool:
    """Whether the other side has ended the connection; ours is closed then."""
    try:
        if line.recv(1024, socket.MSG_DONTWAIT):
            return False
    except BlockingIOError:
        return False
    except OSError:
        pass
    line.close()
    return True


def _cpu_of(process: int, act: Callable[[], None]) -> float:
    """Return the CPU seconds of the process for one `act`, the mean of a few."""
    act()
    before = _cpu(process)
    for _ in range(_ROUNDS):
        act()
    return (_cpu(process) - before) / _ROUNDS


def _cpu(process: int) -> float:
    """Give the CPU seconds a process has used (proc(5), stat)."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _resident(process: int) -> float:
    """Give the memory a process has in use, in MB."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _MIB


def _listening_at(port: int) -> int:
    """Find the process that listens at the port (proc(5), net/tcp)."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    inodes = {row[9] for row in rows if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port}
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if str(descriptor.readlink()).strip("socket:[]") in inodes:
                return int(descriptor.parts[2])
    raise RuntimeError(f"nobody listens at {port}")


def _visit(base: str) -> tuple[str, dict[str, str]]:
    answer = httpx.get(f"{base}/verify", timeout=30)
    found = _TOKEN.search(answer.text)
    if found is None:
        raise RuntimeError("the page has no form")
    return found.group(1), dict(answer.cookies)


def _send(address: str, body: Body, cookies: dict[str, str]) -> None:
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    _ask(address, urlsplit(address).path, body, {"Content-Type": body.kind, "Cookie": cookie})


def _ask(base: str, path: str, body: Body | None = None, headers: dict[str, str] | None = None) -> int:
    """Ask on a connection of its own, by the plainest client there is; return the status."""
    line = HTTPConnection("127.0.0.1", urlsplit(base).port or 80, timeout=30)
    try:
        line.request("GET" if body is None else "POST", path, None if body is None else body.content, headers or {})
        answer = line.getresponse()
        answer.read()
        return answer.status
    finally:
        line.close()


def _multipart(content: bytes, token: str) -> Body:
    head = b'--bound\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n' + token.encode() + b"\r\n"
    head += b'--bound\r\nContent-Disposition: form-data; name="file"; filename="a.edoc"\r\n\r\n'
    return Body("multipart/form-data; boundary=bound", head + content + b"\r\n--bound--\r\n")


def _urlencoded(charset: str, token: str) -> Body:
    fields = [f"a{number}={'a-b' * (_FORM // 6 // 3)}" for number in range(6)]
    content = "&".join([f"csrf={quote(token)}", "reference=x", *fields]).encode()
    return Body(f"application/x-www-form-urlencoded{charset}", content)


def _told(met: Met) -> dict[str, object]:
    return {**spread(met.took, "ms"), "failed": met.failed}


def _together(acts: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
