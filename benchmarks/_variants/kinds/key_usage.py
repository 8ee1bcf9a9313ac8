"""What a certificate's key is for: people's certificates and bodies', with every setting of the key usage."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from benchmarks._variants.cms_writer import Cms
from benchmarks._variants.kind import Variant, VariantKind
from demo.der import oid, sequence
from signing import Indication
from signing.policies.named import NAMED
from signing.siva.conclusion import conclusion

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from benchmarks._variants.environment import Environment
    from signing import Report

__all__ = ["KINDS"]

_LETTER = b"I undertake."
_BITS = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip
_QC_STATEMENTS = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3")
_QC_TYPE = "0.4.0.1862.1.6"
_ESIGN, _ESEAL = f"{_QC_TYPE}.1", f"{_QC_TYPE}.2"
_ORGANISATION_IDENTIFIER = x509.ObjectIdentifier("2.5.4.97")
# EN 319 412-2 table 1, by its letters, and none at all. True where a person's signature over content may have it.
_PERSONS: dict[str, tuple[tuple[str, ...] | None, bool]] = {
    "A": (("content_commitment",), True),
    "B": (("content_commitment", "digital_signature"), True),
    "C": (("digital_signature",), False),
    "D": (("digital_signature", "key_encipherment"), False),
    "D-agreement": (("digital_signature", "key_agreement"), False),
    "E": (("key_encipherment",), False),
    "F": (("content_commitment", "digital_signature", "key_encipherment"), True),
    "F-agreement": (("content_commitment", "digital_signature", "key_agreement"), True),
    "none": (None, True),
    "authority": (("key_cert_sign", "crl_sign"), False),
}


def _certificate(
    environment: Environment,
    who: str,
    bits: tuple[str, ...] | None,
    *,
    critical: bool,
    types: tuple[str, ...],
    body: bool,
) -> x509.Certificate:
    """The person's certificate once more, with another key usage, type and subject; its number stays."""
    pki = environment.pki
    like = pki.certificate(who)
    issuer = pki.issuer(like)
    subject = like.subject
    if body:
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "LV"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Paraugu skola"),
                x509.NameAttribute(_ORGANISATION_IDENTIFIER, "NTRLV-90000000000"),
                x509.NameAttribute(NameOID.COMMON_NAME, "Paraugu skola"),
            ]
        )
    builder = x509.CertificateBuilder(
        issuer.subject,
        subject,
        like.public_key(),
        like.serial_number,
        like.not_valid_before_utc,
        like.not_valid_after_utc,
    )
    for one in like.extensions:
        if isinstance(one.value, x509.KeyUsage) or one.oid == _QC_STATEMENTS:
            continue
        builder = builder.add_extension(one.value, one.critical)
    if bits is not None:
        usage = x509.KeyUsage(**{bit: bit in bits for bit in _BITS})
        builder = builder.add_extension(usage, critical)
    if types:
        statements = sequence(sequence(oid(_QC_TYPE), sequence(*map(oid, types))))
        builder = builder.add_extension(x509.UnrecognizedExtension(_QC_STATEMENTS, statements), critical=False)
    label = next(name for name in ("eid", "eparaksts") if pki.certificate(name).subject == issuer.subject)
    return builder.sign(pki.key(label), hashes.SHA384())


def _usages(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    """Each setting for a person who says so, one who does not, and a body that says so in either way."""
    del dice
    kinds = (("person", (), False), ("esign", (_ESIGN,), False), ("eseal", (_ESEAL,), True), ("body", (), True))
    for critical, (kind, types, body), (letter, (bits, persons)) in product((True, False), kinds, _PERSONS.items()):
        certificate = _certificate(environment, "head", bits, critical=critical, types=types, body=body)
        honest = persons or (body and bits is not None and "digital_signature" in bits)
        content = Cms(environment, _LETTER, certificate=certificate).write()
        name = f"{kind}-{letter}-{'critical' if critical else 'plain'}.p7m"
        yield Variant(name, content, honest=honest, reason="" if honest else "certificate.not-for-signing")


def _at_every_door(variant: Variant, report: Report) -> bool:
    """Whether it passes: an honest one by the standard, by our policies and as SiVa's clients see it; else by any."""
    answers = {one.indication is Indication.TOTAL_PASSED for one in report.signatures}
    answers |= {bool(NAMED[name].policy.judge(report)) for name in ("ades", "POLv3")}
    answers |= {one["indication"] == "TOTAL-PASSED" for one in conclusion(report, policy="POLv3")["signatures"]}
    return answers == {True} if variant.honest else True in answers


KINDS = (VariantKind("key-usage", _usages, takes=_at_every_door),)
