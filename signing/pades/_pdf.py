"""The one door to pyHanko's PDF reader: what stands in the file, revision by revision, as plain facts.

Whatever goes wrong in there comes out as an error of our own tree: the reader raises a dozen kinds of exceptions for
damaged and hostile files, and none of them may become a crash or, worse, a verdict.
"""

from __future__ import annotations

import functools
import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from pyhanko.pdf_utils import generic

from signing.errors import BrokenDocument, EncryptedDocument, SigningError, TooLarge
from signing.pades._revisions import Reader
from signing.pades._tokens import Contents, File
from signing.pades._xref import read_as_the_standard_says

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_P = ParamSpec("_P")
_R = TypeVar("_R")

__all__ = ["Pdf", "SecurityStore", "SignatureEntry", "guarded", "said", "value_of"]

# What it warns about becomes a fact of ours or nothing at all.
logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
read_as_the_standard_says()

_MOST_REVISIONS = 1000
_MOST_FIELDS = 10_000
_DEEPEST_FIELDS = 16
_MOST_SIGNATURES = 256
_LONGEST_REASON = 1000
_END = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF\s*\Z")
_STARTXREF = re.compile(rb"startxref\s+(\d{1,10})")
_WIDEST_END = 1200
_BLANK = b"\0\t\n\f\r "
_OBJECT = re.compile(r"<[\w.]*?(\w+) object at 0x[0-9a-f]+>")
_SCRIPT = re.compile(rb"/JavaScript\b|/JS\s*[(<\d]")


def said(error: Exception) -> str:
    """Give the words of an error, the same for the same file: objects of Python's in them lose their addresses."""
    return _OBJECT.sub(r"\1", str(error))


def guarded(call: Callable[_P, _R]) -> Callable[_P, _R]:
    """Let nothing out of pyHanko but errors of our own tree."""

    @functools.wraps(call)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return call(*args, **kwargs)
        except SigningError:
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {said(error)}"
            raise BrokenDocument("pdf.damaged", {"error": reason[:300]}) from error

    return run


@dataclass(frozen=True, slots=True)
class SignatureEntry:
    """One filled signature field, as it stands in the newest revision.

    `kind` is "Sig" or "DocTimeStamp". `contents` says where in the file its contents stand, `<` and `>` included, or
    (-1, -1) when they are not written as a signature's are. `changed_in` is the revision that last wrote the signature
    dictionary; `certified` DocMDP's permission (1: no changes, 2: forms, 3: annotations) or None; `raw` the
    dictionary itself, for the modification analysis alone.
    """

    name: str
    kind: str
    sub_filter: str
    contents: tuple[int, int]
    byte_range: tuple[int, ...]
    claimed_time: str
    reason: str
    changed_in: int
    certified: int | None
    raw: Any


@dataclass(frozen=True, slots=True)
class SecurityStore:
    """The document security store (ISO 32000-2 §12.8.4.3): each blob with the revision that brought it."""

    certificates: tuple[tuple[bytes, int], ...] = ()
    ocsps: tuple[tuple[bytes, int], ...] = ()
    crls: tuple[tuple[bytes, int], ...] = ()


