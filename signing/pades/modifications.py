"""Modifications of a PDF after a signature, revision by revision.

pyHanko compares each later revision with the signed one, and a rule must justify every object that was written. It is
asked twice, with the narrower rules first. What its rules do not justify, or cannot read, is compared by meaning
(`signing.pades.difference.comparison`): whether anything reachable shows or says something else.

    BOOKKEEPING   revocation data, document time stamps, invisible signature fields, metadata: shows nothing
    SIGNATURES    visible signature fields and nothing else; their signers answer for what they draw
    FORMS         form fields were filled in, or a field that nobody signed draws something
    OTHER         anything else: pages, annotations, fields, fonts, objects that existed before only as references
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DocInfoRule,
    DSSCompareRule,
    FormUpdatingRule,
    GenericFieldModificationRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
    XrefStreamRule,
)
from pyhanko.sign.diff_analysis.constants import ROOT_EXEMPT_STRICT_COMPARISON
from pyhanko.sign.fields import MDPPerm

from signing.errors import SigningError
from signing.model import Message
from signing.pades.difference.appearances import Picture, hidden_page, seen_since
from signing.pades.difference.comparison import added_between
from signing.pades.difference.fields import fields_in, signed_since
from signing.pades.difference.graph import Differs
from signing.pades.incremental_updates import why_ambiguous
from signing.pades.reader.faults import guarded, said

if TYPE_CHECKING:
    from signing.pades.permissions import Permissions
    from signing.pades.reader.pdf import Pdf, SignatureEntry

__all__ = ["Extent", "LaterRevision", "hidden_since", "steps_after"]

_IN_CATALOG = ROOT_EXEMPT_STRICT_COMPARISON - {"/MarkInfo"}  # it tells readers whether to use the structure tree
_IN_FORM = frozenset({"/Fields"})  # default appearances and resources are compared by meaning
# Each costs a comparison; signing software appends two or three.
_MOST_LATER_REVISIONS = 64

_RULES = [
    CatalogModificationRule(ignored_keys=_IN_CATALOG),  # type: ignore[no-untyped-call] # pyHanko has no types here
    DocInfoRule().as_qualified(ModificationLevel.LTA_UPDATES),
    XrefStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
    ObjectStreamRule().as_qualified(ModificationLevel.LTA_UPDATES),
    DSSCompareRule().as_qualified(ModificationLevel.LTA_UPDATES),
    MetadataUpdateRule().as_qualified(ModificationLevel.LTA_UPDATES),  # type: ignore[no-untyped-call] # likewise
]
_SIGNATURE_FIELDS: list[Any] = [SigFieldCreationRule(), SigFieldModificationRule()]  # type: ignore[no-untyped-call] # likewise
_SIGNATURES_ONLY = StandardDiffPolicy(_RULES, FormUpdatingRule(_SIGNATURE_FIELDS, ignored_acroform_keys=_IN_FORM))
_SIGNATURES_AND_FORMS = StandardDiffPolicy(
    _RULES,
    FormUpdatingRule([*_SIGNATURE_FIELDS, GenericFieldModificationRule()], ignored_acroform_keys=_IN_FORM),
)


class Extent(IntEnum):
    """The extent of a modification, from what shows nothing to what may show anything."""

    BOOKKEEPING = 1
    SIGNATURES = 2
    FORMS = 3
    OTHER = 4


@dataclass(frozen=True, slots=True)
class LaterRevision:
    """One later revision, compared with the signed one.

    `reason` is technical, pyHanko's or ours; `what` is the message for the reader of a report, if the change is known.
    `pictures` are new drawings in signature fields, for each of which the signature in its field must answer.
    """

    revision: int
    change: Extent
    reason: str = ""
    what: Message | None = None
    pictures: tuple[Picture, ...] = ()


def steps_after(
    pdf: Pdf, entry: SignatureEntry, permissions: Permissions, revision: int, until: int
) -> tuple[LaterRevision, ...]:
    """Compare `revision` with each later one up to and including `until`, under the signature's permissions."""
    later = range(revision + 1, until + 1)
    if len(later) > _MOST_LATER_REVISIONS:
        return (LaterRevision(later[0], Extent.OTHER, f"{len(later)} later revisions"),)
    if later and (reason := why_ambiguous(pdf, sum(entry.byte_range[2:4]), later[0], later[-1])):
        return (_unclear(later[0], f"can be read in two ways: {reason}"),)
    steps: list[LaterRevision] = []
    for number in later:
        if pdf.is_hybrid(number):
            return (*steps, _unclear(number, "hybrid cross-reference tables"))
        steps.append(_step(pdf, permissions, revision, number, last=number == until))
        if steps[-1].change is Extent.OTHER:
            break
    return tuple(steps)


