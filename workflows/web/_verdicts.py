"""What came of judging a file, in words: for the person who sent it, and for the one who decides.

Derīgs, Nav derīgs, Nenoteikts: one word first, then what it means, then why and what to do; technical detail last.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from signing.model import Indication, Message, Qualification, Report, SignatureReport
from workflows.application.kinds import UploadState
from workflows.application.messages import Said, say
from workflows.application.states import Standing
from workflows.application.views import UploadView
from workflows.evidence.models import Outcome, Verification
from workflows.i18n import Words
from workflows.i18n import later as _
from workflows.web._vocabulary import PARTIES, PARTS, Tone

__all__ = [
    "FileWords",
    "FindingWords",
    "SignatureWords",
    "reasons_in_words",
    "signatures_of",
    "standing_word",
    "upload_in_words",
    "verification_reasons",
]


@dataclass(frozen=True, slots=True)
class SignatureWords:
    """One signature for people."""

    signer: str
    identity: str
    organisation: str
    word: str
    tone: str
    meaning: str
    when: str
    clock: str
    reasons: tuple[Said, ...]
    technical: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FindingWords:
    """What a file proves or does not prove about one document of the application, or as a whole."""

    part: str | None
    word: str
    tone: str
    reasons: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class FileWords:
    """One uploaded file and what came of it."""

    id: int
    name: str
    size: str
    party: str
    received: str
    word: str
    tone: str
    checking: bool
    again: str
    findings: tuple[FindingWords, ...]
    signatures: tuple[SignatureWords, ...]


_STANDINGS = {
    Standing.AWAITED: (_("Awaited"), Tone.PLAIN),
    Standing.OBJECTED: (_("Not accepted"), Tone.BAD),
    Standing.UNDETERMINED: (_("Undetermined"), Tone.WAIT),
    Standing.NEEDS_PERSON: (_("To be read by a person"), Tone.WAIT),
    Standing.PROVEN: (_("Accepted"), Tone.OK),
}
_WORST_FIRST = (Standing.OBJECTED, Standing.UNDETERMINED, Standing.NEEDS_PERSON, Standing.PROVEN)

_PASSED_MEANS = {
    Qualification.QESIG: _("A qualified electronic signature of a person: in law equal to a signature by hand."),
    Qualification.QESEAL: _("A qualified e-seal of an organisation. It is not the signature of a person."),
    Qualification.ADESEAL_QC: _("An e-seal of an organisation. It is not the signature of a person."),
    Qualification.ADESEAL: _("An e-seal of an organisation. It is not the signature of a person."),
    Qualification.UNDETERMINED: _("The signature is valid; whether it is qualified could not be found out."),
}
_PASSED_OTHERWISE = _("The signature is valid but not qualified: it does not replace a signature by hand.")


def standing_word(words: Words, standing: Standing) -> tuple[str, str]:
    """Return the word for a standing and its tone."""
    word, tone = _STANDINGS[standing]
    return words(word), tone


def upload_in_words(words: Words, upload: UploadView, report: Report | None) -> FileWords:
    """Return what is said about an uploaded file."""
    findings = tuple(
        FindingWords(
            None if finding.part is None else words(PARTS[finding.part]),
            *standing_word(words, finding.standing),
            reasons_in_words(words, finding.reasons),
        )
        for finding in upload.findings
    )
    checking = upload.state is UploadState.WAITING and not upload.findings
    if checking:
        word, tone = words("Being checked"), Tone.WAIT
    else:
        found = {finding.standing for finding in upload.findings}
        word, tone = standing_word(words, next((one for one in _WORST_FIRST if one in found), Standing.OBJECTED))
    again = upload.next_attempt_at if upload.state is UploadState.WAITING else None
    return FileWords(
        id=upload.id,
        name=upload.name,
        size=words.size(upload.size),
        party=words(PARTIES[upload.party]),
        received=words.second(upload.received_at),
        word=word,
        tone=tone,
        checking=checking,
        again="" if again is None or checking else words.moment(again),
        findings=findings,
        signatures=() if report is None else signatures_of(words, report),
    )


def reasons_in_words(words: Words, reasons: Iterable[Message]) -> tuple[Said, ...]:
    """Put reasons into words."""
    return tuple(say(reason, words.language.value) for reason in reasons)


def signatures_of(words: Words, report: Report) -> tuple[SignatureWords, ...]:
    """Return every signature of a report in words."""
    return tuple(_signature(words, one) for one in report.signatures)


def verification_reasons(words: Words, verification: Verification) -> tuple[Said, ...]:
    """Say why there is no report, empty where there is one."""
    if verification.outcome == Outcome.REPORT or verification.code is None:
        return ()
    code = verification.code if verification.outcome == Outcome.UNREADABLE else "application.could-not-be-judged"
    return (say(Message(code, dict(verification.params or {})), words.language.value),)


def _signature(words: Words, one: SignatureReport) -> SignatureWords:
    match one.indication:
        case Indication.TOTAL_PASSED:
            word, tone = words("Valid"), Tone.OK
            meaning = words(_PASSED_MEANS.get(one.qualification, _PASSED_OTHERWISE))
        case Indication.INDETERMINATE:
            word, tone = words("Undetermined"), Tone.WAIT
            meaning = words("It cannot be said now whether the signature is valid.")
        case Indication.TOTAL_FAILED:
            word, tone = words("Not valid"), Tone.BAD
            meaning = words("The signature proves nothing.")
        case _:
            assert_never(one.indication)
    signer = one.signer
    stamp = next((stamp for stamp in one.stamps if stamp.time is not None), None)
    return SignatureWords(
        signer=signer.common_name if signer else words("Unknown signer"),
        identity="" if signer is None or signer.identity is None else signer.identity.masked(),
        organisation=signer.organisation if signer else "",
        word=word,
        tone=tone,
        meaning=meaning,
        when=words.second(one.best_signature_time) if one.best_signature_time else words("not proved"),
        clock=stamp.authority if stamp else words("no time stamp"),
        reasons=tuple(say(message, words.language.value) for message in (*one.errors, *one.warnings)),
        technical=_technical(words, one),
    )


def _technical(words: Words, one: SignatureReport) -> tuple[tuple[str, str], ...]:
    signer = one.signer
    rows = [
        (words("Format"), f"{one.format} {one.level}"),
        (words("Indication"), " · ".join(filter(None, (one.indication.value, one.sub_indication)))),
        (words("Qualification"), one.qualification.value),
        (words("Covers"), ", ".join(one.covers)),
    ]
    if signer is not None:
        rows += [
            (words("Certificate issued by"), signer.issuer_name),
            (
                words("Certificate valid"),
                words(
                    "%(since)s to %(until)s", since=words.date(signer.not_before), until=words.date(signer.not_after)
                ),
            ),
            (words("Certificate digest (SHA-256)"), signer.certificate_sha256),
        ]
    if one.claimed_signing_time is not None:
        rows.append((words("Time claimed by the signer"), words.second(one.claimed_signing_time)))
    return tuple(rows)
