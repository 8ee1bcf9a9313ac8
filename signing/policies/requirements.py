"""What can be asked of a signature: to be valid, qualified, time-stamped, over everything, by one person?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from signing.judging.algorithms import TS_119_312
from signing.model import (
    Identity,
    Indication,
    Message,
    Qualification,
    Report,
    SignatureReport,
    SubIndication,
    TrustState,
)
from signing.policies.policy import Objection, Requirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from signing.judging.algorithms import AlgorithmTable
    from signing.model import StampReport

__all__ = [
    "Covers",
    "CoversWholeDocument",
    "OfLevel",
    "Qualified",
    "QualifiedTimestamp",
    "SignedBy",
    "StampedAsQualified",
    "Timestamped",
    "Valid",
    "stamped_by_qualified",
]

# What may become a pass by itself, once a responder answers or a list is there again.
_WAITING = frozenset({SubIndication.TRY_LATER})
# What a chain that is not found may mean while the lists themselves are old or missing.
_WAITING_FOR_LISTS = frozenset(
    {
        SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
        SubIndication.NO_CERTIFICATE_CHAIN_FOUND_NO_POE,
        SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE,
    }
)
_QUALIFIED = frozenset({Qualification.QESIG, Qualification.QESEAL})
_LISTS_IN_DOUBT = frozenset({TrustState.STALE, TrustState.MISSING})
_PDF = "PAdES"  # facts.Form
# What is said of a PDF without anything being left out.
_AS_SIGNED = frozenset({"pdf.later-revision", "pdf.script"})


@dataclass(frozen=True, slots=True)
class Valid(Requirement):
    """The signature is TOTAL-PASSED in the words of EN 319 102-1, whatever it is worth in law.

    Algorithms were judged by `table`, or by TS 119 312, which is the stricter one.
    """

    table: AlgorithmTable = TS_119_312

    def objections(self, signature: SignatureReport, report: Report) -> tuple[Objection, ...]:
        """Object with the verdict's own reasons; open when a responder or list may still settle it."""
        if report.algorithms not in {self.table.name, TS_119_312.name}:
            return (Objection(Message.of("report.other-algorithms", table=report.algorithms)),)
        match signature.indication:
            case Indication.TOTAL_PASSED:
                return ()
            case Indication.INDETERMINATE | Indication.TOTAL_FAILED:
                waiting = _waits(signature, report)
                headline = Message.of(
                    "signature.undecided" if waiting else "signature.not-valid",
                    indication=signature.indication,
                    subindication=signature.sub_indication or "",
                )
                return tuple(Objection(message, waiting) for message in (headline, *signature.errors))


def _waits(signature: SignatureReport, report: Report) -> bool:
    """Return whether this may pass without anyone changing the file.

    A suspended certificate waits too (EN 319 102-1: TRY_LATER): whether it becomes active again or is revoked is not
    known yet, and nobody is refused for good over it. What its holder can do meanwhile stands in its sentence.
    """
    if signature.indication is not Indication.INDETERMINATE:
        return False
    if signature.sub_indication in _WAITING:
        return True
    return signature.sub_indication in _WAITING_FOR_LISTS and report.trust_state in _LISTS_IN_DOUBT


@dataclass(frozen=True, slots=True)
class Qualified(Requirement):
    """A qualified electronic signature of a person: QESig. A seal is not a person's signature.

    With `seals=True` a QESeal satisfies too, and so does a signature whose certificate does not say which it is.
    """

    seals: bool = False

    def objections(self, signature: SignatureReport, report: Report) -> tuple[Objection, ...]:
        """Object unless the law sees a qualified signature here."""
        found = signature.qualification
        if found is Qualification.QESIG:
            return ()
        if found in {Qualification.QESEAL, Qualification.UNKNOWN_QC_QSCD} and self.seals:
            return ()
        if found in {Qualification.QESEAL, Qualification.ADESEAL_QC, Qualification.ADESEAL} and not self.seals:
            return (Objection(Message.of("qualification.seal", found=found)),)
        return (_not_of_level(signature, report),)


