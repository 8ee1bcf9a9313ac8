"""A PDF read with pyHanko: its revisions, signature fields and document security store, as plain facts.

The reader raises a dozen kinds of errors for damaged and hostile files: each that speaks of the file comes out as
`BrokenDocument` (`signing.pades.reader.faults`), and none becomes a verdict.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyhanko.pdf_utils import generic

from signing.errors import BrokenDocument, TooLarge
from signing.pades.reader.encryption import unlock
from signing.pades.reader.faults import Malformed, attempted, guarded, is_of_the_file, value_of, whole
from signing.pades.reader.patches import apply_patches
from signing.pades.reader.revisions import RevisionReader
from signing.pades.reader.tokens import Contents, PdfStream
from signing.pades.reader.xref_streams import tables_agree
from signing.pades.syntax.objects import skip_white_space

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signing.pades.syntax.updates import UpdateSummary

__all__ = ["Pdf", "SecurityStore", "SignatureEntry"]

apply_patches()

_MOST_REVISIONS = 1000
_MOST_FIELDS = 10_000
_DEEPEST_FIELDS = 16
_MOST_SIGNATURES = 256
_LONGEST_REASON = 1000
_END = re.compile(rb"startxref[\0\s]+(\d{1,10})[\0\s]+%%EOF[\0\s]*\Z")
_STARTXREF = re.compile(rb"startxref[\0\s]+(\d{1,10})")
_WIDEST_END = 1200
_BLANK = b"\0\t\n\f\r "
_SCRIPT = re.compile(rb"/JavaScript\b|/JS\s*[(<\d]")


@dataclass(frozen=True, slots=True)
class SignatureEntry:
    """One signature field with its signature dictionary, as they stand in the newest revision.

    `kind` is "Sig" or "DocTimeStamp". `contents` is the span of /Contents in the file, with `<` and `>`, or (-1, -1)
    when it is no long hexadecimal string. `changed_in` is the revision that last wrote the signature dictionary.
    `certified` is the DocMDP permission (1: no changes, 2: forms, 3: annotations) or None. `raw` is the dictionary
    itself, for the modification analysis alone. `certificates` is what /Cert holds, for adbe.x509.rsa_sha1.
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
    certificates: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class SecurityStore:
    """The document security store (ISO 32000-2 §12.8.4.3): each blob with the revision that added it."""

    certificates: tuple[tuple[bytes, int], ...] = ()
    ocsps: tuple[tuple[bytes, int], ...] = ()
    crls: tuple[tuple[bytes, int], ...] = ()


