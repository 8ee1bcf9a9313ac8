"""One signature's verdict by EN 319 102-1, a pure function of facts, what a witness answers, and the moment.

    (1) format, reference, certificate and signature value: what no trust can mend               §5.2.2 to 5.2.7
    (2) archive and document stamps, the latest first: each proves what lies under it              §5.6
    (3) signature stamps; the best signature time is the earliest proven one, else the moment     §5.5
    (4) the path to an anchor, and the certificate's own validity at that time                     §5.2.6
    (5) revocation of every certificate below the anchor, fresh for that time                      §5.2.5
    (6) algorithms, each at the time it is proven to have been used                                §5.2.8
    (7) what the signature is in law                                                               TS 119 615

Before: parsers made the facts (`signing.reading.facts`), and `signing.judging.witness` stands ready with what is known
of certificates. After: `signing.verification` puts the reports of all signatures together, and a policy says whether
one is enough.

Every objection is kept; the indication is that of the first in this order, because what comes later is only as
true as what stands before it. `best` is the best signature time: the earliest proven one, else `at`, the moment judged
at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signing.judging.algorithms import TS_119_312, too_weak
from signing.judging.commitment import commits
from signing.judging.particulars import particulars_of
from signing.judging.revocation import left_open, revocation_of
from signing.judging.stamps import existence, judge_stamps
from signing.model import (
    Indication,
    Message,
    Qualification,
    SignatureReport,
    SubIndication,
)
from signing.pki.trust_protocol import Purpose
from signing.reading.facts import StampKind, ValueCheck

if TYPE_CHECKING:
    from datetime import datetime

    from signing.judging.algorithms import AlgorithmTable
    from signing.judging.revocation import RevocationVerdict
    from signing.judging.stamps import JudgedStamp
    from signing.judging.witness import Witness
    from signing.pki.certificates import Certificate
    from signing.reading.facts import Path, RevocationFacts, SignatureFacts

__all__ = ["JudgedSignature", "judge_signature"]


@dataclass(slots=True)
class _Findings:
    """What has been objected so far; the first objection gives the indication."""

    indication: Indication = Indication.TOTAL_PASSED
    sub_indication: SubIndication | None = None
    errors: list[Message] = field(default_factory=list)
    warnings: list[Message] = field(default_factory=list)

    def object(self, indication: Indication, sub_indication: SubIndication, *messages: Message) -> None:
        """Add an objection."""
        if self.indication is Indication.TOTAL_PASSED:
            self.indication, self.sub_indication = indication, sub_indication
        self.errors += [message for message in messages if message not in self.errors]


@dataclass(frozen=True, slots=True)
class JudgedSignature:
    """The verdict, and the certificates whose revocation could not be settled, each with its issuer.

    These are the stamps' units, the signer and whoever stands above them, and responders nobody vouches for yet.
    """

    report: SignatureReport
    unsettled: tuple[tuple[Certificate, Certificate], ...] = ()


def judge_signature(
    facts: SignatureFacts, witness: Witness, *, at: datetime, container_faults: tuple[Message, ...] = ()
) -> JudgedSignature:
    """Judge one signature at a moment; `container_faults` concern the file it stands in."""
    findings = _Findings(warnings=list(facts.warnings))
    _judge_form(facts, container_faults, findings)  # (1)
    stamps = judge_stamps(facts.stamps, witness, at=at)  # (2)
    best = _best_time(stamps, at, findings)  # (3)
    unsettled = tuple(pair for stamp in stamps for pair in stamp.unsettled)
    path, ocsp_time = None, None
    answers: tuple[RevocationFacts, ...] = ()
    if facts.certificate is not None:
        path = witness.path(facts.certificate, purpose=Purpose.SIGNER, at=best)
        _judge_path(facts.certificate, path, best, findings)  # (4)
        verdicts, answers = _judge_revocation(path, witness, stamps, best, at, findings)  # (5)
        unsettled += left_open(verdicts)
        ocsp_time = next((verdict.answered_at for _, verdict in verdicts[:1]), None)
        _judge_algorithms(facts, path, witness.algorithms, best, findings)  # (6)
    qualification = _qualify(facts.certificate, path, findings, witness, best)  # (7)
    passed = findings.indication is Indication.TOTAL_PASSED
    if_sound = qualification if passed else _if_sound(facts.certificate, path, witness, best)
    proven = any(stamp.proves_signature for stamp in stamps)
    return JudgedSignature(
        SignatureReport(
            id=facts.id,
            format=facts.format,
            level=_level(facts, stamps, ocsp_time),
            indication=findings.indication,
            sub_indication=findings.sub_indication,
            qualification=qualification,
            if_sound=if_sound,
            signer=facts.certificate.signer() if facts.certificate else None,
            claimed_signing_time=facts.claimed_time,
            best_signature_time=best if proven else None,
            stamps=tuple(stamp.report for stamp in stamps),
            ocsp_time=ocsp_time,
            covers=facts.covers,
            covers_everything=facts.covers_everything,
            errors=tuple(findings.errors),
            warnings=tuple(dict.fromkeys(findings.warnings)),
            counter_signature=facts.counter_signature,
            particulars=particulars_of(facts, path=path, stamps=stamps, answers=answers),
        ),
        unsettled,
    )


def _judge_form(facts: SignatureFacts, container_faults: tuple[Message, ...], findings: _Findings) -> None:
    """(1) Everything that is wrong whatever anybody trusts."""
    failed, open_ = Indication.TOTAL_FAILED, Indication.INDETERMINATE
    if facts.format_faults:
        findings.object(failed, SubIndication.FORMAT_FAILURE, *facts.format_faults)
    missing = [one for one in facts.references if not one.found]
    differs = [one for one in facts.references if one.found and not one.intact]
    if any(one.computed for one in differs):
        findings.object(failed, SubIndication.HASH_FAILURE, *facts.reference_faults)
    if facts.certificate is not None and facts.value_check is ValueCheck.INVALID:
        findings.object(failed, SubIndication.SIG_CRYPTO_FAILURE, Message.of("signature.broken"))
    if missing:
        findings.object(open_, SubIndication.SIGNED_DATA_NOT_FOUND, *facts.reference_faults)
    # What nobody here can compute is neither right nor wrong: only a value that was computed fails (§5.2.7).
    if differs and not all(one.computed for one in differs):
        unknown_hash = any(fault.code == "reference.digest-unknown" for fault in facts.reference_faults)
        sub = SubIndication.CRYPTO_CONSTRAINTS_FAILURE if unknown_hash else SubIndication.SIGNED_DATA_NOT_FOUND
        findings.object(open_, sub, *facts.reference_faults)
    if facts.certificate is not None and facts.value_check is ValueCheck.UNKNOWN and not missing:
        unusable = facts.certificate.public_key is None
        code = "signature.key-unknown" if unusable else "signature.algorithm-unknown"
        findings.object(open_, SubIndication.CRYPTO_CONSTRAINTS_FAILURE, Message.of(code))
    if facts.certificate_faults:
        not_bound = any(fault.code == "certificate.not-bound" for fault in facts.certificate_faults)
        sub = SubIndication.SIG_CONSTRAINTS_FAILURE if not_bound else SubIndication.NO_SIGNING_CERTIFICATE_FOUND
        findings.object(open_, sub, *facts.certificate_faults)
    if facts.constraint_faults:
        findings.object(open_, SubIndication.SIG_CONSTRAINTS_FAILURE, *facts.constraint_faults)
    for fault in container_faults:
        # That every file be signed is our constraint; how a container is built is the format's (EN 319 162-1).
        ours = fault.code == "container.file-not-signed"
        sub = SubIndication.SIG_CONSTRAINTS_FAILURE if ours else SubIndication.FORMAT_FAILURE
        findings.object(open_, sub, fault)


def _best_time(stamps: tuple[JudgedStamp, ...], at: datetime, findings: _Findings) -> datetime:
    """(3) The earliest moment at which a passed stamp shows the signature existed; claimed times count for nothing."""
    proven = [stamp.time for stamp in stamps if stamp.proves_signature and stamp.time is not None]
    best = min([at, *proven])
    for stamp in stamps:
        if stamp.report.indication is not Indication.TOTAL_PASSED:
            findings.warnings += stamp.report.messages
        elif stamp.report.kind == StampKind.CONTENT and stamp.time is not None and stamp.time > best:
            findings.object(Indication.INDETERMINATE, SubIndication.TIMESTAMP_ORDER_FAILURE, Message.of("stamp.order"))
    if stamps and not proven:
        # A signature that brought a stamp and cannot use it is weaker than it looks: say so beside the verdict.
        findings.warnings.append(Message.of("stamp.none-valid"))
    return best


def _judge_path(certificate: Certificate, path: Path, best: datetime, findings: _Findings) -> None:
    """(4) An anchor, a path to it, and a certificate that was alive at the best signature time."""
    open_ = Indication.INDETERMINATE
    if not path.anchored:
        findings.object(
            open_,
            SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
            Message.of("chain.not-found", issuer=path.certificates[-1].issuer_common_name),
        )
    elif path.faults or path.out_of_time:
        findings.object(open_, SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE, *path.faults, *path.out_of_time)
    if not commits(certificate):
        findings.object(open_, SubIndication.CHAIN_CONSTRAINTS_FAILURE, Message.of("certificate.not-for-signing"))
    if best < certificate.not_before:
        findings.object(Indication.TOTAL_FAILED, SubIndication.NOT_YET_VALID, Message.of("certificate.not-yet-valid"))
    elif best > certificate.not_after:
        findings.object(open_, SubIndication.OUT_OF_BOUNDS_NO_POE, Message.of("certificate.expired"))


def _judge_revocation(
    path: Path, witness: Witness, stamps: tuple[JudgedStamp, ...], best: datetime, at: datetime, findings: _Findings
) -> tuple[list[tuple[tuple[Certificate, Certificate], RevocationVerdict]], tuple[RevocationFacts, ...]]:
    """(5) Every certificate below the anchor was good at the best signature time, by an answer fresh enough.

    Returns how each stood, and every answer about the signer's own.
    """
    if not path.anchored:
        return [], ()
    existed = existence(stamps, at)
    verdicts: list[tuple[tuple[Certificate, Certificate], RevocationVerdict]] = []
    of_signer: tuple[RevocationFacts, ...] = ()
    for child, issuer in zip(path.certificates, path.certificates[1:], strict=False):
        answers = witness.answers(child, issuer)
        is_signer = child is path.certificates[0]
        of_signer = answers if is_signer else of_signer
        verdict = revocation_of(
            child, answers, best=best, existed=existed, is_signer=is_signer, algorithms=witness.algorithms
        )
        verdicts.append(((child, issuer), verdict))
        if verdict.sub_indication is not None:
            findings.object(Indication.INDETERMINATE, verdict.sub_indication, *verdict.messages)
        else:
            findings.warnings += verdict.messages
    return verdicts, of_signer


def _judge_algorithms(
    facts: SignatureFacts, path: Path, algorithms: AlgorithmTable, best: datetime, findings: _Findings
) -> None:
    """(6) What the signature and the path rest on was sound at the best signature time."""
    weak = []
    digests = [one.digest_name for one in facts.references]
    if facts.certificate is not None and facts.value_check is not ValueCheck.UNKNOWN:
        weak.append(too_weak(facts.scheme, facts.certificate.key, best, hash_names=digests, table=algorithms))
    below_anchor = zip(path.certificates, path.certificates[1:], strict=False) if path.anchored else ()
    # That each is really signed by the next was found with the path; here only the strength is asked about.
    weak += [too_weak(child.scheme, parent.key, best, table=algorithms) for child, parent in below_anchor]
    if algorithms is not TS_119_312 and facts.certificate is not None:
        # An algorithm that TS 119 312 refuses and this table accepts gives a warning.
        lapsed = too_weak(facts.scheme, facts.certificate.key, best, hash_names=digests)
        findings.warnings += [Message.of("algorithm.weak", algorithm=lapsed)] if lapsed and not any(weak) else []
    if named := [name for name in weak if name]:
        findings.object(
            Indication.INDETERMINATE,
            SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE,
            *(Message.of("algorithm.too-weak", algorithm=name) for name in dict.fromkeys(named)),
        )


def _qualify(
    certificate: Certificate | None, path: Path | None, findings: _Findings, witness: Witness, best: datetime
) -> Qualification:
    """(7) Ask the lists; a signature that failed has no standing."""
    if certificate is None or path is None or findings.indication is Indication.TOTAL_FAILED:
        return Qualification.NOT_ADES
    standing = witness.standing(certificate, path, findings.indication, best)
    findings.warnings += standing.reasons
    return standing.qualification


def _if_sound(certificate: Certificate | None, path: Path | None, witness: Witness, best: datetime) -> Qualification:
    """Ask the lists what the signature would be if nothing else were wrong with it: TS 119 172-4's levels name that."""
    if certificate is None or path is None:
        return Qualification.NOT_ADES
    return witness.standing(certificate, path, Indication.TOTAL_PASSED, best).qualification


def _level(facts: SignatureFacts, stamps: tuple[JudgedStamp, ...], ocsp_time: datetime | None) -> str:
    # A stamp over something else adds nothing to the level.
    kinds = {stamp.report.kind for stamp in stamps if stamp.report.indication is not Indication.TOTAL_FAILED}
    stamped = StampKind.SIGNATURE in kinds or StampKind.DOCUMENT in kinds
    has_revocation = bool(facts.ocsps or facts.crls) and ocsp_time is not None
    if stamped and has_revocation:
        return (
            "LTA" if kinds & {StampKind.ARCHIVE, StampKind.DOCUMENT} and len(kinds - {StampKind.CONTENT}) > 1 else "LT"
        )
    return "T" if stamped else "B"
