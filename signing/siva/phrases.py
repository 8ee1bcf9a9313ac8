"""The words by which SiVa's clients tell outcomes: its levels, its policies, and the sentences of its reports.

Sentences are EU DSS's and SiVa's own, word for word, each beside the code of ours that means the same; none is said
that is not true of the file at hand. Ours follow after them: they name what theirs leave out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signing.model import Indication, Qualification, SubIndication

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from signing.model import SignatureReport, StampReport

__all__ = [
    "COVERS_NO_FILE",
    "DESCRIPTIONS",
    "EMPTY_FILE",
    "LEVEL_TOO_LOW",
    "MIMETYPE",
    "NOT_FIRST",
    "NOT_FRESH",
    "NOT_QUALIFIED",
    "NOT_QUALIFIED_STAMP",
    "NO_VALID_SIGNATURE",
    "OCSP_BEFORE_STAMP",
    "SAID_IN_FULL",
    "UNEXPECTED_FORMAT",
    "errors_of",
    "level_of",
    "stamp_errors_of",
    "warnings_of",
]

DESCRIPTIONS: Mapping[str, str] = {
    "POLv3": (
        "Policy for validating Electronic Signatures and Electronic Seals regardless of the legal type of the "
        "signature or seal (according to Regulation (EU) No 910/2014, aka eIDAS), i.e. the fact that the "
        "electronic signature or electronic seal is either Advanced electronic Signature (AdES), AdES "
        "supported by a Qualified Certificate (AdES/QC) or a Qualified electronic Signature (QES) does not "
        "change the total validation result of the signature. Signatures which are not compliant with ETSI "
        "standards (referred by Regulation (EU) No 910/2014) may produce unknown or invalid validation "
        "result. Validation process is based on eIDAS Article 32, Commission Implementing Decision (EU) "
        "2015/1506 and referred ETSI standards."
    ),
    "POLv4": (
        "Policy according most common requirements of Estonian Public Administration, to validate Qualified "
        "Electronic Signatures and Electronic Seals with Qualified Certificates (according to Regulation (EU) "
        "No 910/2014, aka eIDAS). I.e. signatures that have been recognized as Advanced electronic Signatures "
        "(AdES) and AdES supported by a Qualified Certificate (AdES/QC) do not produce a positive validation "
        "result, with exception for seals, where AdES/QC and above will produce positive result. Signatures "
        "and Seals which are not compliant with ETSI standards (referred by eIDAS) may produce unknown or "
        "invalid validation result. Validation process is based on eIDAS Article 32 and referred ETSI "
        "standards."
    ),
}
"""How SiVa describes its policies; clients compare the text."""

LEVEL_TOO_LOW = "Signature/seal level do not meet the minimal level required by applied policy"
NOT_QUALIFIED = "The signature is not in the Qualified Electronic Signature level"
NOT_QUALIFIED_STAMP = (
    "The certificate is not related to a TSA/QTST!",
    "The trust service(s) related to the time-stamp does not have the expected type identifier!",
)
UNEXPECTED_FORMAT = "The signature does not correspond to the expected format(s)!"
_WRONG_KEY_USAGE = "The signing-certificate of signature does not have an expected key-usage!"
OCSP_BEFORE_STAMP = "OCSP response production time is before timestamp time"
NOT_FRESH = (
    "The time difference between the signature timestamp and the OCSP response exceeds 15 minutes, rendering the OCSP "
    "response not 'fresh'."
)
COVERS_NO_FILE = "The time-stamp token does not cover container datafile!"
EMPTY_FILE = "Data file '{name}' is empty"
NOT_FIRST = '"mimetype" should be the first file in the container'
MIMETYPE = {
    "place": NOT_FIRST,
    "compression": 'Container "mimetype" file must not be compressed',
    "extra": 'Container "mimetype" file must not contain "Extra fields" in its ZIP header',
}

_CERTIFICATE_OPEN = "The certificate validation is not conclusive!"
NO_VALID_SIGNATURE = "The signature/seal is not a valid AdES digital signature!"
_PAST_OPEN = "The past signature validation is not conclusive!"
_NO_ANSWER = "No revocation data found for the certificate!"
_NO_GOOD_ANSWER = "No acceptable revocation data for the certificate!"
_DATA_CHANGED = "The reference data object is not intact!"
_BROKEN = "The signature is not intact!"
_NO_CANDIDATE = "There is no candidate for the signing certificate!"
_IMPRINT_DIFFERS = "The time-stamp message imprint is not intact!"
_STAMP_NOT_TRUSTED = "The certificate chain for time-stamp is not trusted, it does not contain a trust anchor."
_NOT_GRANTED = "The certificate is not related to a qualified certificate issuing trust service with valid status!"
_NOT_ON_DEVICE = (
    "The private key does not reside in a QSCD at issuance time!",
    "The private key does not reside in a QSCD at (best) signing time!",
)
_SAID: Mapping[str, tuple[str, ...]] = {
    "reference.changed": (_DATA_CHANGED,),
    "reference.not-found": ("The reference data object has not been found!",),
    "signature.broken": (_BROKEN,),
    "xades.properties-not-signed": (
        "The signed qualifying property: neither 'message-digest' nor 'SignedProperties' is present!",
    ),
    "container.file-not-signed": ("Not all files are signed!",),
    "chain.not-found": (
        "The certificate chain for signature is not trusted, it does not contain a trust anchor.",
        "Unable to build a certificate chain up to a trusted list!",
    ),
    "certificate.none": (_NO_CANDIDATE,),
    "certificate.not-for-signing": (_CERTIFICATE_OPEN, _WRONG_KEY_USAGE),
    "certificate.expired": (
        _CERTIFICATE_OPEN,
        _PAST_OPEN,
        "The current time is not in the validity range of the signer's certificate!",
    ),
    "certificate.revoked": (_CERTIFICATE_OPEN, _PAST_OPEN, "The certificate is revoked!"),
    "certificate.on-hold": (_CERTIFICATE_OPEN, "The certificate is on hold!"),
    "ocsp.missing": (_CERTIFICATE_OPEN, _NO_ANSWER),
    "ocsp.unknown": (_CERTIFICATE_OPEN, "The revocation status is unknown (Unknown response from OCSP)!"),
    "ocsp.too-old": (_CERTIFICATE_OPEN, _NO_GOOD_ANSWER),
    "ocsp.responder-expired": (_CERTIFICATE_OPEN, _NO_GOOD_ANSWER),
    "ocsp.responder-revoked": (_CERTIFICATE_OPEN, _NO_GOOD_ANSWER),
    "ocsp.responder-open": (_CERTIFICATE_OPEN, _NO_GOOD_ANSWER),
    "ocsp.from-the-future": (_CERTIFICATE_OPEN, _NO_GOOD_ANSWER),
    "ocsp.before-certificate": (_CERTIFICATE_OPEN, _NO_GOOD_ANSWER),
    "ocsp.after-expiry": (_CERTIFICATE_OPEN, _NO_GOOD_ANSWER),
    "ocsp.too-weak": (_CERTIFICATE_OPEN, _NO_GOOD_ANSWER),
    "algorithm.too-weak": (_PAST_OPEN,),
}
SAID_IN_FULL = frozenset({"certificate.not-for-signing"})
"""Codes whose sentences of ours add nothing to SiVa's."""
_BY_SUB_INDICATION: Mapping[SubIndication, str] = {
    SubIndication.HASH_FAILURE: _DATA_CHANGED,
    SubIndication.NO_SIGNING_CERTIFICATE_FOUND: _NO_CANDIDATE,
}
_KEY_NAMES = {"rsa": "RSA", "dsa": "DSA", "ec": "ECDSA"}

