"""The same bytes may be asked about by several at once: whoever is done first forgets nothing the others need.

Each story puts one party exactly between two statements of the other, on connections of their own.
"""

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, event, func, select, text
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office
from workflows import database
from workflows.evidence import service as evidence
from workflows.evidence.models import Document, Verification, VerificationOutcome
from workflows.validation import service as validation
from workflows.validation.models import Check

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CONTENT = b"not signed at all, and asked about by many"


@pytest.fixture
def other(database_url: str) -> Iterator[sessionmaker[Session]]:
    """Sessions of another process."""
    engine = database.engine(database_url)
    yield database.session_factory(engine)
    engine.dispose()


def ask(sessions: sessionmaker[Session], content: bytes = CONTENT, *, at: datetime = AT) -> str:
    with sessions.begin() as session:
        return validation.begin(session, io.BytesIO(content), name="a.edoc", limit=1 << 20, at=at)


def forget(sessions: sessionmaker[Session], token: str) -> None:
    with sessions.begin() as session:
        found = validation.find(session, token)
        assert found is not None
        validation.drop(session, found[0])


def count(sessions: sessionmaker[Session], table: type[object]) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@contextmanager
def between(engine: Engine, statement: str, act: Callable[[], None]) -> Iterator[None]:
    """Do something right after each statement that begins so."""

    def executed(_connection: object, _cursor: object, text: str, *_more: object) -> None:
        if text.startswith(statement):
            act()

    event.listen(engine, "after_cursor_execute", executed)
    try:
        yield
    finally:
        event.remove(engine, "after_cursor_execute", executed)


def engine_of(sessions: sessionmaker[Session]) -> Engine:
    engine = sessions.kw["bind"]
    assert isinstance(engine, Engine)
    return engine


def test_a_document_forgotten_while_it_comes_in_again_is_kept_again(
    sessions: sessionmaker[Session], other: sessionmaker[Session]
) -> None:
    waiting = [ask(other)]

    def meanwhile() -> None:
        if waiting:
            forget(other, waiting.pop())

    with between(engine_of(sessions), "INSERT INTO documents", meanwhile):
        token = ask(sessions)
    assert not waiting
    with sessions() as session:
        found = validation.find(session, token)
        assert found is not None
        assert evidence.read(session, found[0].sha256) == CONTENT


def test_a_document_that_came_in_is_not_forgotten_before_it_is_tied_to_anything(
    sessions: sessionmaker[Session], other: sessionmaker[Session]
) -> None:
    first = ask(other)
    forgetting = threading.Thread(target=forget, args=(other, first))
    with sessions.begin() as session:
        document = evidence.receive(session, CONTENT, declared_name="a.edoc", at=AT)
        forgetting.start()
        forgetting.join(0.3)
        assert forgetting.is_alive(), "it waits for us"
        session.add(Check(token_digest="a" * 64, sha256=document.sha256, name="a", received_at=AT))
    forgetting.join(10)
    assert (count(sessions, Check), count(sessions, Document)) == (1, 1)


def test_two_that_forget_the_same_document_at_once_do_not_hold_each_other_up(
    sessions: sessionmaker[Session], other: sessionmaker[Session]
) -> None:
    tokens = [ask(sessions), ask(sessions)]
    both = threading.Barrier(2, timeout=0.5)
    faults: list[Exception] = []

    def meet() -> None:
        with suppress(threading.BrokenBarrierError):
            both.wait()

    def done(which: sessionmaker[Session], token: str) -> None:
        try:
            with between(engine_of(which), "DELETE FROM web_checks", meet):
                forget(which, token)
        except Exception as fault:  # noqa: BLE001 - shown by the assertion below
            faults.append(fault)

    threads = [threading.Thread(target=done, args=pair) for pair in zip((sessions, other), tokens, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert (count(sessions, Check), count(sessions, Document)) == (0, 0)


def test_a_check_forgotten_while_it_is_judged_leaves_nothing_and_no_failed_job(
    office: Office, sessions: sessionmaker[Session], other: sessionmaker[Session]
) -> None:
    token = ask(sessions, at=office.now)
    real = evidence.judge_case

    def decide(*arguments: object, **more: object) -> object:
        forget(other, token)
        return real(*arguments, **more)  # type: ignore[arg-type]  # passed on

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evidence, "judge_case", decide)
        drained = office.work()
    assert drained.failed == 0
    assert [count(sessions, table) for table in (Check, Verification, Document)] == [0, 0, 0]


def test_a_dropped_file_that_judging_failed_over_to_the_last_is_answered_all_the_same(
    office: Office, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object, **_named: object) -> object:
        raise RuntimeError("the answer cannot be kept")

    token = ask(sessions, at=office.now)
    monkeypatch.setattr(evidence, "judge_case", fail)
    with sessions.begin() as session:
        session.execute(text("UPDATE procrastinate_jobs SET attempts = 5"))
    office.work()
    with sessions() as session:
        found = validation.find(session, token)
        assert found is not None
        assert found[1] is not None
        assert found[1].outcome == VerificationOutcome.COULD_NOT_BE_JUDGED


@pytest.mark.parametrize("statement", ["SELECT web_checks.", "SELECT documents."])
def test_a_check_forgotten_between_any_two_statements_of_its_judging_fails_no_job(
    office: Office, sessions: sessionmaker[Session], other: sessionmaker[Session], statement: str
) -> None:
    token = ask(sessions, at=office.now)
    began: list[threading.Thread] = []

    def meanwhile() -> None:
        if not began:
            began.append(threading.Thread(target=forget, args=(other, token)))
            began[0].start()
            began[0].join(0.3)

    with between(Engine, statement, meanwhile):  # type: ignore[arg-type]  # every engine, the worker's too
        drained = office.work()
    began[0].join(10)
    assert drained.failed == 0
    assert [count(sessions, table) for table in (Check, Document)] == [0, 0]


def test_what_is_a_day_old_goes_though_somebody_else_forgets_it_too(
    sessions: sessionmaker[Session], other: sessionmaker[Session]
) -> None:
    tokens = [ask(sessions, content, at=AT) for content in (b"one", b"two", b"three")]

    def meanwhile() -> None:
        if tokens:
            forget(other, tokens.pop())

    with between(engine_of(sessions), "SELECT web_checks.", meanwhile), sessions.begin() as session:
        validation.forget(session, at=AT + timedelta(days=2))
    assert len(tokens) == 2
    assert (count(sessions, Check), count(sessions, Document)) == (0, 0)
