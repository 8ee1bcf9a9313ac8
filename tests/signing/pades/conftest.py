"""A form of ours as a PDF, the same signed by the demo's people, and a judge that knows the form."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import pytest
import typst

from demo.pki import person
from demo.signer import Level, sign_pdf
from signing import ExpectedContent, Report, TrustStore, verify
from signing.pades.reader.patches import apply_patches

if TYPE_CHECKING:
    from pathlib import Path

    from demo.pki import Pki

apply_patches()  # some tests call pyHanko before any PDF is opened

TEXT = """
= Saistību raksts
Es apņemos izmantot personas datus tikai darba pienākumu veikšanai.
#pagebreak()
Otrā lapa.
"""


class JudgeForm(Protocol):
    """Judges a PDF an hour after it was signed, told which form it should turn out to be."""

    def __call__(self, document: bytes, *, expected: bytes = b"") -> Report: ...


@pytest.fixture(scope="session")
def form(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two pages, as the service would have made them."""
    source: Path = tmp_path_factory.mktemp("form") / "letter.typ"
    source.write_text(TEXT, encoding="utf-8")
    return typst.compile(source)


@pytest.fixture(scope="session")
def signed(form: bytes, pki: Pki) -> bytes:
    """The form signed by the user, LT: signature, then a revision with the evidence."""
    return sign_pdf(form, person=person("user"), pki=pki, at=pki.epoch, level=Level.LT)


@pytest.fixture(scope="session")
def judge_form(form: bytes, latvian_list: TrustStore, pki: Pki) -> JudgeForm:
    def judged(document: bytes, *, expected: bytes = form) -> Report:
        ours = ExpectedContent(hashlib.sha256(expected).hexdigest(), len(expected))
        at = pki.epoch + timedelta(hours=1)
        return verify(document, name="letter.pdf", trust=latvian_list, at=at, expected=(ours,))

    return judged
