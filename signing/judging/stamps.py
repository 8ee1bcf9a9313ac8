"""Since when does it exist? Time stamps judged, the latest first (EN 319 102-1 §5.4, §5.6.2.3, §5.6.2.4).

What a stamp proves rests on those that lie over it: the latest is judged at the moment of judging, each earlier one at
the moment the later ones prove it existed. `signing.cms.timestamp_tokens` reads them; `signing.judging.signature`
takes the best signature time from what passes, and asks `existence` since when each revocation answer can be relied on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signing.judging.algorithms import too_weak
from signing.judging.revocation import CLOCKS_DIFFER, left_open, revocation_of
from signing.judging.stamp_particulars import stamp_particulars_of
from signing.model import Indication, Message, StampReport, SubIndication
from signing.pki.trust_protocol import Purpose
from signing.reading.facts import StampKind, ValueCheck

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from signing.judging.revocation import RevocationVerdict
    from signing.judging.witness import Witness
    from signing.pki.certificates import Certificate
    from signing.reading.facts import Path, StampFacts

__all__ = ["JudgedStamp", "existence", "judge_stamp", "judge_stamps"]


@dataclass(frozen=True, slots=True)
class JudgedStamp:
    """A stamp with its verdict.

    `unsettled` are the certificates under its unit's anchor that somebody has to be asked about, each with its issuer.
    """

    facts: StampFacts
    report: StampReport
    unsettled: tuple[tuple[Certificate, Certificate], ...] = ()

    @property
    def time(self) -> datetime | None:
        """The time it gives."""
        return self.facts.time

    @property
    def passed(self) -> bool:
        """It proves something."""
        return self.report.indication is Indication.TOTAL_PASSED

    @property
    def proves_signature(self) -> bool:
        """It proves that the signature existed: a content stamp lies under it, one over references beside it."""
        return self.passed and self.facts.kind not in {StampKind.CONTENT, StampKind.REFERENCES}


def judge_stamps(stamps: Sequence[StampFacts], witness: Witness, *, at: datetime) -> tuple[JudgedStamp, ...]:
    """Judge every stamp, the latest first, each at the earliest moment those judged before prove it existed.

    Stamps of one second are common, because times are whole seconds: of these the one over more comes first.
    """
    judged: dict[int, JudgedStamp] = {}
    latest_first = sorted(
        range(len(stamps)), key=lambda one: (stamps[one].time or at, len(stamps[one].proves), one), reverse=True
    )
    for position in latest_first:
        existed = existence(tuple(judged.values()), at)
        judged[position] = judge_stamp(stamps[position], witness, at=existed(stamps[position].sha256), existed=existed)
    return tuple(judged[position] for position in range(len(stamps)))


def existence(stamps: Sequence[JudgedStamp], at: datetime) -> Callable[[str], datetime]:
    """Return a function from a blob's SHA-256 to the earliest moment a passed stamp proves it existed, else `at`."""

    def since(sha256: str) -> datetime:
        return min(
            [at, *(one.time for one in stamps if one.passed and one.time is not None and sha256 in one.facts.proves)]
        )

    return since


