"""Certificates of the demo have what Latvian ones have."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from demo.errors import PkiMissing, UnknownPerson
from demo.pki import PEOPLE, Pki, build, load, person

_QC_STATEMENTS = ObjectIdentifier("1.3.6.1.5.5.7.1.3")
#: OIDs of ETSI EN 319 412-5 and -1 as they stand in DER.
_COMPLIANCE, _DEVICE, _SIGN, _SEAL = (bytes.fromhex(f"0400 8e46 01{tail}") for tail in ("01", "04", "0601", "0602"))
_NATURAL = bytes.fromhex("04008bec490101")


def _statements(certificate: x509.Certificate) -> bytes:
    value = certificate.extensions.get_extension_for_oid(_QC_STATEMENTS).value
    assert isinstance(value, x509.UnrecognizedExtension)
    return value.value


def _text(name: x509.Name, oid: ObjectIdentifier) -> str:
    (attribute,) = name.get_attributes_for_oid(oid)
    return str(attribute.value)


def test_a_person_is_named_as_latvian_certificates_name_people(pki: Pki) -> None:
    subject = pki.certificate("head").subject

    assert _text(subject, NameOID.SERIAL_NUMBER) == "PNOLV-320000-00101"
    assert _text(subject, NameOID.SURNAME) == "PARAUDZIŅA"
    assert _text(subject, NameOID.GIVEN_NAME) == "ILZE"
    assert _text(subject, NameOID.COMMON_NAME) == "ILZE PARAUDZIŅA"
    assert _text(subject, NameOID.COUNTRY_NAME) == "LV"


def test_an_eid_signature_key_is_p384_and_only_for_commitment(pki: Pki) -> None:
    certificate = pki.certificate("head")
    key, issuer_key = certificate.public_key(), pki.issuer(certificate).public_key()
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)

    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert isinstance(issuer_key, ec.EllipticCurvePublicKey)
    assert key.curve.name == issuer_key.curve.name == "secp384r1"
    assert usage.critical
    assert usage.value.content_commitment
    assert not usage.value.digital_signature


def test_an_eparaksts_key_is_rsa_and_leaves_the_device_to_the_list(pki: Pki) -> None:
    certificate = pki.certificate("user")

    assert isinstance(certificate.public_key(), rsa.RSAPublicKey)
    assert _COMPLIANCE in _statements(certificate)
    assert _DEVICE not in _statements(certificate)
    assert _DEVICE in _statements(pki.certificate("head"))


def test_a_listed_authority_also_issues_what_is_not_qualified(pki: Pki) -> None:
    certificate = pki.certificate("advanced")

    assert pki.issuer(certificate) == pki.certificate("eparaksts")
    with pytest.raises(x509.ExtensionNotFound):
        _statements(certificate)


def test_qualified_statements_say_signature_or_seal_and_whose_code_it_is(pki: Pki) -> None:
    head, seal = _statements(pki.certificate("head")), _statements(pki.certificate("seal"))

    assert _SIGN in head
    assert _SEAL not in head
    assert _NATURAL in head
    assert _SEAL in seal
    assert _SIGN not in seal


def test_a_certificate_says_where_to_ask_about_it(pki: Pki) -> None:
    extensions = pki.certificate("head").extensions
    access = {
        each.access_method: each.access_location.value
        for each in extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    }
    (point,) = extensions.get_extension_for_class(x509.CRLDistributionPoints).value

    assert access == {
        AuthorityInformationAccessOID.OCSP: f"{pki.base_url}/demo/ocsp/eid",
        AuthorityInformationAccessOID.CA_ISSUERS: f"{pki.base_url}/demo/certs/eid/ca.crt",
    }
    assert point.full_name is not None
    assert point.full_name[0].value == f"{pki.base_url}/demo/crls/eid/latest.crl"


@pytest.mark.parametrize("who", [each.key for each in PEOPLE])
def test_every_certificate_is_signed_by_its_issuer_up_to_a_root(pki: Pki, who: str) -> None:
    certificate = pki.certificate(who)
    for issuer in pki.chain(certificate):
        certificate.verify_directly_issued_by(issuer)
        certificate = issuer
    assert certificate.issuer == certificate.subject


def test_the_wrong_ones_are_wrong_in_one_way_each(pki: Pki) -> None:
    def valid(who: str) -> bool:
        certificate = pki.certificate(who)
        return certificate.not_valid_before_utc <= pki.epoch <= certificate.not_valid_after_utc

    assert not valid("expired")
    assert all(valid(each.key) for each in PEOPLE if each.key != "expired")
    assert not pki.certificate("no-code").subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    assert _text(pki.certificate("estonian").subject, NameOID.SERIAL_NUMBER) == "PNOEE-60001010000"
    assert _text(pki.certificate("seal").subject, NameOID.ORGANIZATION_NAME) == "Demo pamatskola"
    assert _text(pki.chain(pki.certificate("unqualified"))[-1].subject, NameOID.COMMON_NAME) == "DEMO unlisted CA"


def test_the_old_code_carries_its_check_digit() -> None:
    digits = [int(digit) for digit in person("old-code").code.replace("-", "")]
    weights = (10, 5, 8, 4, 2, 1, 6, 3, 7, 9)

    assert (1 + sum(digit * weight for digit, weight in zip(digits[:10], weights, strict=True))) % 11 % 10 == digits[10]


def test_an_ocsp_responder_lives_a_month_and_need_not_be_asked_about(pki: Pki) -> None:
    responder = pki.responder("eid", at=pki.epoch)
    life = responder.not_valid_after_utc - responder.not_valid_before_utc
    usage = responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value

    assert life < timedelta(days=40)
    assert list(usage) == [ExtendedKeyUsageOID.OCSP_SIGNING]
    responder.extensions.get_extension_for_class(x509.OCSPNoCheck)  # raises when it is missing


def test_no_two_people_share_a_code_but_the_one_who_married() -> None:
    codes = [each.code for each in PEOPLE if each.code]

    assert sorted(code for code in codes if codes.count(code) > 1) == [person("user-2").code] * 2
    assert person("renamed").surname != person("user-2").surname


def test_an_unknown_person_is_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownPerson, match=r"no demo person “nobody”.*head, user"):
        person("nobody")


def test_the_same_folder_gives_the_same_certificates(tmp_path: Path) -> None:
    at = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
    first = build(tmp_path, at=at).certificate("head")
    later = build(tmp_path, at=at + timedelta(days=100))

    assert later.certificate("head") == first
    assert later.epoch == at.replace(minute=0)


def test_another_address_keeps_the_keys_and_changes_where_to_ask(tmp_path: Path) -> None:
    at = datetime(2026, 3, 2, 10, tzinfo=UTC)
    first = build(tmp_path, at=at)
    before = first.certificate("head")
    moved = build(tmp_path, at=at, base_url="http://127.0.0.1:9").certificate("head")

    assert moved != before
    assert moved.public_key() == before.public_key()
    assert moved.serial_number == before.serial_number
    assert load(tmp_path, at=at).base_url == "http://127.0.0.1:9"


def test_a_folder_without_a_pki_is_said_to_have_none(tmp_path: Path) -> None:
    with pytest.raises(PkiMissing, match="no demo PKI"):
        load(tmp_path, at=datetime(2026, 3, 2, tzinfo=UTC))
