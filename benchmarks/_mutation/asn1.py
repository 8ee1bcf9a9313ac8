"""Mutations of ASN.1: elements removed, doubled, exchanged, taken from others; lengths in other encodings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks._mutation.octets import flipped

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

__all__ = ["changed"]

_CONSTRUCTED, _MULTIBYTE, _LONG = 0x20, 0x1F, 0x80
_DEEPEST = 40


@dataclass(slots=True)
class _Node:
    tag: bytes
    value: bytes = b""
    children: list[_Node] | None = None
    form: str = "der"
    tail: bytes = field(default=b"")

    def written(self) -> bytes:
        body = b"".join(one.written() for one in self.children) if self.children is not None else self.value
        if self.form == "indefinite" and self.children is not None:
            return self.tag + b"\x80" + body + b"\0\0" + self.tail
        size = len(body)
        if size < _LONG and self.form != "long":
            return self.tag + bytes([size]) + body + self.tail
        length = size.to_bytes((size.bit_length() + 7) // 8 + (self.form == "long"), "big") or b"\0"
        return self.tag + bytes([_LONG | len(length)]) + length + body + self.tail

    def all(self) -> Iterator[_Node]:
        yield self
        for one in self.children or ():
            yield from one.all()


def _read(data: bytes, at: int, end: int, depth: int = 0) -> tuple[_Node, int]:
    start = at
    first = data[at]
    at += 1
    if first & _MULTIBYTE == _MULTIBYTE:
        while data[at] & _LONG:
            at += 1
        at += 1
    tag = data[start:at]
    size = data[at]
    at += 1
    if size == _LONG:
        raise ValueError("indefinite")
    if size & _LONG:
        count = size & 0x7F
        size = int.from_bytes(data[at : at + count], "big")
        at += count
    stop = at + size
    if stop > end or depth > _DEEPEST:
        raise ValueError("length")
    if not first & _CONSTRUCTED:
        return _Node(tag, data[at:stop]), stop
    children = []
    while at < stop:
        one, at = _read(data, at, stop, depth + 1)
        children.append(one)
    return _Node(tag, b"", children), stop


def _tree(data: bytes) -> _Node | None:
    try:
        return _read(data, 0, len(data))[0]
    except (ValueError, IndexError):
        return None


def changed(data: bytes, dice: random.Random, donors: list[bytes]) -> bytes:
    """Change one element, or more; bytes that are no DER are changed as bytes."""
    root = _tree(data)
    if root is None:
        return flipped(data, dice)
    for _ in range(dice.choice((1, 1, 2))):
        _change(root, dice, donors)
    return root.written() + dice.choice((b"", b"", b"", b"\0", b"\x30\0"))


def _change(root: _Node, dice: random.Random, donors: list[bytes]) -> None:  # noqa: C901 - one case a change
    nodes = list(root.all())
    parents = [one for one in nodes if one.children]
    if not parents:
        return
    parent = dice.choice(parents)
    children = parent.children or []
    at = dice.randrange(len(children))
    match dice.randrange(10):
        case 0:
            del children[at]
        case 1:
            children.insert(dice.randrange(len(children) + 1), children[at])
        case 2:
            dice.shuffle(children)
        case 3:
            _lend(children, at, dice, donors)
        case 4:
            parent.form = dice.choice(("long", "indefinite"))
        case 5:
            leaf = dice.choice([one for one in nodes if one.children is None])
            leaf.value = flipped(leaf.value, dice)
        case 6:
            parent.tail = dice.choice((b"\0\0", b"\x05\0"))
        case 7:
            node = dice.choice(nodes)
            node.tag = dice.choice((b"\x30", b"\x31", b"\xa0", b"\xa1", b"\x04", b"\x24", bytes([node.tag[0] ^ 0x20])))
        case 8:
            leaf = dice.choice([one for one in nodes if one.children is None])
            leaf.value = dice.choice((b"", leaf.value + b"\0", b"\0" + leaf.value, leaf.value * 2))
        case _:
            other = dice.choice(nodes)
            children[at] = _Node(other.tag, other.value, other.children)
            if any(one is parent for one in other.all()):
                children[at] = _Node(b"\x05")


def _lend(children: list[_Node], at: int, dice: random.Random, donors: list[bytes]) -> None:
    """Put another document's element of the same tag there."""
    lender = _tree(dice.choice(donors)) if donors else None
    if lender is None:
        return
    wanted = children[at]
    size = len(wanted.written())
    alike = [one for one in lender.all() if one.tag == wanted.tag and abs(len(one.written()) - size) < 40 + size // 2]
    if alike:
        children[at] = dice.choice(alike)
