"""Is a certificate's key meant for signatures that commit its holder?

EN 319 412-2 §4.3.2: a natural person's certificate for signing has nonRepudiation set, alone or with other bits;
digitalSignature alone is for authentication. EN 319 412-3: a legal person's may have either.
RFC 5280 §4.2.1.3: a certificate without a key usage extension excludes no use.

The rule stands here alone. The judge applies it, so the indication has it at every door; reports repeat it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signing.trust.certificate_statements import facts_of
from signing.trust.identifiers import CertificateType

if TYPE_CHECKING:
    from signing.pki.certificates import Certificate

__all__ = ["commits"]

_ORGANISATION_IDENTIFIER = "2.5.4.97"


def commits(certificate: Certificate) -> bool:
    """Return whether a signature by this certificate's key commits its holder."""
    usage = certificate.key_usage
    if usage is None or usage.content_commitment:
        return True
    return usage.digital_signature and _is_of_a_legal_person(certificate)


def _is_of_a_legal_person(certificate: Certificate) -> bool:
    """Return whether it is for seals, or names a legal person and no natural one (EN 319 412-3 §4.2.1)."""
    facts = facts_of(certificate)
    types = facts.statements.types
    if types:
        return types == {CertificateType.ESEAL}
    return _ORGANISATION_IDENTIFIER in facts.subject_attributes and not facts.names_a_person
