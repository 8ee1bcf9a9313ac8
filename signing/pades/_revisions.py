"""pyHanko's reader, whose views of single revisions are made with less copying.

In such a view every reference leads to objects of the same view, so each object that is read is copied with its
references replaced. pyHanko's own copying is ready for encrypted files, which are none of ours, and makes a reference
for every number and name it comes by.
"""

from __future__ import annotations

from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader

__all__ = ["Reader"]


class Reader(PdfFileReader):
    """Reads a PDF; equal to pyHanko's but for the cost of its views."""

    def get_historical_resolver(self, revision: int) -> HistoricalResolver:
        """Give the view of one revision, the same each time."""
        views = self._historical_resolver_cache
        if revision not in views:
            views[revision] = _View(self, revision)
        return views[revision]


class _View(HistoricalResolver):
    """A file as it was at one revision."""

    def _subsume_object(self, obj: Any) -> Any:  # noqa: ANN401 - pyHanko has no types
        """Copy an object as pyHanko does: what refers to nothing is shared, and so are streams' bytes."""
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
            dict.update(copy, {key: self._subsume_object(value) for key, value in obj.items()})
        elif isinstance(obj, generic.ArrayObject):
            copy = generic.ArrayObject([self._subsume_object(value) for value in obj])
        elif isinstance(obj, generic.DecryptedObjectProxy):
            return super()._subsume_object(obj)  # type: ignore[no-untyped-call] # likewise
        else:
            return obj
        container = obj.get_container_ref()
        copy.container_ref = generic.Reference(container.idnum, container.generation, self)
        return copy
