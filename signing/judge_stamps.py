"""Time stamps judged, the latest first: what each of them proves rests on those that lie over it (§5.4, §5.6.2.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from signing.algorithms import too_weak
from signing.facts import Mathematics, StampKind
from signing.judge_revocation import CLOCKS_DIFFER, revocation_of
from signing.model import Indication, Message, StampReport, SubIndication
from signing.trust_protocol import Purpose

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from signing.facts import Path, StampFacts
    from signing.witness import Witness

__all__ = ["JudgedStamp", "existence", "judge_all", "judge_stamp"]


@dataclass(frozen=True, slots=True)
class JudgedStamp:
    """A stamp with its verdict."""

    facts: StampFacts
    report: StampReport

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


def judge_all(stamps: Sequence[StampFacts], witness: Witness, *, at: datetime) -> tuple[JudgedStamp, ...]:
    """Judge every stamp, the latest first, each at the earliest moment those judged before prove it existed."""
    judged: dict[int, JudgedStamp] = {}
    latest_first = sorted(range(len(stamps)), key=lambda position: stamps[position].time or at, reverse=True)
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


def judge_stamp(  # noqa: PLR0911 - one return for each way a stamp fails, in the standard's order
    stamp: StampFacts, witness: Witness, *, at: datetime, existed: Callable[[str], datetime]
) -> JudgedStamp:
    """Judge one stamp at the moment its existence is known for (§5.4)."""
    authority = stamp.certificate.common_name if stamp.certificate else ""

    def verdict(
        indication: Indication, sub: SubIndication | None, *messages: Message, qualified: bool | None = False
    ) -> JudgedStamp:
        report = StampReport(
            time=stamp.time,
            qualified=qualified,
            authority=authority,
            indication=indication,
            sub_indication=sub,
            messages=messages,
            kind=stamp.kind,
        )
        return JudgedStamp(stamp, report)

    failed, open_ = Indication.TOTAL_FAILED, Indication.INDETERMINATE
    if stamp.time is None:
        return verdict(failed, SubIndication.FORMAT_FAILURE, *stamp.faults)
    if stamp.imprint_matches is False:
        return verdict(failed, SubIndication.HASH_FAILURE, Message.of("stamp.over-other-data", authority=authority))
    if stamp.certificate is None:
        return verdict(open_, SubIndication.NO_SIGNING_CERTIFICATE_FOUND, *stamp.faults)
    if stamp.mathematics is not Mathematics.VALID:
        return verdict(failed, SubIndication.SIG_CRYPTO_FAILURE, Message.of("stamp.broken", authority=authority))
    if stamp.imprint_matches is None:
        message = Message.of("stamp.not-examined", kind=stamp.kind)
        return verdict(open_, SubIndication.SIGNED_DATA_NOT_FOUND, message)
    if stamp.faults:
        return verdict(open_, SubIndication.SIG_CONSTRAINTS_FAILURE, *stamp.faults)
    if stamp.time > at + CLOCKS_DIFFER:
        return verdict(open_, SubIndication.TIMESTAMP_ORDER_FAILURE, Message.of("stamp.order"))
    path = witness.path(stamp.certificate, purpose=Purpose.STAMP, at=stamp.time)
    sub, messages = _trusted(stamp, path, witness, at, existed)
    if sub is not None:
        return verdict(open_, sub, *messages, qualified=None if not path.anchored else False)
    return verdict(Indication.TOTAL_PASSED, None, qualified=witness.stamp_unit_qualified(path, at=stamp.time))


def _trusted(  # noqa: PLR0911 - likewise
    stamp: StampFacts, path: Path, witness: Witness, at: datetime, existed: Callable[[str], datetime]
) -> tuple[SubIndication | None, tuple[Message, ...]]:
    """Ask the path, its validity, its revocation and its algorithms about a stamp that holds together."""
    unit = path.certificates[0]
    moment = stamp.time or at
    if not path.anchored:
        message = Message.of("stamp.chain-not-found", authority=unit.common_name)
        return SubIndication.NO_CERTIFICATE_CHAIN_FOUND, (message,)
    if path.faults or path.out_of_time:
        return SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE, (*path.faults, *path.out_of_time)
    if not unit.valid_at(moment):
        return SubIndication.OUT_OF_BOUNDS_NO_POE, (Message.of("stamp.unit-out-of-time", authority=unit.common_name),)
    if weak := too_weak(stamp.scheme, unit.key, at, hash_names=stamp.digest_names):
        return SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE, (Message.of("algorithm.too-weak", algorithm=weak),)
    if len(path.certificates) == 1:
        return None, ()  # the unit itself is on the list: its later expiry takes nothing away
    if at > unit.not_after:
        return SubIndication.OUT_OF_BOUNDS_NO_POE, (Message.of("stamp.unit-expired", authority=unit.common_name),)
    for child, issuer in zip(path.certificates, path.certificates[1:], strict=False):
        standing = revocation_of(
            child, witness.answers(child, issuer), best=moment, existed=existed, is_signer=child is unit
        )
        if standing.sub_indication is not None:
            return standing.sub_indication, standing.messages
    return None, ()
