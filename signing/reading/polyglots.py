"""Can a signed file of another kind be read as a PDF too (a polyglot file)?

Viewers of PDF look for `%PDF-` in the first 1024 octets, and for the rest from the end. What they would show has to be
signed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["begins_like_a_pdf", "has_parts_of_a_pdf"]

_HEAD = 1024
# What a reader of PDF looks for: the end of a file or, in a damaged one, objects.
_PARTS = re.compile(rb"%PDF-|startxref|%%EOF|\d\s+\d+\s+obj\b")


def begins_like_a_pdf(head: bytes) -> bool:
    """Whether a viewer of PDF would take a file that begins so for one of its own."""
    return b"%PDF-" in head[:_HEAD]


def has_parts_of_a_pdf(pieces: Iterable[bytes]) -> bool:
    """Whether any of these octets would lead such a viewer to something to show."""
    return any(_PARTS.search(piece) for piece in pieces)
