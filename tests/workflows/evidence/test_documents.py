"""A file is kept byte for byte, once, and never whole in memory."""

import hashlib
import io
import threading
import tracemalloc
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from workflows.evidence.models import Document, DocumentChunk
from workflows.evidence.service import CHUNK, DocumentTooLarge, UnknownDocument, chunks, read, receive

AT = datetime(2026, 11, 24, tzinfo=UTC)


class Endless:
    """A stream of `size` bytes that does not exist anywhere."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, size: int) -> bytes:
        part = min(size, self.left)
        self.left -= part
        return bytes(part)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_what_comes_in_comes_out_byte_for_byte(sessions: sessionmaker[Session], size: int) -> None:
    content = bytes(index * 31 % 251 for index in range(256)) * (size // 256 + 1)
    content = content[:size]
    with sessions.begin() as session:
        document = receive(session, io.BytesIO(content), declared_name="letter.edoc", at=AT)
    assert document.sha256 == hashlib.sha256(content).hexdigest()
    assert document.size == size
    with sessions.begin() as session:
        assert read(session, document.sha256) == content


def test_the_same_file_is_kept_once_whatever_it_is_called(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        first = receive(session, b"the same", declared_name="a.pdf", at=AT)
        second = receive(session, b"the same", declared_name="b.pdf", at=AT)
    assert first is second
    assert first.declared_name == "a.pdf"
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(DocumentChunk)) == 1


def test_the_same_file_sent_by_many_at_once_is_kept_once(sessions: sessionmaker[Session]) -> None:
    faults: list[Exception] = []

    def send() -> None:
        try:
            with sessions.begin() as session:
                receive(session, b"same" * CHUNK, declared_name="a.pdf", at=AT)
        except Exception as fault:  # noqa: BLE001 - shown by the assertion below
            faults.append(fault)

    senders = [threading.Thread(target=send) for _ in range(8)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert faults == []
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Document)) == 1
        assert session.scalar(select(func.count()).select_from(DocumentChunk)) == 4


def test_a_file_beyond_the_limit_leaves_nothing(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        with pytest.raises(DocumentTooLarge):
            receive(session, Endless(60 * CHUNK), declared_name="a.pdf", at=AT, limit=25 * CHUNK)
        assert session.scalar(select(func.count()).select_from(Document)) == 0


def test_twenty_five_megabytes_add_little_memory_on_their_way_in_and_out(sessions: sessionmaker[Session]) -> None:
    tracemalloc.start()
    try:
        with sessions.begin() as session:
            document = receive(session, Endless(25 * CHUNK), declared_name="a.pdf", at=AT)
        with sessions.begin() as session:
            total = sum(len(part) for part in chunks(session, document.sha256))
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert total == 25 * CHUNK
    assert peak < 12 * CHUNK


def test_a_name_is_one_printable_line(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        document = receive(session, b"x", declared_name="a\r\nb\u202e.pdf\x00" + "c" * 400, at=AT)
    assert document.declared_name.startswith("a  b .pdf c")
    assert len(document.declared_name) == 255


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"hello", "application/octet-stream"),
        (b"", "application/octet-stream"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>', "application/xml"),
        (b"PK\x03\x04" + bytes(26), "application/zip"),
        (
            b"PK\x03\x04"
            + bytes(14)
            + b"\x1f\0\0\0\x1f\0\0\0"
            + b"\x08\0\0\0"
            + b"mimetypeapplication/vnd.etsi.asic-e+zipPK",
            "application/vnd.etsi.asic-e+zip",
        ),
    ],
)
def test_the_kind_is_told_by_the_content(sessions: sessionmaker[Session], content: bytes, kind: str) -> None:
    with sessions.begin() as session:
        assert receive(session, content, declared_name="letter.pdf", at=AT).media_type == kind


def test_an_unknown_digest_is_an_error(sessions: sessionmaker[Session]) -> None:
    with sessions() as session, pytest.raises(UnknownDocument):
        read(session, "0" * 64)