def _not_of_level(signature: SignatureReport, report: Report) -> Objection:
    """Object to what a signature is in law; it stays open while the lists cannot tell."""
    found = signature.qualification
    if found is Qualification.UNDETERMINED or (
        report.trust_state in _LISTS_IN_DOUBT and found in {Qualification.NOT_ADES, Qualification.ADES}
    ):
        return Objection(Message.of("qualification.undetermined"), open=True)
    if found is Qualification.NOT_ADES and signature.indication is not Indication.TOTAL_PASSED:
        # A signature that did not pass has no standing in law; whether that is final is for its verdict.
        return Objection(Message.of("qualification.none", found=found), _waits(signature, report))
    return Objection(Message.of("qualification.not-qualified", found=found))


@dataclass(frozen=True, slots=True)
class OfLevel(Requirement):
    """What the signature is in law is one of these; what the lists cannot tell now stays open."""

    levels: frozenset[Qualification]

    def objections(self, signature: SignatureReport, report: Report) -> tuple[Objection, ...]:
        """Object to another level."""
        return () if signature.qualification in self.levels else (_not_of_level(signature, report),)


def _why_not(stamps: Iterable[StampReport]) -> Iterator[Message]:
    """Say of stamps what is wrong with themselves, in words that cannot be taken for the signature's."""
    for message in dict.fromkeys(message for stamp in stamps for message in stamp.messages):
        if message.code == "algorithm.too-weak":
            yield Message("stamp.too-weak", message.params)
        elif message.code.startswith("stamp."):
            yield message


@dataclass(frozen=True, slots=True)
class QualifiedTimestamp(Requirement):
    """A passed time stamp over the signature, from a qualified authority: it says when the document was signed.

    It has to be the earliest that passed. That one's time is what certificate and revocation were judged at; another
    authority's word for it would otherwise do, with a qualified stamp of today beside it.
    """

    def objections(self, signature: SignatureReport, report: Report) -> tuple[Objection, ...]:
        """Object when no stamp, no passed stamp or no qualified stamp proves the signature's time."""
        stamps = [stamp for stamp in signature.stamps if stamp.over_the_signature]
        if not stamps:
            return (Objection(Message.of("stamp.missing")),)
        earliest = _earliest_passed(signature)
        if any(stamp.qualified for stamp in earliest):
            return ()
        in_doubt = report.trust_state in _LISTS_IN_DOUBT
        if not earliest:
            waiting = any(stamp.sub_indication in _WAITING for stamp in stamps) or (
                in_doubt and all(stamp.indication is Indication.INDETERMINATE for stamp in stamps)
            )
            why = tuple(_why_not(stamps))
            named = next((stamp.authority for stamp in stamps if stamp.authority), "")
            # A stamp whose unit nobody can name says itself why; an empty name says nothing.
            headline = (Message.of("stamp.not-valid", authority=named),) if named or not why else ()
            return tuple(Objection(message, waiting) for message in (*headline, *why))
        waiting = in_doubt or any(stamp.qualified is None for stamp in earliest)
        return (Objection(Message.of("stamp.not-qualified", authority=earliest[0].authority), waiting),)


def _earliest_passed(signature: SignatureReport) -> list[StampReport]:
    passed = [
        stamp for stamp in signature.stamps if stamp.over_the_signature and stamp.indication is Indication.TOTAL_PASSED
    ]
    first = min((stamp.time for stamp in passed if stamp.time is not None), default=None)
    return [stamp for stamp in passed if stamp.time == first]


def stamped_by_qualified(signature: SignatureReport) -> bool | None:
    """Tell whether the stamp that proves the signature's time is a qualified one; None while the lists cannot tell."""
    found = {stamp.qualified for stamp in _earliest_passed(signature)}
    return True if True in found else None if None in found else False


