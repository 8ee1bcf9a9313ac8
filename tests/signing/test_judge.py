"""The judge on evidence made by hand: no file, no key, no cryptography; only facts, answers and moments."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from signing.judging.algorithms import TS_119_312, AlgorithmTable
from signing.judging.signature import judge_signature
from signing.model import Indication, Message, Qualification, SubIndication
from signing.pki.certificates import Certificate
from signing.pki.keys import KeyFacts, Scheme, SchemeKind
from signing.pki.trust_protocol import Purpose, SignatureStanding
from signing.reading.facts import (
    Path,
    Reference,
    RevocationFacts,
    RevocationStatus,
    SignatureFacts,
    StampFacts,
    StampKind,
    ValueCheck,
)

if TYPE_CHECKING:
    from signing.model import SignatureReport

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FAILED, OPEN, PASSED = Indication.TOTAL_FAILED, Indication.INDETERMINATE, Indication.TOTAL_PASSED
SCHEME = Scheme(SchemeKind.ECDSA, "sha256")


@cache
def certificate(name: str, *, years: int = 2, key: rsa.RSAPrivateKey | None = None) -> Certificate:
    signer = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    start = datetime(2025, 3, 1, tzinfo=UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "CA")]))
        .public_key(signer.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=365 * years))
    )
    return Certificate.from_der(built.sign(signer, SHA256()).public_bytes(Encoding.DER))


SIGNER, CA, UNIT, RESPONDER = (certificate(name) for name in ("Anna Paraudziņa", "CA", "TSA", "OCSP"))
WEAK_CA = certificate("Old CA", key=rsa.generate_private_key(65537, 1024))  # noqa: S505 - weak on purpose


@dataclass
class Witness:
    """Says what a test tells it to say."""

    anchored: bool = True
    given: tuple[RevocationFacts, ...] = ()
    unit_path: Path = field(default_factory=lambda: Path((UNIT,), anchored=True))
    path_faults: tuple[Message, ...] = ()
    algorithms: AlgorithmTable = TS_119_312

    def path(self, certificate: Certificate, *, purpose: Purpose, at: datetime) -> Path:
        del at
        if purpose is Purpose.STAMP:
            return self.unit_path
        return Path((certificate, CA), self.anchored, self.path_faults)

    def answers(self, certificate: Certificate, issuer: Certificate) -> tuple[RevocationFacts, ...]:
        del certificate, issuer
        return self.given

    def stamp_unit_qualified(self, path: Path, *, at: datetime) -> bool | None:
        del path, at
        return True

    def standing(
        self, certificate: Certificate, path: Path, indication: Indication, signed_at: datetime
    ) -> SignatureStanding:
        del certificate, path, signed_at
        return SignatureStanding(Qualification.QESIG if indication is PASSED else Qualification.NOT_ADES)


def answer(**changes: Any) -> RevocationFacts:  # noqa: ANN401 - any field
    made = RevocationFacts(
        kind="ocsp", status=RevocationStatus.GOOD, this_update=NOON, next_update=None, produced_at=NOON, sha256="0c",
        signer=RESPONDER, signer_anchored=False, scheme=SCHEME, signer_key=KeyFacts("ec", 256),
    )  # fmt: skip
    return dataclasses.replace(made, **changes)


def stamp(**changes: Any) -> StampFacts:  # noqa: ANN401 - any field
    made = StampFacts(
        kind=StampKind.SIGNATURE, sha256="57", time=NOON, imprint_matches=True, imprint_hash="sha256",
        value_check=ValueCheck.VALID, certificate=UNIT, scheme=SCHEME,
    )  # fmt: skip
    return dataclasses.replace(made, **changes)


def facts(**changes: Any) -> SignatureFacts:  # noqa: ANN401 - any field
    made = SignatureFacts(
        id="S1", format="XAdES", value_check=ValueCheck.VALID, certificate=SIGNER, scheme=SCHEME,
        references=(Reference("a.txt", found=True, intact=True, digest_name="sha256", covers=("a.txt",)),),
        stamps=(stamp(),), ocsps=(b"",), covers=("a.txt",), covers_everything=True,
    )  # fmt: skip
    return dataclasses.replace(made, **changes)


def judged(
    evidence: SignatureFacts | None = None, *, witness: Witness | None = None, at: datetime = NOON + HOUR
) -> SignatureReport:
    return judge_signature(evidence or facts(), witness or Witness(given=(answer(),)), at=at).report


def verdict(report: SignatureReport) -> tuple[Indication, SubIndication | None]:
    return report.indication, report.sub_indication


def test_sound_facts_and_a_good_answer_pass() -> None:
    report = judged()
    assert verdict(report) == (PASSED, None)
    assert (report.level, report.best_signature_time, report.qualification) == ("LT", NOON, Qualification.QESIG)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"format_faults": (Message("xades.several-properties"),)}, (FAILED, SubIndication.FORMAT_FAILURE)),
        (
            {"references": (Reference("a", found=True, intact=False, digest_name="sha256"),)},
            (FAILED, SubIndication.HASH_FAILURE),
        ),
        ({"value_check": ValueCheck.INVALID}, (FAILED, SubIndication.SIG_CRYPTO_FAILURE)),
        ({"value_check": ValueCheck.UNKNOWN}, (OPEN, SubIndication.CRYPTO_CONSTRAINTS_FAILURE)),
        (
            {"references": (Reference("a", found=False, intact=False, digest_name="sha256"),)},
            (OPEN, SubIndication.SIGNED_DATA_NOT_FOUND),
        ),
        (
            {"certificate": None, "certificate_faults": (Message("certificate.none"),)},
            (OPEN, SubIndication.NO_SIGNING_CERTIFICATE_FOUND),
        ),
        ({"certificate_faults": (Message("certificate.not-bound"),)}, (OPEN, SubIndication.SIG_CONSTRAINTS_FAILURE)),
        ({"constraint_faults": (Message("xades.no-properties"),)}, (OPEN, SubIndication.SIG_CONSTRAINTS_FAILURE)),
    ],
)
def test_what_no_trust_can_mend(change: dict[str, object], expected: tuple[Indication, SubIndication]) -> None:
    assert verdict(judged(facts(**change))) == expected


def test_a_defect_outweighs_a_missing_anchor() -> None:
    report = judged(facts(value_check=ValueCheck.INVALID), witness=Witness(anchored=False))
    assert verdict(report) == (FAILED, SubIndication.SIG_CRYPTO_FAILURE)
    assert "chain.not-found" in {message.code for message in report.errors}, "and the other objection is told too"


def test_without_an_anchor_nothing_is_known() -> None:
    assert verdict(judged(witness=Witness(anchored=False))) == (OPEN, SubIndication.NO_CERTIFICATE_CHAIN_FOUND)


def test_without_an_answer_it_has_to_be_asked_again() -> None:
    judgement = judge_signature(facts(), Witness(), at=NOON + HOUR)
    assert verdict(judgement.report) == (OPEN, SubIndication.TRY_LATER)
    assert judgement.unsettled == ((SIGNER, CA),)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (answer(status=RevocationStatus.REVOKED, revoked_at=NOON - HOUR), (OPEN, SubIndication.REVOKED_NO_POE)),
        (answer(status=RevocationStatus.REVOKED, revoked_at=NOON + HOUR / 2), (PASSED, None)),
        (answer(status=RevocationStatus.ON_HOLD, revoked_at=NOON - HOUR), (OPEN, SubIndication.TRY_LATER)),
        (answer(status=RevocationStatus.UNKNOWN), (OPEN, SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE)),
        (answer(this_update=NOON - HOUR, produced_at=NOON - HOUR), (PASSED, None)),
        (
            answer(this_update=NOON - 48 * HOUR, produced_at=NOON - 48 * HOUR),
            (OPEN, SubIndication.TRY_LATER),
        ),
        (answer(this_update=NOON - 48 * HOUR, next_update=NOON + HOUR), (PASSED, None)),
        (answer(this_update=NOON - 5 * HOUR, next_update=NOON - 2 * HOUR), (OPEN, SubIndication.TRY_LATER)),
        (answer(this_update=NOON - 5 * HOUR, next_update=NOON - HOUR / 2), (PASSED, None)),
        (answer(this_update=NOON - 5 * HOUR, next_update=NOON - 5 * HOUR), (PASSED, None)),
        (
            answer(this_update=NOON - 5 * HOUR, next_update=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
            (PASSED, None),
        ),
        (answer(signer_issuer=WEAK_CA), (OPEN, SubIndication.TRY_LATER)),
        (answer(this_update=SIGNER.not_before - HOUR), (OPEN, SubIndication.TRY_LATER)),
        (answer(scheme=Scheme(SchemeKind.ECDSA, "sha1")), (OPEN, SubIndication.TRY_LATER)),
        (answer(produced_at=NOON + 48 * HOUR), (OPEN, SubIndication.TRY_LATER)),
    ],
)
def test_what_answers_are_worth(given: RevocationFacts, expected: tuple[Indication, SubIndication | None]) -> None:
    assert verdict(judged(witness=Witness(given=(given,)))) == expected


def test_a_revocation_outweighs_a_good_answer() -> None:
    given = (answer(), answer(status=RevocationStatus.REVOKED, revoked_at=NOON - HOUR, sha256="0d"))
    assert verdict(judged(witness=Witness(given=given))) == (OPEN, SubIndication.REVOKED_NO_POE)


@pytest.mark.parametrize(
    "change",
    [
        {"signer": certificate("OCSP of old", years=1)},
        {"scheme": Scheme(SchemeKind.ECDSA, "sha1")},
        {"signer_issuer": WEAK_CA},
    ],
)
def test_a_revocation_is_heard_from_who_could_vouch_for_nobody_any_more(change: dict[str, Any]) -> None:
    late = NOON + 24 * HOUR
    revoked = answer(status=RevocationStatus.REVOKED, revoked_at=NOON - HOUR, **change)
    assert verdict(judged(witness=Witness(given=(revoked,)), at=late)) == (OPEN, SubIndication.REVOKED_NO_POE)
    good = answer(**change)
    assert verdict(judged(witness=Witness(given=(good,)), at=late)) == (OPEN, SubIndication.TRY_LATER)


def test_what_cannot_be_computed_is_not_called_broken() -> None:
    report = judged(facts(value_check=ValueCheck.UNKNOWN))
    assert verdict(report) == (OPEN, SubIndication.CRYPTO_CONSTRAINTS_FAILURE)
    assert {one.code for one in report.errors} == {"signature.algorithm-unknown"}


@pytest.mark.parametrize(
    ("code", "sub"),
    [
        ("reference.digest-unknown", SubIndication.CRYPTO_CONSTRAINTS_FAILURE),
        ("reference.transform-refused", SubIndication.SIGNED_DATA_NOT_FOUND),
    ],
)
def test_a_reference_that_cannot_be_computed_is_not_called_changed(code: str, sub: SubIndication) -> None:
    reference = Reference("a.txt", found=True, intact=False, digest_name="", computed=False)
    report = judged(facts(references=(reference,), reference_faults=(Message(code),)))
    assert verdict(report) == (OPEN, sub)
    changed = dataclasses.replace(reference, computed=True)
    both = facts(references=(reference, changed), reference_faults=(Message(code), Message("reference.changed")))
    assert verdict(judged(both)) == (FAILED, SubIndication.HASH_FAILURE)


@pytest.mark.parametrize("change", [{"value_check": ValueCheck.UNKNOWN}, {"imprint_hash": "", "imprint_matches": None}])
def test_a_stamp_that_cannot_be_computed_is_not_called_forged(change: dict[str, Any]) -> None:
    report = judged(facts(stamps=(stamp(**change),)))
    assert report.stamps[0].sub_indication is SubIndication.CRYPTO_CONSTRAINTS_FAILURE
    assert [one.code for one in report.stamps[0].messages] == ["stamp.algorithm-unknown"]
    assert report.best_signature_time is None


def test_a_broken_stamp_proves_no_time_and_an_expired_certificate_then_fails() -> None:
    late = SIGNER.not_after + HOUR
    good = (answer(signer_anchored=True),)
    assert verdict(judged(witness=Witness(given=good), at=late)) == (PASSED, None)
    broken = facts(stamps=(stamp(imprint_matches=False),))
    report = judged(broken, witness=Witness(given=good), at=late)
    assert verdict(report) == (OPEN, SubIndication.OUT_OF_BOUNDS_NO_POE)
    assert report.best_signature_time is None


def test_a_signature_older_than_its_certificate() -> None:
    early = facts(stamps=(stamp(time=SIGNER.not_before - HOUR),))
    witness = Witness(given=(answer(),), unit_path=Path((certificate("Old TSA", years=9),), anchored=True))
    early = facts(stamps=(stamp(time=SIGNER.not_before - HOUR),))
    # The unit's own certificate has to have been alive then, or its stamp proves nothing.
    assert judged(early, witness=witness).best_signature_time is None


def test_an_archive_stamp_keeps_an_answer_alive_after_its_responder_has_expired() -> None:
    late = RESPONDER.not_after + HOUR
    assert verdict(judged(at=late)) == (OPEN, SubIndication.TRY_LATER)
    archived = facts(
        stamps=(stamp(), stamp(kind=StampKind.ARCHIVE, sha256="58", time=NOON + HOUR, proves=frozenset({"0c", "57"})))
    )
    report = judged(archived, at=late)
    assert verdict(report) == (PASSED, None)
    assert report.level == "LTA"


def test_an_archive_stamp_that_does_not_lie_over_the_answer_keeps_nothing() -> None:
    late = RESPONDER.not_after + HOUR
    archived = facts(stamps=(stamp(), stamp(kind=StampKind.ARCHIVE, sha256="58", proves=frozenset({"ff"}))))
    assert verdict(judged(archived, at=late)) == (OPEN, SubIndication.TRY_LATER)


def test_a_stamp_whose_unit_is_not_on_the_list_itself_ends_with_its_certificate() -> None:
    below = Witness(given=(answer(signer_anchored=True),), unit_path=Path((UNIT, CA), anchored=True))
    assert judged(witness=below).best_signature_time == NOON
    assert judged(witness=below, at=UNIT.not_after + HOUR).best_signature_time is None


class TwoUnits(Witness):
    """Every unit but one is on the list itself."""

    def path(self, certificate: Certificate, *, purpose: Purpose, at: datetime) -> Path:
        listed = purpose is Purpose.STAMP and certificate is not UNIT
        return Path((certificate,), anchored=True) if listed else super().path(certificate, purpose=purpose, at=at)


def below(*given: RevocationFacts) -> Witness:
    """A unit that an authority on the list issued: it has to be asked about."""
    return Witness(given=(answer(signer_anchored=True), *given), unit_path=Path((UNIT, CA), anchored=True))


def test_a_unit_revoked_after_the_time_it_gives_may_have_dated_the_stamp_back() -> None:
    revoked = answer(
        status=RevocationStatus.REVOKED, revoked_at=NOON + HOUR / 2, this_update=NOON + HOUR, produced_at=NOON + HOUR,
        sha256="0d", signer_anchored=True,
    )  # fmt: skip
    report = judged(witness=below(revoked))
    assert report.stamps[0].sub_indication is SubIndication.REVOKED_NO_POE
    assert report.best_signature_time is None


def test_a_later_stamp_shows_that_a_stamp_is_older_than_the_revocation_of_its_unit() -> None:
    revoked = answer(
        status=RevocationStatus.REVOKED, revoked_at=NOON + HOUR, this_update=NOON + HOUR, produced_at=NOON + HOUR,
        sha256="0d", signer_anchored=True,
    )  # fmt: skip

    witness = TwoUnits(given=(answer(signer_anchored=True), revoked), unit_path=Path((UNIT, CA), anchored=True))
    over = stamp(
        kind=StampKind.ARCHIVE, sha256="58", time=NOON + HOUR / 2, proves=frozenset({"57"}), certificate=RESPONDER
    )
    report = judged(facts(stamps=(stamp(), over)), witness=witness, at=NOON + 2 * HOUR)
    assert [one.sub_indication for one in report.stamps] == [None, None]
    assert report.best_signature_time == NOON


@pytest.mark.parametrize("archive_first", [True, False])
def test_of_two_stamps_of_one_second_the_one_over_the_other_is_judged_first(archive_first: bool) -> None:  # noqa: FBT001
    late = UNIT.not_after + HOUR

    witness = TwoUnits(given=(answer(signer_anchored=True),), unit_path=Path((UNIT, CA), anchored=True))
    over = stamp(kind=StampKind.ARCHIVE, sha256="58", proves=frozenset({"57"}), certificate=RESPONDER)
    both = (over, stamp()) if archive_first else (stamp(), over)
    report = judged(facts(stamps=both), witness=witness, at=late)
    assert [one.sub_indication for one in report.stamps] == [None, None]


def test_a_unit_nobody_has_been_asked_about_is_named_with_its_issuer() -> None:
    judgement = judge_signature(facts(), Witness(unit_path=Path((UNIT, CA), anchored=True)), at=NOON + HOUR)
    assert judgement.report.stamps[0].sub_indication is SubIndication.TRY_LATER
    assert judgement.unsettled == ((UNIT, CA), (SIGNER, CA))


def test_a_stamp_is_no_stronger_than_what_its_unit_was_issued_with() -> None:
    witness = Witness(given=(answer(signer_anchored=True),), unit_path=Path((UNIT, WEAK_CA), anchored=True))
    assert judged(witness=witness).stamps[0].sub_indication is SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE


def test_a_content_stamp_does_not_prove_when_the_signature_was_made() -> None:
    report = judged(facts(stamps=(stamp(kind=StampKind.CONTENT),)))
    assert report.best_signature_time is None
    assert report.level == "B"


def test_a_content_stamp_cannot_be_later_than_the_signature() -> None:
    report = judged(facts(stamps=(stamp(kind=StampKind.CONTENT, sha256="56", time=NOON + HOUR / 2), stamp())))
    assert verdict(report) == (OPEN, SubIndication.TIMESTAMP_ORDER_FAILURE)


@pytest.mark.parametrize(
    ("change", "sub"),
    [
        ({"imprint_matches": False}, SubIndication.HASH_FAILURE),
        ({"value_check": ValueCheck.INVALID}, SubIndication.SIG_CRYPTO_FAILURE),
        ({"certificate": None}, SubIndication.NO_SIGNING_CERTIFICATE_FOUND),
        ({"faults": (Message("stamp.certificate-not-bound"),)}, SubIndication.SIG_CONSTRAINTS_FAILURE),
        ({"imprint_hash": "sha1", "digest_names": ("sha1",)}, SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE),
        ({"time": NOON + 3 * HOUR}, SubIndication.TIMESTAMP_ORDER_FAILURE),
        ({"imprint_matches": None}, SubIndication.SIGNED_DATA_NOT_FOUND),
    ],
)
def test_stamps_that_prove_nothing(change: dict[str, object], sub: SubIndication) -> None:
    report = judged(facts(stamps=(stamp(**change),)))
    assert report.stamps[0].sub_indication is sub
    assert report.best_signature_time is None


def test_a_weak_algorithm_counts_as_of_the_time_it_was_used() -> None:
    weak = facts(scheme=Scheme(SchemeKind.ECDSA, "sha1"))
    assert verdict(judged(weak)) == (OPEN, SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE)


def test_faults_on_the_way_to_the_anchor() -> None:
    witness = Witness(given=(answer(),), path_faults=(Message("chain.not-an-issuer"),))
    assert verdict(judged(witness=witness)) == (OPEN, SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE)
