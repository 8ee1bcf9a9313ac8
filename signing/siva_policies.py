"""What SiVa's policies make of a verdict: POLv3 and POLv4 of its validation policy document, rule by rule.

Everywhere else the indication is the standard's and a policy speaks beside it. SiVa's clients read the indication
alone, so for them, and only for them, its two policies change it:

    (1) both: a basic signature (level B) has no proven time and fails, whatever else is still open; so does one in a
        container with a file that nobody signs;
    (2) both: a certificate that is not for non-repudiation does not pass;
    (3) both: a qualified signature needs qualified time stamps: at level LTA another one fails it, below it is left
        open;
    (4) both: an Estonian signer's OCSP answer is made after the signature's stamp, and not a day or more after it;
        more than fifteen minutes are a warning. Of other signers SiVa does not ask it;
    (5) POLv4: a passed signature must be a qualified signature or seal, or a seal with a qualified certificate;
    (6) POLv4: a signature with a qualified certificate that is on no qualified device passes with a warning;
    (7) POLv4: any other passed signature fails;
    (8) both: a stamp over a simple container that nobody signs is of a qualified service, or fails and opens nothing.

Algorithms are judged by the table `SIVA` of `signing.algorithms`. No rule makes a failed signature pass.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from signing import siva_words as words
from signing.messages import text
from signing.model import Indication, Qualification, SubIndication
from signing.policies import stamped_by_qualified

if TYPE_CHECKING:
    from datetime import datetime

    from signing.model import SignatureReport, StampReport

__all__ = ["Adjusted", "adjust", "asks_for_qualified_stamps", "first_stamp_time", "is_sivas", "too_plain"]

_QUALIFIED = frozenset({Qualification.QESIG, Qualification.QESEAL})
_ENOUGH = frozenset({Qualification.QESIG, Qualification.QESEAL, Qualification.ADESEAL_QC})
_FRESH = timedelta(minutes=15)
_STALE = timedelta(hours=24)
# Ours about the time between stamp and answer; of it (4) speaks.
_TIME_REMARKS = frozenset({"ocsp.before-stamp", "ocsp.long-after-stamp"})
# Ours on the device; SiVa's words say the same.
_DEVICE_REMARKS = frozenset({"qualification.not-on-device"})
# SiVa warns of a weak digest in containers alone.
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
    """Let the policy change the verdict on a signature for the worse."""
    kept = Adjusted(one.indication, one.sub_indication, words.level_of(one, one.indication))
    if not is_sivas(policy):
        kept.errors += [text(message, "en") for message in one.errors]
        kept.warnings += [text(message, "en") for message in one.warnings]
        return kept
    ours = (text(message, "en") for message in one.errors if message.code not in words.SAID_IN_FULL)
    kept.errors += [*words.errors_of(one, at=at), *ours]
    kept.warnings += [*words.warnings_of(one), *_remarks(one, form)]
    if one.indication is Indication.TOTAL_FAILED or _misshapen(one, kept):  # (1)
        return kept
    if one.indication is Indication.TOTAL_PASSED:
        _passed(one, policy, kept)
    return kept


def _remarks(one: SignatureReport, form: str) -> list[str]:
    """Keep of our remarks what SiVa has no words for."""
    left_out = _TIME_REMARKS | _DEVICE_REMARKS | (frozenset() if form in _CONTAINERS else _ALGORITHM_REMARKS)
    return [text(message, "en") for message in one.warnings if message.code not in left_out]


def _passed(one: SignatureReport, policy: str, kept: Adjusted) -> None:
    if one.particulars is not None and not one.particulars.non_repudiation:  # (2)
        sub = SubIndication.CHAIN_CONSTRAINTS_FAILURE
        _set(one, kept, Indication.INDETERMINATE, sub, words.CERTIFICATE_OPEN, words.WRONG_KEY_USAGE)
        return
    if one.qualification in _QUALIFIED and not _stamped_well(one, kept):  # (3)
        return
    if not _answered_in_time(one, kept):  # (4)
        return
    if policy == "POLv3" or one.qualification in _ENOUGH:  # (5)
        return
    if one.qualification is Qualification.ADESIG_QC:  # (6)
        kept.warnings.append(words.NOT_QUALIFIED)
        return
    level = kept.level
    _set(one, kept, Indication.TOTAL_FAILED, None, words.LEVEL_TOO_LOW)  # (7)
    kept.level = level


def _set(one: SignatureReport, kept: Adjusted, indication: Indication, sub: SubIndication | None, *errors: str) -> None:
    kept.indication, kept.sub_indication = indication, sub
    kept.level = words.level_of(one, indication)
    kept.errors += errors


def _misshapen(one: SignatureReport, kept: Adjusted) -> bool:
    """(1) Whether both policies do not accept its shape alone."""
    failed, sub = Indication.TOTAL_FAILED, SubIndication.FORMAT_FAILURE
    if one.level == "B":
        error = "The signature holds no time stamp: at level B its time is not proven"
        stamps = (said for stamp in one.stamps for said in words.stamp_errors_of(stamp))
        _set(one, kept, failed, sub, words.UNEXPECTED_FORMAT, *stamps, error)
        kept.warnings.insert(0, words.NO_VALID_SIGNATURE)
        return True
    unsigned = any(message.code == "container.file-not-signed" for message in one.errors)
    if unsigned and one.sub_indication is SubIndication.SIG_CONSTRAINTS_FAILURE:
        _set(one, kept, failed, sub)
        kept.warnings.insert(0, words.NO_VALID_SIGNATURE)
        return True
    return False


def _stamped_well(one: SignatureReport, kept: Adjusted) -> bool:
    """(3) Whether its stamps are as qualified as it is; None of the lists' answers leaves it open."""
    over = [stamp for stamp in one.stamps if stamp.over_the_signature and stamp.indication is Indication.TOTAL_PASSED]
    found = {stamp.qualified for stamp in over}
    if one.level == "LTA" and False in found:
        _set(one, kept, Indication.TOTAL_FAILED, None, *words.NOT_QUALIFIED_STAMP)
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
    _set(one, kept, Indication.INDETERMINATE, sub, *words.NOT_QUALIFIED_STAMP, error)
    return False


