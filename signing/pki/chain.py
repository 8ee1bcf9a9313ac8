"""From a certificate to an anchor at a moment: RFC 5280 §6.1 as far as signatures need it.

In a European list the issuing CA itself is the anchor, so most paths are one or two certificates long; what a
file brings along is only ever a candidate on the way, never an anchor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from signing.model import Message
from signing.reading.facts import Path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from signing.pki.certificates import Certificate
    from signing.pki.names import NameKey
    from signing.pki.trust_protocol import Purpose, TrustSource

__all__ = ["Pool", "find_path", "not_understood"]

_MAX_LENGTH = 8
_MAX_STEPS = 64
_MAX_CHECKS = 256

# Extensions that may be critical and still be understood here (or need no action on a signer's path).
_UNDERSTOOD = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.POLICY_MAPPINGS,
        ExtensionOID.POLICY_CONSTRAINTS,
        ExtensionOID.INHIBIT_ANY_POLICY,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.ISSUER_ALTERNATIVE_NAME,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
        ExtensionOID.OCSP_NO_CHECK,
        x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3"),  # QCStatements, EN 319 412-5
    }
)


class Pool:
    """Certificates at hand, found by subject."""

    def __init__(self, certificates: Iterable[Certificate] = ()) -> None:
        self._by_subject: dict[NameKey, list[Certificate]] = {}
        self._known: set[str] = set()
        self.add(certificates)

    def add(self, certificates: Iterable[Certificate]) -> None:
        """Put more at hand; the same one twice stays one."""
        for certificate in certificates:
            if certificate.sha256 not in self._known:
                self._known.add(certificate.sha256)
                self._by_subject.setdefault(certificate.subject_key, []).append(certificate)

    def named(self, subject: NameKey) -> Sequence[Certificate]:
        """Return those with that subject."""
        return self._by_subject.get(subject, ())

    def __iter__(self) -> Iterator[Certificate]:
        return (certificate for group in self._by_subject.values() for certificate in group)


@dataclass(slots=True)
class _Search:
    pool: Pool
    trust: TrustSource
    purpose: Purpose
    at: datetime
    steps: int = 0
    checks: int = 0


def find_path(certificate: Certificate, *, pool: Pool, trust: TrustSource, purpose: Purpose, at: datetime) -> Path:
    """Find the path with the fewest faults from `certificate` to an anchor trusted for `purpose` at `at`.

    Without an anchor the longest way that was found is returned, `anchored` False: it shows who issued what.
    """
    search = _Search(pool, trust, purpose, at)
    best: Path | None = None
    for certificates, anchored in _ways(search, (certificate,)):
        faults, out_of_time = _objections(certificates, at) if anchored else ((), ())
        path = Path(certificates, anchored, faults, out_of_time)
        if anchored and not faults and not out_of_time:
            return path
        if best is None or _rank(path) > _rank(best):
            best = path
    return best or Path((certificate,), anchored=False)


def _rank(path: Path) -> tuple[bool, int, int, int]:
    longest = 0 if path.anchored else len(path.certificates)
    return path.anchored, -len(path.faults), -len(path.out_of_time), longest


def _ways(search: _Search, way: tuple[Certificate, ...]) -> Iterator[tuple[tuple[Certificate, ...], bool]]:
    last = way[-1]
    if search.trust.is_anchor(last, purpose=search.purpose, at=search.at):
        yield way, True
        return
    search.steps += 1
    extended = False
    if len(way) < _MAX_LENGTH and search.steps < _MAX_STEPS and not last.is_self_issued:
        for issuer in _issuers(search, last):
            search.checks += 1
            if search.checks > _MAX_CHECKS:
                break
            if issuer not in way and last.signed_by(issuer):
                extended = True
                yield from _ways(search, (*way, issuer))
    if not extended:
        yield way, False


def _issuers(search: _Search, certificate: Certificate) -> Iterator[Certificate]:
    anchors = search.trust.anchors_named(certificate.issuer_key, purpose=search.purpose, at=search.at)
    yield from anchors
    yield from (one for one in search.pool.named(certificate.issuer_key) if one not in anchors)


def _objections(way: tuple[Certificate, ...], at: datetime) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
    """Apply RFC 5280 §6.1.3 and §6.1.4 to all but the anchor; the anchor still has to be able to issue."""
    faults: list[Message] = []
    out_of_time: list[Message] = []
    for position, certificate in enumerate(way):
        is_leaf, is_anchor = position == 0, position == len(way) - 1
        name = certificate.common_name
        if not is_leaf and not _may_issue(certificate, below=position - 1):
            faults.append(Message.of("chain.not-an-issuer", name=name))
        if is_anchor:
            continue
        if certificate.extensions is None:
            faults.append(Message.of("chain.unreadable-certificate", name=name))
        elif unknown := not_understood(certificate):
            faults.append(Message.of("chain.unknown-critical-extension", name=name, extension=unknown))
        if not is_leaf and not certificate.valid_at(at):
            out_of_time.append(Message.of("chain.issuer-out-of-time", name=name))
    return tuple(faults), tuple(out_of_time)


def _may_issue(certificate: Certificate, *, below: int) -> bool:
    """Return whether it may issue with `below` further issuers under it; a version 1 root says nothing of it."""
    if certificate.version == 1:
        return certificate.is_self_issued
    if not certificate.is_ca:
        return False
    constraints = certificate.basic_constraints
    length = constraints.path_length if constraints else None
    return length is None or length >= below


def not_understood(certificate: Certificate) -> str:
    """Return a critical extension that is not known or cannot be read (RFC 5280 §4.2), or ""."""
    unreadable = certificate.unreadable_extensions
    return next(
        (
            one.oid.dotted_string
            for one in certificate.extensions or ()
            if one.critical and (one.oid not in _UNDERSTOOD or one.oid.dotted_string in unreadable)
        ),
        "",
    )
