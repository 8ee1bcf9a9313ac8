"""asn1crypto with each level of a value encoded once, and only where it changed.

Its own encoder looks at changed contents twice a level: 1,000 times in all for nine levels. It also takes a length that
ends in the octet 0x80 for an indefinite one, and encodes such a value anew: one in 256, 12 s for a time-stamp token.
"""

import re
from typing import Any

from asn1crypto import core, parser  # type: ignore[import-untyped]

__all__ = ["install"]

_DEFINITE = re.compile(rb"(\x81|\x82.|\x83..)\x80\Z", re.DOTALL)
_CONSTRUCTED = 1


def install() -> None:
    """Make asn1crypto do so in this process; a second call changes nothing."""
    if core.Asn1Value.dump is not _dump:
        core.Asn1Value.dump = _dump
        for kind in (core.Choice, core.Primitive, core.Sequence, core.SequenceOf):
            kind.dump = _never_for_its_length(kind.dump)


def _dump(self: Any, force: bool = False) -> bytes:  # noqa: ANN401, FBT001, FBT002 - asn1crypto's, which has no types
    """The value in DER; with `force` its header is written anew."""
    contents: bytes = self.contents
    if force or self._header is None or _indefinite(self._header):
        if isinstance(self, core.Constructable) and self._indefinite:
            self.method = 0
        octets = parser.emit(self.class_, self.method, self.tag, contents)
        for tag_class, tag in self.explicit or ():
            octets = parser.emit(tag_class, _CONSTRUCTED, tag, octets)
        self._header = octets[: len(octets) - len(contents)]
        self._trailer = b""
    whole: bytes = self._header + contents + self._trailer
    return whole


def _never_for_its_length(dump: Any) -> Any:  # noqa: ANN401 - as above
    def dumped(self: Any, force: bool = False) -> bytes:  # noqa: ANN401, FBT001, FBT002 - as above
        if self._header is not None and self._header.endswith(b"\x80") and not _indefinite(self._header):
            self._header = None  # written anew from the contents, which stay
        octets: bytes = dump(self, force)
        return octets

    return dumped


def _indefinite(header: bytes) -> bool:
    return header.endswith(b"\x80") and not _DEFINITE.search(header)