# TS 119 172-4 in the names EU DSS and SiVa use.
_LEVELS = {
    Qualification.QESIG: "QESIG",
    Qualification.QESEAL: "QESEAL",
    Qualification.UNKNOWN_QC_QSCD: "UNKNOWN_QC_QSCD",
    Qualification.ADESIG_QC: "ADESIG_QC",
    Qualification.ADESEAL_QC: "ADESEAL_QC",
    Qualification.ADES_QC: "UNKNOWN_QC",
    Qualification.ADESIG: "ADESIG",
    Qualification.ADESEAL: "ADESEAL",
    Qualification.ADES: "UNKNOWN",
    Qualification.NOT_ADES: "NA",
    Qualification.UNDETERMINED: "NA",
}
_ON_DEVICE = frozenset({Qualification.QESIG, Qualification.QESEAL, Qualification.UNKNOWN_QC_QSCD})
_QUALIFIED_CERTIFICATE = frozenset({Qualification.ADESIG_QC, Qualification.ADESEAL_QC, Qualification.ADES_QC})
_PLAIN_CERTIFICATE = frozenset({Qualification.ADESIG, Qualification.ADESEAL, Qualification.ADES})


def level_of(one: SignatureReport, indication: Indication) -> str:
    """Name what the signature is in law or, where it did not pass, what its certificate alone would make of it.

    >>> from signing.model import SignatureReport
    >>> passed = Indication.TOTAL_PASSED
    >>> sound = SignatureReport("S1", "XAdES", "LT", passed, qualification=Qualification.QESIG)
    >>> level_of(sound, passed), level_of(sound, Indication.INDETERMINATE), level_of(sound, Indication.TOTAL_FAILED)
    ('QESIG', 'INDETERMINATE_QESIG', 'NOT_ADES_QC_QSCD')
    """
    passed = one.indication is Indication.TOTAL_PASSED
    found = one.qualification if passed else one.if_sound
    match indication:
        case Indication.TOTAL_PASSED:
            return _LEVELS[found]
        case Indication.INDETERMINATE:
            name = _LEVELS[found]
            return f"INDETERMINATE_{'UNKNOWN' if name == 'NA' else name}"
        case Indication.TOTAL_FAILED:
            if found in _ON_DEVICE:
                return "NOT_ADES_QC_QSCD"
            return "NOT_ADES_QC" if found in _QUALIFIED_CERTIFICATE else "NOT_ADES"


