"""Answers about certificates: OCSP (RFC 6960) and CRL (RFC 5280 §5), read once, believed only from those entitled.

What comes out is `RevocationFacts`: the answer is about this very certificate, its signature fits, and its signer
was allowed to give it. Whether it is fresh enough is a question of time, and so for the judge.
"""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.asn1 import tlv
from signing.pki.chain import find_path, not_understood
from signing.pki.keys import Scheme, UnknownScheme, key_facts, verify
from signing.pki.names import name_key
from signing.pki.revocation_places import is_listed_at, names_places_to_ask, needs_no_answer
from signing.pki.revocation_reading import read_crl, read_ocsp
from signing.pki.schemes import digest
from signing.pki.trust_protocol import Purpose
from signing.reading.facts import RevocationFacts, RevocationStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from signing.pki.answers import Crl, OcspAnswer, OcspSingle
    from signing.pki.certificates import Certificate
    from signing.pki.chain import Pool
    from signing.pki.trust_protocol import TrustSource

__all__ = ["answers", "ocsp_request", "read_crl", "read_ocsp"]

_MOST_REMEMBERED = 1024
_fits: dict[tuple[Certificate, str], bool] = {}
_MOST_ANSWERS = 32
_MOST_CANDIDATES = 32


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
    singles = [one for one in answer.singles if _is_about(one, certificate, issuer)]
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
    for single in singles:
        yield RevocationFacts(
            kind="ocsp",
            status=single.status,
            this_update=single.this_update,
            next_update=single.next_update,
            produced_at=answer.produced_at,
            sha256=answer.sha256,
            signer=responder,
            signer_anchored=responder_issuer is None,
            scheme=answer.scheme,
            signer_key=key_facts(responder.public_key),
            revoked_at=single.revoked_at,
            covers_expired=answer.covers_expired,
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
    if needs_no_answer(responder):
        return None
    found = tuple(_about(responder, issuer, at_hand, of_responders=False)) if look else ()
    return found or (() if names_places_to_ask(responder) else None)


def _is_about(single: OcspSingle, certificate: Certificate, issuer: Certificate) -> bool:
    if single.serial != certificate.serial:
        return False
    name = single.hash_name
    try:
        return single.issuer_name_hash == digest(name, issuer.subject_der) and single.issuer_key_hash == digest(
            name, issuer.key_bits
        )
    except UnknownScheme:
        return False


def _ocsp_signer(
    answer: OcspAnswer, issuer: Certificate, pool: Pool, trust: TrustSource
) -> tuple[Certificate, Certificate | None] | None:
    """Find the certificate whose key made the response and that may answer for `issuer` (RFC 6960 §4.2.2.2).

    That is the issuer itself, a responder the lists name (both without an issuer here: they stand by themselves), or
    one the issuer gave the OCSPSigning purpose.
    """
    produced = answer.produced_at
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
    if answer.responder_name is not None:
        key = name_key(answer.responder_name)
        yield from (one for one in (issuer, *answer.certificates) if one.subject_key == key)
        yield from trust.anchors_named(key, purpose=Purpose.OCSP, at=answer.produced_at)
        yield from pool.named(key)
        return
    wanted = answer.responder_key_hash
    nearby = itertools.chain((issuer, *answer.certificates), pool)
    everywhere = (trust.ocsp_anchors(at=answer.produced_at) for _ in range(1))  # asked only when it comes to that
    for one in itertools.chain(nearby, itertools.chain.from_iterable(everywhere)):
        if hashlib.sha1(one.key_bits).digest() == wanted:  # noqa: S324 - RFC 6960 names keys by SHA-1
            yield one


def _may_answer(candidate: Certificate) -> bool:
    """Return whether its issuer gave it the purpose, under no condition that is not known here (RFC 5280 §4.2)."""
    return ExtendedKeyUsageOID.OCSP_SIGNING.dotted_string in candidate.extended_key_usage and not not_understood(
        candidate
    )


def _made(candidate: Certificate, answer: OcspAnswer) -> bool:
    key = candidate, answer.sha256
    known = _fits.get(key)
    if known is not None:
        return known
    fits = _checked(candidate, answer.signature, answer.signed, answer.scheme)
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
    if name_key(crl.issuer) != issuer.subject_key or not _is_complete(crl, certificate):
        return
    usage = issuer.key_usage
    if usage is not None and not usage.crl_sign:
        return
    if not _checked(issuer, crl.signature, crl.signed, crl.scheme):
        return
    try:
        entry = crl.entry(certificate.serial)
    except (ValueError, IndexError):  # who is on it cannot be read, so it says nothing of anybody
        return
    yield RevocationFacts(
        kind="crl",
        status=entry.status if entry is not None else RevocationStatus.GOOD,
        this_update=crl.this_update,
        next_update=crl.next_update,
        produced_at=crl.this_update,
        sha256=crl.sha256,
        signer=issuer,
        signer_anchored=True,  # the issuer stands on the path itself and is judged there
        scheme=crl.scheme,
        signer_key=key_facts(issuer.public_key),
        revoked_at=entry.revoked_at if entry is not None else None,
        covers_expired=crl.covers_expired,
    )


def _is_complete(crl: Crl, certificate: Certificate) -> bool:
    """Return whether silence in it means not revoked: no delta, no indirect or partial list (RFC 5280 §5.2)."""
    scope = crl.scope
    if not crl.whole or scope.partial:
        return False
    if scope.user_only if certificate.is_ca else scope.ca_only:
        return False
    return is_listed_at(certificate, scope.names)


def ocsp_request(certificate: Certificate, issuer: Certificate) -> bytes:
    """Build the question about one certificate (RFC 6960 §4.1.1); SHA-1 names the issuer: every responder knows it."""
    algorithm = tlv.write(tlv.SEQUENCE, bytes.fromhex("06052b0e03021a"), tlv.write(tlv.NULL))
    serial = certificate.serial
    number = serial.to_bytes((serial if serial >= 0 else ~serial).bit_length() // 8 + 1, "big", signed=True)
    identifier = tlv.write(
        tlv.SEQUENCE,
        algorithm,
        tlv.write(tlv.OCTETS, digest("sha1", issuer.subject_der)),
        tlv.write(tlv.OCTETS, digest("sha1", issuer.key_bits)),
        tlv.write(tlv.INTEGER, number),
    )
    request = tlv.write(tlv.SEQUENCE, identifier)
    return tlv.write(tlv.SEQUENCE, tlv.write(tlv.SEQUENCE, tlv.write(tlv.SEQUENCE, request)))
