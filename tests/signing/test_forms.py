"""Other forms than ASiC-E with XAdES: made here with pyHanko's CMS signer, and ZIPs as different writers write them."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign import signers

from builders.signing import edits
from demo.pki import person
from demo.signer import sign_asice
from signing import (
    AllOf,
    CoversWholeDocument,
    EmptyDocument,
    EncryptedDocument,
    Indication,
    LegacyFormat,
    NotASignedDocument,
    Qualified,
    SubIndication,
    Valid,
    verify,
)
from signing.container.archive import open_archive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from demo.pki import Pki
    from signing import TrustStore
    from tests.signing.conftest import Judge

DATA = b"Apnemos ieverot noteikumus."


@pytest.fixture
def sign(pki: Pki, tmp_path: Path) -> Callable[..., bytes]:
    """CAdES-B by the head over bytes, detached or around them."""
    certificate = tmp_path / "head.pem"
    certificate.write_bytes(pki.certificate("head").public_bytes(Encoding.PEM))
    signer = signers.SimpleSigner.load(  # type: ignore[no-untyped-call]
        str(pki.folder / "keys" / "head.pem"), str(certificate)
    )

    def signed(data: bytes, *, detached: bool = True) -> bytes:
        content = asyncio.run(signer.async_sign_general_data(data, "sha256", detached=detached, use_cades=True))
        der: bytes = content.dump()
        return der

    return signed


@pytest.fixture
def good(pki: Pki) -> tuple[bytes, ...]:
    return (pki.ocsp(pki.certificate("head"), at=pki.epoch),)


def test_cades_around_its_content(judge: Judge, sign: Callable[..., bytes], good: tuple[bytes, ...]) -> None:
    report = judge(sign(DATA, detached=False), revocation=good)
    assert (report.form, report.signatures[0].indication) == ("CAdES", Indication.TOTAL_PASSED)
    assert report.contents[0].sha256 == hashlib.sha256(DATA).hexdigest()
    assert report.contents[0].covered_by


def test_cades_beside_its_content(
    pki: Pki, latvian_list: TrustStore, sign: Callable[..., bytes], good: tuple[bytes, ...]
) -> None:
    at = pki.epoch + timedelta(hours=1)
    for data, expected in ((DATA, Indication.TOTAL_PASSED), (b"other", Indication.TOTAL_FAILED)):
        detached = [("letter.txt", data)]
        report = verify(sign(DATA), name="letter.p7s", trust=latvian_list, at=at, detached=detached, revocation=good)
        assert report.signatures[0].indication is expected
    report = verify(sign(DATA), name="letter.p7s", trust=latvian_list, at=at, revocation=good)
    assert report.signatures[0].sub_indication is SubIndication.SIGNED_DATA_NOT_FOUND


def test_cades_around_other_content_than_the_file_handed_in(
    pki: Pki, latvian_list: TrustStore, sign: Callable[..., bytes], good: tuple[bytes, ...]
) -> None:
    """Who hands a file in asks about that one: what a signature of the head encloses vouches for nothing beside it."""
    at = pki.epoch + timedelta(hours=1)
    around = sign(b"something else", detached=False)
    for detached in ([("letter.txt", DATA)], [("letter.txt", DATA), ("more.txt", b"x")]):
        report = verify(around, name="letter.p7s", trust=latvian_list, at=at, detached=detached, revocation=good)
        assert report.signatures[0].indication is not Indication.TOTAL_PASSED
        assert not report.signatures[0].covers_everything
        assert [(one.name, one.covered_by) for one in report.contents] == [(name, ()) for name, _ in detached]
    same = [("letter.txt", b"something else")]
    report = verify(around, name="letter.p7s", trust=latvian_list, at=at, detached=same, revocation=good)
    assert report.contents[0].covered_by == (report.signatures[0].id,)


def test_cades_in_pem_clothes(judge: Judge, sign: Callable[..., bytes], good: tuple[bytes, ...]) -> None:
    body = base64.encodebytes(sign(DATA, detached=False))
    report = judge(b"-----BEGIN PKCS7-----\n" + body + b"-----END PKCS7-----\n", revocation=good)
    assert report.signatures[0].indication is Indication.TOTAL_PASSED


def simple(signature: bytes, *files: tuple[str, bytes]) -> bytes:
    return edits.pack([("mimetype", b"application/vnd.etsi.asic-s+zip"), *files, ("META-INF/signature.p7s", signature)])


def test_a_simple_container_with_cades(judge: Judge, sign: Callable[..., bytes], good: tuple[bytes, ...]) -> None:
    report = judge(simple(sign(DATA), ("letter.txt", DATA)), revocation=good)
    assert (report.form, report.signatures[0].indication) == ("ASiC-S", Indication.TOTAL_PASSED)
    assert report.signatures[0].covers_everything
    changed = judge(simple(sign(DATA), ("letter.txt", b"other")), revocation=good)
    assert changed.signatures[0].sub_indication is SubIndication.HASH_FAILURE


def test_a_simple_container_holds_one_object(judge: Judge, sign: Callable[..., bytes], good: tuple[bytes, ...]) -> None:
    report = judge(simple(sign(DATA), ("letter.txt", DATA), ("more.txt", b"x")), revocation=good)
    assert report.signatures[0].indication is not Indication.TOTAL_PASSED


@pytest.mark.parametrize("kind", ["e", "s"])
def test_a_signature_that_encloses_its_content_covers_no_file_of_a_container(
    judge: Judge, sign: Callable[..., bytes], good: tuple[bytes, ...], pki: Pki, kind: str
) -> None:
    """The head once signed something else; a stranger signs the file, and puts the head's signature beside."""
    files = [("letter.txt", b"All rights to everything")]
    signed = sign_asice(files, person=person("unqualified"), pki=pki, at=pki.epoch)
    both = edits.added(signed, "META-INF/signature1.p7s", sign(DATA, detached=False))
    report = judge(edits.replaced(both, "mimetype", f"application/vnd.etsi.asic-{kind}+zip".encode()), revocation=good)
    (heads,) = (one for one in report.signatures if one.format == "CAdES")
    assert heads.indication is not Indication.TOTAL_PASSED
    assert not heads.covers_everything
    assert not AllOf(Valid(), CoversWholeDocument(), Qualified()).judge(report)