def judge_stamp(  # noqa: C901, PLR0911 - one return for each way a stamp fails, in the standard's order
    stamp: StampFacts, witness: Witness, *, at: datetime, existed: Callable[[str], datetime]
) -> JudgedStamp:
    """Judge one stamp at the moment its existence is known for (§5.4)."""
    authority = stamp.certificate.common_name if stamp.certificate else ""

    def verdict(
        indication: Indication,
        sub: SubIndication | None,
        *messages: Message,
        qualified: bool | None = False,
        unsettled: tuple[tuple[Certificate, Certificate], ...] = (),
    ) -> JudgedStamp:
        report = StampReport(
            time=stamp.time,
            qualified=qualified,
            authority=authority,
            indication=indication,
            sub_indication=sub,
            messages=messages,
            kind=stamp.kind,
            particulars=stamp_particulars_of(stamp),
        )
        return JudgedStamp(stamp, report, unsettled)

    failed, open_ = Indication.TOTAL_FAILED, Indication.INDETERMINATE
    if stamp.time is None:
        return verdict(failed, SubIndication.FORMAT_FAILURE, *stamp.faults)
    if stamp.imprint_matches is False:
        return verdict(failed, SubIndication.HASH_FAILURE, Message.of("stamp.over-other-data", authority=authority))
    if stamp.certificate is None:
        return verdict(open_, SubIndication.NO_SIGNING_CERTIFICATE_FOUND, *stamp.faults)
    if stamp.value_check is ValueCheck.UNKNOWN or not stamp.imprint_hash:
        message = Message.of("stamp.algorithm-unknown", authority=authority)
        return verdict(open_, SubIndication.CRYPTO_CONSTRAINTS_FAILURE, message)
    if stamp.value_check is ValueCheck.INVALID:
        return verdict(failed, SubIndication.SIG_CRYPTO_FAILURE, Message.of("stamp.broken", authority=authority))
    if stamp.imprint_matches is None:
        message = Message.of("stamp.not-examined", kind=stamp.kind)
        return verdict(open_, SubIndication.SIGNED_DATA_NOT_FOUND, message)
    if stamp.faults:
        return verdict(open_, SubIndication.SIG_CONSTRAINTS_FAILURE, *stamp.faults)
    if stamp.time > at + CLOCKS_DIFFER:
        return verdict(open_, SubIndication.TIMESTAMP_ORDER_FAILURE, Message.of("stamp.order"))
    path = witness.path(stamp.certificate, purpose=Purpose.STAMP, at=stamp.time)
    sub, messages, unsettled = _trusted(stamp, path, witness, at, existed)
    if sub is not None:
        return verdict(open_, sub, *messages, qualified=None if not path.anchored else False, unsettled=unsettled)
    return verdict(Indication.TOTAL_PASSED, None, qualified=witness.stamp_unit_qualified(path, at=stamp.time))


def _trusted(
    stamp: StampFacts, path: Path, witness: Witness, at: datetime, existed: Callable[[str], datetime]
) -> tuple[SubIndication | None, tuple[Message, ...], tuple[tuple[Certificate, Certificate], ...]]:
    """Ask the path, its validity and its algorithms about a stamp that holds together and is known since `at`."""
    unit = path.certificates[0]
    if not path.anchored:
        message = Message.of("stamp.chain-not-found", authority=unit.common_name)
        return SubIndication.NO_CERTIFICATE_CHAIN_FOUND, (message,), ()
    if path.faults or path.out_of_time:
        return SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE, (*path.faults, *path.out_of_time), ()
    used = stamp.time or at
    if not unit.valid_at(used):
        message = Message.of("stamp.unit-out-of-time", authority=unit.common_name)
        return SubIndication.OUT_OF_BOUNDS_NO_POE, (message,), ()
    below_anchor = zip(path.certificates, path.certificates[1:], strict=False)
    weak = [too_weak(stamp.scheme, unit.key, at, hash_names=stamp.digest_names, table=witness.algorithms)]
    weak += [too_weak(child.scheme, issuer.key, at, table=witness.algorithms) for child, issuer in below_anchor]
    if named := [name for name in dict.fromkeys(weak) if name]:
        messages = tuple(Message.of("algorithm.too-weak", algorithm=name) for name in named)
        return SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE, messages, ()
    # A unit that is on the list itself is its own anchor: its later expiry takes nothing away.
    if len(path.certificates) > 1 and at > unit.not_after:
        message = Message.of("stamp.unit-expired", authority=unit.common_name)
        return SubIndication.OUT_OF_BOUNDS_NO_POE, (message,), ()
    return _unrevoked(path, witness, used=used, known_since=at, existed=existed)


def _unrevoked(
    path: Path, witness: Witness, *, used: datetime, known_since: datetime, existed: Callable[[str], datetime]
) -> tuple[SubIndication | None, tuple[Message, ...], tuple[tuple[Certificate, Certificate], ...]]:
    """Ask about every certificate below the anchor, fresh for the time it was used; return what is open as well.

    Revoked counts up to when the stamp is proven to exist, not up to the time it gives (EN 319 102-1 §5.6.2.4):
    the time is the unit's own word. RFC 3161 §4 would forgive a unit that was only taken out of service; here, as in
    the standard, a later stamp over it has to show that it is older.
    """
    verdicts: list[tuple[tuple[Certificate, Certificate], RevocationVerdict]] = []
    for child, issuer in zip(path.certificates, path.certificates[1:], strict=False):
        verdict = revocation_of(
            child, witness.answers(child, issuer), best=used, existed=existed,
            is_signer=child is path.certificates[0], known_since=known_since, algorithms=witness.algorithms,
        )  # fmt: skip
        verdicts.append(((child, issuer), verdict))
    bad = next((verdict for _, verdict in verdicts if verdict.sub_indication is not None), None)
    if bad is None:
        return None, (), ()
    return bad.sub_indication, bad.messages, left_open(verdicts)
