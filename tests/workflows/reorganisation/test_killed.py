"""Killed wherever it is, carrying a plan out comes to the same end, with one mail each; two at once do the same."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from demo.servers import Postgres
from iam.audit import AuditEntry
from iam.orders.states import OrderState
from iam.periods import midnight_in_riga
from tests.workflows.reorganisation.office import DAY, URL, Office
from workflows import database
from workflows.reorganisation import applying, undoing
from workflows.reorganisation.carrier import CARRIES_OUT

NAMES = ("Anna Bērziņa", "Zane Kalna", "Valdis Ozols", "Ilze Liepa", "Inta Upe", "Juris Egle")
LINES = (
    "1,Domes lēmums,2026-09-01,transformed,4113900001,4113900009=Aldas ģimnāzija,,\n"
    "2,Domes lēmums,2026-09-01,joined,4101900002,4213900003,,\n"
)


class Killed(Exception):
    """The process is gone."""


def world(database_url: str, folder: Path) -> Office:
    office = Office(database.session_factory(database.engine(database_url)))
    folder.mkdir(exist_ok=True)
    office.open(folder)
    for number, name in enumerate(NAMES):
        account = office.account(name)
        office.give(account, "i-4113900001" if number % 2 else "i-4101900002", "learners", "staff")
        if number == 0:
            office.give(account, "i-4113900001", "reports")
    return office


@contextmanager
def killed_after(session: Session, statements: int) -> Iterator[None]:
    """Let the process die at the so manyth statement of the block."""
    left = [statements]

    def count(*_: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Killed

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", count)


def stumble(office: Office, proposal: int, random: Random, step: Callable[..., bool]) -> int:
    """Do it with a death at a random statement again and again; return how many there were."""
    deaths = 0
    while True:
        with office.sessions() as session:
            try:
                with killed_after(session, random.randrange(40 + 4 * deaths)), session.begin():
                    more = step(session, proposal, base_url=URL, origin=CARRIES_OUT, at=office.now)
            except Killed:
                deaths += 1
                continue
            if not more:
                return deaths


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_random_points_it_comes_to_the_same_end_and_back(
    postgres: Postgres, migrated_template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(applying, "_CHUNK", 1)
    monkeypatch.setattr(undoing, "_CHUNK", 1)
    ends = []
    for name in ("whole", "killed"):
        office = world(postgres.create(f"{name}{seed}", template=migrated_template), tmp_path / name)
        before = office.held()
        ids, proposal = office.approved(LINES)
        office.now = midnight_in_riga(DAY)
        random = Random(seed)  # noqa: S311 - the same deaths each time
        if name == "whole":
            office.carry_out(proposal)
        else:
            assert stumble(office, proposal, random, applying.step) > 3
        assert set(office.states().values()) == {OrderState.APPLIED}
        assert office.held() == set()
        assert len(office.mails("rights_ended")) == len(set(office.mails("rights_ended"))) == len(NAMES)
        office.pass_days(3)
        back = office.propose_undo(ids)
        office.confirm(back)
        if name == "whole":
            office.undo(back)
        else:
            assert stumble(office, back, random, undoing.step) > 3
        assert office.held() == before
        assert len(office.mails("rights_again")) == len(set(office.mails("rights_again"))) == len(NAMES)
        with office.sessions() as session:
            entries = session.execute(select(AuditEntry.tag, func.count()).group_by(AuditEntry.tag)).all()
        ends.append((office.states(), sorted(entries)))
        office.sessions.kw["bind"].dispose()
        postgres.drop(f"{name}{seed}")
    assert ends[0] == ends[1]


def test_two_who_carry_it_out_at_once_end_each_right_once(database_url: str, tmp_path: Path) -> None:
    office = world(database_url, tmp_path)
    _, proposal = office.approved(LINES)
    office.now = midnight_in_riga(DAY)
    failures: list[BaseException] = []
    together = threading.Barrier(2)

    def work() -> None:
        try:
            together.wait(timeout=30)
            office.carry_out(proposal)
        except BaseException as failed:  # noqa: BLE001 - told by the test
            failures.append(failed)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert failures == []
    assert set(office.states().values()) == {OrderState.APPLIED}
    assert len(office.mails("rights_ended")) == len(NAMES)
    with office.sessions() as session:
        ended = session.scalar(select(func.count()).where(AuditEntry.tag == "grant:ended"))
    assert ended == 2 * len(NAMES) + 1
    office.sessions.kw["bind"].dispose()
