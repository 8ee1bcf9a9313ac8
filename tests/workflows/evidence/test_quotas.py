"""How much may come in, where its bytes lie, and when they go: on real PostgreSQL, with two and more at once."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.policy_numbers import set_numbers
from workflows.evidence import disk_space, documents, quotas
from workflows.evidence.models import Document, DocumentChunk, Held, LookChunk, UploadBytes
from workflows.evidence.quotas import NoRoom, NoRoomForLooks, Quota, QuotaReached, Use
from workflows.evidence.service import CHUNK, BytesGone, read, receive

AT = datetime(2026, 11, 29, 12, 40, tzinfo=UTC)
MIB = 2**20
SCHOOL, OTHER = "192.0.2.0/24", "198.51.100.0/24"
CONTENT = b"x" * (CHUNK + 1)


def count(session: Session, size: int, *, use: Use = Use.LOOK, network: str = SCHOOL, at: datetime = AT) -> None:
    quotas.count(session, use, network, size, at=at)


def rows(sessions: sessionmaker[Session], table: type[object]) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_network_sends_so_much_within_an_hour_and_more_in_the_next(session: Session) -> None:
    set_numbers(session, looks_per_network=3)
    for _ in range(3):
        count(session, MIB)
    with pytest.raises(QuotaReached) as reached:
        count(session, 1)
    assert (reached.value.quota, reached.value.most) == (Quota.NETWORK, 3 * MIB)
    assert reached.value.free_at == AT.replace(hour=13, minute=0)
    count(session, MIB, network=OTHER)
    count(session, MIB, at=AT + timedelta(hours=1))


def test_what_was_refused_is_not_counted(session: Session) -> None:
    set_numbers(session, looks_per_network=3)
    count(session, 2 * MIB)
    with pytest.raises(QuotaReached):
        count(session, 2 * MIB)
    count(session, MIB)


def test_one_file_larger_than_the_limit_is_refused_at_once(session: Session) -> None:
    set_numbers(session, looks_per_network=3)
    with pytest.raises(QuotaReached):
        count(session, 4 * MIB)


def test_many_networks_reach_the_limit_of_all(session: Session) -> None:
    set_numbers(session, looks_overall=5)
    for number in range(5):
        count(session, MIB, network=f"10.0.{number}.0/24")
    with pytest.raises(QuotaReached) as reached:
        count(session, MIB, network=OTHER)
    assert reached.value.quota is Quota.EVERYBODY


def test_who_only_looks_takes_nothing_from_who_applies(session: Session) -> None:
    set_numbers(session, looks_overall=1, looks_per_network=1)
    count(session, MIB)
    with pytest.raises(QuotaReached):
        count(session, MIB)
    count(session, MIB, use=Use.APPLICATION)
    count(session, MIB, use=Use.MACHINE)


def test_a_new_policy_holds_from_its_day_on_in_riga(session: Session) -> None:
    set_numbers(session, AT.date() + timedelta(days=1), per_application=1)
    late = datetime(2026, 11, 29, 22, 30, tzinfo=UTC)  # half past midnight in Riga
    quotas.check_application(session, 0, 2 * MIB, free_at=lambda: None, at=AT)
    with pytest.raises(QuotaReached):
        quotas.check_application(session, 0, 2 * MIB, free_at=lambda: None, at=late)


def test_sixteen_at_once_do_not_get_more_than_there_is(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        set_numbers(session, looks_per_network=5)
    taken: list[bool] = []
    barrier = threading.Barrier(16)

    def send() -> None:
        barrier.wait()
        try:
            with sessions.begin() as session:
                count(session, MIB)
            taken.append(True)
        except QuotaReached:
            taken.append(False)

    threads = [threading.Thread(target=send) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False] * 11 + [True] * 5


def test_past_what_may_be_held_nothing_more_is_taken(session: Session) -> None:
    set_numbers(session, waiting_for_verdict=1, evidence_most=1)
    receive(session, CONTENT, declared_name="a", at=AT, held=Held.LOOKED_AT)
    with pytest.raises(NoRoomForLooks):
        count(session, MIB)
    with pytest.raises(NoRoomForLooks):
        count(session, MIB, use=Use.MACHINE)
    count(session, MIB, use=Use.APPLICATION)
    receive(session, CONTENT, declared_name="a", at=AT)
    with pytest.raises(NoRoom) as full:
        count(session, MIB, use=Use.APPLICATION)
    assert not isinstance(full.value, NoRoomForLooks)


def test_counts_of_hours_that_are_over_are_forgotten(session: Session) -> None:
    count(session, MIB)
    quotas.forget_old(session, at=AT + timedelta(hours=1))
    assert session.scalar(select(func.count()).select_from(UploadBytes)) == 2
    quotas.forget_old(session, at=AT + timedelta(days=1))
    assert session.scalar(select(func.count()).select_from(UploadBytes)) == 0


def test_what_one_network_hands_in_is_counted_by_the_day_in_riga(session: Session) -> None:
    set_numbers(session, uploads_per_network=2)
    count(session, 2 * MIB, use=Use.APPLICATION)
    quotas.forget_old(session, at=AT + timedelta(hours=3))
    with pytest.raises(QuotaReached) as reached:
        count(session, MIB, use=Use.APPLICATION, at=AT + timedelta(hours=3))
    assert reached.value.free_at == datetime(2026, 11, 29, 22, tzinfo=UTC)
    count(session, MIB, use=Use.APPLICATION, at=datetime(2026, 11, 29, 22, tzinfo=UTC))


def test_what_is_only_looked_at_never_lies_among_the_evidence(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        sha256 = receive(session, CONTENT, declared_name="a", at=AT, held=Held.LOOKED_AT).sha256
        assert read(session, sha256) == CONTENT
    assert (rows(sessions, LookChunk), rows(sessions, DocumentChunk)) == (2, 0)
    with sessions.begin() as session:
        document = documents.hold_alone(session, sha256)
        assert document is not None
        documents.drop_look(session, document)
    assert rows(sessions, LookChunk) == 0
    with sessions() as session, pytest.raises(BytesGone):
        read(session, sha256)


def test_what_was_looked_at_and_is_handed_in_then_is_evidence(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        sha256 = receive(session, CONTENT, declared_name="a", at=AT, held=Held.LOOKED_AT).sha256
    with sessions.begin() as session:
        assert receive(session, CONTENT, declared_name="b", at=AT).held is Held.KEPT
    with sessions.begin() as session:
        document = documents.hold_alone(session, sha256)
        assert document is not None
        documents.drop_look(session, document)
    with sessions() as session:
        assert read(session, sha256) == CONTENT


def test_what_was_dropped_is_stored_again_when_it_comes_again(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        sha256 = receive(session, CONTENT, declared_name="a", at=AT).sha256
        document = documents.hold_alone(session, sha256)
        assert document is not None
        documents.drop(session, document)
    assert rows(sessions, DocumentChunk) == 0
    for held in (Held.LOOKED_AT, Held.KEPT):
        with sessions.begin() as session:
            assert receive(session, CONTENT, declared_name="a", at=AT, held=held).held is held
        with sessions() as session:
            assert read(session, sha256) == CONTENT


def test_a_look_whose_bytes_a_crash_took_is_told_from_evidence(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        sha256 = receive(session, CONTENT, declared_name="a", at=AT, held=Held.LOOKED_AT).sha256
    with sessions.begin() as session:
        session.execute(text("TRUNCATE look_chunks"))  # what a crash does to an unlogged table
    with sessions() as session, pytest.raises(BytesGone):
        read(session, sha256)


def test_receiving_and_dropping_the_same_bytes_at_once_loses_nothing(sessions: sessionmaker[Session]) -> None:
    """Whoever has received holds the bytes until the end of the transaction, whatever others drop meanwhile."""
    faults: list[BaseException] = []

    def come_in(held: Held) -> None:
        try:
            for _ in range(12):
                with sessions.begin() as session:
                    sha256 = receive(session, CONTENT, declared_name="a", at=AT, held=held).sha256
                    assert read(session, sha256) == CONTENT
        except BaseException as fault:  # noqa: BLE001 - shown by the assertion below
            faults.append(fault)

    def go() -> None:
        try:
            for _ in range(24):
                with sessions.begin() as session:
                    sha256 = session.scalar(select(Document.sha256))
                    document = None if sha256 is None else documents.hold_alone(session, sha256)
                    if document is not None:
                        documents.drop_look(session, document)
                        documents.drop(session, document)
        except BaseException as fault:  # noqa: BLE001 - shown by the assertion below
            faults.append(fault)

    threads = [threading.Thread(target=come_in, args=(held,)) for held in (Held.KEPT, Held.LOOKED_AT) * 2]
    threads += [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert faults == []


def test_the_space_there_is_can_be_measured(session: Session) -> None:
    receive(session, CONTENT, declared_name="a", at=AT)
    found = disk_space.measure(session, at=AT)
    assert found.kept == len(CONTENT)
    assert found.database > len(CONTENT)
    assert all(free > 0 for free in found.free.values())
    assert disk_space.free_bytes("/nowhere/at/all", None) == {}
