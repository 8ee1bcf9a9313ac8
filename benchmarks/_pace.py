"""What two pages that strangers may send have in common: an answer at the same pace, whether a username exists or not.

Two web processes on a real PostgreSQL, limits lifted. 5,000 samples each in random order at 100 a second: p99 at most
50 ms, no difference that a two-sample Kolmogorov-Smirnov test finds at 1 %, medians within 0.2 ms. What the requests
left behind is told too: rows by table, memory, open files. One JSON line last.
"""

import asyncio
import math
import os
import random
import re
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psutil
from sqlalchemy import text

from benchmarks._figures import Held, Machine, spread, tell
from benchmarks._origin import ORIGIN
from builders.iam.codes import invented_code
from builders.workflows.policy_numbers import set_numbers
from demo.servers import ManagedProcess, Postgres, free_port
from iam.grants import service as grants
from iam.people import service as people
from workflows.database import engine, session_factory
from workflows.migrating import migrate
from workflows.password_reset.codes import Seals

__all__ = ["measure"]

SAMPLES = 5000
A_SECOND = 100
P99_MS, MEDIANS_MS = 50.0, 0.2
KNOWN = "anna.paraudzina"

_SECRET = "a benchmark's own secret, as long as it has to be"  # noqa: S105 - of a database that lives for one benchmark
# c(0.01) of the Kolmogorov distribution, for the asymptotic bound of two samples.
_ONE_PERCENT = 1.628
_PROCESSES = 2
_WARM_UP = 100


@dataclass(frozen=True, slots=True)
class Sample:
    """One request: whether its username exists, and how long the answer took."""

    known: bool
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Webs:
    """The web processes and their database."""

    addresses: list[str]
    pids: list[int]
    database: str

    def held(self) -> dict[str, int]:
        """Count what they hold: rows by table, KiB of memory and open files of the processes together."""
        made = engine(self.database)
        with made.connect() as connection:
            tables = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
            rows = {table: connection.scalar(text(f'SELECT count(*) FROM "{table}"')) or 0 for table in tables}  # noqa: S608 - names of our own tables
        made.dispose()
        processes = [psutil.Process(pid) for pid in self.pids]
        memory = sum(process.memory_info().rss for process in processes) // 1024
        return {**rows, "memory_kib": memory, "open_files": sum(process.num_fds() for process in processes)}


def measure(name: str, page: str, **fields: str) -> None:
    """Start two web processes and send the form of a page, with these fields beside username and code."""
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES
    with _web_processes() as webs:
        asyncio.run(_ask(webs.addresses, page, fields, _WARM_UP))
        before = webs.held()
        with Machine.watched() as machine:
            measured = asyncio.run(_ask(webs.addresses, page, fields, samples))
        after = webs.held()
    known = [one.milliseconds for one in measured if one.known]
    unknown = [one.milliseconds for one in measured if not one.known]
    apart = kolmogorov_smirnov(known, unknown)
    bound = _ONE_PERCENT * math.sqrt((len(known) + len(unknown)) / (len(known) * len(unknown)))
    p99 = statistics.quantiles([*known, *unknown], n=100, method="inclusive")[-1]
    tell(
        name,
        {
            "p99_ms": Held(p99, P99_MS),
            "kolmogorov_smirnov": Held(apart, bound),
            "medians_apart_ms": Held(abs(statistics.median(known) - statistics.median(unknown)), MEDIANS_MS),
        },
        machine,
        a_second=A_SECOND,
        known=spread(known, "ms"),
        unknown=spread(unknown, "ms"),
        left_behind={name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)},
    )


def kolmogorov_smirnov(one: Sequence[float], other: Sequence[float]) -> float:
    """Give the largest distance between the two empirical distributions.

    >>> kolmogorov_smirnov([1, 2, 3, 4], [1, 2, 3, 4]), kolmogorov_smirnov([1, 2], [3, 4])
    (0.0, 1.0)
    """
    left, right = sorted(one), sorted(other)
    i = j = 0
    widest = 0.0

    for at in sorted({*left, *right}):
        while i < len(left) and left[i] <= at:
            i += 1
        while j < len(right) and right[j] <= at:
            j += 1
        widest = max(widest, abs(i / len(left) - j / len(right)))
    return widest


