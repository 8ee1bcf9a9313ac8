"""Where do the bytes of a document lie, and until when?

A document's row (digest, size, name) outlives its bytes. They lie in one of two places, or nowhere:

    kept        in `document_chunks`: what was handed in, until it turns out to be junk
    looked at   in `look_chunks`, until the verdict is there: what proves nothing is no evidence
    dropped     nowhere; the same bytes coming in again are stored again

Whoever needs the bytes holds the row with KEY SHARE, whoever drops them takes it FOR UPDATE and looks again.
"""

import hashlib
import io
import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Protocol

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflows.evidence.models import Document, DocumentChunk, DocumentPage, Held, LookChunk

__all__ = [
    "CHUNK",
    "BytesGone",
    "DocumentTooLarge",
    "EvidenceError",
    "UnknownDocument",
    "chunks",
    "drop",
    "drop_look",
    "hold",
    "hold_alone",
    "one_line",
    "read",
    "receive",
]

CHUNK = 2**20


class EvidenceError(Exception):
    """The root of what this package raises.

    EvidenceError
    ├── DocumentTooLarge
    ├── UnknownDocument
    ├── BytesGone
    ├── QuotaReached        (quotas)
    └── NoRoom              (quotas)
        └── NoRoomForLooks
    """


class DocumentTooLarge(EvidenceError):
    """More bytes than allowed; nothing of it was kept."""


class UnknownDocument(EvidenceError):
    """No document has that digest."""


