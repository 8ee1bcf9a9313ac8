"""Is a certificate's key meant for what its holder will be held to?

EN 319 412-2 §4.3.2: a person's certificate for signatures over content has nonRepudiation set, alone or with others;
one with digitalSignature alone is for proving who is there, now. EN 319 412-3 lets a body seal with either.
RFC 5280 §4.2.1.3: a certificate that says nothing about the use of its key excludes nothing.

This is the one place that says so. The judge asks it, so that every door has the answer in the indication, and the
particulars repeat it for reports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signing.trust.subject import facts_of
from signing.trust.vocabulary import CertificateType

if TYPE_CHECKING:
    from signing.certificates import Certificate

__all__ = ["commits"]

_ORGANISATION_IDENTIFIER = "2.5.4.97"


def commits(certificate: Certificate) -> bool:
    """Whether what this certificate's key signs counts as meant by its holder."""
    usage = certificate.key_usage
    if usage is None or usage.content_commitment:
        return True
    return usage.digital_signature and _is_a_bodys(certificate)


def _is_a_bodys(certificate: Certificate) -> bool:
    """Whether it says it is for seals, or else names a registered body and no person (EN 319 412-3 §4.2.1)."""
    facts = facts_of(certificate)
    types = facts.statements.types
    if types:
        return types == {CertificateType.ESEAL}
    return _ORGANISATION_IDENTIFIER in facts.subject_attributes and not facts.names_a_person
