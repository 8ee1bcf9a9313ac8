"""What came of judging a file, in words: for the person who sent it, and for the one who decides.

Derīgs, Nav derīgs, Nenoteikts: one word first, then what it means, then why and what to do; technical detail last.
A card about one signature never says more than the verdict over it: green is only what this service accepts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import assert_never

from signing.model import Indication, Message, Report, SignatureReport
from signing.policies.policy import AllOf, without_redundant
from signing.policies.requirements import Qualified, QualifiedTimestamp, Valid
from signing.sentences.formatting import legible
from workflows.application.views import FindingView, UploadView
from workflows.evidence.models import Verification, VerificationOutcome
from workflows.evidence.names import short_name
from workflows.i18n import Words
from workflows.i18n import later as _
from workflows.signed_forms.messages import Reader, Said, is_remark, say, say_all
from workflows.signed_forms.states import Found, Standing, UploadState
from workflows.web.words.kinds import Names
from workflows.web.words.vocabulary import Tone

__all__ = [
    "FileWords",
    "FindingWords",
    "SignatureWords",
    "file_word",
    "old_refusals",
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
    """One uploaded file and what came of it; `name` is short, `full_name` what it is called."""

    id: int
    name: str
    full_name: str
    size: str
    party: str
    received: str
    word: str
    tone: str
    checking: bool
    again: str
    findings: tuple[FindingWords, ...]
    signatures: tuple[SignatureWords, ...]
    technical: tuple[str, ...]
    kept: bool
    reported: bool


_STANDINGS = {
    Standing.AWAITED: (_("Awaited"), Tone.PLAIN),
    Standing.OBJECTED: (_("Not accepted"), Tone.BAD),
    Standing.UNDETERMINED: (_("Undetermined"), Tone.WAIT),
    Standing.NEEDS_PERSON: (_("To be read by a person"), Tone.WAIT),
    Standing.PROVEN: (_("Accepted"), Tone.OK),
}
_FOUND = {
    Found.OBJECTED: _STANDINGS[Standing.OBJECTED],
    Found.UNDETERMINED: _STANDINGS[Standing.UNDETERMINED],
    Found.NEEDS_PERSON: _STANDINGS[Standing.NEEDS_PERSON],
    Found.PROVEN: _STANDINGS[Standing.PROVEN],
    Found.ATTACHED: (_("Received, to be read"), Tone.PLAIN),
}
# Once an application is closed nothing is awaited and nobody will read anything.
_STANDINGS_CLOSED = {
    **_STANDINGS,
    Standing.AWAITED: (_("Never arrived"), Tone.PLAIN),
    Standing.UNDETERMINED: (_("Not settled"), Tone.PLAIN),
    Standing.NEEDS_PERSON: (_("Not confirmed"), Tone.PLAIN),
}
_FOUND_CLOSED = {
    **_FOUND,
    Found.UNDETERMINED: _STANDINGS_CLOSED[Standing.UNDETERMINED],
    Found.NEEDS_PERSON: _STANDINGS_CLOSED[Standing.NEEDS_PERSON],
    Found.ATTACHED: (_("Received"), Tone.PLAIN),
}
_NEVER_SETTLED = _("This was not settled before the application was closed, and is checked no further.")
_WORST_FIRST = (Found.OBJECTED, Found.UNDETERMINED, Found.NEEDS_PERSON, Found.PROVEN, Found.ATTACHED)

# What this service asks of a signature, whoever's it is and whatever it is over.
_ASKED = AllOf(Valid(), Qualified(), QualifiedTimestamp())

_ACCEPTED = _("A qualified electronic signature of a person: in law equal to a signature by hand.")
_NOT_ENOUGH = _(
    "The document has not been changed since it was signed. For an application that is not enough, because:"
)


def standing_word(words: Words, standing: Standing, *, closed: bool = False) -> tuple[str, str]:
    """Return the word for a standing and its tone; `closed` says that the application is."""
    word, tone = (_STANDINGS_CLOSED if closed else _STANDINGS)[standing]
    return words(word), tone


def _found_word(words: Words, found: Found, *, closed: bool) -> tuple[str, str]:
    word, tone = (_FOUND_CLOSED if closed else _FOUND)[found]
    return words(word), tone


def file_word(words: Words, upload: UploadView, *, closed: bool) -> tuple[str, str]:
    """Return the word for what came of a file as a whole, and its tone."""
    if upload.state is UploadState.WAITING and not upload.findings:
        return (words("Not checked"), Tone.PLAIN) if closed else (words("Being checked"), Tone.WAIT)
    found = {finding.standing for finding in upload.findings}
    return _found_word(words, next((one for one in _WORST_FIRST if one in found), Found.OBJECTED), closed=closed)


def old_refusals(uploads: Sequence[UploadView]) -> frozenset[int]:
    """Number the files that were refused and followed by others: what came after them is read first."""
    refused = [
        one.id
        for one in uploads
        if one.state is not UploadState.WAITING and {finding.standing for finding in one.findings} <= {Found.OBJECTED}
    ]
    last = max((one.id for one in uploads), default=0)
    return frozenset(one for one in refused if one < last)


def upload_in_words(
    words: Words,
    upload: UploadView,
    report: Report | None,
    *,
    names: Names,
    to: Reader = Reader.APPLICANT,
    closed: bool = False,
) -> FileWords:
    """Return what is said about an uploaded file: `to` whoever reads it, with the `names` of its application.

    `closed` says that the application is: then nothing is promised and nothing is to be done.
    """
    findings = tuple(
        FindingWords(
            None if finding.part is None else names.parts[finding.part],
            *_found_word(words, finding.standing, closed=closed),
            _said_of(words, finding, to=to, closed=closed),
        )
        for finding in upload.findings
    )
    found = {finding.standing for finding in upload.findings}
    waits = upload.state is UploadState.WAITING and not closed
    checking = waits and not upload.findings
    word, tone = file_word(words, upload, closed=closed)
    again = upload.next_attempt_at if waits else None
    return FileWords(
        id=upload.id,
        name=short_name(upload.name),
        full_name=legible(upload.name),
        size=words.size(upload.size),
        party=names.parties[upload.party],
        received=words.moment(upload.received_at),
        word=word,
        tone=tone,
        checking=checking,
        again="" if again is None or checking else words.moment(again),
        findings=findings,
        signatures=() if report is None else signatures_of(words, report, proves=Found.PROVEN in found, to=to),
        technical=tuple(
            dict.fromkeys(reason.technical for finding in findings for reason in finding.reasons if reason.technical)
        ),
        kept=upload.kept,
        reported=report is not None,
    )


def _said_of(words: Words, finding: FindingView, *, to: Reader, closed: bool) -> tuple[Said, ...]:
    if closed and finding.standing is Found.UNDETERMINED:
        return (Said(words(_NEVER_SETTLED), ""),)
    return reasons_in_words(words, finding.reasons, to=to, closed=closed)


def reasons_in_words(
    words: Words, reasons: Iterable[Message], *, to: Reader = Reader.APPLICANT, closed: bool = False
) -> tuple[Said, ...]:
    """Put reasons into words; `closed` as in `upload_in_words`."""
    return say_all(reasons, words.language.value, to=to, closed=closed)


def signatures_of(
    words: Words, report: Report, *, proves: bool = True, to: Reader = Reader.APPLICANT
) -> tuple[SignatureWords, ...]:
    """Return every signature of a report in words; `proves` is False in a file that proves nothing it should."""
    return tuple(_signature(words, one, report, proves=proves, to=to) for one in report.signatures)


def verification_reasons(words: Words, verification: Verification) -> tuple[Said, ...]:
    """Say why there is no report, empty where there is one."""
    if verification.outcome == VerificationOutcome.REPORT or verification.code is None:
        return ()
    if verification.outcome == VerificationOutcome.UNREADABLE:
        message = Message(verification.code, dict(verification.params or {}))
        return (say(message, words.language.value, to=Reader.VISITOR),)
    sentence = words("The file could not be checked just now.")
    return (Said(sentence, words("Check it again in a few minutes."), verification.code),)


def _signature(words: Words, one: SignatureReport, report: Report, *, proves: bool, to: Reader) -> SignatureWords:
    objections = _ASKED.objections(one, report)
    word, tone, meaning = _judged(words, one, open_=all(found.open for found in objections), asked=not objections)
    if tone == Tone.OK and not proves:
        tone = Tone.PLAIN
        meaning += " " + words("Why the file is still not accepted is explained above.")
    reasons = (*(found.message for found in without_redundant(objections)), *one.warnings)
    signer = one.signer
    stamp = next((stamp for stamp in one.stamps if stamp.time is not None), None)
    return SignatureWords(
        signer=legible(signer.common_name) if signer else words("Unknown signer"),
        identity="" if signer is None or signer.identity is None else signer.identity.masked(),
        organisation=legible(signer.organisation) if signer else "",
        word=word,
        tone=tone,
        meaning=meaning,
        when=words.moment(one.best_signature_time) if one.best_signature_time else words("not proved"),
        clock=legible(stamp.authority) if stamp else words("no time stamp"),
        reasons=reasons_in_words(words, (one for one in reasons if not is_remark(one)), to=to),
        technical=_technical(words, one, reasons),
    )


def _judged(words: Words, one: SignatureReport, *, open_: bool, asked: bool) -> tuple[str, str, str]:
    """Say in a word what one signature is worth here, its tone, and what the word means."""
    match one.indication:
        case Indication.TOTAL_PASSED if asked:
            return words("Valid"), Tone.OK, words(_ACCEPTED)
        case Indication.TOTAL_PASSED if open_:
            meaning = words("The signature is intact; what it is worth in law cannot be found out just now.")
            return words("Undetermined"), Tone.WAIT, meaning
        case Indication.TOTAL_PASSED:
            return words("Intact, but not enough"), Tone.WAIT, words(_NOT_ENOUGH)
        case Indication.INDETERMINATE if open_:
            return words("Undetermined"), Tone.WAIT, words("It cannot be said now whether the signature is valid.")
        case Indication.INDETERMINATE:
            return words("Not proved valid"), Tone.BAD, words("Nothing proves that the signature is valid:")
        case Indication.TOTAL_FAILED:
            return words("Not valid"), Tone.BAD, words("The signature proves nothing.")
        case _:
            assert_never(one.indication)


def _technical(words: Words, one: SignatureReport, reasons: tuple[Message, ...]) -> tuple[tuple[str, str], ...]:
    signer = one.signer
    rows = [
        (words("Format"), f"{one.format} {one.level}"),
        (words("Indication"), " · ".join(filter(None, (one.indication.value, one.sub_indication)))),
        (words("Qualification"), one.qualification.value),
        (words("Covers"), ", ".join(legible(name) for name in one.covers)),
    ]
    if one.best_signature_time is not None:
        rows.append((words("Time stamp"), words.second(one.best_signature_time)))
    if signer is not None:
        rows += [
            (words("Certificate issued by"), legible(signer.issuer_name)),
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
    for message in dict.fromkeys(reasons):
        said = say(message, words.language.value)
        rows.append(
            (words("Remark"), f"{said.text} [{said.technical}]")
            if is_remark(message)
            else (words("Reason"), said.technical)
        )
    return tuple(rows)