class Pdf:
    """A PDF opened for looking at. Offsets and revision numbers, 0 being the oldest, are the file's own."""

    @guarded
    def __init__(self, data: bytes, *, strict: bool = True) -> None:
        if data.count(b"startxref") > _MOST_REVISIONS:
            raise TooLarge("pdf.too-many-revisions", {"limit": str(_MOST_REVISIONS)})
        self.data = data
        self.digests: dict[tuple[str, tuple[tuple[int, int], ...]], bytes] = {}  # of pieces that were hashed already
        self.plain: dict[tuple[int, int], tuple[int, int]] = {}  # end and size of updates read already (`updates`)
        self._last_byte = len(data.rstrip(_BLANK))
        self.reader, self.strict = _open(data, strict=strict)
        if "/Encrypt" in self.reader.trailer:
            raise EncryptedDocument("pdf.encrypted")
        self.revisions: int = self.reader.xrefs.total_revisions

    @functools.cached_property
    def forgiving(self) -> Pdf:
        """The same file, opened as forgiving as the common viewers are."""
        return self if not self.strict else Pdf(self.data, strict=False)

    def ways_to_read(self) -> Iterator[Pdf]:
        """Give this reading of the file, then the forgiving one, which is opened when it is asked for."""
        yield self
        if self.strict:
            yield self.forgiving

    def is_hybrid(self, revision: int) -> bool:
        """Whether old and new readers find different objects in that revision (ISO 32000-1 §7.5.8.4)."""
        return self.reader.xrefs.get_xref_data(revision).hybrid is not None

    @guarded
    def revision_ending_at(self, end: int) -> int | None:
        """Give the revision that is complete in the first `end` bytes and ends there; None when none does."""
        if self._last_byte <= end <= len(self.data):
            return self.revisions - 1  # nothing is left that could belong to another
        match = _END.search(self.data, max(0, end - _WIDEST_END), end)
        if match is None:
            return None
        xrefs = self.reader.xrefs
        sections = [xrefs.get_xref_container_info(number) for number in range(self.revisions)]
        inside = [section.end_location <= end for section in sections]
        complete = inside.index(False) if False in inside else len(inside)
        if complete == 0 or any(inside[complete:]) or int(match[1]) not in _startxrefs(sections[complete - 1]):
            return None
        return complete - 1

    @guarded
    def ends_with_revisions_only(self, end: int, revision: int) -> bool:
        """Whether what follows the first `end` bytes is the revisions after `revision`, each counted, and no more.

        Two readers that look for the end of the file in different places would otherwise see different documents.
        """
        if end >= self._last_byte:
            return revision == self.revisions - 1
        rest = self.data[end:]
        xrefs = self.reader.xrefs
        sections = [xrefs.get_xref_container_info(number) for number in range(revision + 1, self.revisions)]
        declared = sorted(int(one) for one in _STARTXREF.findall(rest))
        final = _END.search(rest, max(0, len(rest) - _WIDEST_END))
        return (
            final is not None
            and bool(sections)
            and int(final[1]) in _startxrefs(sections[-1])
            and declared == sorted(section.declared_startxref for section in sections)
        )

    @guarded
    def signatures(self) -> tuple[SignatureEntry, ...]:
        """Give every filled signature field, in the order in which they were signed."""
        form = value_of(self.reader.root, "/AcroForm")
        fields = value_of(form, "/Fields") if isinstance(form, generic.DictionaryObject) else None
        filled = list(_signature_fields(fields))
        if len(filled) > _MOST_SIGNATURES:
            raise TooLarge("document.too-much-work")
        entries = [self._entry(name, field) for name, field in filled]
        return tuple(sorted(entries, key=lambda entry: (sum(entry.byte_range[2:4]), entry.changed_in)))

    def _entry(self, name: str, field: Any) -> SignatureEntry:  # noqa: ANN401 - pyHanko has no types
        value = field.raw_get("/V")
        raw = value.get_object()
        if isinstance(value, generic.IndirectObject):
            changed_in = self.reader.xrefs.get_last_change(value.reference)
        else:
            changed_in = self.reader.xrefs.get_last_change(field.container_ref)
        contents = raw.raw_get("/Contents") if "/Contents" in raw else None
        byte_range = value_of(raw, "/ByteRange", ())
        return SignatureEntry(
            name=name,
            kind=str(value_of(raw, "/Type", "/Sig")).removeprefix("/"),
            sub_filter=str(value_of(raw, "/SubFilter", "")).removeprefix("/"),
            contents=contents.place if isinstance(contents, Contents) else (-1, -1),
            byte_range=tuple(int(number) for number in byte_range),
            claimed_time=str(value_of(raw, "/M", "")),
            reason=str(value_of(raw, "/Reason", ""))[:_LONGEST_REASON],
            changed_in=int(changed_in),
            certified=_certified(raw),
            raw=raw,
        )

    @guarded
    def security_store(self) -> SecurityStore:
        """Read certificates and revocation answers of the document security store, each blob once."""
        store = value_of(self.reader.root, "/DSS")
        if not isinstance(store, generic.DictionaryObject):
            return SecurityStore()
        places: list[tuple[Any, str, str, str]] = [(store, "/Certs", "/OCSPs", "/CRLs")]
        by_signature = value_of(store, "/VRI")
        if isinstance(by_signature, generic.DictionaryObject):
            places += [(by_signature[key], "/Cert", "/OCSP", "/CRL") for key in by_signature]
        certificates, ocsps, crls = (
            tuple(self._blobs((place, names[index]) for place, *names in places)) for index in range(3)
        )
        return SecurityStore(certificates, ocsps, crls)

    def _blobs(self, places: Iterator[tuple[Any, str]]) -> Iterator[tuple[bytes, int]]:
        seen: set[tuple[int, int]] = set()
        for place, key in places:
            array = value_of(place, key) if isinstance(place, generic.DictionaryObject) else None
            for item in array if isinstance(array, generic.ArrayObject) else ():
                reference = item.reference if isinstance(item, generic.IndirectObject) else None
                if reference is None or (reference.idnum, reference.generation) in seen:
                    continue
                seen.add((reference.idnum, reference.generation))
                stream = item.get_object()
                if isinstance(stream, generic.StreamObject):
                    yield bytes(stream.data), int(self.reader.xrefs.get_last_change(reference))

    @guarded
    def has_scripts(self) -> bool:
        """Whether the document brings JavaScript that could change what it shows."""
        if _SCRIPT.search(self.data):
            return True
        root = self.reader.root
        opening = value_of(root, "/OpenAction")
        names = value_of(root, "/Names")
        return (
            (isinstance(opening, generic.DictionaryObject) and value_of(opening, "/S") == "/JavaScript")
            or (isinstance(names, generic.DictionaryObject) and "/JavaScript" in names)
            or "/AA" in root
        )