def asks_for_qualified_stamps(one: SignatureReport, policy: str) -> bool:
    """(3) Whether a policy of SiVa has no use for a stamp of no qualified service over this signature."""
    return is_sivas(policy) and one.qualification in _QUALIFIED


def _answered_in_time(one: SignatureReport, kept: Adjusted) -> bool:
    """(4) Whether an Estonian signature's own OCSP answer is of the time Estonian rules ask for."""
    stamped = first_stamp_time(one)
    estonian = one.signer is not None and one.signer.country == "EE"
    if not estonian or stamped is None or one.ocsp_time is None or one.level not in {"LT", "LTA"}:
        return True
    if one.ocsp_time < stamped:
        _set(one, kept, Indication.TOTAL_FAILED, None, words.OCSP_BEFORE_STAMP)
        return False
    if one.ocsp_time - stamped > _STALE:
        _set(one, kept, Indication.TOTAL_FAILED, None, words.NOT_FRESH)
        return False
    if one.ocsp_time - stamped > _FRESH:
        kept.warnings.append(words.NOT_FRESH)
    return True


def first_stamp_time(one: SignatureReport) -> datetime | None:
    """Tell the earliest time a signature stamp gives, whatever that stamp is worth: SiVa's bestSignatureTime."""
    return min(
        (stamp.time for stamp in one.stamps if stamp.kind == "signature" and stamp.time is not None), default=None
    )


def too_plain(stamp: StampReport, policy: str) -> bool:
    """(8) Whether SiVa's policies have no use for a sound stamp: the lists name its service, and not as qualified."""
    return is_sivas(policy) and stamp.indication is Indication.TOTAL_PASSED and stamp.qualified is False
