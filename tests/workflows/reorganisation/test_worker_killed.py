"""A worker killed with SIGKILL, or its database under it: carried out and undone to the same end, one mail each."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import DBAPIError

from demo.servers import Postgres
from iam.audit import AuditEntry
from iam.ids import OrderId
from iam.orders.states import OrderState
from iam.periods import midnight_in_riga
from tests.workflows.reorganisation.office import DAY, Office
from tests.workflows.reorganisation.test_killed import LINES, NAMES, world
from workflows.migrating import migrate
from workflows.reorganisation import announcing, applying, taking_back, undoing

Steps = Sequence[tuple[int, Callable[..., bool]]]
"""What is to be done: steps, of a proposal or an order."""
Work = Callable[[Office, Steps], int]
"""Do it all; return how often it was cut short."""

_MORTAL = Path(__file__).with_name("mortal_worker.py")
_MORE = ("Aija Ozola", "Baiba Krūma", "Centis Lācis", "Daina Roze", "Elza Birze", "Fricis Celms")
_POINTS = 50
_SEED = 7
_SECONDS = 300
_numbers = count(1)


@dataclass(frozen=True)
class End:
    """What came of it all: states of orders, who holds what, whom which mail was written to, what the audit says."""

    states: dict[str, OrderState]
    held: set[tuple[str, str, str, str]]
    mails: dict[str, list[str]]
    entries: list[tuple[str, int]]


def crowd(url: str, folder: Path) -> Office:
    office = world(url, folder)
    for name in _MORE:
        office.give(office.account(name), "i-4101900002")
    return office


def there_and_back(office: Office, work: Work) -> tuple[int, int, End]:
    """Approve, tell, carry out on the day and undo three days later; return how often each was cut short."""
    before = office.held()
    ids, proposal = office.approved(LINES)
    applied = work(office, [(proposal, announcing.step)])
    assert set(office.states().values()) == {OrderState.APPROVED}
    assert office.held() == before
    office.now = midnight_in_riga(DAY)
    applied += work(office, [(proposal, applying.step)])
    assert set(office.states().values()) == {OrderState.APPLIED}
    assert office.held() == set()
    undone = _back(office, ids, work)
    assert office.held() == before
    return applied, undone, _end(office)


def _back(office: Office, ids: list[OrderId], work: Work) -> int:
    office.pass_days(3)
    back = office.propose_undo(ids)
    office.confirm(back)
    return work(office, [(back, undoing.step), *((one, taking_back.step) for one in ids)])


def _end(office: Office) -> End:
    mails = {template: office.mails(template) for template in ("order_ahead", "rights_ended", "rights_again")}
    for written in mails.values():
        assert len(written) == len(set(written)), "one mail each"
    assert len(mails["order_ahead"]) == len(mails["rights_again"]) == len(NAMES) + len(_MORE)
    with office.sessions() as session:
        entries = session.execute(select(AuditEntry.tag, func.count()).group_by(AuditEntry.tag)).all()
    return End(office.states(), office.held(), mails, sorted((tag, number) for tag, number in entries))


@pytest.fixture
def undisturbed(postgres: Postgres, migrated_template: str, tmp_path: Path) -> Iterator[End]:
    """What comes of it when nothing is killed."""
    name = f"undisturbed_{next(_numbers)}"
    office = crowd(postgres.create(name, template=migrated_template), tmp_path / "undisturbed")
    _, _, end = there_and_back(office, lambda office, steps: sum(office.steps(*one) for one in steps))
    office.sessions.kw["bind"].dispose()
    yield end
    postgres.drop(name)


def test_workers_killed_at_fifty_points_come_to_the_same_end_and_back(
    database_url: str, tmp_path: Path, undisturbed: End
) -> None:
    seeds = count(1)

    def mortal(office: Office, _steps: Steps) -> int:
        """Let workers do what is due, each until it is killed; return how many were."""
        seed = next(seeds)
        command = [sys.executable, str(_MORTAL), database_url, office.now.isoformat(), str(seed)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)
        assert done.returncode == 0, done.stderr[-2000:]
        killed = int(done.stdout.split()[-1])
        _say(f"seed {seed}: {killed} workers killed")
        return killed

    office = crowd(database_url, tmp_path)
    applied, undone, end = there_and_back(office, mortal)
    office.sessions.kw["bind"].dispose()
    assert min(applied, undone) >= _POINTS // 4
    assert applied + undone >= _POINTS
    assert end == undisturbed


@pytest.fixture
def own_server(servers_folder: Path) -> Iterator[Postgres]:
    """A PostgreSQL of this test's own, durable as in earnest."""
    with Postgres(servers_folder / f"killed-{next(_numbers)}") as up:
        yield up


@pytest.mark.filterwarnings("ignore:.*was deleted while still open:ResourceWarning")  # to a server that is no more
def test_a_database_killed_at_random_points_is_gone_on_with(
    own_server: Postgres, tmp_path: Path, undisturbed: End, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (announcing, applying, undoing):
        monkeypatch.setattr(module, "_CHUNK", 1)
    random = Random(_SEED)  # noqa: S311 - the same deaths each time
    url = own_server.create("viis")
    migrate(url)

    def interrupted(office: Office, steps: Steps) -> int:
        left, cut_short = list(steps), 0
        while left:
            with _power_cut(office, own_server, after=random.randrange(50 + 2 * cut_short)) as cut:
                try:
                    office.steps(*left[0])
                    left.pop(0)
                except DBAPIError:
                    assert cut()
                    cut_short += 1
        return cut_short

    office = crowd(url, tmp_path)
    applied, undone, end = there_and_back(office, interrupted)
    _say(f"seed {_SEED}: the database killed {applied} times, and {undone} times while undoing")
    office.sessions.kw["bind"].dispose()
    assert min(applied, undone) >= _POINTS // 4
    assert applied + undone >= _POINTS
    assert end == undisturbed


def _say(what: str) -> None:
    sys.stdout.write(f"{what}\n")  # pytest shows it where the test fails


@contextmanager
def _power_cut(office: Office, server: Postgres, *, after: int) -> Iterator[Callable[[], bool]]:
    """Let the server be killed at the so manyth statement of the block, and start again; say whether it was."""
    left = after

    def count_down(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == -1:
            server.kill()
            server.start()

    engine = office.sessions.kw["bind"]
    event.listen(engine, "before_cursor_execute", count_down)
    try:
        yield lambda: left < 0
    finally:
        event.remove(engine, "before_cursor_execute", count_down)
