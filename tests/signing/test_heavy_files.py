"""Small files that are much work to judge: each is done with soon, whatever comes of it."""

from __future__ import annotations

import contextlib
import hashlib
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from asn1crypto import cms  # type: ignore[import-untyped] # it has no types

from builders.signing import edits
from demo.pki import person
from demo.signer import Level, sign_pdf
from signing import TooLarge
from signing.asn1 import tlv as asn1
from signing.cms.cades import read_signer
from signing.cms.signed_data import read_signed_data
from signing.cms.timestamp_tokens import MAX_STAMPS
from signing.xml.tree import parse_tree
from tests.signing.conftest import APPLICATION

if TYPE_CHECKING:
    from demo.pki import Pki
    from tests.signing.conftest import Judge

_SOON = 2.0
_MEGABYTE = 1024 * 1024


def seconds_of(judge: Judge, document: bytes) -> float:
    begun = time.process_time()
    with contextlib.suppress(TooLarge):
        judge(document)
    return time.process_time() - begun


def test_a_digest_nobody_knows_does_not_unpack_the_file_again_for_each_reference(judge: Judge, letter: bytes) -> None:
    xml = edits.signature_of(letter)
    start, end = xml.index("<ds:Reference "), xml.index("</ds:Reference>") + len("</ds:Reference>")
    unknown = xml[start:end].replace("xmlenc#sha256", "xmlenc#unknown")
    entries = [
        (name, bytes(range(256)) * (8 * _MEGABYTE // 256) if name == APPLICATION[0] else content)
        for name, content in edits.entries_of(letter)
        if name != edits.SIGNATURE_FILE
    ]
    entries.append((edits.SIGNATURE_FILE, (xml[:start] + unknown * 3000 + xml[start:]).encode()))
    assert seconds_of(judge, edits.pack(entries, compression=0)) < _SOON


def test_manifest_lines_that_name_the_same_long_part_hash_it_once(judge: Judge) -> None:
    line = (
        '<x:DataObjectReference URI="META-INF/x.bin"><ds:DigestMethod '
        'Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>AA==</ds:DigestValue>'
        "</x:DataObjectReference>"
    )
    manifest = (
        '<x:ASiCManifest xmlns:x="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'
        f'<x:SigReference URI="META-INF/timestamp1.tst"/>{line * 4000}</x:ASiCManifest>'
    )
    container = edits.pack(
        [
            ("mimetype", b"application/vnd.etsi.asic-e+zip"),
            ("a.txt", b"x"),
            ("META-INF/x.bin", b"x" * 8 * _MEGABYTE),
            ("META-INF/timestamp1.tst", b"0"),
            ("META-INF/ASiCManifest1.xml", manifest.encode()),
        ],
        compression=0,
    )
    assert seconds_of(judge, container) < _SOON


@pytest.mark.parametrize(
    "text",
    [
        b"<a" + b"".join(b' a%d="x"' % number for number in range(1000)) + b"/>",
        b"<a" + b"".join(b' xmlns:n%d="u:%d"' % (number, number) for number in range(1000)) + b"><b/></a>",
        b"<a" + b"".join(b' xmlns:n%d="u:%d"' % (n, n) for n in range(100)) + b">" + b"<b/>" * 9000 + b"</a>",
    ],
    ids=["attributes", "namespaces", "namespaces around many elements"],
)  # fmt: skip
def test_xml_that_takes_the_square_of_its_size_to_canonicalise(text: bytes) -> None:
    with pytest.raises(TooLarge):
        parse_tree(text)


def test_ordinary_xml_with_many_elements_is_read() -> None:
    wide = b"<a" + b"".join(b' xmlns:n%d="u:%d"' % (number, number) for number in range(20)) + b">"
    assert parse_tree(wide + b"<b x='1'/>" * 20_000 + b"</a>").getroot().tag == "a"


def test_more_signature_files_than_any_honest_container_has(judge: Judge, letter: bytes) -> None:
    xml = edits.signature_of(letter).encode()
    many = [(f"META-INF/edoc-signatures-S{number}.xml", xml) for number in range(2, 302)]
    with pytest.raises(TooLarge):
        judge(edits.pack([*edits.entries_of(letter), *many]))


def token(pki: Pki) -> cms.ContentInfo:
    return cms.ContentInfo.load(pki.stamp(hashlib.sha256(b"x").digest(), at=pki.epoch))


def test_more_signers_in_one_cms_than_any_honest_one_has(judge: Judge, pki: Pki) -> None:
    body = token(pki)["content"]
    crowd = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": body["digest_algorithms"],
            "encap_content_info": {"content_type": "data", "content": b"x"},
            "certificates": body["certificates"],
            "signer_infos": cms.SignerInfos([body["signer_infos"][0]] * 300),
        }
    )
    with pytest.raises(TooLarge):
        judge(cms.ContentInfo({"content_type": "signed_data", "content": crowd}).dump())


