"""From a PDF to facts: its signatures, each with its coverage and the modifications after it.

(1) open the file; encrypted, damaged and unsigned ones end here
(2) for each signature field: the bytes it covers, and whether they are a whole revision
(3) the evidence beside the signatures: the document security store, and document time stamps, each of which proves
    that everything written before it existed
(4) the CMS of each signature, over those bytes
(5) modifications after it; invisible ones may follow, visible ones only under a later signature
(6) the signed document: the expected one, if the file begins with exactly its bytes and still shows it
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from signing.errors import NotASignedDocument, SigningError
from signing.model import Content, Message
from signing.pades.coverage import coverage_of
from signing.pades.expected_content import what_differs
from signing.pades.modifications import Extent, LaterRevision, hidden_since, steps_after
from signing.pades.permissions import Permissions, permissions_of
from signing.pades.reader.pdf import Pdf
from signing.pades.signature import read_document_stamp, read_signature
from signing.pki.certificate_files import readable_certificates
from signing.reading.facts import DocumentFacts, SignatureForm, ValueCheck
from signing.reading.naming import unique_ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from signing.model import ExpectedContent
    from signing.pades.coverage import Coverage
    from signing.pades.difference.appearances import Picture
    from signing.pades.reader.pdf import SecurityStore, SignatureEntry
    from signing.pki.certificates import Certificate
    from signing.reading.facts import SignatureFacts, StampFacts

__all__ = ["read_pdf"]

_MEDIA_TYPE = "application/pdf"
_REVISION_END = re.compile(rb"startxref\s+\d{1,10}\s+%%EOF(?:\r\n|\r|\n)?")


@dataclass(frozen=True, slots=True)
class _Found:
    """A signature field with its coverage, and its facts once they are read."""

    entry: SignatureEntry
    coverage: Coverage
    facts: SignatureFacts | None = None
    stamp: StampFacts | None = None

    @property
    def sound(self) -> bool:
        """Whether it is intact by itself, so that its signer answers for what it covers."""
        if self.coverage.fault is not None:
            return False
        if self.facts is not None:
            intact = all(reference.intact for reference in self.facts.references)
            return intact and self.facts.value_check is ValueCheck.VALID and not self.facts.format_faults
        return self.stamp is not None and self.stamp.imprint_matches is True


def read_pdf(document: bytes, *, name: str, expected: Sequence[ExpectedContent] = ()) -> DocumentFacts:
    """Read a signed PDF as facts; raises members of the `UnreadableDocument` tree.

    `expected` are documents of the caller (`signing.pades.read_pdf`).
    """
    pdf = Pdf(document)  # (1)
    fields = [_Found(entry, coverage_of(entry, pdf)) for entry in pdf.signatures()]  # (2)
    if not fields:
        raise NotASignedDocument("pdf.unsigned")
    store = pdf.security_store()
    evidence = readable_certificates(blob for blob, _ in store.certificates)
    found = _read_all(fields, document, store, evidence, name)  # (3) (4)
    content, ours = _content(pdf, name, expected, found)  # (6)
    signatures, faults = [], _faults_behind(pdf, found)
    warnings = [Message.of("pdf.script")] if pdf.has_scripts() else []
    segments: dict[int, tuple[LaterRevision, ...]] = {}
    for one in found:
        if one.facts is not None:
            steps = _steps(pdf, one, found, segments)
            facts, changed = _after_signing(one.facts, steps, found)  # (5)
            facts = replace(
                facts,
                reaches=one.coverage.end,
                filled_until=_filled_until(steps, found),
                shown_until=_shown_until(steps, found),
            )
            faults += [changed] if changed is not None else []
            signatures.append(_completed(facts, one, found, store, evidence))
    if faults:
        signatures = [replace(one, covers=(), covers_everything=False) for one in signatures]
    if ours is not None:
        shown = _ExpectedContent(pdf, ours, content.size, found)
        signatures = [shown.confirm(facts, one) for facts, one in zip(signatures, _signed(found), strict=True)]
        warnings += shown.told if not any(one.covers for one in signatures) else []
    return DocumentFacts(
        form=SignatureForm.PADES,
        contents=(content,),
        signatures=tuple(unique_ids(signatures)),
        stamps=() if signatures else tuple(one.stamp for one in found if one.stamp is not None),
        faults=tuple(dict.fromkeys(faults)),
        warnings=tuple(warnings),
    )


def _read_all(
    fields: Iterable[_Found], data: bytes, store: SecurityStore, evidence: tuple[Certificate, ...], name: str
) -> list[_Found]:
    """Read signatures and document time stamps in signing order; a stamp proves what was read before it."""
    done: list[_Found] = []
    for one in fields:
        entry, coverage = one.entry, one.coverage
        if entry.kind == "DocTimeStamp" or entry.sub_filter == "ETSI.RFC3161":
            proves = _proven(coverage, store, done)
            stamp = read_document_stamp(entry, coverage, data, known=evidence, proves=proves)
            done.append(replace(one, stamp=stamp))
        else:
            facts = read_signature(entry, coverage, data, known=evidence, name=name)
            done.append(replace(one, facts=facts))
    return done


def _proven(coverage: Coverage, store: SecurityStore, earlier: Iterable[_Found]) -> frozenset[str]:
    """Return the SHA-256 of all evidence a document time stamp covers."""
    if coverage.fault is not None or coverage.revision is None:
        return frozenset()
    blobs = (*store.certificates, *store.ocsps, *store.crls)
    names = {hashlib.sha256(blob).hexdigest() for blob, revision in blobs if revision <= coverage.revision}
    for one in earlier:
        if one.coverage.end > coverage.end:
            continue
        stamps = one.facts.stamps if one.facts is not None else (one.stamp,) if one.stamp is not None else ()
        for stamp in stamps:
            names |= {stamp.sha256, *(certificate.sha256 for certificate in stamp.certificates)}
        if one.facts is not None:
            names |= {certificate.sha256 for certificate in one.facts.certificates}
            names |= {hashlib.sha256(blob).hexdigest() for blob in (*one.facts.ocsps, *one.facts.crls)}
    return frozenset(names)


def _completed(
    facts: SignatureFacts,
    one: _Found,
    found: Iterable[_Found],
    store: SecurityStore,
    evidence: tuple[Certificate, ...],
) -> SignatureFacts:
    """Add the evidence beside the signature: the security store and the document time stamps over it."""
    over = [other.stamp for other in found if other.stamp is not None and other.coverage.end > one.coverage.end]
    return replace(
        facts,
        certificates=(*facts.certificates, *evidence),
        ocsps=(*facts.ocsps, *(blob for blob, _ in store.ocsps)),
        crls=(*facts.crls, *(blob for blob, _ in store.crls)),
        stamps=(*facts.stamps, *over),
    )


def _steps(
    pdf: Pdf, one: _Found, found: Iterable[_Found], segments: dict[int, tuple[LaterRevision, ...]]
) -> tuple[LaterRevision, ...]:
    """Return the modifications after a signature.

    Each revision is compared with the nearest signed one before it, so the work is linear in the number of signatures.
    That suffices: permitted modifications of a permitted revision are permitted. Only for a signature with permissions
    of its own are all later revisions also compared with its own.
    """
    start = one.coverage.revision
    if start is None or one.coverage.fault is not None:
        return ()
    last = pdf.revisions - 1
    if start == last:
        return ()
    try:
        permissions = permissions_of(pdf, one.entry, start)
    except SigningError as error:
        return (LaterRevision(start + 1, Extent.OTHER, f"permissions that cannot be read: {error}"),)
    if permissions:
        steps = steps_after(pdf, one.entry, permissions, start, last)
        if any(step.change is Extent.OTHER for step in steps):
            return steps
    signed = {
        other.coverage.revision: other.entry
        for other in (one, *_signed(found))
        if other.coverage.revision is not None and other.coverage.revision >= start
    }
    bounds = [*sorted(signed), last]
    for begin, end in pairwise(bounds):
        if begin not in segments:
            segments[begin] = steps_after(pdf, signed[begin], Permissions(), begin, end)
    steps = tuple(step for begin in bounds[:-1] for step in segments[begin])
    shown = sum(any(step.change >= Extent.SIGNATURES for step in segments[begin]) for begin in bounds[:-1])
    return (*hidden_since(pdf, start, last), *steps) if shown > 1 else steps


def _after_signing(
    facts: SignatureFacts, steps: Sequence[LaterRevision], found: Sequence[_Found]
) -> tuple[SignatureFacts, Message | None]:
    """Add the modifications to the facts; the second value is a fault of every signature of the file."""
    worst = next((step for step in steps if not _answered_for(step, found)), None)
    if worst is not None:
        unclear = worst.what is not None and worst.what.code == "pdf.differs-unclear"
        code = "pdf.unclear-after-signing" if unclear else "pdf.changed-after-signing"
        fault = Message.of(code, revision=worst.revision, reason=worst.reason)
        told = (worst.what,) if worst.what is not None and not unclear else ()
        told = (Message.of("pdf.filled-in"),) if worst.change is Extent.FORMS and worst.what is None else told
        changed = replace(
            facts, format_faults=(*facts.format_faults, fault), warnings=(*facts.warnings, *told), covers=()
        )
        return changed, Message.of(code)
    filled_in = any(step.change is Extent.FORMS for step in steps)
    warnings = list(facts.warnings)
    if filled_in:
        warnings.append(Message.of("pdf.filled-in"))
    elif any(step.change is Extent.SIGNATURES for step in steps):
        warnings.append(Message.of("pdf.later-revision"))
    whole = bool(facts.covers) and not filled_in
    return replace(facts, covers_everything=whole, warnings=tuple(warnings)), None


def _faults_behind(pdf: Pdf, found: Iterable[_Found]) -> list[Message]:
    """Report bytes behind the last signature that are no revision: some reader may read them as one."""
    ends = [(one.coverage.end, one.coverage.revision) for one in found if one.coverage.revision is not None]
    end, revision = max(ends, default=(0, None))
    if revision is None or pdf.ends_with_revisions_only(end, revision):
        return []
    return [Message.of("pdf.not-covering")]


def _answered_for(step: LaterRevision, found: Sequence[_Found]) -> bool:
    """Whether a step may stand: it shows nothing, or later signatures cover it and the fields that draw something.

    A document time stamp names no person and answers for nothing visible. Whether those signatures pass is judged
    later (`SignatureFacts.filled_until` and `shown_until`).
    """
    match step.change:
        case Extent.BOOKKEEPING:
            return True
        case Extent.SIGNATURES | Extent.FORMS:
            owned = all(_owner(one, step, found) is not None for one in step.pictures if not one.empty)
            return owned and bool(_over(step, found))
        case Extent.OTHER:
            return False


def _over(step: LaterRevision, found: Iterable[_Found]) -> list[_Found]:
    """Return the signatures that cover a step, intact or not; document time stamps do not count."""
    return [
        one
        for one in _signed(found)
        if one.coverage.fault is None and one.coverage.revision is not None and one.coverage.revision >= step.revision
    ]


def _owner(picture: Picture, step: LaterRevision, found: Iterable[_Found]) -> _Found | None:
    """Return the signature in a picture's field, if it covers the picture itself."""
    return next((one for one in _over(step, found) if one.entry.byte_range == picture.signed), None)


