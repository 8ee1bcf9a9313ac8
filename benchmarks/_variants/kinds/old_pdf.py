"""PDFs encrypted with permissions only, and Adobe's two older kinds of signature."""

from __future__ import annotations

import hashlib
import io
import re
from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING

import pikepdf
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from benchmarks._variants.cms_writer import Cms, algorithm
from benchmarks._variants.environment import AT
from benchmarks._variants.kind import Variant, VariantKind
from benchmarks._variants.pdf_signing import encrypted, signed_as
from benchmarks._variants.pdf_witnesses import are_valid, kept, pdfsig
from demo.der import octets
from demo.pki import person
from demo.signer import Level, sign_again, sign_pdf
from signing import Indication

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks._variants.environment import Environment
    from signing import Report

__all__ = ["KINDS"]

_WAYS: dict[str, dict[str, bool | int]] = {
    "rc4-40": {"R": 2, "aes": False, "metadata": False},
    "rc4-128": {"R": 3, "aes": False, "metadata": False},
    "aes-128": {"R": 4, "aes": True, "metadata": True},
    "aes-256": {"R": 6, "aes": True, "metadata": True},
}
_SHA1, _SHA1_WITH_ECDSA = "1.3.14.3.2.26", "1.2.840.10045.4.1"
_WHO = ("head", "user")


def _pdfsig_says(variant: Variant, environment: Environment, scratch: Path) -> bool | None:
    """Ask poppler about a file of one revision; of later ones it says no more than that they are there."""
    del environment
    if "over-sha256" in variant.name:
        return None  # poppler takes the inner digest for one by the outer algorithm (ISO 32000-1 table 257 says SHA-1)
    said = pdfsig(kept(variant, scratch))
    if "Not total document signed" in said or "has not yet been verified" in said or "Signature #" not in said:
        return None
    return are_valid(said)


