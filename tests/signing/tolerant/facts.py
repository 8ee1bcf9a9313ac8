"""What is asked of a certificate, an OCSP response and a CRL, read by either of the two readers."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signing.pki.certificates import Certificate
from signing.pki.keys import UnknownScheme
from signing.pki.names import name_key
from signing.pki.revocation_places import crl_urls, is_never_revoked, names_places_to_ask, needs_no_answer, ocsp_urls
from signing.pki.revocation_reading import REFUSED, strict_crl, strict_ocsp
from signing.pki.tolerant.certificate import read_parts
from signing.pki.tolerant.crl import read_crl_tolerantly
from signing.pki.tolerant.keys import read_public_key
from signing.pki.tolerant.ocsp import read_ocsp_tolerantly
from signing.trust.certificate_statements import facts_of

if TYPE_CHECKING:
    from signing.pki.answers import Crl, OcspAnswer


def tolerantly(der: bytes) -> Certificate:
    """The certificate as our own reader alone has it."""
    return Certificate(der, read_parts(der), None)


def strictly(der: bytes) -> Certificate | None:
    """The certificate as `cryptography` has it; None where it refuses any of it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what a later version will refuse: this one reads it
            parsed = x509.load_der_x509_certificate(der)
            list(parsed.extensions), parsed.public_key(), parsed.subject, parsed.issuer
        return Certificate(der, read_parts(der), parsed)
    except REFUSED:
        return None


def of_certificate(one: Certificate, *, key: object) -> dict[str, Any]:
    constraints, usage = one.basic_constraints, one.key_usage
    try:
        scheme: Any = one.scheme
    except UnknownScheme:
        scheme = "unknown"
    return {
        "names": (one.subject_key, one.issuer_key, one.subject_text),
        "times": (one.not_before, one.not_after),
        "serial": one.serial,
        "version": one.version,
        "signer": one.signer(),
        "key": key,
        "scheme": scheme,
        "constraints": constraints and (constraints.ca, constraints.path_length),
        "usage": usage and {bit for bit in ("digital_signature", "content_commitment", "key_encipherment",
            "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign") if getattr(usage, bit)},
        "purposes": one.extended_key_usage,
        "identifiers": (one.subject_key_identifier, _issuers_key_identifier(one)),
        "revocation": (needs_no_answer(one), is_never_revoked(one)),
        "places": (ocsp_urls(one), crl_urls(one), names_places_to_ask(one)),
        "law": facts_of(one),
        "extensions": {(each.oid, each.critical) for each in one.extensions or ()},
    }  # fmt: skip


def both_of_certificate(der: bytes) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The facts of both readers; None where only one reads it."""
    strict = strictly(der)
    if strict is None:
        return None
    try:
        ours = read_public_key(strict.spki)
    except ValueError:
        ours = None
    theirs = strict.x509.public_key()
    # Ours is asked for RSA, named curves and EdDSA alone: what the library reads, it reads.
    same = ours or theirs
    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    return (
        of_certificate(strict, key=theirs.public_bytes(*form)),
        of_certificate(tolerantly(der), key=same.public_bytes(*form)),
    )


def of_ocsp(answer: OcspAnswer) -> tuple[Any, ...]:
    name = name_key(answer.responder_name) if answer.responder_name is not None else None
    return (
        answer.sha256, answer.scheme, answer.signature, answer.signed, answer.certificates, name,
        answer.responder_key_hash, answer.produced_at, answer.singles, answer.covers_expired,
    )  # fmt: skip


def both_of_ocsp(der: bytes) -> tuple[tuple[Any, ...], tuple[Any, ...]] | None:
    try:
        strict = strict_ocsp(der)
    except REFUSED:
        return None
    ours = read_ocsp_tolerantly(der)
    assert (strict is None) is (ours is None)
    return (of_ocsp(strict), of_ocsp(ours)) if strict is not None and ours is not None else None


def of_crl(one: Crl, serials: tuple[int, ...]) -> tuple[Any, ...]:
    return (
        one.sha256, one.scheme, one.signature, one.signed, name_key(one.issuer), one.this_update, one.next_update,
        one.whole, one.scope, one.covers_expired, tuple(one.entry(serial) for serial in serials),
    )  # fmt: skip


def both_of_crl(der: bytes) -> tuple[tuple[Any, ...], tuple[Any, ...]] | None:
    try:
        strict = strict_crl(der)
    except REFUSED:
        return None
    listed = tuple(one.serial_number for one in x509.load_der_x509_crl(der))[:200]
    serials = (*listed, 0, 1, 2**64)
    return of_crl(strict, serials), of_crl(read_crl_tolerantly(der), serials)


def _issuers_key_identifier(one: Certificate) -> bytes | None:
    found = one.extension(x509.AuthorityKeyIdentifier)
    return found.key_identifier if found else None
