"""When a file holds the number of an application, wherever in it."""

import io
import random
import zipfile
from datetime import UTC, datetime

import pytest

from signing import Content, Report, TrustState
from workflows.signed_forms.found_references import pdfs_in, references_in
from workflows.signed_forms.references import new_reference

KIB, MIB = 2**10, 2**20
_NO_LETTERS = bytes(128 + value % 128 for value in range(256))


def filler(size: int) -> bytes:
    """Octets without letters and digits, which shrink as little as a picture: the guard refuses what shrinks much."""
    return random.Random(size).randbytes(size).translate(_NO_LETTERS)  # noqa: S311 - repeatable, not secret


def container(content: bytes, name: str = "form.pdf", method: int = zipfile.ZIP_DEFLATED) -> tuple[bytes, Report]:
    """Pack a file as a signed container does, and say what the guard reports of it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as file:
        file.writestr(name, content)
    report = Report(
        file_name="x.edoc",
        form="ASiC-E",
        judged_at=datetime(2026, 11, 24, tzinfo=UTC),
        trust_state=TrustState.FRESH,
        contents=(Content(name, len(content), "0" * 64, covered_by=()),),
        signatures=(),
    )
    return packed.getvalue(), report


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize(
    "before", [0, 100, 256 * KIB - 14, 256 * KIB - 7, 256 * KIB - 1, MIB - 14, MIB - 7, MIB - 1, MIB, 3 * MIB - 5]
)
def test_a_number_is_found_across_the_pieces_a_large_file_is_read_in(before: int, method: int) -> None:
    reference = new_reference()
    document, report = container(filler(before) + reference.encode() + filler(MIB), method=method)
    assert references_in(document, report) == {reference}


def test_what_only_resembles_a_number_is_none() -> None:
    document, report = container(f"A{new_reference()} {new_reference()}B".encode())
    assert references_in(document, report) == frozenset()


def unflagged(document: bytes) -> bytes:
    """Write names in UTF-8 without saying so (APPNOTE §4.4.4, bit 11), as many programs that sign do."""
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = document.index(header) + flags
        document = document[:at] + b"\0\0" + document[at + 2 :]
    return document


@pytest.mark.parametrize("damaged", [False, True])
def test_a_file_is_found_by_the_name_the_guard_reports(damaged: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    reference = new_reference()
    form = b"%PDF-1.7 " + reference.encode()
    document, report = container(form, "saistību raksts.pdf")
    document = unflagged(document)
    if damaged:  # the checksum is another one
        at = document.index(b"PK\x01\x02") + 16
        document = document[:at] + b"\0\0\0\0" + document[at + 4 :]
    assert references_in(document, report) == (frozenset() if damaged else {reference})
    assert list(pdfs_in(document, report)) == ([] if damaged else [("saistību raksts.pdf", form)])


@pytest.mark.parametrize("document", [b"PK\x03\x04", b"PK\x03\x04" + b"\0" * 200, b"nothing of the kind"])
def test_what_is_no_container_holds_no_files(document: bytes) -> None:
    _, report = container(b"%PDF-1.7")
    assert references_in(document, report) == frozenset()
    assert list(pdfs_in(document, report)) == []
