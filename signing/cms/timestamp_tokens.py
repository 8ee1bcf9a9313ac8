"""RFC 3161 time-stamp tokens: the time, the message imprint, the signer, and whether the token is intact.

The caller knows what a token must cover: `signing.xades.timestamps`, `signing.cms.cades`, `signing.pades` and, for
whole containers, `signing.reading.containers`. Whether the stamp is trusted is decided by `signing.judging.stamps`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.asn1 import tlv
from signing.cms.signed_data import SignedData, read_signed_data
from signing.model import Message
from signing.pki.keys import UnknownScheme
from signing.pki.schemes import digest, digest_name
from signing.pki.times import stamp_time
from signing.reading.facts import StampFacts, StampKind, ValueCheck

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from signing.cms.signed_data import CmsSigner
    from signing.pki.certificates import Certificate

__all__ = ["MAX_STAMPS", "Token", "read_stamp", "read_token"]

MAX_STAMPS = 64  # of one kind over one signature; an ignored stamp proves nothing, which is safe
_TST_INFO = "1.2.840.113549.1.9.16.1.4"


@dataclass(frozen=True, slots=True)
class Token:
    """A token parsed: its genTime and message imprint."""

    signed: SignedData
    signer: CmsSigner
    time: datetime
    imprint_hash: str
    imprint: bytes
    imprint_der: bytes


def read_token(data: bytes) -> Token:
    """Read a token; raises `ValueError` when it is none."""
    signed = read_signed_data(data)
    if signed.content_type != _TST_INFO or signed.content is None or len(signed.signers) != 1:
        raise ValueError("not a time-stamp token")
    try:
        _, _, imprint, _, time, *_ = tlv.children(tlv.only(signed.content, tlv.SEQUENCE).content)
        algorithm, value = tlv.children(tlv.expect(imprint, tlv.SEQUENCE).content)
        return Token(
            signed=signed,
            signer=signed.signers[0],
            time=stamp_time(time),
            imprint_hash=digest_name(algorithm),
            imprint=tlv.octets(value),
            imprint_der=imprint.whole,
        )
    except (IndexError, UnicodeDecodeError) as error:
        raise ValueError("not a time-stamp token") from error


def read_stamp(
    data: bytes,
    *,
    kind: StampKind,
    over: Callable[[str], bytes | None] | bytes | None,
    known: Iterable[Certificate] = (),
    proves: frozenset[str] = frozenset(),
) -> StampFacts:
    """Read a token as facts.

    `over` is what it must cover: the bytes, a function from a hash's name to their digest (for streamed data), or None
    when that could not be determined. `known` are certificates from elsewhere in the file, since a token may omit its
    own. An unreadable token is a fact too: it proves nothing.
    """
    name = hashlib.sha256(data).hexdigest()
    try:
        token = read_token(data)
    except ValueError:
        return StampFacts(
            kind, name, None, imprint_matches=None, imprint_hash="", value_check=ValueCheck.UNKNOWN,
            certificate=None, scheme=None, faults=(Message.of("stamp.unreadable"),), proves=proves,
        )  # fmt: skip
    certificate = token.signed.certificate_of(token.signer, known)
    faults = _faults(token, certificate)
    if token.signed.hides(token.signer, certificate):
        certificate = None
    return StampFacts(
        kind=kind,
        sha256=name,
        time=token.time,
        imprint_matches=_imprint_matches(token, over),
        imprint_hash=token.imprint_hash,
        value_check=_value_check(token, certificate),
        certificate=certificate,
        scheme=token.signer.scheme,
        digest_names=(token.imprint_hash, token.signer.digest_name),
        certificates=token.signed.certificates,
        ocsps=token.signed.ocsps,
        crls=token.signed.crls,
        faults=faults,
        proves=proves,
        imprint=token.imprint_der,
        token=data,
    )


def _imprint_matches(token: Token, over: Callable[[str], bytes | None] | bytes | None) -> bool | None:
    if over is None:
        return None
    try:
        found = digest(token.imprint_hash, over) if isinstance(over, bytes) else over(token.imprint_hash)
    except UnknownScheme:
        return None
    return None if found is None else found == token.imprint


def _value_check(token: Token, certificate: Certificate | None) -> ValueCheck:
    """Verify the token's own signature, with the digest and type of its content in signed attributes."""
    signer, content = token.signer, token.signed.content or b""
    try:
        if signer.signed_attributes is None or signer.content_type() != _TST_INFO:
            return ValueCheck.INVALID
        if signer.message_digest() != digest(signer.digest_name, content):
            return ValueCheck.INVALID
    except UnknownScheme:
        return ValueCheck.UNKNOWN
    except (ValueError, IndexError):  # attributes that are not what their names say
        return ValueCheck.INVALID
    return signer.check(certificate, content)


def _faults(token: Token, certificate: Certificate | None) -> tuple[Message, ...]:
    """Report a certificate that is not bound to the token, or not for time stamping (RFC 3161 §2.3, §2.4.2)."""
    if token.signed.hides(token.signer, certificate):
        return (Message.of("stamp.certificate-unreadable"),)
    if certificate is None:
        return (Message.of("stamp.no-certificate"),)
    faults: list[Message] = []
    try:
        bindings = token.signer.bindings()
    except (ValueError, IndexError):
        bindings = ()
    if not bindings or not bindings[0].fits(certificate):
        faults.append(Message.of("stamp.certificate-not-bound"))
    if certificate.extended_key_usage != {ExtendedKeyUsageOID.TIME_STAMPING.dotted_string}:
        faults.append(Message.of("stamp.certificate-not-for-stamps", authority=certificate.common_name))
    return tuple(faults)