def _filled_until(steps: Iterable[LaterRevision], found: Sequence[_Found]) -> int:
    """Return the least offset to which a signature over everything filled in reaches; 0 where nothing was."""
    fills = [step for step in steps if step.change is Extent.FORMS]
    return max((min((one.coverage.end for one in _over(step, found)), default=0) for step in fills), default=0)


def _shown_until(steps: Iterable[LaterRevision], found: Sequence[_Found]) -> int:
    """Return the least offset to which a signature over all drawings in signature fields reaches; 0 for none."""
    shown = [step for step in steps if step.change in {Extent.SIGNATURES, Extent.FORMS}]
    ends = [min((one.coverage.end for one in _over(step, found)), default=0) for step in shown]
    owners = [_owner(one, step, found) for step in shown for one in step.pictures if not one.empty]
    return max((*ends, *(one.coverage.end for one in owners if one is not None)), default=0)


def _content(
    pdf: Pdf, name: str, expected: Iterable[ExpectedContent], found: Iterable[_Found]
) -> tuple[Content, int | None]:
    """Return the signed document, and the revision that is exactly an expected one, or None."""
    for document in expected:
        if 0 < document.size <= len(pdf.data):
            digest = hashlib.sha256(memoryview(pdf.data)[: document.size]).hexdigest()
            revision = pdf.revision_ending_at(document.size)
            if digest == document.sha256.lower() and revision is not None:
                return Content(name, document.size, digest, _MEDIA_TYPE), revision
    first_signed = min((one.coverage.end for one in found), default=0)
    size = next(
        (
            match.end()
            for match in _REVISION_END.finditer(pdf.data)
            if match.end() < first_signed and pdf.revision_ending_at(match.end()) is not None
        ),
        len(pdf.data),
    )
    digest = hashlib.sha256(memoryview(pdf.data)[:size]).hexdigest()
    return Content(name, size, digest, _MEDIA_TYPE), None