@dataclass(frozen=True, slots=True)
class Timestamped(Requirement):
    """The signature is more than a basic one (level B), whose time nothing proves."""

    def objections(self, signature: SignatureReport, report: Report) -> tuple[Objection, ...]:
        """Object to level B, with what became of its stamp where there is one."""
        del report  # the level stands in the signature alone
        if signature.level != "B":
            return ()
        failed = next((stamp for stamp in signature.stamps if stamp.over_the_signature), None)
        if failed is None:
            return (Objection(Message.of("stamp.missing")),)
        return (Objection(Message.of("stamp.not-valid", authority=failed.authority)),)


@dataclass(frozen=True, slots=True)
class StampedAsQualified(Requirement):
    """A qualified signature or seal has a qualified time stamp; of any other, nothing more is asked."""

    def objections(self, signature: SignatureReport, report: Report) -> tuple[Objection, ...]:
        """Object as `QualifiedTimestamp` does, to signatures that are qualified."""
        if signature.qualification not in _QUALIFIED:
            return ()
        return QualifiedTimestamp().objections(signature, report)


def _beside_the_signed(signature: SignatureReport) -> tuple[Objection, ...]:
    """Say of a PDF, which holds no files to take out, what was found beside what is signed."""
    found = [one for one in signature.warnings if one.code.startswith("pdf.") and one.code not in _AS_SIGNED]
    return tuple(Objection(message) for message in (Message.of("coverage.pdf-incomplete"), *found))


@dataclass(frozen=True, slots=True)
class CoversWholeDocument(Requirement):
    """Every data file of the container, or every page of the PDF, is under the signature."""

    def objections(self, signature: SignatureReport, report: Report) -> tuple[Objection, ...]:
        """Name every file the signature leaves out."""
        if signature.covers_everything:
            return ()
        if report.form == _PDF:
            return _beside_the_signed(signature)
        left_out = [content.name for content in report.contents if signature.id not in content.covered_by]
        if not left_out:
            return (Objection(Message.of("coverage.incomplete")),)
        return tuple(Objection(Message.of("coverage.file-not-signed", file=name)) for name in left_out)


@dataclass(frozen=True, slots=True)
class Covers(Requirement):
    """One particular document, by the SHA-256 of its bytes (hex), is under the signature."""

    sha256: str

    def objections(self, signature: SignatureReport, report: Report) -> tuple[Objection, ...]:
        """Object when the document is not in the file, or is there and this signature leaves it out."""
        wanted = [content for content in report.contents if content.sha256 == self.sha256.lower()]
        if not wanted:
            return (Objection(Message.of("coverage.document-missing")),)
        if any(signature.id in content.covered_by for content in wanted):
            return ()
        if report.form == _PDF:
            return _beside_the_signed(signature)
        return (Objection(Message.of("coverage.file-not-signed", file=wanted[0].name)),)


class SignedBy(Requirement):
    """The signer is this person: any one of the identities (present and earlier codes of one person).

    Kind, country and digits must all be equal. A certificate without a country on its code, or without a code,
    identifies nobody by itself; its own message says so, because a person can then look.
    """

    __slots__ = ("identities",)
    selects: ClassVar[bool] = True

    def __init__(self, *identities: Identity) -> None:
        if not identities:
            raise ValueError("SignedBy needs at least one identity")
        self.identities = identities

    def __repr__(self) -> str:
        return f"SignedBy({', '.join(identity.masked() for identity in self.identities)})"

    def objections(self, signature: SignatureReport, report: Report) -> tuple[Objection, ...]:
        """Object when the certificate names somebody else, or nobody."""
        del report  # the signer stands in the signature alone
        found = signature.signer.identity if signature.signer else None
        if found in self.identities:
            return ()
        name = signature.signer.common_name if signature.signer else ""
        if found is None:
            return (Objection(Message.of("signer.no-identity", name=name), for_person=True),)
        if not found.country and any((found.kind, found.digits) == (one.kind, one.digits) for one in self.identities):
            return (Objection(Message.of("signer.code-without-country", name=name), for_person=True),)
        return (Objection(Message.of("signer.somebody-else", name=name)),)