def _permissions_only(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    """Files that open without a password, signed and signed again; and what somebody did to them afterwards."""
    for number, (open_to_all, linearised, (way, how)) in enumerate(
        product((False, True), (False, True), _WAYS.items())
    ):
        allowed = pikepdf.Permissions() if open_to_all else pikepdf.Permissions(modify_other=False, extract=False)
        encryption = pikepdf.Encryption(owner="o", user="", allow=allowed, **how)  # type: ignore[arg-type] # switches
        form = encrypted(environment.form, encryption, linearised=linearised)
        name = f"{number}-{way}{'-linearised' if linearised else ''}"
        at, who = AT + timedelta(seconds=number), person(_WHO[number % 2])
        signed = sign_pdf(form, person=who, pki=environment.pki, at=at, level=Level.LT)
        if number < 4:  # noqa: PLR2004 - one of each way, for poppler
            lie = _one_byte(sign_pdf(form, person=who, pki=environment.pki, at=at, level=Level.T), dice)
            yield Variant(f"{name}-t-byte.pdf", lie, honest=False)
        yield Variant(f"{name}-lt.pdf", signed, honest=True)
        attack, make = _ATTACKS[number % len(_ATTACKS)]
        yield Variant(f"{name}-{attack}.pdf", make(signed, dice), honest=False)
        locked = pikepdf.Encryption(owner="o", user="parole", **how)  # type: ignore[arg-type] # likewise
        content = encrypted(signed, locked)
        yield Variant(f"{name}-password.pdf", content, honest=False, reason="pdf.encrypted")
        if number < 4:  # noqa: PLR2004 - a second signature may take the demo's signer a minute
            continue
        again = sign_again(
            signed, person=person("user-2"), pki=environment.pki, at=at + timedelta(minutes=1), level=Level.T
        )
        yield Variant(f"{name}-twice.pdf", again, honest=True)
        attack, make = _ATTACKS[(number + 3) % len(_ATTACKS)]
        yield Variant(f"{name}-twice-{attack}.pdf", make(again, dice), honest=False)


def _one_byte(signed: bytes, dice: random.Random) -> bytes:
    """Change a byte of the first stream."""
    place = signed.index(b"stream", 200) + 10 + dice.randrange(8)
    return signed[:place] + bytes((signed[place] ^ 1,)) + signed[place + 1 :]


def _appended(signed: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    stream = io.BytesIO(signed)
    writer = IncrementalPdfFileWriter(stream)
    writer.encrypt("")  # type: ignore[no-untyped-call] # pyHanko has no types
    change(writer)
    writer.write_in_place()  # type: ignore[no-untyped-call] # likewise
    return stream.getvalue()


def _other_page(signed: bytes, dice: random.Random) -> bytes:
    """Append a revision in which a page shows something else."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        stream = generic.StreamObject(stream_data=b"BT /F1 12 Tf (%d) Tj ET" % dice.randrange(1000))
        page["/Contents"] = writer.add_object(stream)
        writer.update_container(page)

    return _appended(signed, change)


def _other_permissions(signed: bytes, dice: random.Random) -> bytes:
    """Append a revision with the encryption dictionary written once more."""
    del dice
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        reference = pdf.trailer["/Encrypt"].objgen[0]
        written = pdf.trailer["/Encrypt"].unparse(resolved=True)
    return _hand_written(signed, reference, written, keep=b"/Encrypt %d 0 R" % reference)


def _no_longer_encrypted(signed: bytes, dice: random.Random) -> bytes:
    """Append a revision whose trailer says nothing of encryption."""
    del dice
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        return _hand_written(signed, pdf.Root.objgen[0], pdf.Root.unparse(resolved=True), keep=b"")


def _other_identifier(signed: bytes, dice: random.Random) -> bytes:
    """Append a revision with another /ID: the key of most ciphers is made with it."""
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        reference = pdf.trailer["/Encrypt"].objgen[0]
        number, written = pdf.Root.objgen[0], pdf.Root.unparse(resolved=True)
    identifier = dice.randbytes(16).hex().encode()
    keep = b"/Encrypt %d 0 R /ID [<%s> <%s>]" % (reference, identifier, identifier)
    return _hand_written(signed, number, written, keep=keep)


def _hand_written(signed: bytes, number: int, written: bytes, *, keep: bytes) -> bytes:
    """Append one object, a table and a trailer with what is to be kept in it."""
    previous = int(re.findall(rb"startxref\s+(\d+)", signed)[-1])
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        root, size = pdf.Root.objgen[0], int(pdf.trailer["/Size"])
        identifier = b"" if b"/ID" in keep or not keep else b" /ID " + pdf.trailer["/ID"].unparse()
    start = len(signed)
    body = b"%d 0 obj\n%s\nendobj\n" % (number, written)
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, start)
    trailer = b"trailer\n<</Size %d /Root %d 0 R /Prev %d %s%s>>\n" % (size, root, previous, keep, identifier)
    return signed + body + table + trailer + b"startxref\n%d\n%%%%EOF\n" % (start + len(body))


_ATTACKS: tuple[tuple[str, Callable[[bytes, random.Random], bytes]], ...] = (
    ("byte", _one_byte),
    ("page", _other_page),
    ("permissions", _other_permissions),
    ("open", _no_longer_encrypted),
    ("identifier", _other_identifier),
)


def _older(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    """Adobe's older kinds, and detached ones that enclose an empty content; changed ones beside each."""
    pki = environment.pki
    user = pki.certificate("user").public_bytes(Encoding.DER)
    issuers = tuple(one.public_bytes(Encoding.DER) for one in pki.chain(pki.certificate("user")))
    sha1 = "adbe.pkcs7.sha1"
    bare = "adbe.x509.rsa_sha1"
    for number in range(10):
        who = _WHO[number % 2]

        def enclosed(
            data: bytes, *, plain: bool = number in {2, 5, 8}, outer: int = number % 2, who: str = who
        ) -> bytes:
            base = Cms(environment, hashlib.sha1(data).digest(), who=who, plain=plain, answers=False)  # noqa: S324 - its own
            if outer:
                return base.write()
            named = algorithm(_SHA1), algorithm(_SHA1_WITH_ECDSA)
            return base.but(digest="sha1", digest_algorithm=named[0], signature_algorithm=named[1]).write()

        def value(data: bytes, *, digest: str = ("sha1", "sha256", "sha512")[number % 3]) -> bytes:
            return octets(pki.sign("user", data, digest=digest))

        def hollow(data: bytes, *, who: str = who) -> bytes:
            base = Cms(environment, data, who=who, answers=False)
            return base.but(encloses=lambda _: octets(b""), attributes=base.parts()).write()

        made = (
            (f"{sha1}-over-{'sha256' if number % 2 else 'sha1'}", signed_as(environment.form, sha1, enclosed)),
            (bare, signed_as(environment.form, bare, value, certificates=(user, *issuers[: number % 3]))),
            ("hollow", signed_as(environment.form, "adbe.pkcs7.detached", hollow)),
        )
        for kind, signed in made:
            yield Variant(f"{kind}-{number}.pdf", signed, honest=True)
            lie = _one_byte(signed, dice)
            yield Variant(f"{kind}-{number}-byte.pdf", lie, honest=False)
        other = signed_as(
            environment.form,
            bare,
            lambda data: octets(pki.sign("user", data + b" ", digest="sha1")),
            certificates=(user,),
        )
        yield Variant(f"{bare}-{number}-other.pdf", other, honest=False, reason="signature.broken")
        lie = signed_as(environment.form, sha1, lambda data: enclosed(data + b" "))
        yield Variant(f"{made[0][0]}-{number}-other.pdf", lie, honest=False, reason="reference.changed")


def _is_read(variant: Variant, report: Report) -> bool:
    """Whether it is read as what it is: weak or against a rule, so never passed, and nothing was changed."""
    del variant
    named = {message.code for one in report.signatures for message in (*one.errors, *one.warnings)}
    indications = {one.indication for one in report.signatures}
    return indications == {Indication.INDETERMINATE} and bool(named & {"pdf.older-kind", "pdf.empty-content"})


KINDS = (
    VariantKind("pdf-encrypted-with-permissions", _permissions_only, witness=_pdfsig_says, asks="pdfsig"),
    VariantKind("pdf-older-kinds", _older, takes=_is_read, witness=_pdfsig_says, asks="pdfsig"),
)
