"""Signatures under every canonicalisation, with prefixes and without, and the same documents changed afterwards.

Whether a change leaves the signature whole is told by the demo's canonicaliser: it does when every signed form stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks._variants.environment import AT
from benchmarks._variants.kind import Variant, VariantKind
from benchmarks._variants.xades import ALGORITHMS, DS, Part, Signer, cut, transform
from benchmarks._variants.xmlsec1 import holds

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from benchmarks._variants.environment import Environment

__all__ = ["KINDS"]

_MOST = 72
_PAYLOAD = (
    '<to a="1" b=\'2\' q:x="3"><note xmlns="">x &lt; ā</note><deep><deeper><q:z xmlns:q="urn:q2">t</q:z>\n'
    "<plain/></deeper></deep></to>"
)
_EDITS: tuple[tuple[str, str, str], ...] = (
    ("nothing", "", ""),
    ("a default no longer undone", ' xmlns=""', ""),
    ("attributes in another order", "a=\"1\" b='2'", 'b="2" a="1"'),
    ("a default undone", "<deeper>", '<deeper xmlns="">'),
    ("a pair for an empty tag", "<plain/>", "<plain></plain>"),
    ("a default undone for an empty element", "<plain/>", '<plain xmlns=""/>'),
    ("CDATA", "x &lt; ā", "<![CDATA[x < ]]>&#x101;"),
    ("a prefix bound to another address", '"urn:q2"', '"urn:q3"'),
    ("blanks in a tag", "<deep>", "<deep  >"),
    ("a prefix no longer bound anew", ' xmlns:q="urn:q2"', ""),
    ("a comment", "<deep>", "<deep><!-- c -->"),
    ("a declaration repeated", "<deeper>", '<deeper xmlns:q="urn:q">'),
    ("a declaration nobody uses", "<deeper>", '<deeper xmlns:w="urn:w">'),
    ("a declaration nobody uses at the root", "<letter", '<letter xmlns:w="urn:w"'),
    ("another language around", 'xml:lang="lv"', 'xml:lang="en"'),
    ("another prefix", '<q:z xmlns:q="urn:q2">t</q:z>', '<r:z xmlns:r="urn:q2">t</r:z>'),
    ("another text", ">t<", ">u<"),
    ("a blank more", ">\n<plain", "> \n<plain"),
    ("a line end of Windows", ">\n<plain", ">\r\n<plain"),
    ("a carriage return", ">\n<plain", ">&#13;\n<plain"),
    ("an instruction", "<deep>", "<deep><?x y?>"),
    ("an attribute without its prefix", 'q:x="3"', 'x="3"'),
    ("an entity of the address", '"urn:l"', '"urn:&#108;"'),
)


def _variants(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    for number in range(_MOST):
        method = list(ALGORITHMS)[number % len(ALGORITHMS)]
        signer = Signer(
            environment.pki, AT, who=dice.choice(("head", "user")), prefix=("", "ds:", "", "s:")[number % 4],
            xades=dice.choice(("xades:", "", "xa:")), method=method, break_lines=dice.random() < 0.5,  # noqa: PLR2004
            digest=dice.choice(("sha256", "sha384", "sha512")),
        )  # fmt: skip
        made = (_enveloped, _enveloping, _beside)[number % 3]
        document, parts = made(signer, dice)
        edit = _EDITS[0] if number % 2 == 0 and number < 2 * len(ALGORITHMS) else dice.choice(_EDITS)
        yield _edited(signer, document, parts, edit, f"{number} {made.__name__[1:]} {method.rpartition('/')[2]}")


def _edited(signer: Signer, document: str, parts: tuple[Part, ...], edit: tuple[str, str, str], name: str) -> Variant:
    what, old, new = edit
    signed = signer.fill(document, parts, places=_places(document)).decode()
    changed = signed.replace(old, new, 1) if old else signed
    same = signer.forms(signed, parts, places=_places(signed)) == signer.forms(changed, parts, places=_places(changed))
    return Variant(f"{name} {signer.prefix or '-'} {what}.xml", changed.encode(), same)


def _places(document: str) -> dict[str, str]:
    return {"": cut(document)}


def _steps(signer: Signer, dice: random.Random, *first: str) -> tuple[str, str, tuple[str, ...]]:
    """Write transforms: those given, then one of canonicalisation, its prefixes listed now and then."""
    p, algorithm = signer.prefix, dice.choice(list(ALGORITHMS))
    listed = tuple(dice.sample(("#default", "q", "w"), dice.randrange(3))) if "exc" in algorithm else ()
    inclusive = f'<i:InclusiveNamespaces xmlns:i="{algorithm.partition("#")[0]}#" PrefixList="{" ".join(listed)}"/>'
    last = transform(p, algorithm, inclusive if listed else "")
    return f"<{p}Transforms>{''.join(first)}{last}</{p}Transforms>", algorithm, listed


def _enveloped(signer: Signer, dice: random.Random) -> tuple[str, tuple[Part, ...]]:
    steps, algorithm, listed = _steps(signer, dice, transform(signer.prefix, f"{DS}enveloped-signature"))
    parts = (Part("", steps, algorithm=algorithm, listed=listed),)
    root = f'<letter xmlns="urn:l" xmlns:q="urn:q" xml:lang="lv">{_PAYLOAD}{signer.signature(parts)}</letter>'
    return root, parts


def _enveloping(signer: Signer, dice: random.Random) -> tuple[str, tuple[Part, ...]]:
    steps, algorithm, listed = _steps(signer, dice)
    parts = (Part("#data", steps, algorithm=algorithm, listed=listed),)
    p = signer.prefix
    holder = f'<{p}Object Id="data"><letter xmlns="urn:l" xmlns:q="urn:q" xml:lang="lv">{_PAYLOAD}</letter></{p}Object>'
    return signer.signature(parts, holder), parts


def _beside(signer: Signer, dice: random.Random) -> tuple[str, tuple[Part, ...]]:
    steps, algorithm, listed = _steps(signer, dice)
    parts = (Part("#data", steps, algorithm=algorithm, listed=listed),)
    inner = f'<around><part xml:id="data">{_PAYLOAD}</part></around>{signer.signature(parts)}'
    return f'<letter xmlns="urn:l" xmlns:q="urn:q" xml:lang="lv">{inner}</letter>', parts


KINDS = (VariantKind("XML under every canonicalisation", _variants, witness=holds, asks="xmlsec1"),)