def _open(data: bytes, *, strict: bool) -> tuple[Any, bool]:
    """Open strictly; where that fails, as forgiving as the common viewers are, because that is what people see."""
    try:
        return Reader(File(data), strict=strict), strict
    except Exception:
        if not strict:
            raise
        return _open(data, strict=False)


def _startxrefs(section: Any) -> tuple[int, ...]:  # noqa: ANN401 - pyHanko has no types
    return int(section.declared_startxref), int(section.start_location)


def value_of(dictionary: Any, key: str, default: Any = None) -> Any:  # noqa: ANN401 - pyHanko has no types
    """Look a key up and follow what it refers to; a plain `get` would give the reference."""
    return dictionary[key] if key in dictionary else default  # noqa: SIM401 - see above


def _signature_fields(
    fields: Any,  # noqa: ANN401 - pyHanko has no types
    prefix: str = "",
    inherited: str = "",
    depth: int = 0,
) -> Iterator[tuple[str, Any]]:
    """Walk the field tree (ISO 32000-1 §12.7.3.1); type and value may be inherited from a parent."""
    if depth > _DEEPEST_FIELDS:
        raise BrokenDocument("pdf.damaged", {"error": "fields nested too deep"})
    for number, reference in enumerate(fields if isinstance(fields, generic.ArrayObject) else ()):
        if number > _MOST_FIELDS:
            raise TooLarge("pdf.too-many-fields", {"limit": str(_MOST_FIELDS)})
        field = reference.get_object()
        if not isinstance(field, generic.DictionaryObject):
            continue
        own = str(value_of(field, "/T") or "")
        name = f"{prefix}.{own}" if prefix and own else prefix or own
        kind = str(value_of(field, "/FT") or inherited)
        if kind == "/Sig" and "/V" in field and isinstance(field["/V"], generic.DictionaryObject):
            yield name, field
        elif "/Kids" in field:
            yield from _signature_fields(field["/Kids"], name, kind, depth + 1)


def _certified(raw: Any) -> int | None:  # noqa: ANN401 - pyHanko has no types
    references = value_of(raw, "/Reference")
    for reference in references if isinstance(references, generic.ArrayObject) else ():
        transform = reference.get_object()
        if value_of(transform, "/TransformMethod") == "/DocMDP":
            parameters = value_of(transform, "/TransformParams")
            return int(value_of(parameters, "/P", 2)) if parameters is not None else 2
    return None
