"""XAdES on its own: around, inside and beside what it signs. Made by signxml's signer; ours shares nothing with it."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureConstructionMethod, SignatureMethod
from signxml.xades.xades import XAdESSigner

from signing import BrokenDocument, Indication, NotASignedDocument, Report, SubIndication, TooLarge, verify

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.pki import Pki
    from signing import TrustStore

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
