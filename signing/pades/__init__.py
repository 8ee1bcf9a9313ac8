"""What does a signed PDF show, and was it changed after it was signed?"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from signing.pades.reader.lazy_packages import load_lazily

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signing.model import ExpectedContent
    from signing.reading.facts import DocumentFacts

__all__ = ["read_pdf"]

# Before any module of this package imports from them.
load_lazily("pyhanko.sign", "pyhanko_certvalidator")


def read_pdf(document: bytes, *, name: str, expected: Sequence[ExpectedContent] = ()) -> DocumentFacts:
    """Read a signed PDF as facts; raises members of the `UnreadableDocument` tree.

    `expected` are documents of the caller. When the file begins with exactly the bytes of one and still shows it, the
    one content reported is that document; otherwise it is the file's first revision.

    pyHanko takes longer to import than everything else here, so it is imported with the first PDF.
    """
    facts: DocumentFacts = importlib.import_module("signing.pades.reading").read_pdf(
        document, name=name, expected=expected
    )
    return facts