def hidden_since(pdf: Pdf, revision: int, until: int) -> tuple[LaterRevision, ...]:
    """Return a step if all widgets added since `revision` together cover a page, although no single step does."""
    try:
        page = _hidden(pdf, revision, until)
    except SigningError as error:
        return (_unclear(until, str(error)),)
    return (_covered(until, page),) if page is not None else ()


@guarded
def _hidden(pdf: Pdf, revision: int, until: int) -> int | None:
    return hidden_page(pdf.reader.get_historical_resolver(revision), pdf.reader.get_historical_resolver(until))


def _unclear(revision: int, reason: str) -> LaterRevision:
    return LaterRevision(revision, Extent.OTHER, reason, Message.of("pdf.differs-unclear", reason=reason))


def _step(pdf: Pdf, permissions: Permissions, base: int, number: int, *, last: bool) -> LaterRevision:
    """Compare two revisions by pyHanko's rules, and where these do not justify a change, by meaning.

    Both are done with the strict reader and then with the tolerant one: the strict one refuses much that every viewer
    shows.
    """
    told: list[LaterRevision] = []
    for reader in pdf.readings():
        for compare in (_by_rules, _by_meaning):
            try:
                step = compare(reader, permissions, base, number)
                if step.change is Extent.SIGNATURES and compare is _by_rules:
                    step = _if_invisible(reader, base, step)
                if step.change is not Extent.OTHER:
                    return _with_pictures(reader, step, base, last=last)
            except SigningError as error:
                step = _unclear(number, str(error))
            told.append(step)
    return next((step for step in reversed(told) if step.what and step.what.code != "pdf.differs-unclear"), told[-1])


@guarded
def _if_invisible(pdf: Pdf, base: int, step: LaterRevision) -> LaterRevision:
    """Classify as bookkeeping a signature of which nothing is visible in any field."""
    old, new = pdf.reader.get_historical_resolver(base), pdf.reader.get_historical_resolver(step.revision)
    seen = seen_since(old, new)
    before: dict[int | None, bool] = {field.number: field.signed for field in fields_in(old)}
    placed = any(field.shows and before.get(field.number) != field.signed for field in fields_in(new))
    return step if placed or seen.pictures or seen.visible_fields else replace(step, change=Extent.BOOKKEEPING)


@guarded
def _with_pictures(pdf: Pdf, step: LaterRevision, base: int, *, last: bool) -> LaterRevision:
    """Add the drawings in signature fields: their signers answer for them, and later signers for the others.

    Before the last of the compared revisions a field may still wait for its signature.
    """
    old, new = pdf.reader.get_historical_resolver(base), pdf.reader.get_historical_resolver(step.revision)
    seen = seen_since(old, new)
    if borrowed := next((one for one in seen.pictures if one.has_no_signer), None):
        what = Message.of("pdf.differs-unsigned-picture", field=borrowed.field)
        return LaterRevision(step.revision, Extent.OTHER, "a picture of no signature", what)
    pictures = (*step.pictures, *seen.pictures)
    if any(one.empty for one in pictures) and last:
        unsigned = next(one for one in pictures if one.empty)
        what = Message.of("pdf.differs-unsigned-picture", field=unsigned.field)
        told = step.what if step.change is Extent.FORMS else what
        return replace(step, change=Extent.FORMS, pictures=pictures, what=told)
    if pictures or seen.visible_fields:
        step = replace(step, change=max(step.change, Extent.SIGNATURES), pictures=pictures)
    if step.change is not Extent.SIGNATURES or not last:
        return step
    empty = next((field for field in fields_in(new) if field.is_empty_signature and field.shows), None)
    return replace(step, what=Message.of("pdf.differs-empty-field", field=empty.name)) if empty is not None else step


