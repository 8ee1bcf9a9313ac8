"""What the demo's signer writes is well-formed, is checked by others' code, and is wrong only where that was wished."""

import hashlib
import io
import zipfile
from base64 import b64decode
from datetime import timedelta
from typing import cast

import pikepdf
import pytest
from asn1crypto import cms  # type: ignore[import-untyped]
from cryptography import x509
from cryptography.x509 import ocsp
from lxml import etree
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from signxml.exceptions import InvalidDigest
from signxml.verifier import SignatureConfiguration, XMLVerifier

from demo.errors import NotAContainer, NotAPdf
from demo.pki import Answer, Pki, person
from demo.signer import Level, Wrong, sign_again, sign_asice, sign_edoc, sign_pdf

_NAMES = {
    "asic": "http://uri.etsi.org/02918/v1.2.1#",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "x": "http://uri.etsi.org/01903/v1.3.2#",
}
_FILES = (("iesniegums ā.txt", b"an application"), ("letter.txt", b"a letter"))
_S1 = "META-INF/edoc-signatures-S1.xml"


@pytest.fixture(scope="module")
def edoc(pki: Pki) -> bytes:
    """Two files signed by the head, level LT."""
    return sign_edoc(_FILES, person=person("head"), pki=pki, at=pki.epoch)


@pytest.fixture(scope="module")
def pdf() -> bytes:
    """One empty page."""
    buffer = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(buffer)
    return buffer.getvalue()


