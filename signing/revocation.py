"""Answers about certificates: OCSP (RFC 6960) and CRL (RFC 5280 §5), read once, believed only from those entitled.

What comes out is `RevocationFacts`: the answer is about this very certificate, its signature fits, and its signer
was allowed to give it. Whether it is fresh enough is a question of time, and so for the judge.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.certificates import name_key, readable_certificates
from signing.chain import find_path
from signing.cms import digest
from signing.facts import RevocationFacts, RevocationStatus
from signing.keys import Scheme, UnknownScheme, key_facts, scheme_of_parameters, scheme_of_signature_oid, verify
from signing.trust_protocol import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from signing.certificates import Certificate
    from signing.chain import Pool
    from signing.trust_protocol import TrustSource

__all__ = ["Crl", "OcspAnswer", "answers", "ocsp_request", "read_crl", "read_ocsp"]

# What is read is remembered between documents, by its bytes; nothing large is, or hostile files would fill memory.
_KEPT = 32 * 1024
_MOST_REMEMBERED = 1024
_fits: dict[tuple[Certificate, str], bool] = {}
_MOST_ANSWERS = 32
_MOST_CANDIDATES = 32
_ARCHIVE_CUTOFF = x509.ObjectIdentifier("1.3.6.1.5.5.7.48.1.6")
# What `cryptography` says to bytes it cannot read; some of it comes only when a part is looked at.
_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    UnknownScheme,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
_EXPIRED_CERTS_ON_CRL = x509.ObjectIdentifier("2.5.29.60")


@dataclass(frozen=True, slots=True)
class OcspAnswer:
    """One OCSP response as it stands: nothing is believed yet."""

    response: ocsp.OCSPResponse
    sha256: str
    scheme: Scheme
    certificates: tuple[Certificate, ...]


@dataclass(frozen=True, slots=True)
class Crl:
    """One revocation list as it stands."""

    crl: x509.CertificateRevocationList
    sha256: str
    scheme: Scheme


def read_ocsp(der: bytes) -> OcspAnswer | None:
    """Read an OCSPResponse; None for bytes that are none, or say no more than that the responder was unwell."""
    return _read_ocsp(der) if len(der) <= _KEPT else _read_ocsp.__wrapped__(der)


@functools.lru_cache(maxsize=512)
def _read_ocsp(der: bytes) -> OcspAnswer | None:
    try:
        response = ocsp.load_der_ocsp_response(der)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            return None
        scheme = scheme_of_signature_oid(
            response.signature_algorithm_oid.dotted_string, _hash_name(response.signature_hash_algorithm)
        )
        certificates = readable_certificates(one.public_bytes(Encoding.DER) for one in response.certificates)
        # What is read later must not fail then.
        list(response.responses), response.produced_at_utc, response.responder_name, response.responder_key_hash
    except _UNREADABLE:
        return None
    return OcspAnswer(response, hashlib.sha256(der).hexdigest(), scheme, certificates)


def _hash_name(algorithm: hashes.HashAlgorithm | None) -> str:
    return algorithm.name if algorithm is not None else ""


def read_crl(der: bytes) -> Crl | None:
    """Read a CRL; None for bytes that are none."""
    return _read_crl(der) if len(der) <= _KEPT else _read_crl.__wrapped__(der)


@functools.lru_cache(maxsize=256)
def _read_crl(der: bytes) -> Crl | None:
    try:
        crl = x509.load_der_x509_crl(der)
        scheme = scheme_of_parameters(
            crl.signature_algorithm_parameters, crl.signature_hash_algorithm, crl.signature_algorithm_oid.dotted_string
        )
        # Likewise.
        name_key(crl.issuer), crl.last_update_utc, crl.next_update_utc
    except _UNREADABLE:
        return None
    return Crl(crl, hashlib.sha256(der).hexdigest(), scheme)


def answers(
    certificate: Certificate,
    issuer: Certificate,
    *,
    ocsps: Iterable[bytes],
    crls: Iterable[bytes],
    pool: Pool,
    trust: TrustSource,
) -> tuple[RevocationFacts, ...]:
    """Collect believable answers about `certificate`, issued by `issuer`: all of them in any honest file."""
    at_hand = _AtHand(tuple(ocsps), tuple(crls), pool, trust)
    return tuple(_about(certificate, issuer, at_hand, of_responders=True))


@dataclass(frozen=True, slots=True)
class _AtHand:
    """What answers are made from."""

    ocsps: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    pool: Pool
    trust: TrustSource


def _about(
    certificate: Certificate, issuer: Certificate, at_hand: _AtHand, *, of_responders: bool
) -> Iterator[RevocationFacts]:
    from_ocsp = (
        fact
        for answer in map(read_ocsp, at_hand.ocsps)
        if answer is not None
        for fact in _from_ocsp(answer, certificate, issuer, at_hand, of_responders=of_responders)
    )
    from_crl = (
        fact for crl in map(read_crl, at_hand.crls) if crl is not None for fact in _from_crl(crl, certificate, issuer)
    )
    yield from itertools.islice(from_ocsp, _MOST_ANSWERS)
    yield from itertools.islice(from_crl, _MOST_ANSWERS)


# OCSP: match, find who signed, see whether they may


def _from_ocsp(
    answer: OcspAnswer, certificate: Certificate, issuer: Certificate, at_hand: _AtHand, *, of_responders: bool
) -> Iterator[RevocationFacts]:
    singles = [one for one in answer.response.responses if _is_about(one, certificate, issuer)]
    if not singles:
        return
    found = _ocsp_signer(answer, issuer, at_hand.pool, at_hand.trust)
    if found is None:
        return
    responder, responder_issuer = found
    about_responder = None
    if responder_issuer is not None:
        if not of_responders and responder.spki == certificate.spki:
            return  # nobody vouches for themselves
        about_responder = _about_responder(responder, responder_issuer, at_hand, look=of_responders)
    covers_expired = any(one.oid == _ARCHIVE_CUTOFF for one in _single_extensions(answer.response))
    for single in singles:
        yield RevocationFacts(
            kind="ocsp",
            status=_ocsp_status(single),
            this_update=single.this_update_utc,
            next_update=single.next_update_utc,
            produced_at=answer.response.produced_at_utc,
            sha256=answer.sha256,
            signer=responder,
            signer_anchored=responder_issuer is None,
            scheme=answer.scheme,
            signer_key=key_facts(responder.public_key),
            revoked_at=single.revocation_time_utc,
            covers_expired=covers_expired,
            signer_issuer=responder_issuer,
            signer_answers=about_responder,
        )


def _about_responder(
    responder: Certificate, issuer: Certificate, at_hand: _AtHand, *, look: bool
) -> tuple[RevocationFacts, ...] | None:
    """Collect what is known of a responder's own certificate (RFC 6960 §4.2.2.2.1); None: nothing has to be known.

    With id-pkix-ocsp-nocheck its issuer vouches for it as long as it is valid. Where it names places to ask, one has to
    be asked. Where it names none its issuer revokes it nowhere, and what is at hand is all there can be. Answers about
    a responder are not asked after their own responders: `look` is False there, and an open one settles nothing.
    """
    if responder.ocsp_no_check or responder.never_revoked:
        return None
    found = tuple(_about(responder, issuer, at_hand, of_responders=False)) if look else ()
    return found or (() if responder.ocsp_urls or responder.crl_urls else None)


def _single_extensions(response: ocsp.OCSPResponse) -> Iterable[x509.Extension[x509.ExtensionType]]:
    try:
        return response.single_extensions
    except _UNREADABLE:
        return ()


def _is_about(single: ocsp.OCSPSingleResponse, certificate: Certificate, issuer: Certificate) -> bool:
    if single.serial_number != certificate.x509.serial_number:
        return False
    name = single.hash_algorithm.name
    try:
        return single.issuer_name_hash == digest(name, issuer.subject_der) and single.issuer_key_hash == digest(
            name, issuer.key_bits
        )
    except UnknownScheme:
        return False


def _ocsp_status(single: ocsp.OCSPSingleResponse) -> RevocationStatus:
    match single.certificate_status:
        case ocsp.OCSPCertStatus.GOOD:
            return RevocationStatus.GOOD
        case ocsp.OCSPCertStatus.REVOKED:
            on_hold = single.revocation_reason is x509.ReasonFlags.certificate_hold
            return RevocationStatus.ON_HOLD if on_hold else RevocationStatus.REVOKED
        case _:
            return RevocationStatus.UNKNOWN


def _ocsp_signer(
    answer: OcspAnswer, issuer: Certificate, pool: Pool, trust: TrustSource
) -> tuple[Certificate, Certificate | None] | None:
    """Find the certificate whose key made the response and that may answer for `issuer` (RFC 6960 §4.2.2.2).

    That is the issuer itself, a responder the lists name (both without an issuer here: they stand by themselves), or
    one the issuer gave the OCSPSigning purpose.
    """
    produced = answer.response.produced_at_utc
    for candidate in itertools.islice(_candidates(answer, issuer, pool, trust), _MOST_CANDIDATES):
        if not _made(candidate, answer):
            continue
        if candidate.spki == issuer.spki or trust.is_anchor(candidate, purpose=Purpose.OCSP, at=produced):
            return candidate, None
        if not _may_answer(candidate) or not candidate.valid_at(produced):
            continue
        if candidate.issuer_key == issuer.subject_key and candidate.signed_by(issuer):
            return candidate, issuer
        # RFC 6960 §4.2.2.2 (1), a responder by local configuration: an authority trusted for OCSP vouches for it.
        path = find_path(candidate, pool=pool, trust=trust, purpose=Purpose.OCSP, at=produced)
        if path.anchored:
            return candidate, path.issuers[candidate.sha256]
    return None


def _candidates(answer: OcspAnswer, issuer: Certificate, pool: Pool, trust: TrustSource) -> Iterator[Certificate]:
    """Yield certificates the responder's identifier may mean, the likely ones first; all the lists' ones last."""
    response = answer.response
    if response.responder_name is not None:
        key = name_key(response.responder_name)
        yield from (one for one in (issuer, *answer.certificates) if one.subject_key == key)
        yield from trust.anchors_named(key, purpose=Purpose.OCSP, at=response.produced_at_utc)
        yield from pool.named(key)
        return
    wanted = response.responder_key_hash
    nearby = itertools.chain((issuer, *answer.certificates), pool)
    everywhere = (trust.ocsp_anchors(at=response.produced_at_utc) for _ in range(1))  # asked only when it comes to that
    for one in itertools.chain(nearby, itertools.chain.from_iterable(everywhere)):
        if hashlib.sha1(one.key_bits).digest() == wanted:  # noqa: S324 - RFC 6960 names keys by SHA-1
            yield one


def _may_answer(candidate: Certificate) -> bool:
    return ExtendedKeyUsageOID.OCSP_SIGNING.dotted_string in candidate.extended_key_usage


def _made(candidate: Certificate, answer: OcspAnswer) -> bool:
    key = candidate, answer.sha256
    known = _fits.get(key)
    if known is not None:
        return known
    response = answer.response
    fits = _checked(candidate, response.signature, response.tbs_response_bytes, answer.scheme)
    if len(_fits) >= _MOST_REMEMBERED:
        _fits.clear()
    _fits[key] = fits
    return fits


def _checked(candidate: Certificate, signature: bytes, signed: bytes, scheme: Scheme) -> bool:
    try:
        return verify(candidate.public_key, signature, signed, scheme)
    except UnknownScheme:
        return False


# CRL: of this issuer, complete, and signed by its key


def _from_crl(crl: Crl, certificate: Certificate, issuer: Certificate) -> Iterator[RevocationFacts]:
    listed = crl.crl
    if name_key(listed.issuer) != issuer.subject_key or not _is_complete(listed, certificate):
        return
    usage = issuer.key_usage
    if usage is not None and not usage.crl_sign:
        return
    if not _checked(issuer, listed.signature, listed.tbs_certlist_bytes, crl.scheme):
        return
    entry = listed.get_revoked_certificate_by_serial_number(certificate.x509.serial_number)
    yield RevocationFacts(
        kind="crl",
        status=_crl_status(entry),
        this_update=listed.last_update_utc,
        next_update=listed.next_update_utc,
        produced_at=listed.last_update_utc,
        sha256=crl.sha256,
        signer=issuer,
        signer_anchored=True,  # the issuer stands on the path itself and is judged there
        scheme=crl.scheme,
        signer_key=key_facts(issuer.public_key),
        revoked_at=entry.revocation_date_utc if entry is not None else None,
        covers_expired=any(one.oid == _EXPIRED_CERTS_ON_CRL for one in listed.extensions),
    )


def _crl_status(entry: x509.RevokedCertificate | None) -> RevocationStatus:
    if entry is None:
        return RevocationStatus.GOOD
    try:
        reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except (x509.ExtensionNotFound, *_UNREADABLE):
        return RevocationStatus.REVOKED
    if reason is x509.ReasonFlags.certificate_hold:
        return RevocationStatus.ON_HOLD
    if reason is x509.ReasonFlags.remove_from_crl:
        return RevocationStatus.GOOD
    return RevocationStatus.REVOKED


def _is_complete(listed: x509.CertificateRevocationList, certificate: Certificate) -> bool:
    """Return whether silence in it means not revoked: no delta, no indirect or partial list (RFC 5280 §5.2)."""
    try:
        extensions = listed.extensions
    except _UNREADABLE:
        return False
    for extension in extensions:
        match extension.value:
            case x509.IssuingDistributionPoint() as point:
                if not _is_in_scope(certificate, point):
                    return False
            case x509.DeltaCRLIndicator():
                return False
            case _ if extension.critical and extension.oid != _EXPIRED_CERTS_ON_CRL:
                return False
    return True


def _is_in_scope(certificate: Certificate, point: x509.IssuingDistributionPoint) -> bool:
    """Return whether a list for this scope has everything about that certificate."""
    if point.indirect_crl or point.only_some_reasons or point.only_contains_attribute_certs:
        return False
    if point.only_contains_user_certs if certificate.is_ca else point.only_contains_ca_certs:
        return False
    return point.relative_name is None and certificate.is_listed_at(point.full_name or ())


def ocsp_request(certificate: Certificate, issuer: Certificate) -> bytes:
    """Build the question about one certificate; SHA-1 names the issuer, because every responder knows it."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate.x509, issuer.x509, hashes.SHA1())  # noqa: S303 - a name, not a proof
    return builder.build().public_bytes(Encoding.DER)