@guarded
def _by_rules(pdf: Pdf, permissions: Permissions, base: int, number: int) -> LaterRevision:
    """Compare by pyHanko's rules, which must justify every object that was written."""
    old, new = pdf.reader.get_historical_resolver(base), pdf.reader.get_historical_resolver(number)
    locked: Any = permissions if permissions.locks else None  # pyHanko only calls its `is_locked`
    permission = MDPPerm(permissions.level) if permissions.level is not None else None
    change = Extent.FORMS
    try:
        found = _SIGNATURES_ONLY.apply(old, new, field_mdp_spec=locked, doc_mdp=permission).modification_level
        change = Extent.BOOKKEEPING if found <= ModificationLevel.LTA_UPDATES else Extent.SIGNATURES
    except SuspiciousModification:
        try:
            found = _SIGNATURES_AND_FORMS.apply(old, new, field_mdp_spec=locked, doc_mdp=permission).modification_level
        except SuspiciousModification as objection:
            return LaterRevision(number, Extent.OTHER, said(objection)[:300])
    if permissions.level is not None and (
        found.value > permissions.level or not permissions.allow_signing(signed_since(fields_in(old), fields_in(new)))
    ):
        return _not_allowed(number)
    if reason := _referenced_before(pdf, old, base, number):
        return LaterRevision(number, Extent.OTHER, reason)
    if change is not Extent.BOOKKEEPING and (page := hidden_page(old, new)) is not None:
        return _covered(number, page)
    return LaterRevision(number, change)


@guarded
def _by_meaning(pdf: Pdf, permissions: Permissions, base: int, number: int) -> LaterRevision:
    """Compare what the two revisions show and say, whatever objects were written."""
    old, new = pdf.reader.get_historical_resolver(base), pdf.reader.get_historical_resolver(number)
    try:
        added = added_between(old, new)
    except Differs as difference:
        return LaterRevision(number, Extent.OTHER, difference.message.code, difference.message)
    if not permissions.allow(added):
        return _not_allowed(number)
    if (page := hidden_page(old, new)) is not None:
        return _covered(number, page)
    pictures = tuple(map(Picture, added.pictures))
    if added.filled:
        return LaterRevision(number, Extent.FORMS, pictures=pictures)
    return LaterRevision(number, Extent.SIGNATURES if added.visible else Extent.BOOKKEEPING, pictures=pictures)


def _not_allowed(number: int) -> LaterRevision:
    return LaterRevision(number, Extent.OTHER, "more than the signature allows", Message.of("pdf.differs-not-allowed"))


def _covered(number: int, page: int) -> LaterRevision:
    return LaterRevision(number, Extent.OTHER, f"page {page} is covered", Message.of("pdf.differs-covered", page=page))


def _referenced_before(pdf: Pdf, old: Any, base: int, number: int) -> str:  # noqa: ANN401 - pyHanko has no types
    """Find an object that the signed revision refers to but does not contain: its content was decided later.

    pyHanko takes it for an orphan, because it searches for references only in the newer revision.
    """
    for reference in pdf.reader.xrefs.explicit_refs_in_revision(number):
        missing = pdf.reader.xrefs.get_historical_ref(reference, base) is None
        if missing and old._get_usages_of_ref(reference):  # noqa: SLF001 - there is no public function
            return f"object {reference.idnum} was referred to before it existed"
    return ""
