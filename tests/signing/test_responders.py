"""Who answers for an issuer has to be in good standing itself, unless its issuer says that it need not be asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from signing import Indication, SubIndication, TrustStore
from signing.pki.certificates import Certificate
from signing.pki.keys import Scheme, SchemeKind
from signing.reading.facts import DocumentFacts, Reference, SignatureFacts, SignatureForm, ValueCheck
from signing.verification import report_of

if TYPE_CHECKING:
    from signing.model import Report

# The library dates answers by the clock and by nothing else.
NOW = datetime.now(UTC).replace(microsecond=0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PLACES = x509.CRLDistributionPoints(
    [x509.DistributionPoint([x509.UniformResourceIdentifier("http://crl.example/ca.crl")], None, None, None)]
)
ASKED_AT = x509.AuthorityInformationAccess(
    [x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier("http://ocsp.example/"))]
)
KEYS = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("CA", "Anna", "Responder", "Second responder")}


def name_of(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def issued(name: str, *more: x509.ExtensionType, serial: int, ca: bool = False) -> Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(name_of(name))
        .issuer_name(name_of("CA"))
        .public_key(KEYS[name].public_key())
        .serial_number(serial)
        .not_valid_before(NOW - 100 * DAY)
        .not_valid_after(NOW + 100 * DAY)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    for extension in more:
        builder = builder.add_extension(extension, critical=False)
    return Certificate.from_der(builder.sign(KEYS["CA"], SHA256()).public_bytes(Encoding.DER))


ANSWERS = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
CA = issued("CA", serial=1, ca=True)
ANNA = issued("Anna", ASKED_AT, serial=2)


def responder(*more: x509.ExtensionType, name: str = "Responder", serial: int = 3) -> Certificate:
    return issued(name, ANSWERS, *more, serial=serial)


UNCHECKED = responder(x509.OCSPNoCheck())
CHECKED = responder(PLACES)
NOWHERE = responder()


def says(by: Certificate, about: Certificate, *, revoked: datetime | None = None, at: datetime = NOW) -> bytes:
    """One OCSP answer."""
    built = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=about.x509,
            issuer=CA.x509,
            algorithm=SHA1(),  # noqa: S303 - a name, not a proof
            cert_status=ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD,
            this_update=at,
            next_update=at + DAY,
            revocation_time=revoked,
            revocation_reason=None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.NAME, by.x509)
        .certificates([by.x509])
        .sign(KEYS[by.common_name], SHA256())
    )
    return built.public_bytes(Encoding.DER)


def lists(*revoked: tuple[Certificate, datetime], at: datetime = NOW, place: str = "") -> bytes:
    """The issuer's own revocation list; with a `place`, one of several it keeps."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(name_of("CA")).last_update(at).next_update(at + DAY)
    for one, when in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(one.x509.serial_number).revocation_date(when)
        builder = builder.add_revoked_certificate(entry.build())
    if place:
        point = x509.IssuingDistributionPoint(
            full_name=[x509.UniformResourceIdentifier(place)], relative_name=None, only_contains_user_certs=False,
            only_contains_ca_certs=False, only_some_reasons=None, indirect_crl=False,
            only_contains_attribute_certs=False,
        )  # fmt: skip
        builder = builder.add_extension(point, critical=True)
    return builder.sign(KEYS["CA"], SHA256()).public_bytes(Encoding.DER)


def judged(*answers: bytes, at: datetime = NOW + HOUR, anna: Certificate = ANNA) -> Report:
    """Judge a signature of Anna's that is without any other fault."""
    signature = SignatureFacts(
        id="S1",
        format="XAdES",
        value_check=ValueCheck.VALID,
        certificate=anna,
        scheme=Scheme(SchemeKind.ECDSA, "sha256"),
        references=(Reference("a.txt", found=True, intact=True, digest_name="sha256"),),
        certificates=(anna, UNCHECKED, CHECKED, NOWHERE),
    )
    trust = TrustStore.of_anchors([CA])
    facts = DocumentFacts(SignatureForm.XADES, signatures=(signature,))
    return report_of(facts, name="a", trust=trust, at=at, revocation=answers)


