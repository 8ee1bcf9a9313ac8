"""What do other programs say of a PDF: poppler of its signatures, PDFium of its pages, qpdf of its writing?"""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pypdfium2  # type: ignore[import-untyped] # it has no types

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks._variants.kind import Variant

__all__ = ["are_valid", "drawn", "is_well_written", "kept", "pdfsig"]

_DAMAGED = 2  # 3 is qpdf's answer to a file with warnings
_VALIDATION = re.compile(r"Signature Validation: (.*)")


def kept(variant: Variant, scratch: Path) -> Path:
    """Write a variant where another program can read it."""
    file = scratch / "variant.pdf"
    file.write_bytes(variant.content)
    return file


def pdfsig(file: Path) -> str:
    """Return what poppler prints of a file's signatures, without judging certificates."""
    done = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, check=False)  # noqa: S603, S607 - named by the kind
    return done.stdout.decode("utf-8", "replace")


def are_valid(said: str) -> bool:
    """Return whether poppler found signatures, each of them valid."""
    return set(_VALIDATION.findall(said)) == {"Signature is Valid."}


def is_well_written(file: Path) -> bool | None:
    """Return whether qpdf finds nothing damaged; None where it is not installed."""
    if not shutil.which("qpdf"):
        return None
    done = subprocess.run(["qpdf", "--check", str(file)], capture_output=True, check=False)  # noqa: S603, S607 - our own file
    return done.returncode != _DAMAGED


def drawn(content: bytes, *, annotations: bool) -> list[bytes]:
    """Draw the pages with PDFium, without the widgets of forms."""
    document = pypdfium2.PdfDocument(content)
    try:
        return [
            bytes(page.render(scale=0.5, draw_annots=annotations, may_draw_forms=False).buffer) for page in document
        ]
    finally:
        document.close()
