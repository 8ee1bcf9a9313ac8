"""Two readers, one certificate: whatever both can read, they read alike (decision 10)."""

from __future__ import annotations

import base64
import random
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from builders.shared import SHARED
from tests.signing.tolerant.facts import both_of_certificate, both_of_crl, both_of_ocsp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.pki import Pki

_NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
_RSA = rsa.generate_private_key(65537, 2048)
_EC = [
    ec.generate_private_key(curve) for curve in (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1(), ec.BrainpoolP256R1())
]
_usage: Any = x509.KeyUsage
_KEYS: list[Any] = [_RSA, *_EC, ed25519.Ed25519PrivateKey.generate(), ed448.Ed448PrivateKey.generate()]
_LISTS = SHARED / "corpus" / "trust"
_PURPOSES = [ExtendedKeyUsageOID.OCSP_SIGNING, ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CLIENT_AUTH]
_KINDS = [NameOID.COMMON_NAME, NameOID.SURNAME, NameOID.GIVEN_NAME, NameOID.ORGANIZATION_NAME, NameOID.TITLE]
_LETTERS = "ILZEPARUDŅāčēģ ,+=\\#<>;\"0-'"


def _dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - repeatable, not secret


def _name(dice: random.Random) -> x509.Name:
    kinds = dice.sample(_KINDS, dice.randrange(1, 5))
    attributes = [
        x509.NameAttribute(kind, "".join(dice.choice(_LETTERS) for _ in range(dice.randrange(1, 20)))) for kind in kinds
    ]
    attributes.append(x509.NameAttribute(NameOID.COUNTRY_NAME, dice.choice(["LV", "EE"])))
    attributes.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, f"PNOLV-320000-{dice.randrange(100000):05}"))
    if dice.random() < 0.3:
        two = attributes.pop(), attributes.pop()
        return x509.Name(
            [*(x509.RelativeDistinguishedName([one]) for one in attributes), x509.RelativeDistinguishedName(two)]
        )
    return x509.Name(attributes)


def _uri(dice: random.Random) -> x509.UniformResourceIdentifier:
    return x509.UniformResourceIdentifier(f"http://example.lv/{dice.randrange(1000)}")


def _general_name(dice: random.Random) -> x509.GeneralName:
    return dice.choice(
        [
            _uri(dice), x509.DNSName("example.lv"), x509.RFC822Name("ilze@example.lv"), x509.DirectoryName(_name(dice)),
            x509.RegisteredID(x509.ObjectIdentifier("2.999.1")),
        ]
    )  # fmt: skip


def _some_extensions(dice: random.Random) -> Iterator[tuple[x509.ExtensionType, bool]]:
    agree, ca = dice.random() < 0.3, dice.random() < 0.3
    flags = [dice.random() < 0.5 for _ in range(6)]
    access = [
        x509.AccessDescription(
            dice.choice([AuthorityInformationAccessOID.OCSP, AuthorityInformationAccessOID.CA_ISSUERS]),
            _general_name(dice),
        )
        for _ in range(2)
    ]
    points = [
        x509.DistributionPoint([_general_name(dice) for _ in range(dice.randrange(1, 3))], None, None, None)
        for _ in range(dice.randrange(1, 3))
    ]
    qualifiers: list[str | x509.UserNotice] = ["http://cps.example/", x509.UserNotice(None, "Ziņa")]
    policies = [
        x509.PolicyInformation(x509.ObjectIdentifier(f"2.999.{number}"), dice.choice([None, qualifiers]))
        for number in range(dice.randrange(1, 4))
    ]
    every: list[x509.ExtensionType] = [
        x509.BasicConstraints(ca=ca, path_length=dice.choice([None, 0, 3]) if ca else None),
        _usage(*flags[:4], agree, *flags[4:], False, agree and flags[0]),
        x509.ExtendedKeyUsage(dice.sample(_PURPOSES, dice.randrange(1, 4))),
        x509.SubjectKeyIdentifier(dice.randbytes(20)),
        x509.AuthorityKeyIdentifier(dice.randbytes(20), None, None),
        x509.AuthorityKeyIdentifier(dice.randbytes(20), [x509.DirectoryName(_name(dice))], 77),
        x509.OCSPNoCheck(),
        x509.AuthorityInformationAccess(access),
        x509.CRLDistributionPoints(points),
        x509.CertificatePolicies(policies),
        x509.SubjectAlternativeName([_general_name(dice)]),
        x509.PolicyConstraints(0, None),
        x509.InhibitAnyPolicy(1),
        x509.UnrecognizedExtension(x509.ObjectIdentifier("0.4.0.194121.2.1"), b"\x05\x00"),
        x509.UnrecognizedExtension(x509.ObjectIdentifier("2.999.7"), dice.randbytes(9)),
    ]
    seen = set()
    for one in dice.sample(every, dice.randrange(len(every) + 1)):
        if one.oid not in seen:
            seen.add(one.oid)
            yield one, dice.random() < 0.3