def manifest(*lines: tuple[str, bytes]) -> bytes:
    rows = "".join(
        f'<asic:DataObjectReference URI="{name}"><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
        f"<ds:DigestValue>{base64.b64encode(hashlib.sha256(data).digest()).decode()}</ds:DigestValue>"
        "</asic:DataObjectReference>"
        for name, data in lines
    )
    return (
        '<asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'
        f'<asic:SigReference URI="META-INF/signature1.p7s"/>{rows}</asic:ASiCManifest>'
    ).encode()


def extended(signature: bytes, listed: bytes, *files: tuple[str, bytes]) -> bytes:
    return edits.pack(
        [
            ("mimetype", b"application/vnd.etsi.asic-e+zip"),
            *files,
            ("META-INF/ASiCManifest1.xml", listed),
            ("META-INF/signature1.p7s", signature),
        ]
    )


def test_an_extended_container_with_cades_over_a_manifest(
    judge: Judge, sign: Callable[..., bytes], good: tuple[bytes, ...]
) -> None:
    listed = manifest(("a.txt", DATA), ("b.txt", b"b"))
    signature = sign(listed)
    report = judge(extended(signature, listed, ("a.txt", DATA), ("b.txt", b"b")), revocation=good)
    assert report.signatures[0].indication is Indication.TOTAL_PASSED
    assert report.signatures[0].covers == ("a.txt", "b.txt")
    for files in ([("a.txt", b"changed"), ("b.txt", b"b")], [("a.txt", DATA)], [("a.txt", DATA), ("c.txt", b"b")]):
        assert judge(extended(signature, listed, *files), revocation=good).signatures[0].indication is not (
            Indication.TOTAL_PASSED
        )
    forged = manifest(("a.txt", b"changed"), ("b.txt", b"b"))
    report = judge(extended(signature, forged, ("a.txt", b"changed"), ("b.txt", b"b")), revocation=good)
    assert report.signatures[0].sub_indication is SubIndication.HASH_FAILURE


