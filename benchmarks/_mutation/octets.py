"""Mutations of octets without regard to the format."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

__all__ = ["flipped", "padded", "spliced"]


def flipped(content: bytes, dice: random.Random) -> bytes:
    """Give a few bytes other values."""
    changed = bytearray(content or b"\0")
    for _ in range(dice.choice((1, 1, 1, 2, 5, 20))):
        at = dice.randrange(len(changed))
        changed[at] = dice.choice((dice.randrange(256), changed[at] ^ (1 << dice.randrange(8))))
    return bytes(changed)


def spliced(content: bytes, dice: random.Random) -> bytes:
    """Cut a piece out, double it, or put another in its place."""
    start, end = sorted((dice.randrange(len(content) + 1), dice.randrange(len(content) + 1)))
    end = min(end, start + dice.choice((1, 8, 200, 5000)))
    put = dice.choice((b"", content[start:end] * 2, dice.randbytes(end - start), content[:64]))
    return content[:start] + put + content[end:]


def padded(content: bytes, dice: random.Random) -> bytes:
    """Put bytes before or behind, or cut the end off."""
    more = dice.choice((b"\0", b"\n", b"PK\x03\x04", b"%PDF-1.4\n", b"<a/>", dice.randbytes(40), content[-200:]))
    return dice.choice((more + content, content + more, content[: -dice.randrange(1, 60)]))
