"""Which required documents does this judged file prove? Pure: a report and what we know, in; findings, out.

    (1) Which of the forms made for the request does the file hold? Ours means ours byte for byte: the digest decides.
    (2) For each form held, look at every signature on its own. It must be valid, cover that form, be a qualified
        signature of a person, and carry a qualified time stamp; and the signer must be the one the document asks for
        (`signers`): a named person, or whoever may sign on the day of the stamp.
        a. A signature that satisfies all of it proves the part, with notes on what a person may want to look at.
        b. One that may still do so without anybody touching the file leaves the part undetermined.
        c. One that fails only in who the certificate says its holder is, and says no code to compare, is for a person.
        d. Otherwise every objection to the signatures of the people asked for is given, or to all when none signed.
    (3) A part proven by a file that was used before, or is older than the person's last end, is a possible
        replay, and a stamp older than the form under it is a wrong clock: a person looks.
    (4) A PDF that holds none of the forms, and shows what one of them shows: a program saved it anew. A person compares
        both, and only where (2) would have proven the part, over the whole PDF. It never proves anything by itself.
    (5) Any other file: is it another request's form, ours with changed content, or a form we never made? The last
        is read by a person, provided somebody signed it validly.

Nobody is refused by any of this. An objection goes back to the signer, who can do it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias, assert_never

from iam.periods import riga_day
from signing.model import Indication, Message, SubIndication
from signing.policies.policy import AllOf, without_redundant
from signing.policies.requirements import Covers, CoversWholeDocument, Qualified, QualifiedTimestamp, Valid
from workflows.signed_forms.reading import OTHER_FILE
from workflows.signed_forms.signers import Signer, name_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from signing.model import Report, SignatureReport
    from signing.policies.policy import Objection
    from workflows.evidence.guard.comparison import Comparison

__all__ = [
    "Attached",
    "Decided",
    "Finding",
    "NeedsPerson",
    "Objected",
    "OurForm",
    "Pending",
    "Proven",
    "Question",
    "decide",
]


@dataclass(frozen=True, slots=True)
class OurForm:
    """A form we made: the very bytes that are to be signed."""

    part: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Question:
    """What is known beside the document.

    `signers`: who must sign, by part. `used_before`: these very bytes were handed in for another request. `last_end`:
    the moment at which the last right of the person concerned was over. `made_at`: when our forms were made.

    Asked only of a file that holds none of `forms`: `other_forms`, the digests among its contents that are forms of
    other requests; `contains_our_reference` and `mentions_another`, a reference number stands in it, so it was a form
    before somebody changed it; `comparisons`, what its PDFs show beside the forms; `encloses_signed`, the name of a
    PDF in a container that is one of the forms, signed by itself.
    """

    forms: tuple[OurForm, ...]
    signers: Mapping[str, Signer]
    other_forms: frozenset[str] = frozenset()
    used_before: bool = False
    contains_our_reference: bool = False
    mentions_another: bool = False
    last_end: datetime | None = None
    made_at: datetime | None = None
    comparisons: tuple[Comparison, ...] = ()
    encloses_signed: str = ""


@dataclass(frozen=True, slots=True)
class Proven:
    """This signature proves the part; `signed_at` is the qualified time stamp's."""

    signature: SignatureReport
    signed_at: datetime
    notes: tuple[Message, ...] = ()

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Objected:
    """It does not prove the part; every reason is here."""

    reasons: tuple[Message, ...]

    def __bool__(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Pending:
    """It may yet prove the part, untouched: a responder or a list was out of reach."""

    reasons: tuple[Message, ...]

    def __bool__(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class NeedsPerson:
    """Nothing speaks against it that a machine could decide: a person has to read it.

    `signature` is the one that proves the part once a person has settled the reasons; None where that is not known.
    `comparison` is the digest of the comparison that has to be looked at before.
    """

    reasons: tuple[Message, ...]
    signature: SignatureReport | None = None
    comparison: str = ""

    def __bool__(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Attached:
    """It is unsigned and something more was asked for: a reviewer reads it. It never proves a document."""

    reasons: tuple[Message, ...] = (Message("form.attached", {}),)

    def __bool__(self) -> bool:
        return False


Finding: TypeAlias = Proven | Objected | Pending | NeedsPerson


@dataclass(frozen=True, slots=True)
class Decided:
    """The finding for each part the file holds; `document` speaks of a file that holds none."""

    parts: Mapping[str, Finding]
    document: Objected | Pending | NeedsPerson | None = None


_CLOCKS_DIFFER = timedelta(minutes=5)
_PDF = "PAdES"
# What signing says of any PDF, said of a form.
_OF_A_FORM = {"coverage.pdf-incomplete": Message.of("form.more-than-signed")}


def decide(report: Report, question: Question) -> Decided:
    """Answer for every required document the file holds (the procedure above)."""
    held = {content.sha256 for content in report.contents}
    parts: dict[str, Finding] = {
        form.part: _replayed(_part(report, form.part, Covers(form.sha256), question), question)
        for form in question.forms
        if form.sha256 in held
    }
    if parts:
        return Decided(parts)
    if report.form == _PDF and not question.used_before:
        for form in question.forms:
            for comparison in question.comparisons:
                if comparison.form == form.sha256 and comparison.same:  # (4)
                    finding = _saved_anew(report, form.part, comparison, question)
                    # Under a broken signature nobody knows what was changed, and when.
                    if not (isinstance(finding, Objected) and _broken(report)):
                        return Decided({form.part: finding})
    return Decided({}, _classify_other_file(report, question))


def _saved_anew(report: Report, part: str, comparison: Comparison, question: Question) -> Finding:
    """Find what would have been found, had the program left our bytes alone; what was proven then is for a person."""
    finding = _replayed(_part(report, part, CoversWholeDocument(), question), question)
    match finding:
        case Proven(signature, _, notes):
            return NeedsPerson((*_resaved_notes(comparison), *notes), signature, comparison.digest)
        case NeedsPerson(reasons, one):
            return NeedsPerson((*_resaved_notes(comparison), *reasons), one, comparison.digest)
        case Objected(reasons):
            return Objected((*reasons, Message.of("form.saved-anew-too")))
        case Pending():
            return finding
        case _:
            assert_never(finding)


def _resaved_notes(comparison: Comparison) -> tuple[Message, ...]:
    elsewhere = (Message.of("form.shows-differently-elsewhere"),) if comparison.told else ()
    return (Message.of("form.saved-anew"), *elsewhere)


def _part(report: Report, part: str, over: Covers | CoversWholeDocument, question: Question) -> Finding:
    policy, signer = AllOf(Valid(), over, Qualified(), QualifiedTimestamp()), question.signers[part]
    candidates = [signature for signature in report.signatures if not signature.counter_signature]
    if not candidates:
        return Objected((Message.of("form.not-signed"),))
    looked = [
        (signature, policy.objections(signature, report), signer.objections(signature, report))
        for signature in candidates
    ]
    for signature, objections, signer_objections in looked:
        if not objections and not signer_objections and signature.stamped_at is not None:  # (2a)
            notes = signer.notes(signature, report) + _beside(signature, report, question)
            return Proven(signature, signature.stamped_at, notes)
    for _, objections, signer_objections in looked:
        if (
            objections and all(one.open for one in objections) and all(one.for_person for one in signer_objections)
        ):  # (2b)
            return Pending(_messages(objections))
    nameless = [
        (signature, signer_objections)
        for signature, objections, signer_objections in looked
        if signer_objections and not objections and all(one.for_person for one in signer_objections)
    ]
    if nameless:  # (2c)
        reasons = tuple(one.message for _, signer_objections in nameless for one in signer_objections)
        return NeedsPerson(reasons, nameless[0][0] if len(nameless) == 1 else None)
    theirs = tuple(
        message
        for _, found, signer_objections in looked
        if not signer_objections
        for message in _messages(without_redundant(found))
    )
    if theirs:  # (2d)
        return Objected(_once(theirs))
    return Objected(
        _once(
            tuple(
                message
                for _, found, signer_objections in looked
                # That a person will look is no use where the signature itself is invalid.
                for message in (
                    *(one.message for one in signer_objections if not one.for_person),
                    *_messages(without_redundant(found)),
                )
            )
        )
    )


def _replayed(finding: Finding, question: Question) -> Finding:
    if not isinstance(finding, Proven):
        return finding
    reasons: tuple[Message, ...] = ()
    if question.used_before:
        reasons += (Message.of("form.used-before"),)
    if question.last_end is not None and finding.signed_at <= question.last_end:
        reasons += (Message.of("form.older-than-last-end", day=riga_day(question.last_end).isoformat()),)
    if question.made_at is not None and finding.signed_at < question.made_at - _CLOCKS_DIFFER:
        reasons += (Message.of("form.older-than-form"),)
    return NeedsPerson(reasons + finding.notes, finding.signature) if reasons else finding


def _classify_other_file(report: Report, question: Question) -> Objected | Pending | NeedsPerson:
    broken = _broken(report)
    if question.used_before:
        return Objected((Message.of("form.used-before"),))
    if question.other_forms or (question.mentions_another and not question.contains_our_reference):
        return Objected((Message.of("form.form-of-another"),))
    if question.encloses_signed:
        return Objected((Message.of("form.signed-pdf-inside", file=question.encloses_signed),))
    if question.contains_our_reference or broken:
        return _content_differs(report, question, broken)
    return _unknown_form(report)


def _broken(report: Report) -> tuple[Message, ...]:
    return tuple(
        message
        for signature in report.signatures
        if signature.sub_indication in {SubIndication.HASH_FAILURE, SubIndication.FORMAT_FAILURE}
        for message in signature.errors
    )


def _content_differs(report: Report, question: Question, broken: tuple[Message, ...]) -> Objected | NeedsPerson:
    """Name what differs from the form that is most alike; what could not be compared is for a person."""
    signed_well = any(not Valid().objections(signature, report) for signature in report.signatures)
    if report.form == _PDF and not question.comparisons and signed_well:
        return NeedsPerson((Message.of("form.not-compared"),))
    closest = max(question.comparisons, key=lambda one: (one.same, one.likeness), default=None)
    if closest is not None and closest.same and not broken:
        return Objected((Message.of("form.saved-anew-before"),))
    differences = () if closest is None else closest.differences
    return Objected(_once((Message.of("form.content-differs"), *differences, *broken)))


def _unknown_form(report: Report) -> Objected | Pending | NeedsPerson:
    if not report.signatures:
        return Objected((Message.of("form.not-signed"), Message.of("form.not-our-form")))
    found = [Valid().objections(signature, report) for signature in report.signatures]
    if not all(found):
        return NeedsPerson((Message.of("form.not-our-form"),))
    if any(all(objection.open for objection in objections) for objections in found):
        return Pending(_once(tuple(message for objections in found for message in _messages(objections))))
    messages = tuple(message for objections in found for message in _messages(objections))
    return Objected(_once((Message.of("form.not-our-form"), *messages)))


def _beside(signature: SignatureReport, report: Report, question: Question) -> tuple[Message, ...]:
    """Note what else is in the file: nothing of it is a reason to refuse. A PDF holds nothing but itself."""
    ours = {form.sha256 for form in question.forms}
    invalid = tuple(
        Message.of("form.other-signature-not-valid", name=name_of(other))
        for other in report.signatures
        if other is not signature and other.indication is Indication.TOTAL_FAILED
    )
    files = tuple(
        Message.of(OTHER_FILE, file=content.name)
        for content in report.contents
        if content.sha256 not in ours and report.form != _PDF
    )
    return invalid + files


def _messages(objections: tuple[Objection, ...]) -> tuple[Message, ...]:
    messages = (objection.message for objection in objections)
    return _once(tuple(_OF_A_FORM.get(message.code, message) for message in messages))


def _once(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    unique: list[Message] = []
    for message in messages:
        if message not in unique:
            unique.append(message)
    return tuple(unique)
