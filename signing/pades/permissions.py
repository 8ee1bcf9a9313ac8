"""Which changes a signature permits after it (ISO 32000-2 §12.8.2): to the document, and to fields by name.

DocMDP      of a certification signature, in its dictionary: 1 no changes, 2 filling in and signing, 3 annotations too
FieldMDP    locked fields, in the signature dictionary
/Lock       both, in the signature field (§12.7.5.5): the signer should copy them into the dictionary, and not all do
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm

from signing.pades.difference.fields import fields_in
from signing.pades.difference.graph import items, resolved
from signing.pades.reader.faults import Malformed, guarded, value_of, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signing.pades.difference.comparison import Added
    from signing.pades.difference.fields import Field
    from signing.pades.reader.pdf import Pdf, SignatureEntry

__all__ = ["Permissions", "permissions_of"]

_NOTHING: Final = 1


@dataclass(frozen=True, slots=True)
class Permissions:
    """`level` is the strictest DocMDP level stated, or None; `locks` are FieldMDP rules, all of which hold."""

    level: int | None = None
    locks: tuple[Any, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is restricted."""
        return self.level is not None or bool(self.locks)

    def is_locked(self, name: str) -> bool:
        """Whether the field of that fully qualified name is locked."""
        return any(lock.is_locked(name) for lock in self.locks)

    def allow(self, added: Added) -> bool:
        """Whether they permit these additions: at level 1 time stamps only, in locked fields nothing visible."""
        if self.level == _NOTHING and (added.filled or added.visible or added.empty):
            return False
        signed = [field.name for field in added.signatures if added.visible and not field.is_stamp]
        if any(self.is_locked(name) for name in (*added.filled, *added.pictures, *signed)):
            return False
        return self.allow_signing(added.signatures)

    def allow_signing(self, fields: tuple[Field, ...]) -> bool:
        """Whether these fields may have been signed; a document time stamp is always permitted (§12.8.2.2)."""
        return self.level != _NOTHING or all(field.is_stamp for field in fields)


@guarded
def permissions_of(pdf: Pdf, entry: SignatureEntry, revision: int) -> Permissions:
    """Collect what the signature dictionary states, and what its field stated in the signed revision."""
    levels = [entry.certified] if entry.certified is not None else []
    locks = []
    for parameters, method in _transforms(entry.raw):
        if method == "/FieldMDP":
            locks.append(FieldMDPSpec.from_pdf_object(parameters))
            levels += [whole(value_of(parameters, "/P"))] if value_of(parameters, "/P") is not None else []
        elif method == "/DocMDP":
            levels.append(whole(value_of(parameters, "/P", 2)))
    for field in fields_in(pdf.reader.get_historical_resolver(revision)):
        lock = value_of(field.node, "/Lock") if field.name == entry.name and field.signed else None
        if isinstance(lock, generic.DictionaryObject):
            locks += [FieldMDPSpec.from_pdf_object(lock)] if "/Action" in lock else []
            levels += [whole(lock["/P"])] if "/P" in lock else []
    level = min(levels, default=None)
    if level is not None and level not in {one.value for one in MDPPerm}:
        raise Malformed("a level of permissions that is not defined")
    return Permissions(level, tuple(locks))


def _transforms(raw: Any) -> Iterator[tuple[Any, str]]:  # noqa: ANN401 - pyHanko has no types
    for one in items(raw.raw_get("/Reference")) if "/Reference" in raw else []:
        reference = resolved(one)
        if isinstance(reference, generic.DictionaryObject):
            parameters = value_of(reference, "/TransformParams")
            missing = generic.DictionaryObject()  # type: ignore[no-untyped-call] # pyHanko has no types
            yield parameters if parameters is not None else missing, str(value_of(reference, "/TransformMethod", ""))
