"""When a file holds the number of an application, wherever in it."""

import io
import zipfile
from datetime import UTC, datetime

import pytest

from signing import Content, Report, TrustState
from workflows.signed_forms.found_references import references_in
from workflows.signed_forms.references import new_reference

MIB = 2**20


def container(content: bytes) -> tuple[bytes, Report]:
    """Pack a file as a signed container does, and say what the guard reports of it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("form.pdf", content)
    report = Report(
        file_name="x.edoc",
        form="ASiC-E",
        judged_at=datetime(2026, 11, 24, tzinfo=UTC),
        trust_state=TrustState.FRESH,
        contents=(Content("form.pdf", len(content), "0" * 64, covered_by=()),),
        signatures=(),
    )
    return packed.getvalue(), report


@pytest.mark.parametrize("before", [0, 100, MIB - 14, MIB - 7, MIB - 1, MIB, 3 * MIB - 5])
def test_a_number_is_found_across_the_pieces_a_large_file_is_read_in(before: int) -> None:
    reference = new_reference()
    document, report = container(b" " * before + reference.encode() + b" " * MIB)
    assert references_in(document, report) == {reference}


def test_what_only_resembles_a_number_is_none() -> None:
    document, report = container(f"A{new_reference()} {new_reference()}B".encode())
    assert references_in(document, report) == frozenset()
