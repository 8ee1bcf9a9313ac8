"""How do SiVa's policies change a verdict? POLv3 and POLv4 of its validation policy document, rule by rule.

Everywhere else the indication is the standard's and a policy speaks beside it. SiVa's clients read the indication
alone, so for them, and only for them, its two policies change it:

    (1) both: a basic signature (level B) has no proven time and fails, whatever else is still open; so does one in a
        container with a file that nobody signs;
    (2) both: a qualified signature needs qualified time stamps: at level LTA another one fails it, below it is left
        open;
    (3) both: an Estonian signer's OCSP answer is made after the signature's stamp, and at most a day after it;
        more than fifteen minutes are a warning. Of other signers SiVa does not ask it;
    (4) POLv4: a passed signature must be a qualified signature or seal, or a seal with a qualified certificate;
    (5) POLv4: a signature with a qualified certificate that is on no qualified device passes with a warning;
    (6) POLv4: any other passed signature fails;
    (7) both: a stamp over a simple container that nobody signs is of a qualified service, or fails and opens nothing.

Algorithms are judged by the table `SIVA` of `signing.judging.algorithms`. Key usage is judged under every policy, by
the judge (`signing.judging.commitment`). No rule makes a failed signature pass.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from signing.messages import text
from signing.model import Indication, Qualification, SubIndication
from signing.policies.requirements import stamped_by_qualified
from signing.siva import phrases

if TYPE_CHECKING:
    from datetime import datetime

    from signing.model import SignatureReport, StampReport

__all__ = ["Adjusted", "adjust", "asks_for_qualified_stamps", "first_stamp_time", "is_sivas", "is_unqualified"]

_QUALIFIED = frozenset({Qualification.QESIG, Qualification.QESEAL})
_ENOUGH = frozenset({Qualification.QESIG, Qualification.QESEAL, Qualification.ADESEAL_QC})
_FRESH = timedelta(minutes=15)
_STALE = timedelta(hours=24)
# Our remarks on the time between stamp and answer: rule (3) decides on it.
_TIME_REMARKS = frozenset({"ocsp.before-stamp", "ocsp.long-after-stamp"})
# Our remarks on the device: SiVa's sentences say the same.
_DEVICE_REMARKS = frozenset({"qualification.not-on-device"})
# Remarks on weak algorithms: SiVa gives them for containers alone.
_ALGORITHM_REMARKS = frozenset({"algorithm.weak"})
_CONTAINERS = frozenset({"ASiC-E", "ASiC-S"})


@dataclass(slots=True)
class Adjusted:
    """One signature as a policy of SiVa sees it."""

    indication: Indication
    sub_indication: SubIndication | None
    level: str
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def is_sivas(policy: str) -> bool:
    """Whether a policy is one of SiVa's."""
    return policy in {"POLv3", "POLv4"}


def adjust(one: SignatureReport, policy: str, *, form: str, at: datetime) -> Adjusted:
    """Return the verdict on a signature under a policy; a policy of SiVa may lower it, never raise it."""
    kept = Adjusted(one.indication, one.sub_indication, phrases.level_of(one, one.indication))
    if not is_sivas(policy):
        kept.errors += [text(message, "en") for message in one.errors]
        kept.warnings += [text(message, "en") for message in one.warnings]
        return kept
    ours = (text(message, "en") for message in one.errors if message.code not in phrases.SAID_IN_FULL)
    kept.errors += [*phrases.errors_of(one, at=at), *ours]
    kept.warnings += [*phrases.warnings_of(one), *_remarks(one, form)]
    if one.indication is Indication.TOTAL_FAILED or _fails_by_form(one, kept):  # (1)
        return kept
    if one.indication is Indication.TOTAL_PASSED:
        _passed(one, policy, kept)
    return kept


def _remarks(one: SignatureReport, form: str) -> list[str]:
    """Return those of our remarks for which SiVa has no sentence."""
    left_out = _TIME_REMARKS | _DEVICE_REMARKS | (frozenset() if form in _CONTAINERS else _ALGORITHM_REMARKS)
    return [text(message, "en") for message in one.warnings if message.code not in left_out]