class BytesGone(EvidenceError):
    """The document is known, its bytes are no longer kept."""


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def receive(
    session: Session,
    source: bytes | _Readable,
    *,
    declared_name: str,
    at: datetime,
    limit: int | None = None,
    held: Held = Held.KEPT,
) -> Document:
    """Keep a file, byte for byte and once; return its row. Raises DocumentTooLarge beyond `limit` bytes.

    Until the transaction ends nobody else can forget the document: there is time to tie it to what needs it.
    The stream is read once, from where it stands, and spooled to disk while its digest is made: memory stays flat.
    `held` says whether it is handed in or only looked at.
    """
    with tempfile.SpooledTemporaryFile(max_size=CHUNK) as spool:
        digest = hashlib.sha256()
        size = 0
        for part in _parts(source):
            size += len(part)
            if limit is not None and size > limit:
                raise DocumentTooLarge(f"more than {limit} bytes")
            digest.update(part)
            spool.write(part)
        spool.seek(0)
        start = spool.read(512)
        spool.seek(0)
        sha256 = digest.hexdigest()
        row = insert(Document).values(
            sha256=sha256,
            size=size,
            chunks=-(-size // CHUNK),
            declared_name=one_line(declared_name),
            media_type=_media_type(start),
            received_at=at,
            held=held,
        )
        while True:
            # Two at once with the same file: the second waits here for the first and then finds its row.
            new = session.scalar(row.on_conflict_do_nothing().returning(Document.sha256))
            if new is not None:
                _store(session, sha256, spool, held)
            document = _held(session, sha256)
            if document is not None:
                return _with_bytes(session, document, spool, held)
            # Whoever had it forgot it between the two statements: it is new again.


def hold(session: Session, sha256: str) -> bool:
    """Keep a document from being forgotten before this transaction ends; False when it is gone already.

    Whoever locks a document and what refers to it, locks the document first.
    """
    return _held(session, sha256) is not None


def hold_alone(session: Session, sha256: str) -> Document | None:
    """Wait for everybody who holds the document and hold it alone, as it is now; None when it is gone."""
    wanted = select(Document).where(Document.sha256 == sha256).with_for_update()
    return session.scalar(wanted.execution_options(populate_existing=True))


def drop_look(session: Session, document: Document) -> None:
    """Drop the bytes that lie there only for a look; the caller holds the document alone and nobody looks at it."""
    session.execute(delete(LookChunk).where(LookChunk.sha256 == document.sha256))
    if document.held is Held.LOOKED_AT:
        document.held = Held.DROPPED
    session.flush()


def drop(session: Session, document: Document) -> None:
    """Drop bytes and pictures; row and verdicts stay. The caller holds the document alone and knows it for junk."""
    for table in (DocumentChunk, DocumentPage):
        session.execute(delete(table).where(table.sha256 == document.sha256))
    if document.held is Held.KEPT:
        still = session.scalar(select(exists().where(LookChunk.sha256 == document.sha256)))
        document.held = Held.LOOKED_AT if still else Held.DROPPED
    session.flush()


def read(session: Session, sha256: str) -> bytes:
    """Return the whole document. Raises UnknownDocument and BytesGone."""
    whole = io.BytesIO()
    for chunk in chunks(session, sha256):
        whole.write(chunk)
    return whole.getvalue()  # shares the buffer, where joining would hold everything twice


def chunks(session: Session, sha256: str) -> Iterator[bytes]:
    """Yield the document MiB by MiB, for downloads. Raises UnknownDocument and BytesGone."""
    document = session.get(Document, sha256)
    if document is None:
        raise UnknownDocument(sha256)
    table = LookChunk if document.held is Held.LOOKED_AT else DocumentChunk
    for number in range(document.chunks):
        chunk = session.scalar(select(table.content).where(table.sha256 == sha256, table.number == number))
        # Dropped; or only looked at and lost, for a crash of the server empties unlogged tables.
        if chunk is None:
            raise BytesGone(sha256)
        yield chunk


def one_line(name: str) -> str:
    """Return a file name that is one printable line, whatever somebody called their file."""
    return "".join(letter if letter.isprintable() else " " for letter in name).strip()[:255] or "?"


def _held(session: Session, sha256: str) -> Document | None:
    return session.scalar(select(Document).where(Document.sha256 == sha256).with_for_update(read=True, key_share=True))


def _with_bytes(session: Session, document: Document, spool: IO[bytes], wanted: Held) -> Document:
    """Store the bytes where they are not yet; the caller holds the row."""
    if document.held in {wanted, Held.KEPT}:
        return document
    # NO KEY UPDATE goes together with the KEY SHARE of others: only those who store wait for one another.
    locked = select(Document).where(Document.sha256 == document.sha256).with_for_update(key_share=True)
    document = session.scalars(locked.execution_options(populate_existing=True)).one()
    if document.held not in {wanted, Held.KEPT}:
        spool.seek(0)
        _store(session, document.sha256, spool, wanted)
        document.held = wanted
        session.flush()
    return document


def _parts(source: bytes | _Readable) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    while part := source.read(CHUNK):
        yield part


def _store(session: Session, sha256: str, spool: IO[bytes], held: Held) -> None:
    table = LookChunk if held is Held.LOOKED_AT else DocumentChunk
    number = 0
    while content := spool.read(CHUNK):
        # Not through the unit of work: it would hold every chunk until the flush.
        session.execute(insert(table).values(sha256=sha256, number=number, content=content))
        number += 1


def _media_type(start: bytes) -> str:
    """Tell the kind by the first bytes; a ZIP of the ASiC family names itself in its first entry (EN 319 162-1 §A.1).

    >>> _media_type(b"%PDF-1.7")
    'application/pdf'
    """
    if b"%PDF-" in start:
        return "application/pdf"
    if start.startswith(b"PK\x03\x04"):
        name_length = int.from_bytes(start[26:28], "little")
        extra_length = int.from_bytes(start[28:30], "little")
        size = int.from_bytes(start[22:26], "little")
        begin = 30 + name_length + extra_length
        declared = start[begin : begin + size]
        if start[30 : 30 + name_length] == b"mimetype" and declared.startswith(b"application/vnd.etsi.asic-"):
            return declared.decode("ascii", "replace")
        return "application/zip"
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml"):
        return "application/xml"
    return "application/octet-stream"
