"""A PDF with one signature of any kind in it, written in one go: what the contents are is up to who asks."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pikepdf
from pikepdf import Array, Dictionary, Name, ObjectStreamMode, String

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["encrypted", "signed_as"]

_ROOM = 24_000
_NUMBER = 1_000_000_000  # as wide as any that is written in its place


def signed_as(
    form: bytes,
    sub_filter: str,
    contents: Callable[[bytes], bytes],
    *,
    certificates: tuple[bytes, ...] = (),
) -> bytes:
    """Sign a form: `contents` makes the DER from the bytes that are signed; /Cert is written where one is given."""
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(form)) as pdf:
        signature = Dictionary(
            Type=Name.Sig,
            Filter=Name("/Adobe.PPKLite"),
            SubFilter=Name(f"/{sub_filter}"),
            ByteRange=Array([_NUMBER, _NUMBER + 1, _NUMBER + 2, _NUMBER + 3]),
            Contents=String(b"\0" * _ROOM),
            M=String("D:20260302100000Z"),
        )
        if certificates:
            texts = [String(one) for one in certificates]
            signature.Cert = texts[0] if len(texts) == 1 else Array(texts)
        field = pdf.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Widget, FT=Name.Sig, T=String("Signature1"), F=132,
                Rect=Array([0, 0, 0, 0]), V=pdf.make_indirect(signature), P=pdf.pages[0].obj,
            )
        )  # fmt: skip
        pdf.pages[0].Annots = Array([field])
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)
        pdf.save(made, object_stream_mode=ObjectStreamMode.disable)
    return _filled(made.getvalue(), contents)


def _filled(document: bytes, contents: Callable[[bytes], bytes]) -> bytes:
    begin = document.index(b"<" + b"00" * _ROOM + b">")
    end = begin + 2 * _ROOM + 2
    for number, place in enumerate((0, begin, end, len(document) - end)):
        document = document.replace(b"%d" % (_NUMBER + number), b"%-10d" % place)
    value = contents(document[:begin] + document[end:]).hex().encode()
    return document[: begin + 1] + value.ljust(2 * _ROOM, b"0") + document[end - 1 :]


def encrypted(form: bytes, encryption: pikepdf.Encryption, *, linearised: bool = False) -> bytes:
    """The same form, encrypted."""
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(form)) as pdf:
        pdf.save(made, encryption=encryption, linearize=linearised)
    return made.getvalue()
