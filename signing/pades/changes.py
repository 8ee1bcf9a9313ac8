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

from signing.errors import SigningError
from signing.pades._pdf import guarded, value_of

if TYPE_CHECKING:
    from signing.pades._pdf import Pdf, SignatureEntry

__all__ = ["Change", "Step", "hides_a_page", "restricts", "steps_after"]

# Each costs a comparison; signing software appends two or three.
_MOST_LATER_REVISIONS = 64
# A signature's picture takes a corner of a page; one that hides the page shows another document.
_LARGEST_APPEARANCE = 0.4
_A4 = (0, 0, 595, 842)

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
            return Step(number, Change.OTHER, str(objection)[:300])
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
    """Find a signature field that is new or newly drawn and covers most of its page."""
    before = {name: _place(field) for name, field in _fields(old)}
    for name, field in _fields(new):
        place = _place(field)
        if place == before.get(name):
            continue
        page = value_of(field, "/P")
        box = value_of(page, "/MediaBox", _A4) if page is not None else _A4
        if _area(place) > _LARGEST_APPEARANCE * _area(box):
            return f"the appearance of {name} covers the page"
    return ""


def _fields(handler: Any) -> list[tuple[str, Any]]:  # noqa: ANN401 - pyHanko has no types
    root = handler.root
    if "/AcroForm" not in root or "/Fields" not in root["/AcroForm"]:
        return []
    found = []
    for number, reference in enumerate(root["/AcroForm"]["/Fields"]):
        field = reference.get_object()
        parts = [kid.get_object() for kid in field["/Kids"]] if "/Kids" in field else [field]
        found += [(f"{number}.{part}", one) for part, one in enumerate(parts) if "/Rect" in one]
    return found


def _place(field: Any) -> tuple[float, ...]:  # noqa: ANN401 - pyHanko has no types
    return tuple(float(number) for number in field["/Rect"])


def _area(box: Any) -> float:  # noqa: ANN401 - pyHanko has no types
    left, bottom, right, top = (float(number) for number in box)
    return abs(right - left) * abs(top - bottom)


def _locked_fields(raw: Any) -> Any:  # noqa: ANN401 - pyHanko has no types
    references = value_of(raw, "/Reference", ())
    for reference in references:
        transform = reference.get_object()
        if value_of(transform, "/TransformMethod") == "/FieldMDP":
            return FieldMDPSpec.from_pdf_object(transform["/TransformParams"])
    return None
