"""What was done to a PDF after it was signed, revision by revision.

pyHanko compares each later revision with the signed one and has to find a reason for every object that was written; we
ask it twice, with a narrow set of reasons first. What it finds no reason for, or stumbles over, was a change.

    BOOKKEEPING   revocation data, document time stamps, invisible signature fields, metadata: shows nothing
    SIGNATURES    signature fields that can be seen, and nothing else
    FORMS         fields of a form were filled in
    OTHER         anything else: pages, annotations, fields, fonts, objects that were only announced before
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from pyhanko.pdf_utils import generic
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    CatalogModificationRule,
    DocInfoRule,
    DSSCompareRule,
    FormUpdatingRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
    XrefStreamRule,
)
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm

from signing.errors import SigningError, TooLarge
from signing.pades._pdf import guarded, said, value_of
from signing.pades.updates import why_ambiguous

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signing.pades._pdf import Pdf, SignatureEntry

__all__ = ["Change", "Step", "hides_a_page", "restricts", "steps_after"]

# Each costs a comparison; signing software appends two or three.
_MOST_LATER_REVISIONS = 64
# A signature's picture takes a corner of a page; one that hides the page shows another document.
_LARGEST_APPEARANCE = 0.4
_Box = tuple[float, ...]
_A4: _Box = (0.0, 0.0, 595.0, 842.0)
_MOST_NODES = 100_000

_SIGNATURES_ONLY = StandardDiffPolicy(
    global_rules=[
        CatalogModificationRule(),  # type: ignore[no-untyped-call] # pyHanko has no types here
        DocInfoRule().as_qualified(ModificationLevel.LTA_UPDATES),
        XrefStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
        ObjectStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
        DSSCompareRule().as_qualified(ModificationLevel.LTA_UPDATES),
        MetadataUpdateRule().as_qualified(ModificationLevel.LTA_UPDATES),  # type: ignore[no-untyped-call] # likewise
    ],
    form_rule=FormUpdatingRule(
        field_rules=[SigFieldCreationRule(), SigFieldModificationRule()]  # type: ignore[no-untyped-call] # likewise
    ),
)


class Change(IntEnum):
    """How far a revision went, from what shows nothing to what may show anything."""

    BOOKKEEPING = 1
    SIGNATURES = 2
    FORMS = 3
    OTHER = 4


@dataclass(frozen=True, slots=True)
class Step:
    """One later revision, compared with the signed one; `reason` is pyHanko's or ours, for people who look closely."""

    revision: int
    change: Change
    reason: str = ""


def steps_after(pdf: Pdf, entry: SignatureEntry, revision: int, until: int) -> tuple[Step, ...]:
    """Compare the revisions after `revision`, up to and with `until`, with it, by the signature's permissions."""
    later = range(revision + 1, until + 1)
    if len(later) > _MOST_LATER_REVISIONS:
        return (Step(later[0], Change.OTHER, f"{len(later)} later revisions"),)
    if later and (reason := why_ambiguous(pdf, sum(entry.byte_range[2:4]), later[0], later[-1])):
        return (Step(later[0], Change.OTHER, f"can be read in two ways: {reason}"),)
    steps: list[Step] = []
    for number in later:
        if pdf.is_hybrid(number):
            return (*steps, Step(number, Change.OTHER, "hybrid cross-reference tables"))
        steps.append(_step(pdf, entry, revision, number))
        if steps[-1].change is Change.OTHER:
            break
    return tuple(steps)


def restricts(entry: SignatureEntry) -> bool:
    """Whether the signature says itself what may be done after it: certified, or fields locked."""
    return entry.certified is not None or value_of(entry.raw, "/Reference") is not None


def _step(pdf: Pdf, entry: SignatureEntry, base: int, number: int) -> Step:
    try:
        return _compared(pdf, entry, base, number)
    except SigningError as error:
        if pdf.strict:
            # The strict reader objects to much that every viewer shows without a word, as it was when signed.
            return _step(pdf.forgiving, entry, base, number)
        return Step(number, Change.OTHER, str(error))