def errors_of(one: SignatureReport, *, at: datetime) -> Iterator[str]:
    """Say in SiVa's sentences why a signature did not pass, judged at `at`; nothing of one that did."""
    if one.indication is Indication.TOTAL_PASSED:
        return
    if one.signer is not None and at > one.signer.not_after:
        yield _CERTIFICATE_OPEN  # its certificate has run out: what it was when it signed has to be proven
    if one.sub_indication is not None and one.sub_indication in _BY_SUB_INDICATION:
        yield _BY_SUB_INDICATION[one.sub_indication]
    for message in one.errors:
        yield from _SAID.get(message.code, ())
        kind, _, bits = message.params.get("algorithm", "").partition(" ")
        if message.code == "algorithm.too-weak" and kind in _KEY_NAMES and bits:
            yield f"The algorithm {_KEY_NAMES[kind]} with key size {bits} is too small for signature creation!"
    for stamp in one.stamps:
        if stamp.kind != "content":
            yield from stamp_errors_of(stamp)
    if one.if_sound in _PLAIN_CERTIFICATE:
        yield _NOT_GRANTED


def stamp_errors_of(stamp: StampReport) -> Iterator[str]:
    """Say in SiVa's sentences why a stamp proves nothing."""
    if stamp.sub_indication is SubIndication.HASH_FAILURE:
        yield _IMPRINT_DIFFERS
    if stamp.sub_indication is SubIndication.SIG_CRYPTO_FAILURE:
        yield _BROKEN
    if stamp.sub_indication is SubIndication.NO_CERTIFICATE_CHAIN_FOUND:
        yield _STAMP_NOT_TRUSTED


def warnings_of(one: SignatureReport) -> Iterator[str]:
    """Say in SiVa's sentences what a signature is less than it could be."""
    match one.indication:
        case Indication.INDETERMINATE:
            yield "The signature/seal is an INDETERMINATE AdES digital signature!"
        case Indication.TOTAL_FAILED:
            yield NO_VALID_SIGNATURE
        case Indication.TOTAL_PASSED:
            if one.qualification in {Qualification.ADESIG_QC, Qualification.ADESEAL_QC}:
                yield from _NOT_ON_DEVICE
