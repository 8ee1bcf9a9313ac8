"""pyHanko's reader, with views of single revisions that copy and read less.

In a view every reference leads to objects of the same view, so each object is copied with its references replaced.
pyHanko's own copying, still used for encrypted objects, creates a reference for every number and name. It also reads
the whole document before it tells the paths to an object. Here that waits until a question comes that
`signing.pades.reader.reference_paths` cannot answer.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader, RawPdfPath

from signing.pades.reader.faults import Malformed
from signing.pades.reader.reference_paths import ReferencePaths

__all__ = ["RevisionReader"]

_MOST_VALUES = 1_000_000
_DEEPEST = 200


class RevisionReader(PdfFileReader):
    """pyHanko's reader, except for the cost of its views and the treatment of freed objects."""

    _spent = 0

    def get_historical_resolver(self, revision: int) -> HistoricalResolver:
        """Return the view of one revision, the same object each time."""
        views = self._historical_resolver_cache
        if revision not in views:
            views[revision] = _RevisionView(self, revision)
        return views[revision]

    def existed_before(self, number: int, revision: int) -> bool:
        """Return whether an object of that number, of any generation, existed before the revision."""
        return self._first_seen.get(number, revision) < revision

    def next_generation(self, number: int, revision: int) -> int | None:
        """Return the generation a free number has for its next use before the revision (§7.5.4); or None."""
        for earlier in range(revision - 1, -1, -1):
            freed = self.xrefs.get_xref_data(earlier).freed
            if number in freed:
                return int(freed[number])
        return None

    def is_listed(self, number: int, revision: int) -> bool:
        """Return whether a cross-reference table of the revision lists that number as in use."""
        section = self.xrefs.get_xref_data(revision)
        tables = [section] if section.hybrid is None else [section, section.hybrid.xref_data]
        return any(number in table.standard_xrefs or number in table.xrefs_in_objstm for table in tables)

    @cached_property
    def _first_seen(self) -> dict[int, int]:
        """By object number, the first revision that lists it as in use or has a cross-reference stream of it."""
        found: dict[int, int] = {}
        for revision in range(self.total_revisions):
            section = self.xrefs.get_xref_data(revision)
            stream = self.xrefs.get_xref_container_info(revision).stream_ref
            tables = [section] if section.hybrid is None else [section, section.hybrid.xref_data]
            numbers = [
                one for table in tables for listed in (table.standard_xrefs, table.xrefs_in_objstm) for one in listed
            ]
            for number in numbers if stream is None else [*numbers, stream.idnum]:
                found.setdefault(number, revision)
        return found

    def spend(self) -> None:
        """Count one value visited in the search for reachable objects; the bound is for all revisions together."""
        self._spent += 1
        if self._spent > _MOST_VALUES:
            raise PdfReadError("more values than any honest file has")


class _RevisionView(HistoricalResolver):
    """A file as it was at one revision."""

    reader: RevisionReader

    @cached_property
    def remembered(self) -> dict[str, tuple[Any, ...]]:
        """Results computed for this revision, by name; a revision does not change."""
        return {}

    @cached_property
    def _reference_paths(self) -> ReferencePaths:
        return ReferencePaths(self)

    @cached_property
    def reached(self) -> frozenset[int]:
        """The object numbers referred to by anything reachable from the trailer, in use or not."""
        return frozenset(number for number, _ in self.references)

    @cached_property
    def references(self) -> frozenset[tuple[int, int]]:
        """Numbers and generations of all references reachable from the trailer."""
        met: set[tuple[int, int]] = set()
        pending: list[Any] = [self.trailer_view]
        while pending:
            self.reader.spend()
            value = pending.pop()
            if isinstance(value, generic.DecryptedObjectProxy):
                value = value.decrypted
            if isinstance(value, generic.IndirectObject):
                ref = generic.Reference(value.idnum, value.generation, self)
                if (ref.idnum, ref.generation) not in met:
                    met.add((ref.idnum, ref.generation))
                    if self.reader.xrefs.get_historical_ref(ref, self.revision) is not None:
                        pending.append(self.get_object(ref))
            elif isinstance(value, generic.DictionaryObject):
                pending += dict.values(value)
            elif isinstance(value, generic.ArrayObject):
                pending += list(value)
        return frozenset(met)

    def refs_freed_in_revision(self) -> set[generic.Reference]:
        """Return what the revision frees, except objects that never existed or are not reachable."""
        return self._freed - self._freed_without_effect

    def explicit_refs_in_revision(self) -> set[generic.Reference]:
        """Return what the revision writes or frees, with the same exception."""
        return self.reader.xrefs.explicit_refs_in_revision(self.revision) - self._freed_without_effect

    @cached_property
    def _freed(self) -> set[generic.Reference]:
        return self.reader.xrefs.refs_freed_in_revision(self.revision)

    @cached_property
    def _freed_without_effect(self) -> set[generic.Reference]:
        freed = {one for one in self._freed if not self.reader.is_listed(one.idnum, self.revision)}
        there = {one for one in freed if self.reader.existed_before(one.idnum, self.revision)}
        if not there or self.revision == 0:
            return freed - there
        before: Any = self.reader.get_historical_resolver(self.revision - 1)
        return {one for one in freed if one not in there or one.idnum not in before.reached | self.reached}

    def _load_reverse_xref_cache(self) -> None:
        """Do nothing: the cache is filled with the first question."""

    def _get_usages_of_ref(self, ref: generic.Reference) -> set[RawPdfPath]:
        """Return every path from the trailer to a reference to the object."""
        paths = self._reference_paths.of(ref)
        if paths is not None:
            return {RawPdfPath(*path) for path in paths}
        super()._load_reverse_xref_cache()  # type: ignore[no-untyped-call] # pyHanko has no types
        return super()._get_usages_of_ref(ref)

    def _subsume_object(self, obj: Any, depth: int = 0) -> Any:  # noqa: ANN401 - pyHanko has no types
        """Copy an object as pyHanko does, but share scalars and the bytes of streams.

        Raises `Malformed` for values nested too deep.
        """
        if depth > _DEEPEST:
            raise Malformed("values nested too deep")
        if isinstance(obj, generic.IndirectObject):
            target = obj.reference
            return generic.IndirectObject(target.idnum, target.generation, self)  # type: ignore[no-untyped-call] # likewise
        copy: Any
        if isinstance(obj, generic.DictionaryObject):
            if isinstance(obj, generic.StreamObject):
                copy = generic.StreamObject(encoded_data=obj.encoded_data)
            else:
                copy = generic.DictionaryObject()  # type: ignore[no-untyped-call] # likewise
            # The keys are names already; pyHanko would look at each once more.
            dict.update(copy, {key: self._subsume_object(value, depth + 1) for key, value in obj.items()})
        elif isinstance(obj, generic.ArrayObject):
            copy = generic.ArrayObject([self._subsume_object(value, depth + 1) for value in obj])
        elif isinstance(obj, generic.DecryptedObjectProxy):
            return super()._subsume_object(obj)  # type: ignore[no-untyped-call] # likewise
        else:
            return obj
        container = obj.get_container_ref()
        copy.container_ref = generic.Reference(container.idnum, container.generation, self)
        return copy