class _ExpectedContent:
    """The expected document, which ends at the offset `end`, and what later revisions show that it does not."""

    def __init__(self, pdf: Pdf, revision: int, end: int, found: Sequence[_Found]) -> None:
        self._pdf, self._revision, self._end = pdf, revision, end
        # Signatures under the confirmed one must be intact; whether later ones pass is judged later.
        self._sound = frozenset(one.entry.byte_range for one in _signed(found) if one.sound)
        self._listed = frozenset(one.entry.byte_range for one in _signed(found) if one.coverage.fault is None)
        self._found: dict[tuple[int, frozenset[tuple[int, ...]]], Message | None] = {}
        self.told: list[Message] = []

    def confirm(self, facts: SignatureFacts, one: _Found) -> SignatureFacts:
        """Keep what a signature covers only if the signed and the newest revision show the expected document."""
        revision = one.coverage.revision
        if not facts.covers or revision is None or revision <= self._revision:
            return replace(facts, covers=(), covers_everything=False)
        told: tuple[Message, ...] = ()
        if what := self._difference(revision, self._sound | {one.entry.byte_range}):
            told = (what,)
        elif what := self._difference(self._pdf.revisions - 1, self._listed):
            told = Message.of("pdf.changed-after-signing"), what
        if not told:
            return facts
        self.told += [message for message in told if message not in self.told]
        warnings = tuple(dict.fromkeys((*facts.warnings, *told)))
        return replace(facts, covers=(), covers_everything=False, warnings=warnings)

    def _difference(self, revision: int, signed: frozenset[tuple[int, ...]]) -> Message | None:
        asked = revision, signed
        if asked not in self._found:
            self._found[asked] = what_differs(self._pdf, self._revision, revision, end=self._end, signed=signed)
        return self._found[asked]


def _signed(found: Iterable[_Found]) -> list[_Found]:
    return [one for one in found if one.facts is not None]
