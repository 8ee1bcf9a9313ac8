"""References that say in XPath what they leave out: a signature alone, or more than that; and files no URI names.

What is signed is cut out of the text here, never found by an expression. xmlsec1 evaluates the expressions; of one
that leaves out more than signatures it says that the signature holds, which is not the question here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from benchmarks._variants import xmlsec1
from benchmarks._variants.environment import AT
from benchmarks._variants.kind import Variant, VariantKind
from benchmarks._variants.xades import ALGORITHMS, DS, Part, Signer, cut, transform

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks._variants.environment import Environment

__all__ = ["KINDS"]

_XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
_FILTER2 = "http://www.w3.org/2002/06/xmldsig-filter2"
_MOST = 72
_DOCUMENT = (
    '<letter xmlns="urn:l" xmlns:q="urn:q"><to q:a="1">head</to><note>I undertake.</note>'
    "{signature}<attachment>x</attachment></letter>"
)
_OTHER = f'<d:Signature xmlns:d="{DS}" Id="S2"><d:SignedInfo/></d:Signature>'
_CONDITIONS = (
    "not(ancestor-or-self::X:Signature)",
    "not(ancestor-or-self::*[local-name()='Signature'])",
    "count(ancestor-or-self::X:Signature | here()/ancestor::X:Signature[1]) &gt; count(ancestor-or-self::X:Signature)",
    "not(ancestor-or-self::*[local-name() = 'Signature' and namespace-uri() = 'http://www.w3.org/2000/09/xmldsig#'])",
    "not(ancestor-or-self::X:Signature[@Id='S1'])",
    "count(ancestor-or-self::X:Signature) = 0",
    "not(ancestor::X:Signature) and not(self::X:Signature)",
    "not(ancestor::X:Signature or self::X:Signature)",
)
_FILTERS = (
    (("subtract", "/descendant::X:Signature"),),
    (("subtract", "here()/ancestor::X:Signature[1]"),),
    (("subtract", "//X:Signature"),),
    (("subtract", "//*[local-name()='Signature']"),),
    (("intersect", "/*"), ("subtract", "//X:Signature")),
    (("subtract", "//X:Signature[@Id='S1']"),),
    (("intersect", "//q:nothing"), ("union", "/*"), ("subtract", "/descendant::X:Signature")),
)
# What is left out beside the signature, and the pattern by which its text is cut out here.
_MORE = (
    ("q:note", "<note>.*?</note>"),
    ("q:attachment", "<attachment>.*?</attachment>"),
    ("q:to", "<to .*?</to>"),
    ("*[@q:a]", "<to .*?</to>"),
)
_EDITS: tuple[tuple[str, str, str], ...] = (
    ("another text", "undertake", "refuse"),
    ("another attachment", ">x<", ">y<"),
    ("another attribute", 'q:a="1"', 'q:a="2"'),
    ("an element more", "</letter>", "<more/></letter>"),
    ("an element of that name in no namespace", "</letter>", '<Signature xmlns="">more</Signature></letter>'),
)


def _variants(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    makers: tuple[Callable[[Signer, int, random.Random], tuple[str, bytes, bool, str]], ...] = (
        _by_condition, _by_filters, _more_by_condition, _more_by_filters, _changed, _by_others,
    )  # fmt: skip
    for number in range(_MOST):
        method = dice.choice(list(ALGORITHMS))
        signer = Signer(environment.pki, AT, who="user", prefix=("ds:", "")[number % 2], method=method)
        make = makers[number % len(makers)]
        what, content, honest, reason = make(signer, number // len(makers), dice)
        yield Variant(f"{number} {make.__name__[1:]} {what}.xml", content, honest, reason=reason)


def _steps(signer: Signer, content: str, algorithm: str) -> str:
    p = signer.prefix
    return f"<{p}Transforms>{content}{transform(p, algorithm)}</{p}Transforms>"


def _condition(signer: Signer, text: str) -> str:
    p = signer.prefix
    expression = f'<{p}XPath xmlns:X="{DS}" xmlns:q="urn:l" xmlns:r="urn:q">{text}</{p}XPath>'
    return transform(p, _XPATH, expression)


def _filter(signer: Signer, steps: tuple[tuple[str, str], ...]) -> str:
    written = "".join(
        f'<f:XPath xmlns:f="{_FILTER2}" xmlns:X="{DS}" xmlns:q="urn:l" Filter="{how}">{what}</f:XPath>'
        for how, what in steps
    )
    return transform(signer.prefix, _FILTER2, written)


def _signed(signer: Signer, content: str, dice: random.Random, *, minus: str = "", more: str = "") -> bytes:
    algorithm = dice.choice(list(ALGORITHMS))
    parts = (Part("", _steps(signer, content, algorithm), algorithm=algorithm),)
    document = _DOCUMENT.format(signature=signer.signature(parts)).replace("</letter>", f"{more}</letter>")
    seen = cut(document)
    if minus:
        seen = re.sub(minus, "", seen, count=1)
    return signer.fill(document, parts, places={"": seen})


def _by_condition(signer: Signer, number: int, dice: random.Random) -> tuple[str, bytes, bool, str]:
    text = _CONDITIONS[number % len(_CONDITIONS)]
    return text[:60].replace("/", "|"), _signed(signer, _condition(signer, text), dice), True, ""


def _by_filters(signer: Signer, number: int, dice: random.Random) -> tuple[str, bytes, bool, str]:
    steps = _FILTERS[number % len(_FILTERS)]
    return str(steps)[:60].replace("/", "|"), _signed(signer, _filter(signer, steps), dice), True, ""


def _more_by_condition(signer: Signer, number: int, dice: random.Random) -> tuple[str, bytes, bool, str]:
    """Leave out something beside the signature: what is left holds, and says nothing of the rest."""
    what, minus = _MORE[number % len(_MORE)]
    text = f"{dice.choice(_CONDITIONS)} and not(ancestor-or-self::{what.replace('@q', '@r')})"
    content = _signed(signer, _condition(signer, text), dice, minus=minus)
    return f"without {what}", content, False, "reference.transform-refused"


def _more_by_filters(signer: Signer, number: int, dice: random.Random) -> tuple[str, bytes, bool, str]:
    what, minus = _MORE[number % 3]
    steps = (*dice.choice(_FILTERS), ("subtract", f"//{what}"))
    content = _signed(signer, _filter(signer, steps), dice, minus=minus)
    return f"without {what}", content, False, "reference.transform-refused"


def _changed(signer: Signer, number: int, dice: random.Random) -> tuple[str, bytes, bool, str]:
    content = _condition(signer, dice.choice(_CONDITIONS[:4]))
    if dice.random() < 0.5:  # noqa: PLR2004
        content = _filter(signer, dice.choice(_FILTERS[:4]))
    what, old, new = _EDITS[number % len(_EDITS)]
    signed = _signed(signer, content, dice)
    return what, signed.replace(old.encode(), new.encode(), 1), False, ""


def _by_others(signer: Signer, number: int, dice: random.Random) -> tuple[str, bytes, bool, str]:
    """Two that go together: the signature is left out twice, by the transform made for it and by an expression."""
    enveloped = transform(signer.prefix, f"{DS}enveloped-signature")
    steps = _condition(signer, _CONDITIONS[number % len(_CONDITIONS)])
    content = enveloped + steps if dice.random() < 0.5 else steps + enveloped  # noqa: PLR2004
    return "twice", _signed(signer, content, dice), True, ""


def _witness(variant: Variant, environment: Environment, scratch: Path) -> bool | None:
    # Where what is left out is more than the signature, the rest holds all the same.
    more = "without " in variant.name or "of that name" in variant.name
    return None if more else xmlsec1.holds(variant, environment, scratch)


def _nameless(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    """References without a URI: one is of the file that lies beside, two are of nobody knows which."""
    for number in range(52):
        signer = Signer(
            environment.pki, AT, who=dice.choice(("head", "user")), prefix=("ds:", "")[number % 2],
            method=list(ALGORITHMS)[number % len(ALGORITHMS)], digest=dice.choice(("sha256", "sha512")),
        )  # fmt: skip
        data = dice.randbytes(200)
        parts: tuple[Part, ...] = (Part(None, octets=data),)
        beside: tuple[tuple[str, bytes], ...] = (("dati.bin", data),)
        honest, reason = number % 4 in {0, 2}, ""
        match number % 8:
            case 1:
                beside, reason = (("dati.bin", data + b"x"),), "reference.changed"
            case 3:
                parts, reason = (*parts, *parts), "reference.unnamed"
            case 5:
                beside, reason = (*beside, ("cits.bin", b"x")), "reference.unnamed"
            case 7:
                beside, reason = (), "reference.unnamed"
            case _:
                pass
        content = signer.fill(signer.signature(parts), parts)
        yield Variant(f"{number} nameless.xml", content, honest, detached=beside, reason=reason)


KINDS = (
    VariantKind("XML with XPath", _variants, witness=_witness, asks="xmlsec1"),
    VariantKind("XML over what it does not name", _nameless),
)
