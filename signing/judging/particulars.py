"""Which particulars does a report give of a judged signature? Its facts, and what judging found of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signing.judging.commitment import commits
from signing.judging.stamp_particulars import STAMP_USES, used_certificate
from signing.pki.keys import EDDSA, SchemeKind
from signing.reading.facts import StampKind, ValueCheck
from signing.report.particulars import CertificateUse, Particulars, UsedCertificate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from signing.judging.stamps import JudgedStamp
    from signing.pki.certificates import Certificate
    from signing.pki.keys import Scheme
    from signing.reading.facts import Path, RevocationFacts, SignatureFacts

__all__ = ["method_of", "particulars_of"]

_DSIG = "http://www.w3.org/2000/09/xmldsig#"
_DSIG_11 = "http://www.w3.org/2009/xmldsig11#"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_MORE_2007 = "http://www.w3.org/2007/05/xmldsig-more#"
_MORE_2021 = "http://www.w3.org/2021/04/xmldsig-more#"

_HOLDS = {ValueCheck.VALID: True, ValueCheck.INVALID: False}


def particulars_of(
    facts: SignatureFacts,
    *,
    path: Path | None,
    stamps: Sequence[JudgedStamp],
    answers: Sequence[RevocationFacts],
) -> Particulars:
    """Put them together; `answers` are the believable ones about the signer's own certificate."""
    certificate = facts.certificate
    first = next((one for one in stamps if one.passed and one.facts.kind is StampKind.SIGNATURE), None)
    return Particulars(
        method=method_of(facts.scheme),
        serial_number=certificate.serial_number_text if certificate is not None else "",
        claims=facts.claims,
        certificates=tuple(dict.fromkeys(_certificates(certificate, path, stamps, answers))),
        imprint=first.facts.imprint if first is not None else b"",
        non_repudiation=certificate is None or commits(certificate),
        names=tuple(dict.fromkeys(name for one in facts.references if one.found for name in one.covers)),
        byte_range=facts.byte_range,
        to_the_end=facts.to_the_end,
        key_kind=certificate.key.kind if certificate is not None else "",
        key_bits=certificate.key.bits if certificate is not None else 0,
        digest=facts.scheme.hash_name if facts.scheme is not None else "",
        value_holds=_HOLDS.get(facts.value_check) if certificate is not None else None,
    )


def _certificates(
    certificate: Certificate | None,
    path: Path | None,
    stamps: Sequence[JudgedStamp],
    answers: Sequence[RevocationFacts],
) -> Iterator[UsedCertificate]:
    for stamp in stamps:
        if stamp.facts.certificate is not None and stamp.facts.kind in STAMP_USES:
            yield used_certificate(STAMP_USES[stamp.facts.kind], stamp.facts.certificate)
    if certificate is not None:
        yield used_certificate(
            CertificateUse.SIGNING, certificate, path.issuers.get(certificate.sha256) if path else None
        )
    for answer in answers:
        yield used_certificate(CertificateUse.REVOCATION, answer.signer)


def method_of(scheme: Scheme | None) -> str:
    """Name a scheme as XML signatures do (RFC 9231 §2.3); "" for one that has no name there.

    >>> from signing.pki.keys import Scheme
    >>> method_of(Scheme(SchemeKind.ECDSA, "sha256"))
    'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256'
    """
    if scheme is None or (scheme.kind not in EDDSA and not scheme.hash_name):
        return ""
    name = scheme.hash_name
    match scheme.kind:
        case SchemeKind.RSA:
            return f"{_DSIG if name == 'sha1' else _MORE}rsa-{name}"
        case SchemeKind.RSA_PSS:
            return f"{_MORE_2007}{'rsa-pss' if scheme.mgf_hash_name not in {'', name} else f'{name}-rsa-MGF1'}"
        case SchemeKind.ECDSA:
            return f"{_MORE_2021 if name.startswith('sha3-') else _MORE}ecdsa-{name}"
        case SchemeKind.DSA:
            return f"{_DSIG if name == 'sha1' else _DSIG_11}dsa-{name}"
        case SchemeKind.ED25519 | SchemeKind.ED448:
            return f"{_MORE_2021}eddsa-{scheme.kind}"