class Pdf:
    """A PDF opened for reading. Revisions are numbered from 0, the oldest; offsets are the file's."""

    @guarded
    def __init__(self, data: bytes, *, strict: bool = True) -> None:
        if data.count(b"startxref") > _MOST_REVISIONS:
            raise TooLarge("pdf.too-many-revisions", {"limit": str(_MOST_REVISIONS)})
        self.data = data
        self.digests: dict[tuple[str, tuple[tuple[int, int], ...]], bytes] = {}  # by hash and byte ranges
        self.updates: dict[tuple[int, int], UpdateSummary] = {}  # by offset and revision (`incremental_updates`)
        self.reused: dict[int, frozenset[tuple[int, int]]] = {}  # by revision (`incremental_updates`)
        self.ambiguous: dict[int, frozenset[int]] = {}  # by revision (`incremental_updates`)
        self._last_byte = len(data.rstrip(_BLANK))
        self.reader, self.strict = _open(data, strict=strict)
        self.encryption = _encryption(self.reader)
        self.revisions: int = self.reader.xrefs.total_revisions

    @functools.cached_property
    def tolerant(self) -> Pdf:
        """The same file, opened as tolerantly as the common viewers do."""
        return self if not self.strict else Pdf(self.data, strict=False)

    def readings(self) -> Iterator[Pdf]:
        """Yield this reading of the file, then the tolerant one, which is opened on demand."""
        yield self
        if self.strict:
            yield self.tolerant

    @guarded
    def is_hybrid(self, revision: int) -> bool:
        """Whether the revision is a hybrid-reference one whose two tables differ (ISO 32000-1 §7.5.8.4)."""
        section = self.reader.xrefs.get_xref_data(revision)
        if section.hybrid is None:
            return False
        own = section.hybrid.meta_info.stream_ref.idnum
        return not tables_agree(section, section.hybrid.xref_data, own=own)

    @guarded
    def reaches(self, revision: int) -> frozenset[int]:
        """Return the object numbers referred to in a revision by anything reachable from its trailer."""
        return self.reader.get_historical_resolver(revision).reached  # type: ignore[no-any-return] # pyHanko's

    @guarded
    def references(self, revision: int) -> frozenset[tuple[int, int]]:
        """Return the numbers and generations of all references reachable from a revision's trailer."""
        return self.reader.get_historical_resolver(revision).references  # type: ignore[no-any-return] # pyHanko's

    @guarded
    def revision_ending_at(self, end: int) -> int | None:
        """Return the revision that is complete in the first `end` bytes and ends there; None when none does."""
        if self._last_byte <= end <= len(self.data):
            return self.revisions - 1  # no bytes remain for a later revision
        match = _END.search(self.data, max(0, end - _WIDEST_END), end)
        if match is None:
            return None
        xrefs = self.reader.xrefs
        sections = [xrefs.get_xref_container_info(number) for number in range(self.revisions)]
        inside = [section.end_location <= end for section in sections]
        complete = inside.index(False) if False in inside else len(inside)
        if complete == 0 or any(inside[complete:]) or not self._is_at(int(match[1]), sections[complete - 1]):
            return None
        return complete - 1

    @guarded
    def ends_with_revisions_only(self, end: int, revision: int) -> bool:
        """Whether behind the first `end` bytes stand exactly the revisions after `revision`, and nothing else.

        Otherwise two readers that search for the end of the file differently would see different documents.
        """
        if end >= self._last_byte:
            return revision == self.revisions - 1
        rest = self.data[end:]
        xrefs = self.reader.xrefs
        sections = [xrefs.get_xref_container_info(number) for number in range(revision + 1, self.revisions)]
        declared = sorted(skip_white_space(self.data, int(one)) for one in _STARTXREF.findall(rest))
        final = _END.search(rest, max(0, len(rest) - _WIDEST_END))
        return (
            final is not None
            and bool(sections)
            and self._is_at(int(final[1]), sections[-1])
            and declared == sorted(skip_white_space(self.data, section.declared_startxref) for section in sections)
        )

    def _is_at(self, startxref: int, section: Any) -> bool:  # noqa: ANN401 - pyHanko has no types
        """Whether a startxref value leads to a section, over white space at most (ISO 32000-2 §7.2.3)."""
        if startxref in (int(section.declared_startxref), int(section.start_location)):
            return True
        return skip_white_space(self.data, startxref) == skip_white_space(self.data, int(section.declared_startxref))

    @guarded
    def signatures(self) -> tuple[SignatureEntry, ...]:
        """Return every signature field that holds a signature, in signing order."""
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
        # In an encrypted file /Contents alone is not encrypted (ISO 32000-2 §7.6.2).
        contents = raw.raw_get("/Contents", decrypt=generic.EncryptedObjAccess.RAW) if "/Contents" in raw else None
        byte_range = value_of(raw, "/ByteRange")
        return SignatureEntry(
            name=name,
            kind=str(value_of(raw, "/Type", "/Sig")).removeprefix("/"),
            sub_filter=str(value_of(raw, "/SubFilter", "")).removeprefix("/"),
            contents=contents.place if isinstance(contents, Contents) else (-1, -1),
            byte_range=_numbers(byte_range),
            claimed_time=str(optional_value(raw, "/M") or ""),
            reason=str(optional_value(raw, "/Reason") or "")[:_LONGEST_REASON],
            changed_in=int(changed_in),
            certified=_certified(raw),
            raw=raw,
            certificates=tuple(_certificates(value_of(raw, "/Cert"))),
        )

    @guarded
    def security_store(self) -> SecurityStore:
        """Read the certificates, OCSP responses and CRLs of the document security store, each object once.

        An unreadable entry is no evidence, and does not affect the others.
        """
        store = optional_value(self.reader.root, "/DSS")
        if not isinstance(store, generic.DictionaryObject):
            return SecurityStore()
        places: list[tuple[Any, str, str, str]] = [(store, "/Certs", "/OCSPs", "/CRLs")]
        by_signature = optional_value(store, "/VRI")
        if isinstance(by_signature, generic.DictionaryObject):
            places += [(optional_value(by_signature, key), "/Cert", "/OCSP", "/CRL") for key in by_signature]
        certificates, ocsps, crls = (
            tuple(self._blobs((place, names[index]) for place, *names in places)) for index in range(3)
        )
        return SecurityStore(certificates, ocsps, crls)

    def _blobs(self, places: Iterator[tuple[Any, str]]) -> Iterator[tuple[bytes, int]]:
        seen: set[tuple[int, int]] = set()
        for place, key in places:
            array = optional_value(place, key) if isinstance(place, generic.DictionaryObject) else None
            for item in array if isinstance(array, generic.ArrayObject) else ():
                reference = item.reference if isinstance(item, generic.IndirectObject) else None
                if reference is None or (reference.idnum, reference.generation) in seen:
                    continue
                seen.add((reference.idnum, reference.generation))
                blob = attempted(functools.partial(_blob, item))
                if blob is not None:
                    yield blob, int(self.reader.xrefs.get_last_change(reference))

    @guarded
    def has_scripts(self) -> bool:
        """Whether the document contains JavaScript or actions, which could change what it shows."""
        if _SCRIPT.search(self.data):
            return True
        root = self.reader.root
        opening = optional_value(root, "/OpenAction")
        names = optional_value(root, "/Names")
        return (
            (isinstance(opening, generic.DictionaryObject) and optional_value(opening, "/S") == "/JavaScript")
            or (isinstance(names, generic.DictionaryObject) and "/JavaScript" in names)
            or "/AA" in root
        )


