"""Paths from a certificate to an anchor: only issuers may issue, and only anchors end a path."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from signing import TrustStore
from signing.pki.certificates import Certificate
from signing.pki.chain import Pool, find_path
from signing.pki.trust_protocol import Purpose

if TYPE_CHECKING:
    from signing.reading.facts import Path

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
_SERIAL = itertools.count(1)


@dataclass
class Party:
    """Somebody with a key who may issue for others."""

    name: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def subject(self) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, self.name)])


def issue(
    issuer: Party, subject: Party, *, ca: bool = False, length: int | None = None,
    days: tuple[int, int] = (-100, 100), more: x509.ExtensionType | None = None, critical: bool = False,
) -> Certificate:  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject.subject)
        .issuer_name(issuer.subject)
        .public_key(subject.key.public_key())
        .serial_number(next(_SERIAL))
        .not_valid_before(NOW + timedelta(days=days[0]))
        .not_valid_after(NOW + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=length if ca else None), critical=True)
    )
    if more is not None:
        builder = builder.add_extension(more, critical=critical)
    return Certificate.from_der(builder.sign(issuer.key, SHA256()).public_bytes(Encoding.DER))


ROOT, MIDDLE, LOW, PERSON, STRANGER = (Party(name) for name in ("Root", "Middle", "Low", "Person", "Stranger"))
ROOT_CERTIFICATE = issue(ROOT, ROOT, ca=True)
MIDDLE_CERTIFICATE = issue(ROOT, MIDDLE, ca=True)


def found(certificate: Certificate, *pool: Certificate, anchors: tuple[Certificate, ...] = (ROOT_CERTIFICATE,)) -> Path:
    trust = TrustStore.of_anchors(anchors)
    return find_path(certificate, pool=Pool(pool), trust=trust, purpose=Purpose.SIGNER, at=NOW)


def codes(path: Path) -> set[str]:
    return {message.code for message in (*path.faults, *path.out_of_time)}


def test_a_path_through_an_intermediate_the_file_brought_along() -> None:
    person = issue(MIDDLE, PERSON)
    path = found(person, MIDDLE_CERTIFICATE)
    assert path.anchored
    assert path.certificates == (person, MIDDLE_CERTIFICATE, ROOT_CERTIFICATE)
    assert not codes(path)


def test_an_issuing_authority_may_itself_be_the_anchor() -> None:
    path = found(issue(MIDDLE, PERSON), anchors=(MIDDLE_CERTIFICATE,))
    assert [one.common_name for one in path.certificates] == ["Person", "Middle"]


def test_a_certificate_may_itself_be_the_anchor() -> None:
    person = issue(MIDDLE, PERSON)
    assert found(person, anchors=(person,)).certificates == (person,)


def test_without_the_intermediate_there_is_no_path() -> None:
    assert not found(issue(MIDDLE, PERSON)).anchored


def test_a_root_the_file_brought_along_is_no_anchor() -> None:
    other = Party("Root")
    assert not found(issue(other, PERSON), issue(other, other, ca=True)).anchored


def test_a_person_may_not_issue() -> None:
    holder = issue(ROOT, MIDDLE, ca=False)
    path = found(issue(MIDDLE, PERSON), holder)
    assert codes(path) == {"chain.not-an-issuer"}


def test_an_anchor_that_is_a_person_may_not_issue_either() -> None:
    holder = issue(ROOT, MIDDLE, ca=False)
    assert codes(found(issue(MIDDLE, PERSON), anchors=(holder,))) == {"chain.not-an-issuer"}


def test_an_authority_that_may_issue_for_persons_only() -> None:
    middle = issue(ROOT, MIDDLE, ca=True, length=0)
    low = issue(MIDDLE, LOW, ca=True)
    assert codes(found(issue(LOW, PERSON), low, middle)) == {"chain.not-an-issuer"}
    assert not codes(found(issue(MIDDLE, PERSON), middle))


def test_an_intermediate_that_had_expired() -> None:
    middle = issue(ROOT, MIDDLE, ca=True, days=(-100, -1))
    assert codes(found(issue(MIDDLE, PERSON), middle)) == {"chain.issuer-out-of-time"}


def test_the_better_of_two_paths_is_taken() -> None:
    expired = issue(ROOT, MIDDLE, ca=True, days=(-100, -1))
    path = found(issue(MIDDLE, PERSON), expired, MIDDLE_CERTIFICATE)
    assert not codes(path)
    assert MIDDLE_CERTIFICATE in path.certificates


def test_an_issuer_of_the_right_name_and_the_wrong_key() -> None:
    assert not found(issue(Party("Middle"), PERSON), MIDDLE_CERTIFICATE).anchored


def test_a_critical_extension_nobody_knows() -> None:
    odd = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    assert codes(found(issue(ROOT, PERSON, more=odd, critical=True))) == {"chain.unknown-critical-extension"}
    assert not codes(found(issue(ROOT, PERSON, more=odd)))


def test_name_constraints_are_not_passed_over() -> None:
    limits = x509.NameConstraints(permitted_subtrees=[x509.DNSName("example.lv")], excluded_subtrees=None)
    middle = issue(ROOT, MIDDLE, ca=True, more=limits, critical=True)
    assert codes(found(issue(MIDDLE, PERSON), middle)) == {"chain.unknown-critical-extension"}


def test_authorities_that_vouch_for_each_other_do_not_go_in_circles() -> None:
    ring = [issue(STRANGER, LOW, ca=True), issue(LOW, STRANGER, ca=True)]
    assert not found(issue(LOW, PERSON), *ring).anchored


def test_a_crowd_of_equal_names_is_looked_through_within_bounds() -> None:
    crowd = [issue(party, party, ca=True) for party in (Party("Middle") for _ in range(80))]
    assert not found(issue(MIDDLE, PERSON), *crowd).anchored
