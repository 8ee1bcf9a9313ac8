"""Keys and schemes of every kind, in each format: what is sound passes, what misstates itself fails."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from asn1crypto import algos, core  # type: ignore[import-untyped] # it has no types
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from builders.signing.other_keys import NOTE, Identity, cades, identity, pades, xades
from signing import Indication, SignatureReport, SubIndication, verify
from signing.messages import text
from signing.pki.certificates import Certificate
from signing.pki.keys import Scheme, SchemeKind
from tests.signing.test_siva_cases import page

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.pki import Pki
    from signing import TrustStore

    Judged = Callable[[bytes, Identity], SignatureReport]
    Sign = Callable[[bytes], bytes]

PASSED = (Indication.TOTAL_PASSED, None)
CRYPTO_FAILURE = (Indication.TOTAL_FAILED, SubIndication.SIG_CRYPTO_FAILURE)
# Nothing was computed, so nothing is said to be changed: the file may be as its signer left it.
NOT_COMPUTED = (Indication.INDETERMINATE, SubIndication.CRYPTO_CONSTRAINTS_FAILURE)
TOO_WEAK = (Indication.INDETERMINATE, SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE)
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
MORE_2007 = "http://www.w3.org/2007/05/xmldsig-more#"
MORE_2021 = "http://www.w3.org/2021/04/xmldsig-more#"
DSIG_11 = "http://www.w3.org/2009/xmldsig11#"


@pytest.fixture
def judged(pki: Pki, latvian_list: TrustStore) -> Judged:
    def judge(document: bytes, who: Identity) -> SignatureReport:
        at = pki.epoch + timedelta(hours=1)
        (one,) = verify(document, name=NOTE[0], trust=latvian_list, at=at, revocation=(who.good,)).signatures
        return one

    return judge


def verdict(one: SignatureReport) -> tuple[Indication, SubIndication | None]:
    return one.indication, one.sub_indication


def side_by_side(sign: Sign, width: int) -> Sign:
    """R and s as XML carries them."""

    def signed(data: bytes) -> bytes:
        return b"".join(number.to_bytes(width) for number in decode_dss_signature(sign(data)))

    return signed


@pytest.mark.parametrize(
    ("curve", "expected"),
    [
        (ec.BrainpoolP256R1(), PASSED),
        (ec.BrainpoolP384R1(), PASSED),
        (ec.BrainpoolP512R1(), PASSED),
        (ec.SECP521R1(), PASSED),
        (ec.SECP256K1(), TOO_WEAK),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_the_curves_of_the_european_list_and_one_that_is_not_on_it(
    pki: Pki, judged: Judged, curve: ec.EllipticCurve, expected: tuple[Indication, SubIndication | None]
) -> None:
    key = ec.generate_private_key(curve)
    who = identity(pki, key.public_key())

    def sign(data: bytes) -> bytes:
        return key.sign(data, ec.ECDSA(hashes.SHA512()))

    in_xml = judged(xades(pki, who, f"{MORE}ecdsa-sha512", side_by_side(sign, (curve.key_size + 7) // 8)), who)
    in_cms = judged(cades(who, NOTE[1], "sha512_ecdsa", sign, digest="sha512"), who)
    in_pdf = judged(pades(pki, page(), lambda data: cades(who, data, "sha512_ecdsa", sign, detached=True)), who)
    for one in (in_xml, in_cms, in_pdf):
        assert verdict(one) == expected
        assert one.particulars is not None
        assert one.particulars.method == f"{MORE}ecdsa-sha512"
        for language in ("lv", "en"):
            assert all("secp256k1" in text(message, language) for message in one.errors)


@pytest.mark.parametrize("name", ["ed25519", "ed448"])
def test_edwards_curves_with_the_digest_that_belongs_to_them_and_with_another(
    pki: Pki, judged: Judged, name: str
) -> None:
    """RFC 8419 §3.1 binds SHA-512 to the one and SHAKE256 to the other; TS 119 312 agrees on both."""
    key = ed25519.Ed25519PrivateKey.generate() if name == "ed25519" else ed448.Ed448PrivateKey.generate()
    who = identity(pki, key.public_key())
    long_shake = {"algorithm": "shake256_len", "parameters": core.Integer(512)}
    mine, others = (["sha512"], ["sha256"]) if name == "ed25519" else (["shake256", long_shake], ["sha512", "sha256"])
    assert verdict(judged(xades(pki, who, f"{MORE_2021}eddsa-{name}", key.sign), who)) == PASSED
    for digest in (*mine, *others):
        expected = PASSED if digest in mine else NOT_COMPUTED
        assert verdict(judged(cades(who, NOTE[1], name, key.sign, digest=digest), who)) == expected

        def signature(data: bytes, digest: object = digest) -> bytes:
            return cades(who, data, name, key.sign, digest=digest, detached=True)

        assert verdict(judged(pades(pki, page(), signature), who)) == expected


def test_a_signature_that_names_the_other_edwards_curve(pki: Pki, judged: Judged) -> None:
    key = ed448.Ed448PrivateKey.generate()
    who = identity(pki, key.public_key())
    assert verdict(judged(xades(pki, who, f"{MORE_2021}eddsa-ed25519", key.sign), who)) == CRYPTO_FAILURE
    assert verdict(judged(cades(who, NOTE[1], "ed25519", key.sign, digest="sha512"), who)) == CRYPTO_FAILURE


def test_the_older_discrete_logarithms(pki: Pki, judged: Judged) -> None:
    key = dsa.generate_private_key(2048)
    who = identity(pki, key.public_key())

    def sign(data: bytes) -> bytes:
        return key.sign(data, hashes.SHA256())

    assert verdict(judged(xades(pki, who, f"{DSIG_11}dsa-sha256", side_by_side(sign, 32)), who)) == PASSED
    assert verdict(judged(cades(who, NOTE[1], "sha256_dsa", sign), who)) == PASSED
    mixed = cades(who, NOTE[1], "sha256_dsa", sign, digest="sha512")
    assert verdict(judged(mixed, who)) == PASSED, "the algorithm names its own hash"


@pytest.mark.parametrize("kind", ["ecdsa", "rsa"])
def test_sha3_from_digest_to_signature(pki: Pki, judged: Judged, kind: str) -> None:
    elliptic, plain = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 3072)
    who = identity(pki, elliptic.public_key() if kind == "ecdsa" else plain.public_key())

    def sign(data: bytes) -> bytes:
        if kind == "ecdsa":
            return elliptic.sign(data, ec.ECDSA(hashes.SHA3_256()))
        return plain.sign(data, padding.PKCS1v15(), hashes.SHA3_256())

    identifier = f"2.16.840.1.101.3.4.3.{10 if kind == 'ecdsa' else 14}"
    assert verdict(judged(cades(who, NOTE[1], identifier, sign, digest="sha3_256"), who)) == PASSED
    if kind == "ecdsa":
        document = xades(pki, who, f"{MORE_2021}ecdsa-sha3-256", side_by_side(sign, 32), digest=f"{MORE_2007}sha3-256")
        assert verdict(judged(document, who)) == PASSED


# RSASSA-PSS


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 3072)


def pss(
    key: rsa.RSAPrivateKey, name: hashes.HashAlgorithm, *, mask: hashes.HashAlgorithm | None = None, salt: int = -1
) -> Sign:
    scheme = padding.PSS(padding.MGF1(mask or name), name.digest_size if salt < 0 else salt)
    return lambda data: key.sign(data, scheme, name)


SHA256, SHA512 = hashes.SHA256(), hashes.SHA512()
_DIGEST = '<DigestMethod xmlns="http://www.w3.org/2000/09/xmldsig#" Algorithm="http://www.w3.org/2001/04/xmlenc#{}"/>'
_MASK = f'<MaskGenerationFunction Algorithm="{MORE_2007}MGF1">{_DIGEST}</MaskGenerationFunction>'


@pytest.mark.parametrize(
    ("method", "name", "salt", "expected"),
    [
        ("sha256-rsa-MGF1", SHA256, -1, PASSED),
        ("sha512-rsa-MGF1", SHA512, -1, PASSED),
        ("sha3-256-rsa-MGF1", hashes.SHA3_256(), -1, PASSED),
        ("sha256-rsa-MGF1", SHA256, 20, CRYPTO_FAILURE),
        ("sha256-rsa-MGF1", SHA256, 0, CRYPTO_FAILURE),
        ("sha256-rsa-MGF1", SHA512, -1, CRYPTO_FAILURE),
    ],
)
def test_pss_in_xml_without_parameters_has_the_salt_of_its_digest(
    pki: Pki,
    judged: Judged,
    key: rsa.RSAPrivateKey,
    method: str,
    name: hashes.HashAlgorithm,
    salt: int,
    expected: tuple[Indication, SubIndication | None],
) -> None:
    who = identity(pki, key.public_key())
    document = xades(pki, who, f"{MORE_2007}{method}", pss(key, name, salt=salt))
    assert verdict(judged(document, who)) == expected


@pytest.mark.parametrize(
    ("said", "sign", "expected"),
    [
        ("", {"name": SHA256}, PASSED),
        (_DIGEST.format("sha512"), {"name": SHA512}, PASSED),
        (_DIGEST.format("sha512") + _MASK.format("sha256"), {"name": SHA512, "mask": SHA256}, PASSED),
        ("<SaltLength>20</SaltLength><TrailerField>1</TrailerField>", {"name": SHA256, "salt": 20}, PASSED),
        (_MASK.format("sha512"), {"name": SHA256}, CRYPTO_FAILURE),
        ("<SaltLength>20</SaltLength>", {"name": SHA256}, CRYPTO_FAILURE),
        ("<TrailerField>2</TrailerField>", {"name": SHA256}, NOT_COMPUTED),
        ('<MaskGenerationFunction Algorithm="urn:another"/>', {"name": SHA256}, NOT_COMPUTED),
        (_DIGEST.format("whirlpool"), {"name": SHA256}, NOT_COMPUTED),
        ("<SaltLength>²</SaltLength>", {"name": SHA256}, NOT_COMPUTED),
        (f"<SaltLength>{'9' * 20}</SaltLength>", {"name": SHA256}, NOT_COMPUTED),
        (f"<SaltLength>{'9' * 5000}</SaltLength>", {"name": SHA256}, NOT_COMPUTED),
        ("<Another/>", {"name": SHA256}, NOT_COMPUTED),
    ],
)
def test_pss_in_xml_with_parameters_is_what_they_say(
    pki: Pki,
    judged: Judged,
    key: rsa.RSAPrivateKey,
    said: str,
    sign: dict[str, Any],
    expected: tuple[Indication, SubIndication | None],
) -> None:
    who = identity(pki, key.public_key())
    parameters = f'<RSAPSSParams xmlns="{MORE_2007}">{said}</RSAPSSParams>'
    document = xades(pki, who, f"{MORE_2007}rsa-pss", pss(key, **sign), parameters=parameters)
    assert verdict(judged(document, who)) == expected


def pss_parameters(*, name: str = "sha256", mask: str = "sha256", salt: int = 32, **more: object) -> dict[str, Any]:
    function = {"algorithm": "mgf1", "parameters": {"algorithm": mask}}
    return {"hash_algorithm": {"algorithm": name}, "mask_gen_algorithm": function, "salt_length": salt, **more}


def other_mask_function() -> bytes:
    """The parameters of SHA-256 with their mask function renamed."""
    sound: bytes = algos.RSASSAPSSParams(pss_parameters()).dump()
    return sound.replace(bytes.fromhex("2a864886f70d010108"), bytes.fromhex("2a864886f70d01017f"))


@pytest.mark.parametrize(
    ("said", "sign", "expected"),
    [
        (pss_parameters(), {"name": SHA256}, PASSED),
        (pss_parameters(mask="sha512"), {"name": SHA256, "mask": SHA512}, PASSED),
        (pss_parameters(salt=20), {"name": SHA256}, CRYPTO_FAILURE),
        (pss_parameters(mask="sha512"), {"name": SHA256}, CRYPTO_FAILURE),
        (pss_parameters(name="sha512"), {"name": SHA256}, CRYPTO_FAILURE),
        (pss_parameters(trailer_field=2), {"name": SHA256}, NOT_COMPUTED),
        (pss_parameters(salt=-1), {"name": SHA256}, NOT_COMPUTED),
        (pss_parameters(salt=1 << 70), {"name": SHA256}, NOT_COMPUTED),
        (algos.RSASSAPSSParams.load(other_mask_function()), {"name": SHA256}, NOT_COMPUTED),
        (None, {"name": hashes.SHA1(), "salt": 20}, TOO_WEAK),  # noqa: S303 - what parameters left out stand for
    ],
)  # fmt: skip
def test_pss_in_cms_and_pdf_is_what_its_parameters_say(
    pki: Pki,
    judged: Judged,
    key: rsa.RSAPrivateKey,
    said: Any,  # noqa: ANN401 - asn1crypto's
    sign: dict[str, Any],
    expected: tuple[Indication, SubIndication | None],
) -> None:
    who = identity(pki, key.public_key())
    algorithm = {"algorithm": "rsassa_pss"} | ({} if said is None else {"parameters": said})

    def signature(data: bytes) -> bytes:
        return cades(who, data, algorithm, pss(key, **sign), detached=True)

    assert verdict(judged(cades(who, NOTE[1], algorithm, pss(key, **sign)), who)) == expected
    assert verdict(judged(pades(pki, page(), signature), who)) == expected


@pytest.mark.parametrize("salt", [32, 20])
def test_a_certificate_signed_with_pss_is_checked_by_its_own_parameters(key: rsa.RSAPrivateKey, salt: int) -> None:
    name = x509.Name.from_rfc4514_string("CN=An authority,C=LV")
    at = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, at, at + timedelta(days=1))
    scheme = padding.PSS(padding.MGF1(SHA256), salt)
    made = builder.sign(key, SHA256, rsa_padding=scheme).public_bytes(Encoding.DER)
    certificate = Certificate.from_der(made)
    assert certificate.scheme == Scheme(SchemeKind.RSA_PSS, "sha256", "sha256", salt)
    assert certificate.signed_by(certificate)
