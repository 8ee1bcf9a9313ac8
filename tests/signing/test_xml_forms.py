"""XAdES on its own: around, inside and beside what it signs. Made by signxml's signer; ours shares nothing with it."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureConstructionMethod, SignatureMethod
from signxml.xades.xades import XAdESSigner

from benchmarks._variants.xades import Part, Signer, transform
from signing import (
    BrokenDocument,
    Indication,
    NotASignedDocument,
    Report,
    SignatureReport,
    SubIndication,
    TooLarge,
    verify,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.pki import Pki
    from signing import TrustStore
    from tests.signing.conftest import Judge

PASSED, FAILED = Indication.TOTAL_PASSED, Indication.TOTAL_FAILED
DATA = b"<letter><text>I undertake.</text></letter>"


@pytest.fixture
def sign(pki: Pki) -> Callable[..., bytes]:
    """Sign DATA, or something else, as the head."""
    key = (pki.folder / "keys" / "head.pem").read_bytes()
    certificate = pki.certificate("head").public_bytes(Encoding.PEM).decode()

    def signed(method: SignatureConstructionMethod, content: bytes = DATA) -> bytes:
        signer = XAdESSigner(
            method=method, signature_algorithm=SignatureMethod.ECDSA_SHA384, digest_algorithm=DigestAlgorithm.SHA256
        )
        data: object = content if method is SignatureConstructionMethod.detached else etree.fromstring(content)
        root = signer.sign(
            data, key=key, cert=certificate, reference_uri="letter.xml" if isinstance(data, bytes) else None
        )
        return etree.tostring(root)

    return signed


@pytest.fixture
def judged(pki: Pki, latvian_list: TrustStore) -> Callable[..., Report]:
    def judge(document: bytes, detached: tuple[tuple[str, bytes], ...] = ()) -> Report:
        at = pki.epoch + timedelta(hours=1)
        answer = pki.ocsp(pki.certificate("head"), at=pki.epoch)
        return verify(document, name="x.xml", trust=latvian_list, at=at, detached=detached, revocation=(answer,))

    return judge


def test_enveloped(sign: Callable[..., bytes], judged: Callable[..., Report]) -> None:
    document = sign(SignatureConstructionMethod.enveloped)
    report = judged(document)
    assert (report.form, report.signatures[0].indication) == ("XAdES", PASSED)
    assert report.signatures[0].covers_everything
    changed = judged(document.replace(b"I undertake", b"I refuse"))
    assert (changed.signatures[0].indication, changed.signatures[0].sub_indication) == (
        FAILED,
        SubIndication.HASH_FAILURE,
    )
    added = judged(document.replace(b"</letter>", b"<more/></letter>"))
    assert added.signatures[0].sub_indication is SubIndication.HASH_FAILURE


def test_enveloping(sign: Callable[..., bytes], judged: Callable[..., Report]) -> None:
    document = sign(SignatureConstructionMethod.enveloping)
    report = judged(document)
    assert report.signatures[0].indication is PASSED
    assert report.signatures[0].covers_everything
    changed = judged(document.replace(b"I undertake", b"I refuse"))
    assert changed.signatures[0].sub_indication is SubIndication.HASH_FAILURE
    unsigned = judged(document.replace(b"</ds:Signature>", b"<ds:Object>and this</ds:Object></ds:Signature>"))
    assert not unsigned.signatures[0].covers_everything


@pytest.mark.parametrize("around", ["{}", "<!-- a remark -->{}", "{}<!-- a remark -->"])
@pytest.mark.parametrize("method", [SignatureConstructionMethod.enveloping, SignatureConstructionMethod.enveloped])
def test_a_style_sheet_beside_what_was_signed(
    sign: Callable[..., bytes], judged: Callable[..., Report], method: SignatureConstructionMethod, around: str
) -> None:
    """By it a browser shows another text; remarks show nothing."""
    document = around.format(sign(method).decode()).encode()
    assert judged(document).signatures[0].covers_everything
    sheet = b'<?xml-stylesheet type="text/xsl" href="other.xsl"?>'
    for directed in (sheet + document, document + sheet):
        report = judged(directed)
        assert not report.signatures[0].covers_everything
        assert not report.contents[0].covered_by


def test_more_inside_an_enveloped_signature_than_was_signed(
    sign: Callable[..., bytes], judged: Callable[..., Report]
) -> None:
    document = sign(SignatureConstructionMethod.enveloped)
    more = judged(document.replace(b"</ds:Signature>", b"<ds:Object>and this</ds:Object></ds:Signature>"))
    assert not more.signatures[0].covers_everything


@pytest.mark.parametrize("method", [SignatureConstructionMethod.enveloping, SignatureConstructionMethod.enveloped])
def test_words_inside_a_signature_where_it_has_no_place_for_any(
    sign: Callable[..., bytes], judged: Callable[..., Report], method: SignatureConstructionMethod
) -> None:
    """A browser shows them, wherever they stand; an enveloped signature leaves itself out of what it signs."""
    document = sign(method)
    behind = b"</xades:QualifyingProperties></ds:Object>"
    for words in (b'<p xmlns="http://www.w3.org/1999/xhtml">I refuse</p>', b" I refuse "):
        for place, more in (
            (b"</ds:Signature>", words + b"</ds:Signature>"),
            (b"<ds:KeyInfo", words + b"<ds:KeyInfo"),
            (behind, behind.replace(b"</ds:Object>", words + b"</ds:Object>")),
        ):
            assert document.count(place) == 1
            assert not judged(document.replace(place, more)).signatures[0].covers_everything
    remark = document.replace(b"</ds:Signature>", b"\n<!-- a remark --></ds:Signature>")
    assert judged(remark).signatures[0].covers_everything


def test_an_enveloping_signature_whose_object_is_hidden_in_its_key_information(
    sign: Callable[..., bytes], judged: Callable[..., Report]
) -> None:
    document = sign(SignatureConstructionMethod.enveloping)
    root = etree.fromstring(document)
    space = {"ds": "http://www.w3.org/2000/09/xmldsig#"}
    real = next(one for one in root.iterfind("ds:Object", space) if one.find("letter") is not None)
    shown = etree.SubElement(root, f"{{{space['ds']}}}Object")
    etree.SubElement(etree.SubElement(shown, "letter"), "text").text = "I refuse."
    for home in (root.find("ds:KeyInfo", space), root.find("ds:KeyInfo/ds:X509Data", space)):
        assert home is not None
        home.append(real)
        assert judged(etree.tostring(root)).signatures[0].indication is not PASSED


def test_an_enveloping_signature_whose_object_is_hidden_behind_another(
    sign: Callable[..., bytes], judged: Callable[..., Report]
) -> None:
    document = sign(SignatureConstructionMethod.enveloping)
    root = etree.fromstring(document)
    space = {"ds": "http://www.w3.org/2000/09/xmldsig#"}
    real = next(one for one in root.iterfind("ds:Object", space) if one.find("letter") is not None)
    holder = etree.SubElement(root, f"{{{space['ds']}}}Object")
    etree.SubElement(holder, "wrapper").append(real)
    shown = etree.SubElement(root, f"{{{space['ds']}}}Object")
    etree.SubElement(etree.SubElement(shown, "letter"), "text").text = "I refuse."
    report = judged(etree.tostring(root))
    assert report.signatures[0].indication is not PASSED


def test_what_stands_around_the_signed_part_of_an_enveloping_signature(
    sign: Callable[..., bytes], judged: Callable[..., Report], pki: Pki
) -> None:
    """Only the letter is signed; an element around it, or an attribute, says what nobody signed."""
    root = etree.fromstring(sign(SignatureConstructionMethod.enveloping))
    space = {"ds": "http://www.w3.org/2000/09/xmldsig#"}
    holder = next(one for one in root.iterfind("ds:Object", space) if one.find("letter") is not None)
    letter, info = holder[0], root.find("ds:SignedInfo", space)
    reference = next(one for one in root.iterfind("ds:SignedInfo/ds:Reference", space) if one.get("URI") == "#object")
    digest, value = reference.find("ds:DigestValue", space), root.find("ds:SignatureValue", space)
    assert info is not None
    assert digest is not None
    assert value is not None
    del holder.attrib["Id"]
    letter.set("Id", "letter")
    reference.set("URI", "#letter")
    digest.text = base64.b64encode(hashlib.sha256(etree.tostring(letter, method="c14n")).digest()).decode()
    key = load_pem_private_key((pki.folder / "keys" / "head.pem").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    numbers = decode_dss_signature(key.sign(etree.tostring(info, method="c14n"), ec.ECDSA(hashes.SHA384())))
    value.text = base64.b64encode(b"".join(number.to_bytes(48, "big") for number in numbers)).decode()

    def around(before: bytes, after: bytes = b"") -> SignatureReport:
        document = etree.tostring(root).replace(b"<letter", before + b"<letter", 1)
        return judged(document.replace(b"</letter>", b"</letter>" + after, 1)).signatures[0]

    for bare in (around(b""), around(b"<ds:SignatureProperties>", b"</ds:SignatureProperties>")):
        assert bare.indication is PASSED
        assert bare.covers_everything
    attribute = b'<ds:SignatureProperties about="a refusal">', b"</ds:SignatureProperties>"
    for telling in (around(b"<refused>", b"</refused>"), around(*attribute)):
        assert telling.indication is PASSED
        assert not telling.covers_everything


def test_a_fake_manifest_in_the_place_of_the_signed_one(
    sign: Callable[..., bytes], judged: Callable[..., Report]
) -> None:
    """The signed ds:Manifest is moved away; the one that stands in its place names other files."""
    space = {"ds": "http://www.w3.org/2000/09/xmldsig#"}
    manifest = (
        f'<ds:Manifest xmlns:ds="{space["ds"]}" Id="manifest"><ds:Reference URI="letter.xml">'
        '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
        f"<ds:DigestValue>{base64.b64encode(hashlib.sha256(DATA).digest()).decode()}</ds:DigestValue>"
        "</ds:Reference></ds:Manifest>"
    ).encode()
    document = sign(SignatureConstructionMethod.enveloping, manifest)
    assert judged(document).signatures[0].indication is PASSED
    for home in ("ds:KeyInfo", "ds:Object", "."):
        root = etree.fromstring(document)
        holder = next(one for one in root.iterfind("ds:Object", space) if one.find("ds:Manifest", space) is not None)
        place = root.find(home, space) if home != "." else root
        fake = etree.fromstring(manifest.replace(b"letter.xml", b"another.xml"))
        shown = etree.SubElement(root, f"{{{space['ds']}}}Object")
        shown.append(fake)
        assert place is not None
        etree.SubElement(place, "wrapper").append(holder)
        report = judged(etree.tostring(root), (("another.xml", DATA),))
        assert report.signatures[0].indication is not PASSED, home
        assert not report.contents[0].covered_by, home


def test_detached(sign: Callable[..., bytes], judged: Callable[..., Report]) -> None:
    document = sign(SignatureConstructionMethod.detached)
    assert judged(document, (("letter.xml", DATA),)).signatures[0].indication is PASSED
    blank_added = judged(document, (("letter.xml", DATA + b" "),))
    assert not blank_added.signatures[0].covers_everything, "its canonical form is signed, its bytes are not"
    changed = judged(document, (("letter.xml", DATA.replace(b"undertake", b"refuse")),))
    assert changed.signatures[0].sub_indication is SubIndication.HASH_FAILURE
    other_name = judged(document, (("Letter.xml", DATA),))
    assert other_name.signatures[0].sub_indication is SubIndication.SIGNED_DATA_NOT_FOUND
    assert judged(document).signatures[0].sub_indication is SubIndication.SIGNED_DATA_NOT_FOUND
    more = judged(document, (("letter.xml", DATA), ("more.xml", b"<a/>")))
    assert more.signatures[0].indication is PASSED
    assert not more.signatures[0].covers_everything


def test_xml_without_a_signature(judged: Callable[..., Report]) -> None:
    with pytest.raises(NotASignedDocument):
        judged(DATA)


def test_xml_that_is_none(judged: Callable[..., Report]) -> None:
    with pytest.raises(BrokenDocument):
        judged(b"<letter>")


def test_more_references_than_any_honest_file_has(sign: Callable[..., bytes], judged: Callable[..., Report]) -> None:
    document = sign(SignatureConstructionMethod.enveloped)
    start, end = document.index(b"<ds:Reference"), document.index(b"</ds:Reference>") + len(b"</ds:Reference>")
    crowd = document[:start] + document[start:end] * 6000 + document[end:]
    with pytest.raises(TooLarge):
        judged(crowd)


def test_references_that_write_out_the_same_large_part_again_and_again(
    sign: Callable[..., bytes], judged: Callable[..., Report]
) -> None:
    document = sign(SignatureConstructionMethod.enveloped)
    start, end = document.index(b"<ds:Reference"), document.index(b"</ds:Reference>") + len(b"</ds:Reference>")
    crowd = document[:start] + document[start:end] * 400 + document[end:]
    padded = crowd.replace(b"I undertake.", b"x" * 2_000_000)
    with pytest.raises(TooLarge):
        judged(padded)


def test_a_signed_part_moved_into_the_key_information_is_misplaced(judge: Judge, pki: Pki) -> None:
    signer = Signer(pki, pki.epoch)
    note = '<n:note xmlns:n="urn:example:note" Id="note">Lūdzu piešķirt tiesības.</n:note>'
    exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
    part = Part("#note", f"<ds:Transforms>{transform('ds:', exclusive)}</ds:Transforms>", algorithm=exclusive)
    document = signer.fill(signer.signature((part,), f"<ds:Object>{note}</ds:Object>"), (part,))
    assert judge(document).signatures[0].indication is Indication.TOTAL_PASSED
    moved = document.replace(f"<ds:Object>{note}</ds:Object>".encode(), b"<ds:Object/>")
    moved = moved.replace(b"<ds:KeyInfo>", f"<ds:KeyInfo>{note}".encode())
    report = judge(moved)
    assert report.signatures[0].indication is Indication.TOTAL_FAILED
    assert "reference.misplaced" in {message.code for message in report.signatures[0].errors}
