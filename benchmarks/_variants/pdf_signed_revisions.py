"""Revisions of a PDF that sign it and add its evidence, written octet by octet in a given style."""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

from benchmarks._variants.environment import AT
from benchmarks._variants.pdf_revision import Paper, Revision, Style, respelled
from demo.pki import person
from demo.signer.pdf import PlainSigner

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from benchmarks._variants.environment import Environment

    Trick = Callable[[Revision], None]

__all__ = ["Recipe", "form_with_orphan"]

_PLACEHOLDER = b"0" * 16384


def form_with_orphan(environment: Environment, dice: random.Random) -> Paper:
    """Our form, and in a second revision an object nobody refers to."""
    one = Revision(Paper.of(environment.form), Style(), dice)
    one.put(one.new(), b"(nobody's)")
    return one.finish()


@dataclass(frozen=True, slots=True)
class Recipe:
    """Up to four revisions: a signature, its evidence, another signature, its evidence; and what each does besides."""

    styles: Sequence[Style]
    besides: Sequence[Sequence[Trick]]

    def write(self, environment: Environment, paper: Paper, dice: random.Random) -> bytes:
        """Append the revisions."""
        for number, (style, besides) in enumerate(zip(self.styles, self.besides, strict=True)):
            one = Revision(paper, style, dice)
            key = ("head", "user")[number // 2]
            paper = (_store if number % 2 else _sign)(environment, one, besides, key)
        return paper.octets


def _sign(environment: Environment, one: Revision, besides: Sequence[Trick], key: str) -> Paper:
    """Add a signature without a picture, over all that is there and this revision."""
    paper = one.paper
    signature, widget = one.new(), one.new()
    form = paper.form or one.new()
    quiet = [gap for gap in one.style.gaps if b"%" not in gap] or [b""]
    body = b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(D:20260302100000Z)/Prop_Build<</App<<"
    body += b"/Name/Test>>>>/ByteRange[0 0000000001 0000000002 0000000003]/Contents<%b>>>" % _PLACEHOLDER
    one.put(signature, respelled(body, quiet, one.dice), plain=True)
    name = b"Signature%d" % (len(paper.fields) + 1)
    field = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(%b)/V %d 0 R/Rect[0 0 0 0]/F 132/P %d 0 R>>"
    one.put(widget, field % (name, signature, paper.page))
    widgets = b" ".join(b"%d 0 R" % number for number in (*paper.fields, widget))
    one.put(form, b"<</Fields[%b]/SigFlags 3>>" % widgets)
    if not paper.form:
        one.put(paper.root, paper.body(paper.root)[:-2] + b"/AcroForm %d 0 R>>" % form)
    page = re.sub(rb"/Annots\[[^]]*\]", b"", paper.body(paper.page))
    one.put(paper.page, page[:-2] + b"/Annots[%b]>>" % widgets)
    for trick in besides:
        trick(one)
    done = one.finish()
    done.form, done.fields = form, [*paper.fields, widget]
    done.octets = _filled(environment, done.octets, len(paper.octets), key)
    return done


def _filled(environment: Environment, octets: bytes, behind: int, key: str) -> bytes:
    start = octets.index(_PLACEHOLDER, behind) - 1
    after = start + len(_PLACEHOLDER) + 2
    for mark, number in ((1, start), (2, after), (3, len(octets) - after)):
        at = octets.index(b"%010d" % mark, behind)
        octets = octets[:at] + b"%010d" % number + octets[at + 10 :]
    signer = PlainSigner(person(key), environment.pki)
    digest = hashlib.sha256(octets[:start] + octets[after:]).digest()
    attributes = PdfCMSSignedAttributes(signing_time=AT)
    signed = asyncio.run(signer.async_sign(digest, "sha256", use_pades=True, signed_attr_settings=attributes))
    contents = signed.dump().hex().encode("ascii")
    filled: bytes = octets[: start + 1] + contents.ljust(len(_PLACEHOLDER), b"0") + octets[after - 1 :]
    return filled


def _store(environment: Environment, one: Revision, besides: Sequence[Trick], key: str) -> Paper:
    """Add a security store with all that a verifier needs."""
    pki, paper = environment.pki, one.paper
    certificate = pki.certificate(person(key).key)
    helpers = pki.chain(certificate)
    answer = pki.ocsp(certificate, at=AT)
    found = {
        b"Certs": [each.public_bytes(Encoding.DER) for each in (certificate, *helpers)],
        b"OCSPs": [answer],
        b"CRLs": [],
    }
    store = b""
    for name, blobs in found.items():
        numbers = [one.new() for _ in blobs]
        for number, blob in zip(numbers, blobs, strict=True):
            one.put_stream(number, blob)
        store += b"/%b[%b]" % (name, b" ".join(b"%d 0 R" % number for number in numbers))
    place = one.new()
    one.put(place, b"<<%b>>" % store)
    one.put(paper.root, re.sub(rb"/DSS \d+ 0 R", b"", paper.body(paper.root))[:-2] + b"/DSS %d 0 R>>" % place)
    for trick in besides:
        trick(one)
    return one.finish()