def _open(data: bytes, *, strict: bool) -> tuple[Any, bool]:
    """Open strictly; where that fails, as tolerantly as common viewers, because that is what people see."""
    try:
        reader = RevisionReader(PdfStream(data), strict=strict)
        unlock(reader)
        return reader, strict  # noqa: TRY300 - what is tried is all of this
    except Exception as error:
        if not strict or not is_of_the_file(error):
            raise
        return _open(data, strict=False)


def _encryption(reader: Any) -> tuple[int, int] | None:  # noqa: ANN401 - pyHanko has no types
    """Return the reference to the encryption dictionary; None where there is none, or it is a direct object."""
    if "/Encrypt" not in reader.trailer:
        return None
    named = reader.trailer.raw_get("/Encrypt", decrypt=generic.EncryptedObjAccess.RAW)
    return (named.idnum, named.generation) if isinstance(named, generic.IndirectObject) else None


def optional_value(dictionary: Any, key: str) -> Any:  # noqa: ANN401 - pyHanko has no types
    """Look up what no verdict rests on; None where it is not there, and where it is too broken to be read."""
    return attempted(lambda: value_of(dictionary, key))


def _blob(reference: Any) -> bytes | None:  # noqa: ANN401 - pyHanko has no types
    stream = reference.get_object()
    return bytes(stream.data) if isinstance(stream, generic.StreamObject) else None


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
        field = attempted(reference.get_object)
        if not isinstance(field, generic.DictionaryObject):
            continue  # also one that nobody can read: it signs nothing
        own = str(value_of(field, "/T") or "")
        name = f"{prefix}.{own}" if prefix and own else prefix or own
        kind = str(value_of(field, "/FT") or inherited)
        if kind == "/Sig" and "/V" in field and isinstance(field["/V"], generic.DictionaryObject):
            yield name, field
        elif "/Kids" in field:
            yield from _signature_fields(field["/Kids"], name, kind, depth + 1)


def _certificates(found: Any) -> Iterator[bytes]:  # noqa: ANN401 - pyHanko has no types
    """Give the strings of /Cert, one or several (ISO 32000-1 table 252)."""
    for one in found if isinstance(found, generic.ArrayObject) else (found,):
        value = one.get_object() if one is not None else None
        if isinstance(value, generic.ByteStringObject | generic.TextStringObject):
            yield bytes(value.original_bytes)


def _numbers(listed: Any) -> tuple[int, ...]:  # noqa: ANN401 - pyHanko has no types
    """Read an array of whole numbers; none where there is no array."""
    if listed is not None and not isinstance(listed, generic.ArrayObject):
        raise Malformed("no array of numbers")
    return tuple(whole(number) for number in listed or ())


def _certified(raw: Any) -> int | None:  # noqa: ANN401 - pyHanko has no types
    references = value_of(raw, "/Reference")
    for reference in references if isinstance(references, generic.ArrayObject) else ():
        transform = reference.get_object()
        if value_of(transform, "/TransformMethod") == "/DocMDP":
            parameters = value_of(transform, "/TransformParams")
            return whole(value_of(parameters, "/P", 2)) if parameters is not None else 2
    return None
