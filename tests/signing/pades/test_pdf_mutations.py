"""A valid signed PDF, mutated blindly: never accepted unless every signed byte and every page is as it was."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pypdfium2  # type: ignore[import-untyped] # it has no types
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from builders.signing.attacks import byte_range
from demo.pki import person
from demo.signer import Level, sign_pdf
from signing import Indication, UnreadableDocument

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.pki import Pki
    from tests.signing.pades.conftest import JudgeForm

    Mutation = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def archived(form: bytes, pki: Pki) -> bytes:
    """Four revisions: form, signature, evidence, document time stamp."""
    return sign_pdf(form, person=person("head"), pki=pki, at=pki.epoch, level=Level.LTA)


def pictures(document: bytes) -> list[str]:
    """What a common viewer shows, page by page."""
    opened = pypdfium2.PdfDocument(document)
    try:
        opened.init_forms()
        shown = []
        for page in opened:
            bitmap = page.render(scale=0.3)
            shown.append(hashlib.sha256(bytes(bitmap.buffer)).hexdigest())
            bitmap.close()
        return shown
    finally:
        opened.close()


def changed_byte(document: bytes, where: float, value: int) -> bytes:
    at = int(where * (len(document) - 1))
    return document[:at] + bytes((document[at] ^ value,)) + document[at + 1 :]


def cut_out(document: bytes, where: float, value: int) -> bytes:
    at = int(where * (len(document) - 1))
    return document[:at] + document[at + value :]


def cut_off(document: bytes, where: float, value: int) -> bytes:
    del value
    return document[: int(where * len(document))]


def doubled(document: bytes, where: float, value: int) -> bytes:
    at = int(where * (len(document) - 1))
    return document[:at] + document[at - 16 * value : at] + document[at:]


def lengthened(document: bytes, where: float, value: int) -> bytes:
    del where
    return document + bytes((value,)) * 7


@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    mutation=st.sampled_from([changed_byte, changed_byte, cut_out, cut_off, doubled, lengthened]),
    where=st.floats(0, 1),
    value=st.integers(1, 255),
)
def test_a_mutant_is_accepted_only_if_it_shows_and_signs_the_same(
    archived: bytes, judge_form: JudgeForm, mutation: Callable[[bytes, float, int], bytes], where: float, value: int
) -> None:
    mutant = mutation(archived, where, value)
    try:
        report = judge_form(mutant)
    except UnreadableDocument:
        return
    if all(signature.indication is not Indication.TOTAL_PASSED for signature in report.signatures):
        return
    _, length, second, rest = byte_range(archived)
    same_bytes = (
        mutant[:length] + mutant[second : second + rest] == archived[:length] + archived[second : second + rest]
    )
    assert same_bytes, "signed bytes differ"
    assert pictures(mutant) == pictures(archived)
