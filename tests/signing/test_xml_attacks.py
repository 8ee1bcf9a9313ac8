"""XML signatures wrapped, borrowed, copied and faked. Each attack by its name, with a file of its own."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from builders.signing import edits
from demo.pki import Answer, person
from demo.signer import Level, Wrong, sign_edoc
from signing import (
    QES_LV,
    BrokenDocument,
    Indication,
    Qualification,
    Rejected,
    Report,
    SubIndication,
    TrustState,
    TrustStore,
    Undetermined,
)
from signing.pki.certificates import Certificate
from tests.signing.conftest import APPLICATION, LETTER

if TYPE_CHECKING:
    from demo.pki import Pki
    from tests.signing.conftest import Judge

FAILED, OPEN, PASSED = Indication.TOTAL_FAILED, Indication.INDETERMINATE, Indication.TOTAL_PASSED


def verdict(report: Report) -> tuple[Indication, SubIndication | None]:
    return report.signatures[0].indication, report.signatures[0].sub_indication


def error_codes(report: Report) -> set[str]:
    return {message.code for signature in report.signatures for message in signature.errors}


def signed(pki: Pki, who: str = "head", **wishes: object) -> bytes:
    return sign_edoc([APPLICATION, LETTER], person=person(who), pki=pki, at=pki.epoch, **wishes)  # type: ignore[arg-type]


def element(xml: str, name: str) -> str:
    found = re.search(rf"<(\w+:{name})\b.*?</\1>", xml, re.DOTALL)
    assert found
    return found[0]


# Wrapping: what is signed is moved, something else stands in its place


def test_wrapping_with_a_second_set_of_properties(judge: Judge, letter: bytes) -> None:
    def wrap(xml: str) -> str:
        properties = element(xml, "QualifyingProperties")
        return xml.replace("</ds:Signature>", f"<ds:Object>{properties}</ds:Object></ds:Signature>")

    report = judge(edits.with_signature(letter, wrap))
    assert verdict(report) == (FAILED, SubIndication.FORMAT_FAILURE)


def test_wrapping_with_properties_that_aim_at_another_signature(judge: Judge, letter: bytes) -> None:
    report = judge(edits.with_signature(letter, lambda xml: xml.replace('Target="#S1"', 'Target="#S2"')))
    assert "xades.properties-of-another" in error_codes(report)
    assert verdict(report)[0] is FAILED


def test_wrapping_signed_properties_away_behind_forged_ones(judge: Judge, letter: bytes) -> None:
    def wrap(xml: str) -> str:
        real = element(xml, "SignedProperties")
        forged = real.replace("common", "forged").replace('Id="', 'Id="x')
        hidden = f"<ds:Object><wrapper>{real}</wrapper></ds:Object></ds:Signature>"
        return xml.replace(real, forged).replace("</ds:Signature>", hidden)

    report = judge(edits.with_signature(letter, wrap))
    assert "xades.properties-not-signed" in error_codes(report)
    assert verdict(report)[0] is FAILED


def test_two_elements_of_one_id(judge: Judge, letter: bytes) -> None:
    def double(xml: str) -> str:
        real = element(xml, "SignedProperties")
        return xml.replace("</ds:Signature>", f"<ds:Object>{real}</ds:Object></ds:Signature>")

    report = judge(edits.with_signature(letter, double))
    assert "reference.ambiguous" in error_codes(report)
    assert verdict(report)[0] is not PASSED


def test_a_signature_inside_a_signature_is_not_counted(judge: Judge, letter: bytes) -> None:
    def nest(xml: str) -> str:
        inner = element(xml, "Signature").replace('Id="S1"', 'Id="S9"')
        return xml.replace("</ds:Signature>", f"<ds:Object>{inner}</ds:Object></ds:Signature>", 1)

    report = judge(edits.with_signature(letter, nest))
    assert len(report.signatures) == 1


def test_a_counter_signature_is_seen_and_never_counted(judge: Judge, letter: bytes, two_signatures: bytes) -> None:
    other = element(edits.signature_of(two_signatures, edits.SECOND_SIGNATURE_FILE), "Signature")

    def counter(xml: str) -> str:
        end = "</xades:UnsignedSignatureProperties>"
        return xml.replace(end, f"<xades:CounterSignature>{other}</xades:CounterSignature>{end}")

    report = judge(edits.with_signature(letter, counter))
    assert [one.counter_signature for one in report.signatures] == [False, True]
    assert all("S2" not in content.covered_by for content in report.contents)


def test_a_signature_wrapped_as_the_counter_signature_of_a_forged_one(judge: Judge, letter: bytes) -> None:
    """What is sound is then only ever a counter-signature, and what counts is not sound."""

    def wrap(xml: str) -> str:
        real = element(xml, "Signature")
        forged = real.replace('Id="S1"', 'Id="S9"', 1).replace('Target="#S1"', 'Target="#S9"')
        end = "</xades:UnsignedSignatureProperties>"
        return xml.replace(real, forged.replace(end, f"<xades:CounterSignature>{real}</xades:CounterSignature>{end}"))

    report = judge(edits.with_signature(letter, wrap))
    assert all(one.indication is not PASSED for one in report.signatures if not one.counter_signature)
    assert all(content.covered_by == () for content in report.contents)
    assert not QES_LV.judge(report)


# Keys and certificates


def test_a_certificate_exchanged_for_another_persons(judge: Judge, pki: Pki, letter: bytes) -> None:
    other = base64.b64encode(pki.certificate("user").public_bytes(Encoding.DER)).decode()
    swapped = edits.with_signature(
        letter, lambda xml: re.sub(r"(<ds:X509Certificate>)[^<]+", rf"\g<1>{other}", xml, count=1)
    )
    report = judge(swapped)
    assert verdict(report)[0] is FAILED
    assert "certificate.another" in error_codes(report)


def test_signed_properties_that_name_another_certificate(judge: Judge, pki: Pki) -> None:
    report = judge(signed(pki, wrong=Wrong(named="user")))
    assert verdict(report) == (OPEN, SubIndication.NO_SIGNING_CERTIFICATE_FOUND)


def test_properties_that_are_not_signed(judge: Judge, pki: Pki) -> None:
    report = judge(signed(pki, wrong=Wrong(properties_unsigned=True)))
    assert "xades.properties-not-signed" in error_codes(report)
    assert verdict(report)[0] is FAILED


def test_a_certificate_in_the_file_is_no_anchor(judge: Judge, letter: bytes) -> None:
    stranger = TrustStore.of_anchors([])
    report = judge(letter, trust=stranger)
    assert verdict(report) == (OPEN, SubIndication.NO_CERTIFICATE_CHAIN_FOUND)
    assert report.trust_state is TrustState.MISSING
    assert isinstance(QES_LV.judge(report), Undetermined), "no list is no reason to refuse anybody"


def test_an_unqualified_authority_is_not_found_among_the_trusted(judge: Judge, pki: Pki) -> None:
    report = judge(signed(pki, "unqualified"))
    assert verdict(report) == (OPEN, SubIndication.NO_CERTIFICATE_CHAIN_FOUND)
    assert isinstance(QES_LV.judge(report), Rejected)


def test_an_old_list_is_its_own_state(judge: Judge, pki: Pki, letter: bytes) -> None:
    later = pki.epoch + timedelta(days=400)
    report = judge(letter, at=later)
    assert report.trust_state is TrustState.STALE


# Transforms, DTD, entities


@pytest.mark.parametrize(
    "transform",
    [
        '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>false()</ds:XPath></ds:Transform>',
        '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>',
        '<ds:Transform Algorithm="http://www.w3.org/2002/06/xmldsig-filter2"/>',
        '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>',
    ],
)
def test_transforms_that_pick_what_is_signed_are_refused_by_name(judge: Judge, letter: bytes, transform: str) -> None:
    def insert(xml: str) -> str:
        return re.sub(
            r"(<ds:Reference [^>]*iesniegums[^>]*>)", rf"\1<ds:Transforms>{transform}</ds:Transforms>", xml, count=1
        )

    report = judge(edits.with_signature(letter, insert))
    assert "reference.transform-refused" in error_codes(report)
    assert verdict(report)[0] is FAILED


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE a [<!ENTITY e "x">]>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd">',
        "<!DOCTYPE a ["
        + "".join(f'<!ENTITY e{n} "{"&e" + str(n - 1) + ";" if n else "ha"}">' for n in range(9))
        + "]>",
    ],
)
def test_document_types_and_entities_are_refused(judge: Judge, letter: bytes, prolog: str) -> None:
    def insert(xml: str) -> str:
        return re.sub(r"^(<\?xml[^>]*\?>)", lambda found: found[1] + prolog, xml)

    with pytest.raises(BrokenDocument) as refused:
        judge(edits.with_signature(letter, insert))
    assert refused.value.code == "xml.doctype"


def test_a_document_type_in_utf16_is_not_overlooked(judge: Judge, letter: bytes) -> None:
    sixteen = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY e "x">]><a/>'.encode("utf-16")
    with pytest.raises(BrokenDocument):
        judge(edits.replaced(letter, edits.SIGNATURE_FILE, sixteen))


def test_xinclude_is_not_followed(judge: Judge, letter: bytes) -> None:
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>'
    report = judge(
        edits.with_signature(
            letter, lambda xml: xml.replace("</ds:Signature>", f"<ds:Object>{include}</ds:Object></ds:Signature>")
        )
    )
    assert verdict(report)[0] is PASSED, "an object nobody references adds nothing and takes nothing away"


# Time stamps and answers


def test_a_stamp_copied_from_another_signature(judge: Judge, letter: bytes, two_signatures: bytes) -> None:
    foreign = element(edits.signature_of(two_signatures, edits.SECOND_SIGNATURE_FILE), "EncapsulatedTimeStamp")
    copied = edits.with_signature(letter, lambda xml: xml.replace(element(xml, "EncapsulatedTimeStamp"), foreign))
    report = judge(copied)
    stamp = report.signatures[0].stamps[0]
    assert (stamp.indication, stamp.sub_indication) == (FAILED, SubIndication.HASH_FAILURE)
    assert report.signatures[0].best_signature_time is None
    assert not QES_LV.judge(report)


def test_a_stamp_over_something_else(judge: Judge, pki: Pki) -> None:
    assert not QES_LV.judge(judge(signed(pki, wrong=Wrong(stamp_over=b"not the signature"))))


@pytest.mark.parametrize(("unit", "code"), [("tsa-plain", "stamp.not-qualified"), ("tsa-unlisted", "stamp.not-valid")])
def test_a_stamp_that_is_not_qualified(judge: Judge, pki: Pki, unit: str, code: str) -> None:
    refused = QES_LV.judge(judge(signed(pki, wrong=Wrong(unit=unit))))
    assert isinstance(refused, Rejected)
    assert code in {reason.code for reason in refused.reasons}


def test_the_claimed_time_proves_nothing(judge: Judge, pki: Pki) -> None:
    report = judge(signed(pki, level=Level.B), revocation=(pki.ocsp(pki.certificate("head"), at=pki.epoch),))
    assert verdict(report)[0] is PASSED
    assert report.signatures[0].claimed_signing_time == pki.epoch
    assert report.signatures[0].best_signature_time is None
    assert not QES_LV.judge(report)


def test_an_answer_about_another_certificate(judge: Judge, pki: Pki) -> None:
    report = judge(signed(pki, wrong=Wrong(ocsp_about="user")))
    assert verdict(report) == (OPEN, SubIndication.TRY_LATER)
    assert report.needs, "the right answer can be asked for"


def test_an_answer_that_does_not_know_the_certificate(judge: Judge, pki: Pki) -> None:
    report = judge(signed(pki, wrong=Wrong(ocsp=Answer.UNKNOWN)))
    assert "ocsp.unknown" in error_codes(report)
    assert verdict(report)[0] is OPEN


def test_a_revoked_certificate(judge: Judge, pki: Pki) -> None:
    report = judge(signed(pki, "revoked"))
    assert verdict(report) == (OPEN, SubIndication.REVOKED_NO_POE)
    assert isinstance(QES_LV.judge(report), Rejected)


def test_what_was_signed_before_the_revocation_stays_good(judge: Judge, pki: Pki) -> None:
    before = pki.epoch - timedelta(days=10)
    made = sign_edoc([LETTER], person=person("revoked-later"), pki=pki, at=before, level=Level.T)
    answer = pki.ocsp(pki.certificate("revoked-later"), at=pki.epoch)
    report = judge(made, revocation=(answer,))
    assert verdict(report) == (PASSED, None)


def test_a_certificate_that_had_expired(judge: Judge, pki: Pki) -> None:
    report = judge(signed(pki, "expired"))
    assert verdict(report) == (OPEN, SubIndication.OUT_OF_BOUNDS_NO_POE)
    assert not report.needs


def test_an_answer_some_seconds_before_the_stamp_is_a_remark(judge: Judge, pki: Pki) -> None:
    report = judge(signed(pki, ocsp_at=pki.epoch - timedelta(seconds=3)))
    assert QES_LV.judge(report)
    assert "ocsp.before-stamp" in {message.code for message in report.signatures[0].warnings}


def test_an_answer_long_before_the_stamp_is_none(judge: Judge, pki: Pki) -> None:
    report = judge(signed(pki, ocsp_at=pki.epoch - timedelta(days=20)))
    assert verdict(report) == (OPEN, SubIndication.TRY_LATER)


def test_a_signature_without_an_answer_is_completed_by_one_that_was_fetched(judge: Judge, pki: Pki) -> None:
    stamped = signed(pki, level=Level.T)
    report = judge(stamped)
    assert isinstance(QES_LV.judge(report), Undetermined)
    need = next(one for one in report.needs if one.kind == "ocsp")
    fetched = pki.answer_ocsp(need.request, authority="eid", at=pki.epoch + timedelta(minutes=30))
    assert QES_LV.judge(judge(stamped, revocation=(fetched,)))


def test_a_weak_digest(judge: Judge, pki: Pki) -> None:
    report = judge(signed(pki, wrong=Wrong(digest="sha1")))
    assert verdict(report)[0] is not PASSED
    assert "algorithm.too-weak" in error_codes(report)


@pytest.mark.parametrize(
    ("who", "qualification"),
    [
        ("head", Qualification.QESIG),
        ("seal", Qualification.QESEAL),
        ("software", Qualification.ADESIG_QC),
        ("withdrawn", Qualification.ADESIG),
    ],
)
def test_what_a_signature_is_in_law(judge: Judge, pki: Pki, who: str, qualification: Qualification) -> None:
    assert judge(signed(pki, who)).signatures[0].qualification is qualification


def test_certificates_are_read_the_same_wherever_they_come_from(pki: Pki) -> None:
    der = pki.certificate("head").public_bytes(Encoding.DER)
    assert Certificate.from_der(der) == Certificate.from_der(der[:-1] + der[-1:])
