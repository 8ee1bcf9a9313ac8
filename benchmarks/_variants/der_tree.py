"""DER as a tree that can be changed and written again, also in ways that DER forbids.

Variants of certificates and answers are made with it. It shares nothing with the verifier.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from demo.der import tlv as in_der

__all__ = ["Node", "Raw", "parse", "tlv"]

_CONSTRUCTED, _LONG = 0x20, 0x80


def tlv(tag: int, content: bytes, *, spare: int = 0, indefinite: bool = False) -> bytes:
    """Write one element; `spare` octets more of length than it needs, or no length at all."""
    if indefinite:
        return bytes((tag, _LONG)) + content + b"\0\0"
    if not spare:
        return in_der(tag, content)
    size = len(content)
    width = max(1, (size.bit_length() + 7) // 8) + spare
    return bytes((tag, _LONG | width)) + size.to_bytes(width, "big") + content


@dataclass(slots=True)
class Node:
    """One element: `content` of a primitive one, `parts` of a constructed one."""

    tag: int
    content: bytes = b""
    parts: list[Node] = field(default_factory=list)
    spare: int = 0
    indefinite: bool = False

    def der(self) -> bytes:
        """Write it."""
        content = b"".join(part.der() for part in self.parts) if self.tag & _CONSTRUCTED else self.content
        return tlv(self.tag, content, spare=self.spare, indefinite=self.indefinite)

    def __getitem__(self, position: int) -> Node:
        return self.parts[position]


class Raw(Node):
    """Octets that are written as they are: `content` is all of an element, header included."""

    __slots__ = ()

    def der(self) -> bytes:
        """Write it."""
        return self.content


def parse(der: bytes) -> Node:
    """Read one element of strict DER."""
    node, _ = _read(der, 0)
    return node


def _read(data: bytes, offset: int) -> tuple[Node, int]:
    tag, size = data[offset], data[offset + 1]
    start = offset + 2
    if size & _LONG:
        width = size & ~_LONG
        size = int.from_bytes(data[start : start + width], "big")
        start += width
    end = start + size
    if not tag & _CONSTRUCTED:
        return Node(tag, data[start:end]), end
    parts = []
    while start < end:
        part, start = _read(data, start)
        parts.append(part)
    return Node(tag, parts=parts), end
