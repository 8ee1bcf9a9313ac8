"""What a reference of an XML signature points to, and whether it still has the digest that was signed.

Each reference is processed exactly as written: one element of that identifier, one file of that name. Transforms
are those a signature needs (canonicalisation, base64, leaving the signature itself out); any other is refused by
name, because what it would leave out nobody sees. A digest that was not computed is no digest that differs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from signing.cms.signed_data import digest
from signing.container.entry_names import name_of_reference
from signing.model import Message
from signing.pki.keys import UnknownScheme
from signing.reading.facts import Reference
from signing.xades.document import SIGNATURE, XmlDocument, child, children
from signing.xades.xpath_transforms import FILTER2, XPATH, Excluded, UnknownExpression, excluded_by
from signing.xml.tree import (
    C14N,
    DIGESTS,
    DS,
    CannotCanonicalise,
    canonical,
    decode_base64,
    local_name,
    parse_tree,
    text_of,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

    from signing.xades.data_sources import DataSource

__all__ = ["ProcessedReference", "ReferenceProcessor", "inclusive_prefixes"]

_ENVELOPED = f"{DS}enveloped-signature"
_BASE64 = f"{DS}base64"
_DEFAULT_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_AS_IT_STANDS = 8  # octets of a file that is only hashed, for the work of one octet written out


@dataclass(frozen=True, slots=True)
class ProcessedReference:
    """One ds:Reference processed. `target` is the element it identifies, None for a file or the whole document."""

    fact: Reference
    type_name: str
    target: _Element | None = None
    whole_document: bool = False
    faults: tuple[Message, ...] = ()


class _Refused(ValueError):
    pass


class ReferenceProcessor:
    """Processes the references of one signature in one document (XML Signature §4.4.3.2)."""

    def __init__(self, document: XmlDocument, signature: _Element, source: DataSource) -> None:
        self._document = document
        self._signature = signature
        self._source = source

    def process(self, reference: _Element) -> ProcessedReference:
        """Dereference a ds:Reference, apply its transforms and compare the digest."""
        uri = reference.get("URI")
        type_name = reference.get("Type") or ""
        digest_name = DIGESTS.get(_attribute(child(reference, "DigestMethod"), "Algorithm"), "")
        blank = Reference(uri or "", found=False, intact=False, digest_name=digest_name)
        if uri is None:
            return self._process_unnamed(reference, blank, type_name)
        if uri == "" or uri.startswith("#"):
            return self._process_inside(reference, blank, type_name, uri)
        name = name_of_reference(uri)
        return self._process_file(reference, blank, type_name, name)

    def _process_unnamed(self, reference: _Element, blank: Reference, type_name: str) -> ProcessedReference:
        """A reference without a URI, one at most, means data both sides know (XML Signature §4.4.3.1)."""
        beside = [one for one in children(reference.getparent(), "Reference") if one.get("URI") is None]
        name = self._source.unnamed if len(beside) == 1 else None
        if name is None:
            return ProcessedReference(blank, type_name, faults=(Message.of("reference.unnamed"),))
        return self._process_file(reference, blank, type_name, name)

    def _process_file(
        self, reference: _Element, blank: Reference, type_name: str, name: str | None
    ) -> ProcessedReference:
        if name is None or not self._source.has(name):
            return ProcessedReference(
                blank, type_name, faults=(Message.of("reference.not-found", file=name or blank.uri),)
            )
        fact = replace(blank, found=True, covers=(name,))
        try:
            if children(child(reference, "Transforms"), "Transform"):
                data = self.octets(reference)
                found = digest(blank.digest_name, data)
                if data != self._source.content(name) and not self._signs_all_of_it(reference):
                    # What is signed is another form of the file: its own bytes can change without anyone noticing.
                    fact = replace(fact, covers=())
            else:
                found = self._source.digest(name, blank.digest_name) or b""
        except ValueError as error:
            return ProcessedReference(replace(fact, computed=False), type_name, faults=(_refusal(error, name),))
        return self._compared(reference, fact, type_name, found, name)

    def _signs_all_of_it(self, reference: _Element) -> bool:
        """Return whether what is signed is the canonical form of a file of which that is all (OpenDocument)."""
        transforms = children(child(reference, "Transforms"), "Transform")
        return self._source.in_canonical_form and all(one.get("Algorithm") in C14N for one in transforms)

    def _process_inside(self, reference: _Element, blank: Reference, type_name: str, uri: str) -> ProcessedReference:
        wanted = self._document.target_id(uri)
        target = None
        if wanted is not None:
            found = self._document.having_id(wanted)
            if len(found) != 1:
                code = "reference.ambiguous" if found else "reference.not-found"
                return ProcessedReference(blank, type_name, faults=(Message.of(code, file=uri),))
            target = found[0]
        fact = replace(blank, found=True)
        try:
            data = self.octets(reference)
            computed = digest(blank.digest_name, data)
        except ValueError as error:
            refusal = _refusal(error, uri)
            return ProcessedReference(
                replace(fact, computed=False), type_name, target, target is None, faults=(refusal,)
            )
        processed = self._compared(reference, fact, type_name, computed, uri)
        whole = target is None or (target is self._document.root and not self._document.has_processing_instructions)
        return replace(processed, target=target, whole_document=whole)

    def _compared(
        self, reference: _Element, fact: Reference, type_name: str, found: bytes, name: str
    ) -> ProcessedReference:
        try:
            signed = decode_base64(text_of(child(reference, "DigestValue")))
        except ValueError:
            signed = b""
        if signed and found == signed:
            return ProcessedReference(replace(fact, intact=True), type_name)
        return ProcessedReference(fact, type_name, faults=(Message.of("reference.changed", file=name),))

    def octets(self, reference: _Element, default: str = _DEFAULT_C14N) -> bytes:
        """Return the bytes a reference digests; `default` canonicalises what is left as XML at the end."""
        uri = reference.get("URI")
        state = self._start(uri)
        for transform in children(child(reference, "Transforms"), "Transform"):
            state = self._transformed(state, transform)
        return state.octets if state.octets is not None else self._written(state, default)

    def written(self, element: _Element, algorithm: str, prefixes: tuple[str, ...] = ()) -> bytes:
        """Canonicalise a part of the document as a stamp over it says; raises `CannotCanonicalise` or `TooLarge`."""
        return self._document.written(element, algorithm, prefixes=prefixes)

    def _start(self, uri: str | None) -> _State:
        if uri is not None and (uri == "" or uri.startswith("#")):
            wanted = self._document.target_id(uri)
            found = self._document.having_id(wanted) if wanted is not None else [None]
            if len(found) != 1:
                raise _Refused("target")
            return _State(target=found[0], keep_comments="xpointer(" in uri)
        name = self._source.unnamed if uri is None else name_of_reference(uri)
        content = self._source.content(name) if name is not None else None
        if content is None:
            raise _Refused("target")
        self._document.spend(len(content) // _AS_IT_STANDS)
        return _State(octets=content)

    def _transformed(self, state: _State, transform: _Element) -> _State:
        algorithm = transform.get("Algorithm") or ""
        self._document.spend(len(state.octets or b""))
        if algorithm in C14N:
            if state.octets is not None:
                return _State(
                    octets=canonical(parse_tree(state.octets), algorithm, prefixes=inclusive_prefixes(transform))
                )
            return _State(octets=self._written(state, algorithm, inclusive_prefixes(transform)))
        if algorithm == _BASE64:
            text = state.octets.decode("ascii") if state.octets is not None else self._text(state)
            return _State(octets=decode_base64(text))
        if state.octets is not None:
            raise _Refused(algorithm)
        if algorithm == _ENVELOPED:
            return replace(state, without=state.without or Excluded.OWN)
        if algorithm in {XPATH, FILTER2}:
            without = excluded_by(transform, self._document.nodes, self._signature, state.target, state.without)
            return replace(state, without=without)
        raise _Refused(algorithm)

    def _text(self, state: _State) -> str:
        element = state.target if state.target is not None else self._document.root
        if next(element.iterchildren("*"), None) is not None:
            raise _Refused("base64")  # elements around the text would be signed by nobody
        text = "".join(str(part) for part in element.itertext() if isinstance(part, str))
        self._document.spend(len(text))
        return text

    def _written(self, state: _State, algorithm: str, prefixes: tuple[str, ...] = ()) -> bytes:
        if not state.keep_comments:
            # A same-document reference leaves comments out (XML Signature §4.4.3.3), whatever comes after.
            algorithm = algorithm.removesuffix("#WithComments") + (
                "#" if algorithm.startswith("http://www.w3.org/2001/10/xml-exc-c14n#W") else ""
            )
        if state.without:
            return self._document.without_signatures(
                state.target,
                self._signature,
                every=state.without is Excluded.EVERY,
                algorithm=algorithm,
                prefixes=prefixes,
            )
        node = state.target if state.target is not None else self._document.tree
        return self._document.written(node, algorithm, prefixes=prefixes)


@dataclass(frozen=True, slots=True)
class _State:
    """Between two transforms: XML (an element, or the whole document when `target` is None), or octets."""

    target: _Element | None = None
    octets: bytes | None = None
    keep_comments: bool = False
    without: Excluded = Excluded.NONE


def inclusive_prefixes(method: _Element) -> tuple[str, ...]:
    """Return the prefixes an exclusive canonicalisation is told to treat as inclusive."""
    for element in method:
        if local_name(element) == "InclusiveNamespaces":
            return tuple((element.get("PrefixList") or "").split())
    return ()


def _refusal(error: Exception, name: str) -> Message:
    if isinstance(error, _Refused | CannotCanonicalise | UnknownExpression):
        return Message.of("reference.transform-refused", file=name, algorithm=str(error))
    if isinstance(error, UnknownScheme):
        return Message.of("reference.digest-unknown", file=name)
    return Message.of("reference.not-computed", file=name)


def _attribute(element: _Element | None, name: str) -> str:
    return (element.get(name) or "") if element is not None else ""


def inside_a_signature(element: _Element) -> bool:
    """Return whether an element stands inside a signature."""
    return any(ancestor.tag == SIGNATURE for ancestor in element.iterancestors())