def _passed(one: SignatureReport, policy: str, kept: Adjusted) -> None:
    if one.qualification in _QUALIFIED and not _has_qualified_stamp(one, kept):  # (2)
        return
    if not _answered_in_time(one, kept):  # (3)
        return
    if policy == "POLv3" or one.qualification in _ENOUGH:  # (4)
        return
    if one.qualification is Qualification.ADESIG_QC:  # (5)
        kept.warnings.append(phrases.NOT_QUALIFIED)
        return
    level = kept.level
    _set(one, kept, Indication.TOTAL_FAILED, None, phrases.LEVEL_TOO_LOW)  # (6)
    kept.level = level


def _set(one: SignatureReport, kept: Adjusted, indication: Indication, sub: SubIndication | None, *errors: str) -> None:
    kept.indication, kept.sub_indication = indication, sub
    kept.level = phrases.level_of(one, indication)
    kept.errors += errors


def _fails_by_form(one: SignatureReport, kept: Adjusted) -> bool:
    """(1) Apply what both policies refuse for its form alone; returns whether one did."""
    failed, sub = Indication.TOTAL_FAILED, SubIndication.FORMAT_FAILURE
    if one.level == "B":
        error = "The signature holds no time stamp: at level B its time is not proven"
        stamps = (said for stamp in one.stamps for said in phrases.stamp_errors_of(stamp))
        _set(one, kept, failed, sub, phrases.UNEXPECTED_FORMAT, *stamps, error)
        kept.warnings.insert(0, phrases.NO_VALID_SIGNATURE)
        return True
    unsigned = any(message.code == "container.file-not-signed" for message in one.errors)
    if unsigned and one.sub_indication is SubIndication.SIG_CONSTRAINTS_FAILURE:
        _set(one, kept, failed, sub)
        kept.warnings.insert(0, phrases.NO_VALID_SIGNATURE)
        return True
    return False


def _has_qualified_stamp(one: SignatureReport, kept: Adjusted) -> bool:
    """(2) Return whether a qualified stamp is over it; the verdict stays open while the lists cannot tell."""
    over = [stamp for stamp in one.stamps if stamp.over_the_signature and stamp.indication is Indication.TOTAL_PASSED]
    found = {stamp.qualified for stamp in over}
    if one.level == "LTA" and False in found:
        _set(one, kept, Indication.TOTAL_FAILED, None, *phrases.NOT_QUALIFIED_STAMP)
        return False
    stamped = stamped_by_qualified(one)
    if stamped:
        return True
    if stamped is None:
        error = "A qualified signature needs a qualified time stamp: the lists cannot tell now whether its one is"
        _set(one, kept, Indication.INDETERMINATE, SubIndication.TRY_LATER, error)
        return False
    error = "A qualified signature needs a qualified time stamp"
    sub = SubIndication.NO_CERTIFICATE_CHAIN_FOUND
    _set(one, kept, Indication.INDETERMINATE, sub, *phrases.NOT_QUALIFIED_STAMP, error)
    return False


def asks_for_qualified_stamps(one: SignatureReport, policy: str) -> bool:
    """(2) Return whether the policy asks that the stamps over this signature be qualified."""
    return is_sivas(policy) and one.qualification in _QUALIFIED


def _answered_in_time(one: SignatureReport, kept: Adjusted) -> bool:
    """(3) Return whether an Estonian signer's OCSP answer was made at the time Estonian rules ask for."""
    stamped = first_stamp_time(one)
    estonian = one.signer is not None and one.signer.country == "EE"
    if not estonian or stamped is None or one.ocsp_time is None or one.level not in {"LT", "LTA"}:
        return True
    if one.ocsp_time < stamped:
        _set(one, kept, Indication.TOTAL_FAILED, None, phrases.OCSP_BEFORE_STAMP)
        return False
    if one.ocsp_time - stamped > _STALE:
        _set(one, kept, Indication.TOTAL_FAILED, None, phrases.NOT_FRESH)
        return False
    if one.ocsp_time - stamped > _FRESH:
        kept.warnings.append(phrases.NOT_FRESH)
    return True


def first_stamp_time(one: SignatureReport) -> datetime | None:
    """Return the earliest time of a signature stamp, passed or not: SiVa's bestSignatureTime."""
    return min(
        (stamp.time for stamp in one.stamps if stamp.kind == "signature" and stamp.time is not None), default=None
    )


def is_unqualified(stamp: StampReport, policy: str) -> bool:
    """(7) Return whether a passed stamp counts for nothing: the lists name its service, and not as qualified."""
    return is_sivas(policy) and stamp.indication is Indication.TOTAL_PASSED and stamp.qualified is False