def test_an_empty_manifest_signs_nothing(judge: Judge, sign: Callable[..., bytes], good: tuple[bytes, ...]) -> None:
    listed = manifest()
    report = judge(extended(sign(listed), listed, ("a.txt", DATA)), revocation=good)
    assert report.signatures[0].indication is not Indication.TOTAL_PASSED


def test_a_simple_container_with_a_stamp(judge: Judge, pki: Pki) -> None:
    token = pki.stamp(hashlib.sha256(DATA).digest(), at=pki.epoch)
    mimetype = ("mimetype", b"application/vnd.etsi.asic-s+zip")
    stamped = edits.pack([mimetype, ("letter.txt", DATA), ("META-INF/timestamp.tst", token)])
    report = judge(stamped)
    assert [(one.indication, one.qualified) for one in report.stamps] == [(Indication.TOTAL_PASSED, True)]
    assert not report.signatures
    changed = judge(edits.replaced(stamped, "letter.txt", b"other"))
    assert changed.stamps[0].sub_indication is SubIndication.HASH_FAILURE


@pytest.mark.parametrize(
    ("document", "name"),
    [
        (
            b'<?xml version="1.0"?><SignedDoc format="DIGIDOC-XML" version="1.3" xmlns="http://www.sk.ee/DigiDoc/v1.3.0#"/>',
            "DDOC",
        ),
        (edits.pack([("[Content_Types].xml", b"<Types/>"), ("EDoc/doc.xml", b"<a/>")]), "eDoc 1.0"),
        (edits.pack([("mimetype", b"application/vnd.bdoc-1.0"), ("a.txt", b"x")]), "BDOC 1.0"),
    ],
)
def test_older_formats_are_named_and_left_to_a_person(judge: Judge, document: bytes, name: str) -> None:
    with pytest.raises(LegacyFormat) as found:
        judge(document)
    assert found.value.format_name == name


@pytest.mark.parametrize(
    "document", [b'<denc:EncryptedData xmlns:denc="http://www.w3.org/2001/04/xmlenc#"/>', b"CDOC\x02..."]
)
def test_encrypted_containers_are_named(judge: Judge, document: bytes) -> None:
    with pytest.raises(EncryptedDocument):
        judge(document)


@pytest.mark.parametrize("document", [b"", b"\n\n", b"\x00" * 5000])
def test_an_empty_file(judge: Judge, document: bytes) -> None:
    with pytest.raises(EmptyDocument):
        judge(document)


@pytest.mark.parametrize(
    "document", [b"a text file named .edoc", b"\x89PNG\r\n", b"<html></html>", edits.pack([("a.txt", b"x")])]
)
def test_files_that_hold_no_signature(judge: Judge, document: bytes) -> None:
    with pytest.raises(NotASignedDocument):
        judge(document)


def test_an_office_document_is_called_what_it_is(judge: Judge) -> None:
    with pytest.raises(NotASignedDocument) as found:
        judge(edits.pack([("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<a/>")]))
    assert found.value.code == "document.office"


# ZIPs as different writers write them


class _Stream(io.RawIOBase):
    """An output that cannot seek: the writer has to put sizes behind the data."""

    def __init__(self) -> None:
        self.data = b""

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(data)  # type: ignore[call-overload]
        self.data += part
        return len(part)


def test_a_streamed_archive(judge: Judge, letter: bytes) -> None:
    stream = _Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in edits.entries_of(letter):
            archive.writestr(name, content)
    assert judge(stream.data).signatures[0].indication is Indication.TOTAL_PASSED


def test_an_archive_in_the_large_format(judge: Judge, letter: bytes) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in edits.entries_of(letter):
            with archive.open(name, "w", force_zip64=True) as entry:
                entry.write(content)
    assert judge(buffer.getvalue()).signatures[0].indication is Indication.TOTAL_PASSED


def test_names_in_utf8_without_the_mark() -> None:
    data = edits.pack([("žurnāls.txt", b"x")])
    bare = data.replace(b"\x00\x08\x00\x00\x00\x00", b"\x00\x00\x00\x00\x00\x00")
    assert [entry.name for entry in open_archive(bare).entries] == ["žurnāls.txt"]


def test_an_archive_without_entries(judge: Judge) -> None:
    with pytest.raises(NotASignedDocument):
        judge(edits.pack([]))