def test_one_signature_shown_by_hundreds_of_fields(judge: Judge, pki: Pki, page: bytes) -> None:
    signed = sign_pdf(page, person=person("head"), pki=pki, at=pki.epoch, level=Level.B)
    assert judge(signed).signatures
    with pytest.raises(TooLarge):
        judge(with_fields(signed, 300))


@pytest.fixture
def page() -> bytes:
    return (
        b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
        b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
        b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>\nendobj\n"
        b"xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000058 00000 n \n0000000115 00000 n \n"
        b"trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n186\n%%EOF\n"
    )


def with_fields(pdf: bytes, count: int) -> bytes:
    """Append a revision in which `count` fields show the one signature."""
    value = pdf[pdf.rindex(b"/V ") + 3 :].split(b" R", 1)[0] + b" R"
    objects = {1000 + number: b"<< /FT /Sig /T (f%d) /V %s >>" % (number, value) for number in range(count)}
    fields = b" ".join(b"%d 0 R" % number for number in objects)
    objects[1] = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /SigFlags 3 /Fields [%s] >> >>" % fields
    previous = int(pdf[pdf.rindex(b"startxref") + 9 :].split()[0])
    made, table = bytearray(pdf), bytearray(b"xref\n")
    for number, body in objects.items():
        table += b"%d 1\n%010d 00000 n \n" % (number, len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table += b"trailer\n<< /Size 5000 /Prev %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (previous, len(made))
    return bytes(made + table)


_REFERENCE = (
    '<ds:Reference URI="{}">{}<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
    "<ds:DigestValue>AAAA</ds:DigestValue></ds:Reference>"
)
_ENVELOPED = (
    '<ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/></ds:Transforms>'
)


def with_references(container: bytes, reference: str, count: int, more: str) -> bytes:
    """The same signature with references put first, and something put last."""

    def edit(xml: str) -> str:
        crowd = xml.replace("<ds:Reference ", reference * count + "<ds:Reference ", 1)
        return crowd.replace("</ds:Signature>", f"{more}</ds:Signature>")

    return edits.pack(edits.entries_of(edits.with_signature(container, edit)), compression=0)


@pytest.mark.parametrize(
    ("reference", "count", "more"),
    [
        (_REFERENCE.format("", _ENVELOPED), 300, f"<ds:Object>{'x' * 3 * _MEGABYTE}</ds:Object>"),
        (_REFERENCE.format("#o", ""), 4000, f'<ds:Object Id="o">{"<!---->" * 500_000}</ds:Object>'),
    ],
    ids=["the document without the signature", "comments left out"],
)
def test_references_that_write_out_nothing_of_a_large_part(
    judge: Judge, letter: bytes, reference: str, count: int, more: str
) -> None:
    document = with_references(letter, reference, count, more)
    begun = time.process_time()
    with pytest.raises(TooLarge):
        judge(document)
    assert time.process_time() - begun < 2 * _SOON


def test_more_counter_signatures_than_any_honest_file_has(judge: Judge, letter: bytes) -> None:
    end = "</xades:UnsignedSignatureProperties>"
    counter = '<xades:CounterSignature><ds:Signature Id="c"/></xades:CounterSignature>'
    crowd = edits.with_signature(letter, lambda text: text.replace(end, counter * 300 + end))
    with pytest.raises(TooLarge):
        judge(edits.pack(edits.entries_of(crowd), compression=0))


def test_more_named_certificates_than_any_chain_has(judge: Judge, letter: bytes) -> None:
    def crowded(xml: str) -> str:
        start, end = xml.index("<xades:Cert>"), xml.index("</xades:Cert>") + len("</xades:Cert>")
        other = xml[start:end].replace("<ds:DigestValue>", "<ds:DigestValue>AAAA")
        return xml[:start] + other * 100 + xml[start:]

    with pytest.raises(TooLarge):
        judge(edits.pack(edits.entries_of(edits.with_signature(letter, crowded)), compression=0))


def test_more_stamps_in_one_cms_signature_than_any_honest_one_has(pki: Pki) -> None:
    """Each archive stamp hashes everything else there is: their number must not be squared."""
    stamp, _ = asn1.read(pki.stamp(hashlib.sha256(b"x").digest(), at=pki.epoch))
    signed = read_signed_data(stamp.whole)
    for kind in ("1.2.840.113549.1.9.16.2.14", "0.4.0.1733.2.4", "1.2.840.113549.1.9.16.2.48"):
        crowded = replace(signed.signers[0], unsigned={kind: (stamp,) * (MAX_STAMPS + 10)})
        facts = read_signer(signed, crowded, None, format_name="CAdES", identifier="x")
        assert len(facts.stamps) == MAX_STAMPS


def test_an_object_identifier_as_long_as_the_file() -> None:
    endless = asn1.Tlv(asn1.OID, b"\xff" * _MEGABYTE + b"\x01", b"")
    with pytest.raises(ValueError, match="does not end"):
        asn1.oid(endless)
