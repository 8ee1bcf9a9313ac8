"""The same file gives the same message in every process: names are not compared in the order of their hashes."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks._variants.updates import Update
from demo.pki import person
from demo.signer import Level, sign_pdf

if TYPE_CHECKING:
    from pathlib import Path

    from demo.pki import Pki

PROGRAM = """
import sys
from signing.pades.reading import read_pdf

(one,) = read_pdf(open(sys.argv[1], "rb").read(), name="a.pdf").signatures
print(one.warnings)
"""


def read_in_another_process(file: Path, seed: int) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(file)],
        env={**os.environ, "PYTHONHASHSEED": str(seed)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_of_two_changed_pages_the_same_one_is_named_in_every_process(form: bytes, pki: Pki, tmp_path: Path) -> None:
    """The signature's field leads to both pages, before the page tree does."""
    prepared = Update(form)
    first, second = prepared.pages
    looks = b"/Type/Annot/Subtype/Widget/F 132/Rect[0 0 0 0]/P %d 0 R/Other %d 0 R" % (first, second)
    field = prepared.add(b"<</FT/Sig/T(Signature1)" + looks + b">>")
    prepared.edit(first, Annots=b"[%d 0 R]" % field)
    prepared.edit(prepared.root, AcroForm=b"<</Fields[%d 0 R]/SigFlags 3>>" % field)
    update = Update(sign_pdf(prepared.write(), person=person("user"), pki=pki, at=pki.epoch, level=Level.B))
    for page in update.pages:
        update.edit(page, Rotate=b"180")
    file = tmp_path / "a.pdf"
    file.write_bytes(update.write())
    said = {read_in_another_process(file, seed) for seed in range(1, 7)}
    assert len(said) == 1
    assert "pdf.differs-page" in said.pop()