def _entries(container: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(container)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _tree(container: bytes, name: str = _S1) -> etree._Element:
    return etree.fromstring(_entries(container)[name])


def _all(tree: etree._Element, path: str) -> list[etree._Element]:
    return cast("list[etree._Element]", tree.xpath(path, namespaces=_NAMES))


def _text(tree: etree._Element, path: str) -> str:
    (element,) = _all(tree, path)
    return element.text or ""


def _stamp(tree: etree._Element) -> dict[str, object]:
    token = cms.ContentInfo.load(b64decode(_text(tree, "//x:SignatureTimeStamp/x:EncapsulatedTimeStamp")))
    info: dict[str, object] = token["content"]["encap_content_info"]["content"].parsed.native
    return info


def _check(container: bytes, signer: x509.Certificate, name: str = _S1) -> None:
    """The signature and every digest, by signxml."""
    entries = _entries(container)
    references = len(_all(_tree(container, name), "//ds:Reference"))
    by_uri = {"iesniegums%20%C4%81.txt": "iesniegums ā.txt"}
    XMLVerifier().verify(
        entries[name],
        x509_cert=signer,
        uri_resolver=lambda uri: entries[by_uri.get(uri or "", uri or "")],
        expect_config=SignatureConfiguration(expect_references=references),
    )


def test_an_edoc_is_laid_out_as_latvian_software_does_it(edoc: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(edoc)) as archive:
        first, *others = archive.infolist()
        assert (first.filename, first.compress_type, first.extra) == ("mimetype", zipfile.ZIP_STORED, b"")
        assert edoc[38:].startswith(b"application/vnd.etsi.asic-e+zip")
        assert [each.filename for each in others] == [*(name for name, _ in _FILES), "META-INF/manifest.xml", _S1]
    tree = _tree(edoc)
    assert tree.tag == f"{{{_NAMES['asic']}}}XAdESSignatures"
    (signature,) = _all(tree, "ds:Signature")
    assert signature.get("Id") == "S1"
    (method,) = _all(tree, "//ds:SignedInfo/ds:CanonicalizationMethod")
    assert method.get("Algorithm") == "http://www.w3.org/2006/12/xml-c14n11"
    assert not _all(tree, "//ds:Transforms")
    assert len(_all(tree, "//x:SigningCertificate")) == 1


@pytest.mark.parametrize("who", ["head", "user", "seal"])
def test_signxml_finds_the_signature_and_every_digest_right(pki: Pki, who: str) -> None:
    signed = sign_edoc(_FILES, person=person(who), pki=pki, at=pki.epoch)
    _check(signed, pki.certificate(who))


def test_signxml_sees_an_altered_file(pki: Pki, edoc: bytes) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in _entries(edoc).items():
            archive.writestr(name, b"another letter" if name == "letter.txt" else content)
    with pytest.raises(InvalidDigest):
        _check(buffer.getvalue(), pki.certificate("head"))


def test_an_asice_names_the_certificate_the_newer_way(pki: Pki) -> None:
    signed = sign_asice(_FILES, person=person("head"), pki=pki, at=pki.epoch)

    assert len(_all(_tree(signed, "META-INF/signatures1.xml"), "//x:SigningCertificateV2")) == 1


@pytest.mark.parametrize(
    ("level", "stamps", "answers", "archives"), [("B", 0, 0, 0), ("T", 1, 0, 0), ("LT", 1, 1, 0), ("LTA", 1, 1, 1)]
)
def test_each_level_holds_what_it_must(pki: Pki, level: str, stamps: int, answers: int, archives: int) -> None:
    tree = _tree(sign_edoc(_FILES, person=person("head"), pki=pki, at=pki.epoch, level=Level(level)))

    assert len(_all(tree, "//x:SignatureTimeStamp")) == stamps
    assert len(_all(tree, "//x:EncapsulatedOCSPValue")) == answers
    assert len(_all(tree, "//*[local-name()='ArchiveTimeStamp']")) == archives


def test_the_stamp_is_over_the_signature_and_the_answer_about_the_signer(pki: Pki, edoc: bytes) -> None:
    tree = _tree(edoc)
    (value,) = _all(tree, "//ds:SignatureValue")
    imprint = cast("dict[str, object]", _stamp(tree)["message_imprint"])
    answer = ocsp.load_der_ocsp_response(b64decode(_text(tree, "//x:EncapsulatedOCSPValue")))

    assert imprint["hashed_message"] == hashlib.sha256(etree.tostring(value, method="c14n")).digest()
    assert answer.serial_number == pki.certificate("head").serial_number
    assert answer.certificate_status is ocsp.OCSPCertStatus.GOOD


def test_one_can_sign_in_the_past(pki: Pki) -> None:
    then = pki.epoch - timedelta(days=200)
    tree = _tree(sign_edoc(_FILES, person=person("head"), pki=pki, at=then))
    answer = ocsp.load_der_ocsp_response(b64decode(_text(tree, "//x:EncapsulatedOCSPValue")))

    assert _text(tree, "//x:SigningTime") == then.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert _stamp(tree)["gen_time"] == then + timedelta(seconds=2)
    assert answer.produced_at_utc == then + timedelta(seconds=4)


def test_times_can_be_wished_one_by_one_as_in_latvia(pki: Pki) -> None:
    later, earlier = pki.epoch + timedelta(minutes=9), pki.epoch - timedelta(minutes=7)
    signed = sign_edoc(_FILES, person=person("head"), pki=pki, at=pki.epoch, stamped_at=later, ocsp_at=earlier)
    tree = _tree(signed)

    assert _stamp(tree)["gen_time"] == later
    produced = ocsp.load_der_ocsp_response(b64decode(_text(tree, "//x:EncapsulatedOCSPValue"))).produced_at_utc
    assert produced == earlier


def test_a_role_is_claimed(pki: Pki) -> None:
    signed = sign_edoc(_FILES, person=person("head"), pki=pki, at=pki.epoch, role="Vadītāja")
    assert _text(_tree(signed), "//x:SignerRole//x:ClaimedRole") == "Vadītāja"


def test_a_second_signature_leaves_everything_as_it_was(pki: Pki, edoc: bytes) -> None:
    both = sign_again(edoc, person=person("user"), pki=pki, at=pki.epoch + timedelta(hours=1), covers=("letter.txt",))
    second = "META-INF/edoc-signatures-S2.xml"

    assert _entries(both).items() >= _entries(edoc).items()
    assert [each.get("URI") for each in _all(_tree(both, second), "//ds:Reference")] == [
        "letter.txt",
        "#S2-SignedProperties",
    ]
    _check(both, pki.certificate("head"))
    _check(both, pki.certificate("user"), second)


@pytest.mark.parametrize("unit", ["tsa-plain", "tsa-unlisted"])
def test_another_unit_stamps_when_wished(pki: Pki, unit: str) -> None:
    tree = _tree(sign_edoc(_FILES, person=person("head"), pki=pki, at=pki.epoch, wrong=Wrong(unit=unit)))
    token = cms.ContentInfo.load(b64decode(_text(tree, "//x:EncapsulatedTimeStamp")))
    (certificate,) = token["content"]["certificates"]

    assert x509.load_der_x509_certificate(certificate.dump()) == pki.certificate(unit)


def test_wrong_wishes_are_wrong_where_wished(pki: Pki) -> None:
    def signed(wrong: Wrong) -> etree._Element:
        return _tree(sign_edoc(_FILES, person=person("head"), pki=pki, at=pki.epoch, wrong=wrong))

    about = b64decode(_text(signed(Wrong(ocsp_about="user-2")), "//x:EncapsulatedOCSPValue"))
    assert ocsp.load_der_ocsp_response(about).serial_number == pki.certificate("user-2").serial_number
    unknown = b64decode(_text(signed(Wrong(ocsp=Answer.UNKNOWN)), "//x:EncapsulatedOCSPValue"))
    assert ocsp.load_der_ocsp_response(unknown).certificate_status is ocsp.OCSPCertStatus.UNKNOWN
    imprint = cast("dict[str, object]", _stamp(signed(Wrong(stamp_over=b"other")))["message_imprint"])
    assert imprint["hashed_message"] == hashlib.sha256(b"other").digest()
    assert len(_all(signed(Wrong(properties_unsigned=True)), "//ds:Reference")) == len(_FILES)
    weak = {each.get("Algorithm") for each in _all(signed(Wrong(digest="sha1")), "//ds:Reference/ds:DigestMethod")}
    assert weak == {"http://www.w3.org/2000/09/xmldsig#sha1"}
    named = _text(signed(Wrong(named="user")), "//ds:X509SerialNumber")
    assert named == str(pki.certificate("user").serial_number)


def test_what_is_no_container_is_not_signed_again(pki: Pki) -> None:
    with pytest.raises(NotAContainer):
        sign_again(b"a letter", person=person("user"), pki=pki, at=pki.epoch)


def _pdf_is_good(document: bytes, pki: Pki, number: int = 0) -> bool:
    """The signature's bytes and path, by pyHanko."""
    signature = PdfFileReader(io.BytesIO(document)).embedded_regular_signatures[number]
    roots = [signature.signer_cert.__class__.load((pki.folder / "certificates" / "root.crt").read_bytes())]
    context = ValidationContext(trust_roots=roots, allow_fetching=False, moment=pki.epoch, revocation_mode="soft-fail")
    status = validate_pdf_signature(signature, signer_validation_context=context)
    return bool(status.intact and status.valid and status.trusted)


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("who", ["head", "user"])
def test_a_pdf_keeps_its_bytes_and_gets_a_signature(pki: Pki, pdf: bytes, who: str, level: Level) -> None:
    signed = sign_pdf(pdf, person=person(who), pki=pki, at=pki.epoch, level=level)

    assert signed.startswith(pdf)
    assert _pdf_is_good(signed, pki)


def test_a_long_term_pdf_encloses_the_answer_for_this_signature(pki: Pki, pdf: bytes) -> None:
    signed = sign_pdf(pdf, person=person("head"), pki=pki, at=pki.epoch)

    with pikepdf.open(io.BytesIO(signed)) as document:
        store = document.Root.DSS
        (answer,) = store.OCSPs
        assert len(store.VRI) == 1
        response = ocsp.load_der_ocsp_response(answer.read_bytes())
    assert response.serial_number == pki.certificate("head").serial_number


def test_two_people_sign_one_pdf(pki: Pki, pdf: bytes) -> None:
    first = sign_pdf(pdf, person=person("head"), pki=pki, at=pki.epoch)
    both = sign_again(first, person=person("user"), pki=pki, at=pki.epoch + timedelta(minutes=5))

    assert both.startswith(first)
    assert _pdf_is_good(both, pki)
    assert _pdf_is_good(both, pki, 1)


@pytest.mark.parametrize("octets", [b"a letter", b"%PDF-1.7 but not really"])
def test_what_is_no_pdf_is_not_signed_as_one(pki: Pki, octets: bytes) -> None:
    with pytest.raises(NotAPdf):
        sign_pdf(octets, person=person("user"), pki=pki, at=pki.epoch)
