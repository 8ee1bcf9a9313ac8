"""The reform of 2021 over the whole register and 10,000 people with 15,000 rights, and the order of one school.

Plans are made from what the database says, reading counted. Orders are recorded on the page, and their page asked for
as a browser does, filter by filter; once more with nothing remembered. Carrying out and undoing: (1) the steps in the
database, in this process, while the worker is stopped; (2) the worker brings the accounts to Keycloak, beside the same
calls made bare before and after. Twice, so that what the worker keeps in memory is seen to stay. The school's order is
confirmed, and the clock runs until Keycloak shows the last account without it. One JSON line last.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from benchmarks._clients import Staff
from benchmarks._figures import Held, Machine, spread, tell
from benchmarks._origin import ORIGIN
from benchmarks._reform import HEADER, Took, bare, confirm, mapping, paused, pending, project_all, record, timed
from benchmarks._register import database, register
from benchmarks._system import await_idle, eventually, sessions, system
from builders.iam.populations import GRANTS, SINCE, USERS, populate
from demo.local_system import LocalSystem
from iam.audit import Origin
from iam.grants.models import Account
from iam.ids import OrderId
from iam.institutions.models import Institution, Municipality, Scope
from iam.institutions.register import import_institutions
from iam.keycloak.client import KeycloakClient
from iam.periods import riga_day
from workflows import clock
from workflows.proposals.models import Proposal
from workflows.reorganisation import announcing, applying, approving, undo_approving, undoing
from workflows.reorganisation.carrier import CARRIES_OUT
from workflows.reorganisation.checking import checked, planned
from workflows.reorganisation.order_files import read_orders
from workflows.reorganisation.undo_foreseen import foresee_undo

RUNS = 5
ROUNDS = 2
PAGES = 20
REFORM_AT_MOST_S = 2.0
SCHOOL_AT_MOST_MS = 50.0
PAGE_AT_MOST_MS = 200.0
DATABASE_AT_MOST_S = 3.0
KEYCLOAK_AT_MOST_TIMES = 1.2
SCHOOL_IN_KEYCLOAK_AT_MOST_S = 2.0
WORKER_GROWS_AT_MOST_MB = 10.0
_MEGABYTE = 1024 * 1024
_PATIENCE = 600.0
_FILTERS = ("", "?page=2", "?page=90", "?fate=ends", "?fate=stays&page=3", "?fate=gap")


def main() -> None:
    """Plan in a database of its own; then start a system and carry out."""
    with TemporaryDirectory() as name, Machine.watched() as machine:
        path, kind = register(Path(name))
        held, more = _plans(path)
        with system() as stack, sessions(stack) as opened:
            carried_out, besides = _Reform(stack, opened, path).measure()
    tell(
        "reorganisation",
        held | carried_out,
        machine,
        register=kind,
        users=USERS,
        grants=GRANTS,
        **more,
        **besides,
    )


def _plans(path: Path) -> tuple[dict[str, Held], dict[str, object]]:
    """Plan again and again; nothing is written by it."""
    reform: list[Took] = []
    school: list[Took] = []
    with database() as engine:
        with Session(engine) as session, session.begin():
            import_institutions(session, path, origin=ORIGIN, at=clock.now())
            populate(session)
        with Session(engine) as session:
            numbers = list(session.scalars(select(Institution.reg_no).order_by(Institution.reg_no).limit(2)))
        whole, changes = mapping(path), 0
        for _ in range(RUNS):
            changes = _planned(engine, whole, reform)
            _planned(engine, _joined(*numbers), school)
    held = {
        "reform_median_s": Held(statistics.median(one.wall for one in reform), REFORM_AT_MOST_S),
        "school_median_ms": Held(statistics.median(one.wall for one in school) * 1000, SCHOOL_AT_MOST_MS),
    }
    more: dict[str, object] = {
        "changes": changes,
        "reform": spread([one.wall for one in reform], "s"),
        "reform_cpu": spread([one.cpu for one in reform], "s"),
        "school": spread([one.wall * 1000 for one in school], "ms"),
    }
    return held, more


def _planned(engine: Engine, content: bytes, took: list[Took]) -> int:
    with Session(engine) as session:
        session.connection()  # a page has its connection before it asks
        made, seconds = timed(lambda: planned(session, checked(session, read_orders(content))))
        took.append(seconds)
    return len(made.changes)


def _joined(source: str, target: str) -> bytes:
    return f"{HEADER}1-1/1,Domes lēmums,2021-08-01,joined,{source},{target},,\n".encode()


class _Reform:
    """The reform in a running system, whose Keycloak knows everybody whom it concerns."""

    def __init__(self, stack: LocalSystem, opened: sessionmaker[Session], path: Path) -> None:
        self._stack, self._sessions, self._path = stack, opened, path
        self._staff = {one.role: one.username for one in stack.staff}

    def measure(self) -> tuple[dict[str, Held], dict[str, object]]:
        """Do it all; return what is held against figures, and the rest."""
        users, source, target = self._arrange()
        with Staff(self._stack, self._stack.staff[0]) as reviewer:
            orders, recording = self._record_on_page(reviewer)
            pages = self._pages(reviewer, orders)
        parts: dict[str, list[Took]] = {"proposing": [], "confirming": [], "telling": [], "applying": [], "undoing": []}
        unprepared = 0.0
        times: dict[str, list[float]] = {"bare": [self._bare(users)], "apply": [], "undo": []}
        memory = [self._worker_mb]
        for number in range(ROUNDS):
            if number:
                orders = record(self._sessions, mapping(self._path))
                with Staff(self._stack, self._stack.staff[0]) as reviewer:
                    unprepared = self._page(reviewer, orders)
            self._there_and_back(orders, parts, times)
            times["bare"].append(self._bare(users))
            memory.append(self._worker_mb)
        school = self._school(source, target)
        once = statistics.mean(times["bare"])
        held = {
            "first_page_ms": Held(pages[0], PAGE_AT_MOST_MS),
            "page_median_ms": Held(statistics.median(pages[1:]), PAGE_AT_MOST_MS),
            "applying_database_s": Held(_median(parts["applying"]), DATABASE_AT_MOST_S),
            "undoing_database_s": Held(_median(parts["undoing"]), DATABASE_AT_MOST_S),
            "applying_keycloak_times": Held(statistics.median(times["apply"]) / once, KEYCLOAK_AT_MOST_TIMES),
            "undoing_keycloak_times": Held(statistics.median(times["undo"]) / once, KEYCLOAK_AT_MOST_TIMES),
            "school_in_keycloak_s": Held(school, SCHOOL_IN_KEYCLOAK_AT_MOST_S),
            "worker_grows_mb": Held(memory[-1] - memory[1], WORKER_GROWS_AT_MOST_MB),
        }
        more: dict[str, object] = {
            "users_in_keycloak": len(users),
            "recording_ms": round(recording, 1),
            "unprepared_page_ms": round(unprepared, 1),
            "pages": spread(pages[1:], "ms"),
            "keycloak_s": {name: [round(one, 2) for one in seconds] for name, seconds in times.items()},
            "worker_mb": [round(one, 1) for one in memory],
            "parts": {
                name: [{which: round(one, 2) for which, one in asdict(took).items()} for took in several]
                for name, several in parts.items()
            },
        }
        return held, more

    def _arrange(self) -> tuple[list[str], str, str]:
        """Fill the register; return Keycloak's users whom the reform concerns, and two schools."""
        with self._sessions.begin() as session:
            import_institutions(session, self._path, origin=ORIGIN, at=clock.now())
            populate(session)
            towns = select(Municipality.id).where(Municipality.period.contains(SINCE))
            concerned = list(session.scalars(select(Scope.id).where(Scope.municipality_id.in_(towns))))
            schools = select(Scope.id, Institution.reg_no).join(Institution, Institution.id == Scope.institution_id)
            (scope, source), (_, target) = session.execute(schools.order_by(Institution.reg_no.desc()).limit(2))
        ids = project_all(self._sessions, scopes=[*concerned, scope])
        self._in_keycloak()
        await_idle(self._sessions)
        with self._sessions() as session:
            known = session.scalars(select(Account.keycloak_id).where(Account.id.in_(ids)))
            return [one for one in known if one is not None], source, target

    def _there_and_back(
        self, orders: list[OrderId], parts: dict[str, list[Took]], times: dict[str, list[float]]
    ) -> None:
        with paused(self._worker):
            proposal, proposing = timed(lambda: self._propose(approving.propose, orders))
            _, confirming = timed(lambda: self._confirm(proposal))
            _, telling = timed(lambda: self._steps(announcing.step, proposal))
            _, carrying = timed(lambda: self._steps(applying.step, proposal))
            for name, took in zip(parts, (proposing, confirming, telling, carrying), strict=False):
                parts[name].append(took)
        times["apply"].append(self._in_keycloak())
        await_idle(self._sessions)
        with paused(self._worker):
            proposal = self._propose(_undo_as_shown, orders)
            self._confirm(proposal)
            parts["undoing"].append(timed(lambda: self._steps(undoing.step, proposal))[1])
        times["undo"].append(self._in_keycloak())
        await_idle(self._sessions)

    def _propose(self, propose: Callable[..., Proposal], orders: list[OrderId]) -> int:
        with self._sessions.begin() as session:
            by = self._staff["reviewer"]
            return propose(session, orders, by=by, origin=ORIGIN, at=clock.now(), reason="reforma").id

    def _confirm(self, proposal: int) -> None:
        confirm(self._sessions, proposal, by=self._staff["approver"], base_url=self._stack.base_url)

    def _steps(self, step: Callable[..., bool], proposal: int) -> None:
        more = True
        while more:
            with self._sessions.begin() as session:
                more = step(session, proposal, base_url=self._stack.base_url, origin=CARRIES_OUT, at=clock.now())

    def _record_on_page(self, reviewer: Staff) -> tuple[list[OrderId], float]:
        """Record the reform as a reviewer does; return the orders and the milliseconds it took."""
        form = reviewer.fields("/reorganise") | {"lines": mapping(self._path).decode()}
        answer, seconds = timed(lambda: reviewer.send("/reorganise", form))
        ids = answer.headers["Location"].rpartition("/")[2]
        return [OrderId(int(one)) for one in ids.split("-")], seconds.wall * 1000

    def _pages(self, reviewer: Staff, orders: list[OrderId]) -> list[float]:
        """Ask for the page, and for its filters and parts; milliseconds."""
        return [self._page(reviewer, orders, _FILTERS[number % len(_FILTERS)]) for number in range(PAGES + 1)]

    def _page(self, reviewer: Staff, orders: list[OrderId], query: str = "") -> float:
        asked = f"/reorganise/{'-'.join(map(str, orders))}{query}"
        answer, seconds = timed(lambda: reviewer.http.get(asked))
        answer.raise_for_status()
        return seconds.wall * 1000

    def _in_keycloak(self) -> float:
        """Return when Keycloak shows everybody as they are; say how long that took."""
        begun = time.perf_counter()
        eventually(lambda: pending(self._sessions) == 0, "everybody in Keycloak", within=_PATIENCE)
        return time.perf_counter() - begun

    def _bare(self, users: list[str]) -> float:
        own = self._stack.keycloak
        with KeycloakClient(
            url=own.url, realm="viis", client_id="viis-service", client_secret=own.secrets.service_secret
        ) as door:
            return bare(door, users)

    def _school(self, source: str, target: str) -> float:
        """Join a school to another one; return the seconds from the confirmation until Keycloak shows it."""
        proposal = self._propose(approving.propose, record(self._sessions, _joined(source, target)))
        begun = time.perf_counter()
        self._confirm(proposal)

        def ended() -> bool:
            with self._sessions() as session:
                states = {row.state for row in approving.rows_of(session, session.get_one(Proposal, proposal).subject)}
            return states == {"applied"} and pending(self._sessions) == 0

        eventually(ended, "the school's order", within=_PATIENCE)
        return time.perf_counter() - begun

    @property
    def _worker(self) -> int:
        return self._stack.process("worker").pid or 0

    @property
    def _worker_mb(self) -> float:
        return psutil.Process(self._worker).memory_info().rss / _MEGABYTE


def _undo_as_shown(
    session: Session, orders: list[OrderId], *, by: str, origin: Origin, at: datetime, reason: str
) -> Proposal:
    """Propose to undo what a page would show."""
    rows = approving.rows_of(session, approving.subject_of(orders))
    seen = foresee_undo(session, rows, today=riga_day(at)).digest
    return undo_approving.propose(session, orders, by=by, origin=origin, at=at, reason=reason, seen=seen)


def _median(took: list[Took]) -> float:
    return statistics.median(one.wall for one in took)


if __name__ == "__main__":
    main()
