"""Names of signatures within one report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signing.reading.facts import SignatureFacts

__all__ = ["unique_ids"]


def unique_ids(signatures: Iterable[SignatureFacts]) -> list[SignatureFacts]:
    """Give every signature of a document a name of its own: two files of a container may both hold an "S0".

    >>> unique_ids([])
    []
    """
    seen: set[str] = set()
    named = []
    for one in signatures:
        base = one.id or "signature"
        name, number = base, 1
        while name in seen:
            number += 1
            name = f"{base}~{number}"
        seen.add(name)
        named.append(replace(one, id=name))
    return named
