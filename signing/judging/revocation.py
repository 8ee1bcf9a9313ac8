"""Was this certificate good at that time? The time side of revocation (EN 319 102-1 §5.2.5, §5.2.6).

Answers come already matched and authenticated, by `signing.pki.revocation` through the witness. Here they are weighed:
an answer counts if its own signer's certificate was alive when the answer is proven to have existed, if it speaks of a
time at which the certificate was still listed, and if it is fresh enough for the time asked about.

An OCSP response made some seconds before the stamp is what most Latvian signatures hold. The standard does not
ask for the opposite order; Estonian software does. So it is a warning, never a failure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from signing.judging.algorithms import TS_119_312, too_weak
from signing.model import Message, SubIndication
from signing.pki.revocation_places import is_never_revoked
from signing.reading.facts import RevocationStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from signing.judging.algorithms import AlgorithmTable
    from signing.pki.certificates import Certificate
    from signing.reading.facts import RevocationFacts

__all__ = ["CLOCKS_DIFFER", "RevocationVerdict", "left_open", "revocation_of"]

# An answer without nextUpdate that is older than the signature counts for this long; ours, not law.
_GRACE = timedelta(hours=24)
# Clocks differ, and moments are rounded. A stamp or an answer may be this much later than the moment judged at. A stamp
# may be as much later than an answer's nextUpdate.
CLOCKS_DIFFER = timedelta(hours=1)
_NOTICEABLE = timedelta(minutes=15)
_RESPONDER_OPEN = "ocsp.responder-open"
# Objections that disqualify an answer "good" but not an answer "revoked": a revocation is final.
# They concern a responder still to be asked about, one expired since, and an algorithm that became weak.
_BAD_NEWS_STANDS = frozenset({_RESPONDER_OPEN, "ocsp.responder-expired", "ocsp.too-weak"})


@dataclass(frozen=True, slots=True)
class RevocationVerdict:
    """What the answers say of a certificate; it is good where `sub_indication` is None.

    `unsettled`: a newer answer could still settle it. `responders`, each with its issuer, answered and have to be asked
    about themselves before they are believed.
    """

    sub_indication: SubIndication | None
    messages: tuple[Message, ...] = ()
    unsettled: bool = False
    answered_at: datetime | None = None
    responders: tuple[tuple[Certificate, Certificate], ...] = ()


def left_open(
    verdicts: Iterable[tuple[tuple[Certificate, Certificate], RevocationVerdict]],
) -> tuple[tuple[Certificate, Certificate], ...]:
    """Return the certificates and responders whose revocation is still to be asked about, each with its issuer."""
    return tuple(one for pair, verdict in verdicts if verdict.unsettled for one in (pair, *verdict.responders))


def revocation_of(
    certificate: Certificate,
    answers: Sequence[RevocationFacts],
    *,
    best: datetime,
    existed: Callable[[str], datetime],
    is_signer: bool,
    known_since: datetime | None = None,
    algorithms: AlgorithmTable = TS_119_312,
) -> RevocationVerdict:
    """Weigh all answers about one certificate for the time `best`.

    `existed` tells since when a blob (by its SHA-256) is proven to exist; without proof that is the moment of judging.
    `known_since` is when what the certificate signed is proven to exist, where that is not `best` itself: a time stamp
    says its own time, and whoever has the key of a revoked unit dates stamps back to before its revocation.
    """
    name = certificate.common_name
    proven = best if known_since is None else known_since
    if is_never_revoked(certificate) and not answers:
        return RevocationVerdict(None)
    objections = [(answer, _objection(certificate, answer, existed, algorithms)) for answer in answers]
    usable = [answer for answer, objection in objections if objection is None]
    # Bad news is heard also from who could not vouch for anybody any more; good news is not.
    heard = [one for one, objection in objections if objection is None or objection.code in _BAD_NEWS_STANDS]
    revoked = [one for one in heard if one.status is RevocationStatus.REVOKED]
    for answer in revoked:
        if answer.revoked_at is None or answer.revoked_at <= proven:
            sub = SubIndication.REVOKED_NO_POE if is_signer else SubIndication.REVOKED_CA_NO_POE
            when = answer.revoked_at.isoformat() if answer.revoked_at else ""
            message = Message.of("certificate.revoked", name=name, time=when)
            return RevocationVerdict(sub, (message,), answered_at=answer.produced_at)
    on_hold = [one for one in usable if one.status is RevocationStatus.ON_HOLD]
    if any(one.revoked_at is None or one.revoked_at <= proven for one in on_hold):
        return RevocationVerdict(
            SubIndication.TRY_LATER, (Message.of("certificate.on-hold", name=name),), unsettled=True,
            answered_at=on_hold[0].produced_at,
        )  # fmt: skip
    vouching = [one for one in usable if one.status in {RevocationStatus.GOOD, RevocationStatus.REVOKED}]
    fresh = [one for one in [*vouching, *on_hold] if _fresh(one, best)]
    if fresh:
        after = [one for one in fresh if one.this_update >= best]
        chosen = min(after, key=lambda one: one.this_update) if after else max(fresh, key=lambda one: one.this_update)
        return RevocationVerdict(None, _remarks(chosen, best), answered_at=chosen.produced_at)
    return _without_answer(name, answers, objections, usable)


def _without_answer(
    name: str,
    answers: Sequence[RevocationFacts],
    objections: Sequence[tuple[RevocationFacts, Message | None]],
    usable: Sequence[RevocationFacts],
) -> RevocationVerdict:
    if any(one.status is RevocationStatus.UNKNOWN for one in usable):
        message = Message.of("ocsp.unknown", name=name)
        return RevocationVerdict(
            SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE, (message,), answered_at=usable[0].produced_at
        )
    if usable:
        message = Message.of("ocsp.too-old", name=name)
        return RevocationVerdict(SubIndication.TRY_LATER, (message,), unsettled=True, answered_at=usable[0].produced_at)
    if answers:
        found = tuple(dict.fromkeys(objection for _, objection in objections if objection is not None))
        return RevocationVerdict(
            SubIndication.TRY_LATER, found, unsettled=True, answered_at=answers[0].produced_at,
            responders=tuple(_open_responders(objections)),
        )  # fmt: skip
    return RevocationVerdict(SubIndication.TRY_LATER, (Message.of("ocsp.missing", name=name),), unsettled=True)


def _open_responders(
    objections: Sequence[tuple[RevocationFacts, Message | None]],
) -> Iterator[tuple[Certificate, Certificate]]:
    for answer, objection in objections:
        if objection is not None and objection.code == _RESPONDER_OPEN and answer.signer_issuer is not None:
            yield answer.signer, answer.signer_issuer


def _objection(
    certificate: Certificate, answer: RevocationFacts, existed: Callable[[str], datetime], algorithms: AlgorithmTable
) -> Message | None:
    """Say why an answer does not count, or None."""
    known_since = existed(answer.sha256)
    return _flaw(certificate, answer, known_since, algorithms) or _signer_objection(
        answer, existed, known_since, algorithms
    )


def _signer_objection(
    answer: RevocationFacts, existed: Callable[[str], datetime], known_since: datetime, algorithms: AlgorithmTable
) -> Message | None:
    """Say why its responder is not believed (RFC 6960 §4.2.2.2.1): revoked, or nobody vouches for it.

    A revoked responder may date its answers back, so what counts is since when the answer is known to exist. That it
    was in good standing has to be known for the time it answered at.
    """
    if answer.signer_answers is None:
        return None
    name = answer.signer.common_name
    usable = [one for one in answer.signer_answers if _objection(answer.signer, one, existed, algorithms) is None]
    revoked = [one for one in usable if one.status in {RevocationStatus.REVOKED, RevocationStatus.ON_HOLD}]
    if any(one.revoked_at is None or one.revoked_at <= known_since for one in revoked):
        return Message.of("ocsp.responder-revoked", name=name)
    vouching = (one for one in usable if one.status is not RevocationStatus.UNKNOWN)
    if any(_fresh(one, answer.produced_at) for one in vouching):
        return None
    return Message.of(_RESPONDER_OPEN, name=name)


def _flaw(
    certificate: Certificate, answer: RevocationFacts, known_since: datetime, algorithms: AlgorithmTable
) -> Message | None:
    name = answer.signer.common_name
    if not answer.signer_anchored and known_since > answer.signer.not_after:
        return Message.of("ocsp.responder-expired", name=name)
    if max(answer.produced_at, answer.this_update) > known_since + CLOCKS_DIFFER:
        return Message.of("ocsp.from-the-future", name=name)
    if answer.this_update < certificate.not_before:
        return Message.of("ocsp.before-certificate", name=certificate.common_name)
    if (
        answer.this_update > certificate.not_after
        and answer.status is RevocationStatus.GOOD
        and not answer.covers_expired
    ):
        return Message.of("ocsp.after-expiry", name=certificate.common_name)
    weak = too_weak(answer.scheme, answer.signer_key, known_since, table=algorithms)
    if not weak and answer.signer_issuer is not None:
        weak = too_weak(answer.signer.scheme, answer.signer_issuer.key, known_since, table=algorithms)
    return Message.of("ocsp.too-weak", algorithm=weak) if weak else None


def _fresh(answer: RevocationFacts, best: datetime) -> bool:
    """Return whether an answer is fresh for the time asked about (§5.2.5.4): made after it, or not long before.

    How long is for the responder to say (nextUpdate): one that promises an hour is not held to a day. Who says nothing,
    or a nextUpdate that is no later than thisUpdate, gets `_GRACE`.
    """
    if answer.this_update >= best:
        return True
    if answer.next_update is not None and answer.next_update > answer.this_update:
        # Subtracted: nextUpdate may be the last second of the year 9999, and no later moment can be written.
        return best - answer.next_update <= CLOCKS_DIFFER
    return best - answer.this_update <= _GRACE


def _remarks(answer: RevocationFacts, best: datetime) -> tuple[Message, ...]:
    distance = answer.produced_at - best
    if distance < timedelta(0):
        return (Message.of("ocsp.before-stamp", seconds=int(-distance.total_seconds())),)
    if distance > _NOTICEABLE:
        return (Message.of("ocsp.long-after-stamp", hours=round(distance.total_seconds() / 3600, 1)),)
    return ()
