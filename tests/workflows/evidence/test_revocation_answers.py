"""An OCSP answer or CRL is stored once, however many verifications it served, and goes with the last of them."""

import threading
from datetime import datetime, timedelta

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, delete, func, select, text
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import NullPool

from signing import Report
from tests.workflows.evidence.conftest import Lists
from workflows import database
from workflows.database import MIGRATIONS
from workflows.evidence import records, service
from workflows.evidence.models import RevocationAnswer, Verification, VerificationRevocation
from workflows.migrating import migrate

CRL, OCSP = b"a long list of revoked certificates" * 1000, b"one answer"


def kept(session: Session, document: bytes, answers: tuple[bytes, ...], *, at: datetime) -> Verification:
    sha256 = service.receive(session, document, declared_name="a", at=at).sha256
    case = service.open_case(session, sha256, name="a", at=at)
    report = Report("a", "PAdES", at, case.trust.state(at))
    return service.record(session, service.Judged(case=case, judgement=report, revocation=answers, duration_ms=1))


def test_the_same_bytes_are_stored_once_for_seven_hundred_verifications(
    sessions: sessionmaker[Session], lists: Lists
) -> None:
    with sessions.begin() as session:
        for number in range(700):
            kept(session, b"x", (CRL, OCSP, CRL), at=lists.at + timedelta(hours=number))
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(RevocationAnswer)) == 2
        size = select(func.sum(func.octet_length(RevocationAnswer.content)))
        assert session.scalar(size) == len(CRL) + len(OCSP)
        named = session.scalars(
            select(VerificationRevocation).where(VerificationRevocation.verification_id == 1).order_by("number")
        )
        assert [one.content for one in named] == [CRL, OCSP, CRL], "in the order they were handed in"


def test_an_answer_goes_a_day_after_its_last_verification(sessions: sessionmaker[Session], lists: Lists) -> None:
    with sessions.begin() as session:
        first = kept(session, b"x", (CRL,), at=lists.at)
        kept(session, b"y", (CRL, OCSP), at=lists.at)
        session.execute(delete(Verification).where(Verification.id != first.id))
        assert records.delete_unused_answers(session, at=lists.at + timedelta(hours=23)) == 0
        assert records.delete_unused_answers(session, at=lists.at + timedelta(hours=25)) == 1
        assert session.scalars(select(RevocationAnswer.content)).all() == [CRL]


def test_one_that_is_needed_again_is_not_deleted_under_whoever_needs_it(
    sessions: sessionmaker[Session], lists: Lists
) -> None:
    with sessions.begin() as session:
        kept(session, b"x", (CRL,), at=lists.at)
        session.execute(delete(Verification))
    later = lists.at + timedelta(days=2)
    deleted: list[int] = []

    def delete_unused() -> None:
        with sessions.begin() as session:
            deleted.append(records.delete_unused_answers(session, at=later))

    deleting = threading.Thread(target=delete_unused)
    with sessions.begin() as session:
        kept(session, b"y", (CRL,), at=later)
        deleting.start()  # waits for the row, which is no longer old once it may go on
        deleting.join(0.3)
        assert deleting.is_alive()
    deleting.join(10)
    assert deleted == [0]
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(VerificationRevocation)) == 1


def test_answers_of_before_are_moved_and_moved_back(empty_database_url: str) -> None:
    migrate(empty_database_url, to="0014")
    engine = create_engine(database.sqlalchemy_url(empty_database_url), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO documents (sha256, size, chunks, declared_name, media_type, received_at)"
                " VALUES (repeat('0', 64), 0, 0, 'a', 'x', now())"
            )
        )
        for number in range(3):
            verification = connection.scalar(
                text(
                    "INSERT INTO verifications (sha256, name, judged_at, duration_ms, outcome, code, expected,"
                    " trust_digests, version) VALUES (repeat('0', 64), 'a', now(), 1, 'unreadable', 'x', '[]', '{}',"
                    " '1') RETURNING id"
                )
            )
            for place, content in enumerate((CRL, OCSP + bytes([number]))):
                connection.execute(
                    text("INSERT INTO verification_revocations VALUES (:verification, :place, :content)"),
                    {"verification": verification, "place": place, "content": content},
                )
        before = connection.execute(text("SELECT * FROM verification_revocations ORDER BY 1, 2")).all()
    migrate(empty_database_url, to="0015")
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM revocation_answers")) == 4
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.downgrade(config, "0014")
        back = "SELECT verification_id, number, content FROM verification_revocations ORDER BY 1, 2"
        assert [tuple(row) for row in connection.execute(text(back))] == [tuple(row) for row in before]
    engine.dispose()
