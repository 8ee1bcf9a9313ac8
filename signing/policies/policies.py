"""What a document has to prove: small nouns that compose, each looking at one signature.

    AllOf(CoversWholeDocument(), Qualified(), QualifiedTimestamp(), SignedBy(head))

One signature must satisfy all parts: a valid signature of a stranger and a broken one of the head prove nothing
together. Judging a report:

    (1) leave counter-signatures aside: they sign a signature, not the document;
    (2) ask every part for its objections to each signature, all of them, not only the first;
    (3) a signature without objections: `Accepted`;
    (4) a signature with only open objections (a responder or a list was not reachable): `Undetermined`;
    (5) otherwise `Rejected`, with the objections to the signatures of the people asked for, or, when none of
        them signed, to all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

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
from signing.policies.verdict import Accepted, Rejected, Undetermined, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from signing.judging.algorithms import AlgorithmTable
    from signing.model import StampReport

__all__ = [
    "Accepted",
    "AllOf",
    "Covers",
    "CoversWholeDocument",
    "Objection",
    "OfLevel",
    "Policy",
    "Qualified",
    "QualifiedTimestamp",
    "Rejected",
    "SignedBy",
    "StampedAsQualified",
    "Timestamped",
    "Undetermined",
    "Valid",
    "Verdict",
    "stamped_by_qualified",
    "telling",
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
class Objection:
    """Why a signature does not satisfy a part: final, unless one of the two is said.

    `open`: it may yet satisfy it without anyone changing the file. `for_person`: a machine cannot tell, and a person
    who knows more may settle it; a verdict counts it as final.
    """

    message: Message
    open: bool = False
    for_person: bool = False


@runtime_checkable
class Policy(Protocol):
    """Anything that objects to signatures can be asked for a verdict on a report."""

    selects: ClassVar[bool]

    def objections(self, signature: SignatureReport, report: Report) -> tuple[Objection, ...]:
        """Return every objection to this one signature; empty when the part is satisfied."""
        ...

    def judge(self, report: Report) -> Verdict:
        """Answer for the whole report: does one signature satisfy everything?"""
        ...


class _Part(ABC):
    """What all parts share: judging a report by the numbered procedure above."""

    __slots__ = ()
    # A part that says whose signature is meant; objections to other people's signatures are then noise.
    selects: ClassVar[bool] = False

    @abstractmethod
    def objections(self, signature: SignatureReport, report: Report) -> tuple[Objection, ...]:
        """Return every objection to this one signature; empty when the part is satisfied."""

    def meant(self, signature: SignatureReport, report: Report) -> bool:
        """Is this signature one the policy speaks of at all?"""
        return not self.selects or not self.objections(signature, report)

    def judge(self, report: Report) -> Verdict:
        candidates = [one for one in report.signatures if not one.counter_signature]  # (1)
        if not candidates:
            return Rejected((Message.of("signature.none"),))
        found = [(one, self.objections(one, report)) for one in candidates]  # (2)
        for signature, objections in found:
            if not objections:  # (3)
                return Accepted(signature, signature.warnings)
        for _, objections in found:
            if all(objection.open for objection in objections):  # (4)
                return Undetermined(_messages(objections))
        named_people = [pair for pair in found if self.meant(pair[0], report)] or found  # (5)
        return Rejected(_messages(tuple(one for _, objections in named_people for one in telling(objections))))


def telling(objections: tuple[Objection, ...]) -> tuple[Objection, ...]:
    """Leave out what is still open beside what is final: it would promise a second look that changes nothing."""
    return tuple(objection for objection in objections if not objection.open) or objections


def _messages(objections: tuple[Objection, ...]) -> tuple[Message, ...]:
    return tuple(dict.fromkeys(objection.message for objection in objections))


def _beside_the_signed(signature: SignatureReport) -> tuple[Objection, ...]:
    """Say of a PDF, which holds no files to take out, what was found beside what is signed."""
    found = [one for one in signature.warnings if one.code.startswith("pdf.") and one.code not in _AS_SIGNED]
    return tuple(Objection(message) for message in (Message.of("coverage.pdf-incomplete"), *found))


class AllOf(_Part):
    """Every part, by one and the same signature. `AllOf()` cannot be built: it would accept anything.

    >>> AllOf()
    Traceback (most recent call last):
    ...
    ValueError: a policy without parts would accept everything
    """

    __slots__ = ("parts",)

    def __init__(self, *parts: Policy) -> None:
        if not parts:
            raise ValueError("a policy without parts would accept everything")
        self.parts = parts

    def __repr__(self) -> str:
        return f"AllOf({', '.join(map(repr, self.parts))})"

    def objections(self, signature: SignatureReport, report: Report) -> tuple[Objection, ...]:
        """Return the objections of all parts, in the order of the parts."""
        return tuple(objection for part in self.parts for objection in part.objections(signature, report))

    def meant(self, signature: SignatureReport, report: Report) -> bool:
        """Return True when all selecting parts agree that this signature is meant."""
        return all(not part.selects or not part.objections(signature, report) for part in _flat(self))


def _flat(policy: Policy) -> tuple[Policy, ...]:
    if isinstance(policy, AllOf):
        return tuple(leaf for part in policy.parts for leaf in _flat(part))
    return (policy,)


@dataclass(frozen=True, slots=True)
class Valid(_Part):
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
class Qualified(_Part):
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
class OfLevel(_Part):
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
class QualifiedTimestamp(_Part):
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
class Timestamped(_Part):
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
class StampedAsQualified(_Part):
    """A qualified signature or seal has a qualified time stamp; of any other, nothing more is asked."""

    def objections(self, signature: SignatureReport, report: Report) -> tuple[Objection, ...]:
        """Object as `QualifiedTimestamp` does, to signatures that are qualified."""
        if signature.qualification not in _QUALIFIED:
            return ()
        return QualifiedTimestamp().objections(signature, report)


@dataclass(frozen=True, slots=True)
class CoversWholeDocument(_Part):
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
class Covers(_Part):
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


class SignedBy(_Part):
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
