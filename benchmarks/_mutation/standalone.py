"""Stand-alone XML signed by the demo's people: around, inside and beside what is signed, with prefixes and without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks._variants.xades import ALGORITHMS, DS, Part, Signer, cut, transform

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from demo.pki import Pki

__all__ = ["standalone"]

_LETTER = (
    '<letter xmlns="urn:l" xmlns:q="urn:q" xml:lang="lv"><to q:a="1">head</to><note xmlns="">I undertake <b><i>'
    '2026</i></b></note><deep><deeper><plain/><q:z xmlns:q="urn:q2">t</q:z></deeper></deep>{}</letter>'
)
_FILTER = (
    '<f:XPath xmlns:f="http://www.w3.org/2002/06/xmldsig-filter2" xmlns:X="http://www.w3.org/2000/09/xmldsig#" '
    'Filter="subtract">/descendant::X:Signature</f:XPath>'
)
_BESIDE = ("letter.xml", _LETTER.format("").encode())
_C14N10, _, _C14N11, _, _EXCLUSIVE, _ = ALGORITHMS


def standalone(pki: Pki, at: datetime) -> Iterator[tuple[str, bytes, tuple[tuple[str, bytes], ...]]]:
    """Yield names, files, and the files beside them."""
    for prefix, name in (("", "unprefixed"), ("ds:", "prefixed")):
        for method in (_C14N10, _C14N11, _EXCLUSIVE):
            signer = Signer(pki, at, who="user", prefix=prefix, xades="xades:" if prefix else "", method=method)
            label = f"{name}-{method.rpartition('/')[2].strip('#')}"
            yield f"enveloped-{label}.xml", _enveloped(signer, transform(prefix, f"{DS}enveloped-signature")), ()
            yield f"enveloping-{label}.xml", _enveloping(signer), ()
            yield f"part-{label}.xml", _part(signer), ()
        signer = Signer(pki, at, prefix=prefix)
        filtered = transform(prefix, "http://www.w3.org/2002/06/xmldsig-filter2", _FILTER)
        yield f"filtered-{name}.xml", _enveloped(signer, filtered), ()
        for uri in (_BESIDE[0], None):
            parts = (Part(uri, octets=_BESIDE[1]),)
            yield f"beside-{name}-{uri}.xml", signer.fill(signer.signature(parts), parts), (_BESIDE,)


def _steps(signer: Signer, *first: str) -> str:
    p = signer.prefix
    return f"<{p}Transforms>{''.join(first)}{transform(p, signer.method)}</{p}Transforms>"


def _enveloped(signer: Signer, leaving_out: str) -> bytes:
    parts = (Part("", _steps(signer, leaving_out), algorithm=signer.method),)
    document = _LETTER.format(signer.signature(parts))
    return signer.fill(document, parts, places={"": cut(document)})


def _enveloping(signer: Signer) -> bytes:
    parts = (Part("#data", _steps(signer), algorithm=signer.method),)
    p = signer.prefix
    return signer.fill(signer.signature(parts, f'<{p}Object Id="data">{_LETTER.format("")}</{p}Object>'), parts)


def _part(signer: Signer) -> bytes:
    parts = (Part("#data", _steps(signer), algorithm=signer.method),)
    document = f'<around xmlns="urn:r"><part Id="data">{_LETTER.format("")}</part>{signer.signature(parts)}</around>'
    return signer.fill(document, parts)