def _certificate(dice: random.Random) -> bytes:
    key, issuer = dice.choice(_KEYS), dice.choice(_KEYS)
    start = _NOW - timedelta(seconds=dice.randrange(2 * 10**9))
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(dice))
        .issuer_name(_name(dice))
        .public_key(key.public_key())
        .serial_number(dice.choice([1, 127, 128, 2**64, 2**158 + dice.randrange(10**9)]))
        .not_valid_before(start)
        .not_valid_after(start + timedelta(seconds=dice.randrange(1, 10**9)))
    )
    for value, critical in _some_extensions(dice):
        builder = builder.add_extension(value, critical)
    pss = padding.PSS(padding.MGF1(hashes.SHA384()), 32) if issuer is _RSA and dice.random() < 0.5 else None
    edwards = isinstance(issuer, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey)
    hash_: Any = (
        None if edwards else dice.choice([hashes.SHA256(), hashes.SHA384(), hashes.SHA512(), hashes.SHA3_256()])
    )
    return builder.sign(issuer, hash_, rsa_padding=pss).public_bytes(Encoding.DER)


def _loaded(dice: random.Random) -> x509.Certificate:
    return x509.load_der_x509_certificate(_certificate(dice))


@pytest.mark.parametrize("seed", range(10))
def test_certificates_made_at_random(seed: int) -> None:
    dice = _dice(seed)
    for _ in range(100):
        read = both_of_certificate(_certificate(dice))
        assert read is not None
        assert read[0] == read[1]


def test_answers_made_at_random() -> None:
    dice = _dice(5)
    by = next(one for one in iter(lambda: _loaded(dice), None) if one.public_key() == _EC[0].public_key())
    about = [_loaded(dice) for _ in range(6)]
    for _ in range(120):
        revoked = dice.random() < 0.5
        reason = dice.choice([None, x509.ReasonFlags.certificate_hold, x509.ReasonFlags.key_compromise])
        encoding = dice.choice([ocsp.OCSPResponderEncoding.NAME, ocsp.OCSPResponderEncoding.HASH])
        built = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                cert=about[0],
                issuer=about[1],
                algorithm=dice.choice([hashes.SHA1(), hashes.SHA256(), hashes.SHA384()]),  # noqa: S303 - a name, not a proof
                cert_status=ocsp.OCSPCertStatus.REVOKED if revoked else dice.choice(
                    [ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.UNKNOWN]
                ),
                this_update=_NOW - timedelta(seconds=dice.randrange(10**6)),
                next_update=dice.choice([None, _NOW]),
                revocation_time=_NOW - timedelta(days=9) if revoked else None,
                revocation_reason=reason if revoked else None,
            )
            .responder_id(encoding, by)
            .certificates(dice.sample(about, dice.randrange(1, 3)))
        )  # fmt: skip
        if dice.random() < 0.5:
            built = built.add_extension(x509.OCSPNonce(b"nonce"), critical=dice.random() < 0.5)
        read = both_of_ocsp(built.sign(_EC[0], hashes.SHA256()).public_bytes(Encoding.DER))
        assert read is not None
        assert read[0] == read[1]


def test_lists_made_at_random() -> None:
    dice = _dice(6)
    for _ in range(60):
        builder = x509.CertificateRevocationListBuilder().issuer_name(_name(dice)).last_update(_NOW)
        builder = builder.next_update(_NOW + timedelta(days=1))
        for serial in range(1, dice.randrange(1, 12)):
            entry = (
                x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(_NOW - timedelta(days=serial))
            )
            if dice.random() < 0.7:
                reasons = [one for one in x509.ReasonFlags if one is not x509.ReasonFlags.unspecified]
                entry = entry.add_extension(x509.CRLReason(dice.choice(reasons)), dice.random() < 0.5)
            builder = builder.add_revoked_certificate(entry.build())
        if dice.random() < 0.5:
            names = dice.choice([None, [_general_name(dice)]])
            user, ca = dice.choice([(False, False), (True, False), (False, True)])
            some = dice.choice([None, frozenset({x509.ReasonFlags.key_compromise})])
            if names or user or ca or some:
                point = x509.IssuingDistributionPoint(names, None, user, ca, some, False, False)
                builder = builder.add_extension(point, critical=True)
        if dice.random() < 0.3:
            builder = builder.add_extension(x509.CRLNumber(7), critical=dice.random() < 0.3)
        if dice.random() < 0.2:
            builder = builder.add_extension(x509.DeltaCRLIndicator(3), critical=True)
        key: Any = dice.choice([_RSA, _EC[1]])
        read = both_of_crl(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER))
        assert read is not None
        assert read[0] == read[1]


def test_the_demos_own(pki: Pki) -> None:
    labels = ("root", "eid", "eparaksts", "old", "tsa", "tsa-plain", "head", "user", "seal", "estonian", "list-lv")
    found = [pki.certificate(label) for label in labels]
    for one in (*found, pki.responder("eid", at=pki.epoch), pki.responder("root", at=pki.epoch)):
        read = both_of_certificate(one.public_bytes(Encoding.DER))
        assert read is not None
        assert read[0] == read[1]
    answers = [both_of_ocsp(pki.ocsp(pki.certificate(label), at=pki.epoch)) for label in ("head", "revoked", "user")]
    lists = [both_of_crl(pki.crl(label, at=pki.epoch)) for label in ("eid", "eparaksts", "root")]
    for both in (*answers, *lists):
        assert both is not None
        assert both[0] == both[1]


@pytest.mark.shared
def test_certificates_on_real_lists() -> None:
    text = b"".join(file.read_bytes() for file in sorted(_LISTS.rglob("*.xml")))
    held = {base64.b64decode(one) for one in re.findall(rb"X509Certificate>\s*([A-Za-z0-9+/=\s]+?)\s*<", text)}
    read = [both for der in held if (both := both_of_certificate(der)) is not None]
    assert len(read) > 100
    for strict, tolerant in read:
        assert strict == tolerant
