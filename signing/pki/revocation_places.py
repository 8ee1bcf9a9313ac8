"""What does a certificate say about its own revocation: where is it told, and need anybody ask?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signing.pki.certificates import Certificate

__all__ = ["crl_urls", "is_listed_at", "is_never_revoked", "names_places_to_ask", "needs_no_answer", "ocsp_urls"]

# ext-etsi-valassured-ST-certs (EN 319 412-1 §5.2) and noRevAvail (RFC 9608).
_NO_REVOCATION = frozenset({"0.4.0.194121.2.1", "2.5.29.56"})
_PLACES = frozenset({ExtensionOID.AUTHORITY_INFORMATION_ACCESS, ExtensionOID.CRL_DISTRIBUTION_POINTS})


def needs_no_answer(responder: Certificate) -> bool:
    """Return whether a responder's own revocation need not be asked about (RFC 6960 §4.2.2.2.1)."""
    return responder.extension(x509.OCSPNoCheck) is not None or is_never_revoked(responder)


def is_never_revoked(certificate: Certificate) -> bool:
    """Return whether it is too short-lived to be revoked, and says so (EN 319 412-1 §5.2, RFC 9608)."""
    return any(one.oid.dotted_string in _NO_REVOCATION for one in certificate.extensions or ())


def ocsp_urls(certificate: Certificate) -> tuple[str, ...]:
    """Return the addresses of its OCSP responder (RFC 5280 §4.2.2.1)."""
    return tuple(
        one.access_location.value
        for one in certificate.extension(x509.AuthorityInformationAccess) or ()
        if one.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(one.access_location, x509.UniformResourceIdentifier)
    )


def crl_urls(certificate: Certificate) -> tuple[str, ...]:
    """Return the addresses of its revocation list (RFC 5280 §4.2.1.13)."""
    return tuple(name.value for name in _point_names(certificate) if isinstance(name, x509.UniformResourceIdentifier))


def names_places_to_ask(certificate: Certificate) -> bool:
    """Return whether it names a place to ask about its revocation, also where that cannot be read."""
    hidden = any(one.dotted_string in certificate.unreadable_extensions for one in _PLACES)
    return hidden or bool(ocsp_urls(certificate) or crl_urls(certificate))


def is_listed_at(certificate: Certificate, names: Iterable[x509.GeneralName]) -> bool:
    """Return whether it would stand on the list for these distribution points (RFC 5280 §6.3.3 (b)(2)(i)).

    An issuer may keep several lists, each for some certificates. A list that names no point is for all of them.
    """
    wanted = list(names)
    return not wanted or any(name in wanted for name in _point_names(certificate))


def _point_names(certificate: Certificate) -> list[x509.GeneralName]:
    points = certificate.extension(x509.CRLDistributionPoints) or ()
    return [name for point in points for name in point.full_name or ()]