@guarded
def _compared(pdf: Pdf, entry: SignatureEntry, base: int, number: int) -> Step:
    old, new = pdf.reader.get_historical_resolver(base), pdf.reader.get_historical_resolver(number)
    locked = _locked_fields(entry.raw)
    permission = MDPPerm(entry.certified) if entry.certified is not None else None
    change, reason = Change.FORMS, ""
    try:
        found = _SIGNATURES_ONLY.apply(old, new, field_mdp_spec=locked, doc_mdp=permission).modification_level
        change = Change.BOOKKEEPING if found <= ModificationLevel.LTA_UPDATES else Change.SIGNATURES
    except SuspiciousModification:
        try:
            found = DEFAULT_DIFF_POLICY.apply(old, new, field_mdp_spec=locked, doc_mdp=permission).modification_level
        except SuspiciousModification as objection:
            return Step(number, Change.OTHER, said(objection)[:300])
    if entry.certified is not None and found.value > entry.certified:
        return Step(number, Change.OTHER, "more than the certification allows")
    if reason := _announced_before(pdf, old, base, number):
        return Step(number, Change.OTHER, reason)
    if change is not Change.BOOKKEEPING and (reason := hides_a_page(old, new)):
        return Step(number, Change.OTHER, reason)
    return Step(number, change)


def _announced_before(pdf: Pdf, old: Any, base: int, number: int) -> str:  # noqa: ANN401 - pyHanko has no types
    """Find objects that the signed revision refers to without having them: what they show was decided later.

    pyHanko takes such objects for orphans, because it looks for what leads to them only in the newer revision.
    """
    for reference in pdf.reader.xrefs.explicit_refs_in_revision(number):
        missing = pdf.reader.xrefs.get_historical_ref(reference, base) is None
        if missing and old._get_usages_of_ref(reference):  # noqa: SLF001 - nothing public tells it
            return f"object {reference.idnum} was referred to before it existed"
    return ""


def hides_a_page(old: Any, new: Any) -> str:  # noqa: ANN401 - pyHanko has no types
    """Find a page most of which lies under fields that are new or newly placed, all of them taken together.

    What a page shows is what its own list names, whether the form knows of it or not.
    """
    before = {number: place for _, page in _pages(old) for number, place in _widgets(page)}
    for box, page in _pages(new):
        placed = [place for number, place in _widgets(page) if number is None or place != before.get(number)]
        if sum(_area(_common(place, box)) for place in placed) > _LARGEST_APPEARANCE * _area(box):
            return "what was put on a page covers it"
    return ""


def _pages(handler: Any) -> Iterator[tuple[_Box, Any]]:  # noqa: ANN401 - pyHanko has no types
    """Walk the page tree; each page comes with the box it is seen in, its own or inherited (ISO 32000-2 §7.7.3.4)."""
    pending: list[tuple[Any, _Box, _Box | None]] = [(handler.root["/Pages"], _A4, None)]
    for _ in range(_MOST_NODES):
        if not pending:
            return
        node, media, crop = pending.pop()
        media = _place(node["/MediaBox"]) if "/MediaBox" in node else media
        crop = _place(node["/CropBox"]) if "/CropBox" in node else crop
        if "/Kids" in node:
            pending += [(kid.get_object(), media, crop) for kid in node["/Kids"]]
        else:
            yield media if crop is None else _common(crop, media), node
    raise TooLarge("document.too-much-work")


def _widgets(page: Any) -> Iterator[tuple[int | None, _Box]]:  # noqa: ANN401 - pyHanko has no types
    for raw in value_of(page, "/Annots", ()):
        annotation = raw.get_object()
        if (
            isinstance(annotation, generic.DictionaryObject)
            and value_of(annotation, "/Subtype") == "/Widget"
            and "/Rect" in annotation
        ):
            number = raw.idnum if isinstance(raw, generic.IndirectObject) else None
            yield number, _place(annotation["/Rect"])


def _place(box: Any) -> _Box:  # noqa: ANN401 - pyHanko has no types
    """Give a rectangle from its lower left to its upper right corner; any two opposite ones may be written."""
    one, two, three, four = (float(number) for number in box)
    return min(one, three), min(two, four), max(one, three), max(two, four)


def _common(one: _Box, other: _Box) -> _Box:
    left, bottom, right, top = (*map(max, one[:2], other[:2]), *map(min, one[2:], other[2:]))
    return left, bottom, max(left, right), max(bottom, top)


def _area(box: _Box) -> float:
    left, bottom, right, top = box
    return (right - left) * (top - bottom)


def _locked_fields(raw: Any) -> Any:  # noqa: ANN401 - pyHanko has no types
    references = value_of(raw, "/Reference", ())
    for reference in references:
        transform = reference.get_object()
        if value_of(transform, "/TransformMethod") == "/FieldMDP":
            return FieldMDPSpec.from_pdf_object(transform["/TransformParams"])
    return None