@contextmanager
def _web_processes() -> Iterator[Webs]:
    with ExitStack() as ends, TemporaryDirectory(prefix="viis-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        server = ends.enter_context(Postgres(folder / "postgres"))
        url = server.create("viis")
        migrate(url)
        _prepare(url)
        webs = Webs([], [], url)
        for number in range(_PROCESSES):
            port = free_port()
            said = {"DATABASE_URL": url, "SECRET_KEY": _SECRET, "WEB_PORT": str(port), "LOG_LEVEL": "WARNING"}
            plain = {key: value for key, value in os.environ.items() if not key.startswith("VIIS_")}
            viis = str(Path(sys.executable).with_name("viis"))
            part = ManagedProcess(
                f"web-{number}",
                [viis, "serve"],
                folder=folder,
                env=plain | {f"VIIS_{key}": value for key, value in said.items()},
            )
            part.start()
            ends.callback(part.stop)
            address = f"http://127.0.0.1:{port}"
            part.await_ready(lambda address=address: _answers(address), within=60)  # type: ignore[misc]
            webs.addresses.append(address)
            webs.pids.append(part.pid or 0)
        yield webs


def _prepare(url: str) -> None:
    """Lift the limits, and open the one account that is asked for."""
    made = engine(url)
    at = datetime.now(UTC)
    with session_factory(made).begin() as session:
        set_numbers(session, reset_requests_per_network=1_000_000_000, reset_requests_overall=1_000_000_000)
        given_name, surname = "Anna", "Paraudziņa"
        code = invented_code(KNOWN)
        person = people.register(session, code=code, given_name=given_name, surname=surname, origin=ORIGIN, at=at)
        account = grants.open_account(
            session,
            person=person,
            email="anna@skola.example",
            phone="",
            language="lv",
            because=None,
            origin=ORIGIN,
            at=at,
        )
        if account.username != KNOWN:
            raise SystemExit(f"the account is called {account.username}")
    made.dispose()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health/live", timeout=5).is_success
    except httpx.HTTPError:
        return False


async def _ask(addresses: list[str], page: str, fields: Mapping[str, str], samples: int) -> list[Sample]:
    """Send every request when it is due, whatever became of the earlier ones."""
    order = [True] * samples + [False] * samples
    random.shuffle(order)
    order = [True, False] * (_WARM_UP // 2) + order
    # Idle connections are given up before the server does (5 s). A request sent into a closing one would be lost.
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64, keepalive_expiry=2)
    async with httpx.AsyncClient(timeout=30, limits=limits) as browser:
        first = await browser.get(f"{addresses[0]}{page}")
        found = re.search(r'name="csrf" value="([^"]+)"', first.text)
        if found is None:
            raise SystemExit("the page has no form")
        visit = browser.cookies["viis-visit"]
        headers = {"Cookie": f"viis-visit={visit}"}
        browser.cookies.clear()
        forms = _forms(order, found.group(1), visit)
        begun = time.perf_counter()
        waiting = []
        for number, (known, form, address) in enumerate(zip(order, forms, cycle(addresses), strict=False)):
            await asyncio.sleep(max(0.0, begun + number / A_SECOND - time.perf_counter()))
            waiting.append(
                asyncio.create_task(_one(browser, f"{address}{page}", {**fields, **form}, headers, known=known))
            )
        measured = await asyncio.gather(*waiting)
    return list(measured[_WARM_UP:])


def _forms(order: list[bool], csrf: str, visit: str) -> list[dict[str, str]]:
    seals = Seals(_SECRET.encode())
    code = "A" * 6
    until = datetime.now(UTC) + timedelta(hours=1)
    return [
        {
            "csrf": csrf,
            "token": seals.seal(code, visit, until=until),
            # Of one length, and no two unknown ones alike: as a stranger would try them.
            "username": KNOWN if known else f"anna.x{number:09}",
            "code": code,
        }
        for number, known in enumerate(order)
    ]


async def _one(
    browser: httpx.AsyncClient, address: str, form: dict[str, str], headers: dict[str, str], *, known: bool
) -> Sample:
    begun = time.perf_counter()
    answer = await browser.post(address, data=form, headers=headers)
    took = (time.perf_counter() - begun) * 1000
    if answer.status_code != HTTPStatus.SEE_OTHER:
        raise SystemExit(f"a request was answered {answer.status_code}: {answer.text[:300]}")
    return Sample(known, took)