def outcome(report: Report) -> tuple[Indication, SubIndication | None, tuple[str, ...]]:
    (one,) = report.signatures
    return one.indication, one.sub_indication, tuple(message.code for message in one.errors)


PASSED = (Indication.TOTAL_PASSED, None, ())
OPEN = (Indication.INDETERMINATE, SubIndication.TRY_LATER, ("ocsp.responder-open",))
GONE = (Indication.INDETERMINATE, SubIndication.TRY_LATER, ("ocsp.responder-revoked",))


def test_a_responder_its_issuer_says_need_not_be_asked_about_is_believed() -> None:
    assert outcome(judged(says(UNCHECKED, ANNA))) == PASSED


def test_one_that_names_where_to_ask_is_not_believed_unasked_and_the_report_says_where() -> None:
    report = judged(says(CHECKED, ANNA))
    assert outcome(report) == OPEN
    wanted = {(need.url, need.certificate_sha256) for need in report.needs}
    assert ("http://crl.example/ca.crl", CHECKED.sha256) in wanted


def test_the_issuers_list_settles_it() -> None:
    assert outcome(judged(says(CHECKED, ANNA), lists())) == PASSED


def test_a_revoked_responder_is_not_believed_whatever_date_its_answer_bears() -> None:
    """With the key of a revoked responder anybody can write an answer of the day before."""
    answer = says(CHECKED, ANNA, at=NOW - DAY)
    bad = lists((CHECKED, NOW - HOUR))
    # The list also speaks of Anna, and settles her; so only the answer itself is asked about here.
    report = judged(answer, bad, at=NOW + HOUR)
    assert report.signatures[0].ocsp_time == NOW, "her standing comes from the list, not from the responder"


@pytest.mark.parametrize("by", [CHECKED, NOWHERE], ids=["names a place", "names none"])
def test_a_responder_another_one_calls_revoked_is_not_believed(by: Certificate) -> None:
    second = responder(x509.OCSPNoCheck(), name="Second responder", serial=4)
    assert outcome(judged(says(by, ANNA), says(second, by, revoked=NOW - HOUR))) == GONE
    assert outcome(judged(says(by, ANNA), says(second, by))) == PASSED


def test_a_responder_does_not_vouch_for_itself() -> None:
    assert outcome(judged(says(CHECKED, ANNA), says(CHECKED, CHECKED))) == OPEN


def test_two_that_vouch_for_one_another_are_as_little_believed() -> None:
    second = responder(PLACES, name="Second responder", serial=4)
    answers = (says(CHECKED, ANNA), says(second, CHECKED), says(CHECKED, second))
    assert outcome(judged(*answers)) == OPEN


def test_one_whose_issuer_revokes_it_nowhere_is_believed() -> None:
    """RFC 6960 §4.2.2.2.1 leaves it to whoever asks; there is nobody to ask."""
    assert outcome(judged(says(NOWHERE, ANNA))) == PASSED


def test_an_old_list_does_not_vouch_for_a_later_answer() -> None:
    old = lists(at=NOW - 3 * DAY)
    report = judged(says(CHECKED, ANNA), old)
    assert report.signatures[0].indication is Indication.INDETERMINATE


def test_bad_news_is_heard_even_from_one_nobody_vouches_for() -> None:
    report = judged(says(CHECKED, ANNA, revoked=NOW - HOUR))
    assert report.signatures[0].sub_indication is SubIndication.REVOKED_NO_POE


@pytest.mark.parametrize(
    ("place", "passes"), [("", True), ("http://crl.example/ca.crl", True), ("http://crl.example/ca-2.crl", False)]
)
def test_silence_on_a_list_for_other_certificates_says_nothing(place: str, *, passes: bool) -> None:
    """An issuer may keep several lists, and name in each certificate the one it would stand on."""
    anna = issued("Anna", PLACES, serial=2)
    report = judged(lists(place=place), anna=anna)
    assert (report.signatures[0].indication is Indication.TOTAL_PASSED) is passes
    assert not place or judged(lists(place=place)).signatures[0].indication is Indication.INDETERMINATE
