"""An XPath that says "all but the signature" in any words counts; one that leaves out anything more does not."""

from __future__ import annotations

import pytest
from lxml import etree

from signing.xades.document import XmlDocument
from signing.xades.xpath_transforms import FILTER2, XPATH, Excluded, UnknownExpression, excluded_by
from signing.xml.tree import DS

_DOCUMENT = """<?style x?><doc xmlns="urn:doc" xmlns:x="urn:x" a="1"><part x:b="2">text<!-- c --></part>
<ds:Signature xmlns:ds="{ds}" Id="S1"><ds:SignedInfo><ds:Reference URI=""><ds:Transforms>{transform}</ds:Transforms>
</ds:Reference></ds:SignedInfo></ds:Signature><tail/>{more}</doc>"""
_OTHER = f'<Signature xmlns="{DS}" Id="S2"><SignedInfo/></Signature>'


def _left_out(algorithm: str, content: str, *, more: str = "", document: str = _DOCUMENT) -> Excluded:
    transform = f'<ds:Transform Algorithm="{algorithm}">{content}</ds:Transform>'
    made = XmlDocument(document.format(ds=DS, transform=transform, more=more).encode())
    signature = next(made.root.iter(f"{{{DS}}}Signature"))
    element = next(made.root.iter(f"{{{DS}}}Transform"))
    return excluded_by(element, made.nodes, signature, None, Excluded.NONE)


def _condition(expression: str, **how: str) -> Excluded:
    return _left_out(XPATH, f'<ds:XPath xmlns:y="{DS}" xmlns:d="urn:doc">{expression}</ds:XPath>', **how)


def _filters(*pairs: tuple[str, str], more: str = "") -> Excluded:
    return _left_out(
        FILTER2,
        "".join(
            f'<f:XPath xmlns:f="{FILTER2}" xmlns:d="urn:doc" Filter="{how}">{what}</f:XPath>' for how, what in pairs
        ),
        more=more,
    )


ALL_BUT_ALL = (
    "not(ancestor-or-self::ds:Signature)",
    " not ( ancestor-or-self :: y:Signature ) ",
    "not(ancestor-or-self::*[local-name()='Signature'])",
    """not(ancestor-or-self::*[local-name() = "Signature" and namespace-uri()='http://www.w3.org/2000/09/xmldsig#'])""",
    "count(ancestor-or-self::ds:Signature) = 0",
    "not(boolean(ancestor-or-self::ds:Signature))",
    "not(ancestor::ds:Signature or self::ds:Signature)",
    "not(ancestor::ds:Signature) and not(self::ds:Signature)",
    "boolean(ancestor-or-self::ds:Signature) = false()",
    "not(ancestor-or-self::node()[self::ds:Signature])",
    "not(self::*[name()='Signature'] | ancestor-or-self::ds:*[local-name()='Signature'])",
)
ALL_BUT_OWN = (
    (
        "count(ancestor-or-self::ds:Signature | here()/ancestor::ds:Signature[1])"
        " &gt; count(ancestor-or-self::ds:Signature)"
    ),
    "count(ancestor-or-self::ds:Signature | here()/ancestor::ds:Signature) != count(ancestor-or-self::ds:Signature)",
    "not(ancestor-or-self::ds:Signature[@Id='S1'])",
    "not(count(ancestor-or-self::node()|here()/ancestor::ds:Signature)=count(ancestor-or-self::node()))",
    "not(ancestor-or-self::ds:Signature/@Id = 'S1')",
)
MORE_OR_LESS = (
    "not(self::ds:Signature)",
    "not(ancestor::ds:Signature)",
    "not(ancestor-or-self::ds:Signature) and not(ancestor-or-self::d:part)",
    "not(ancestor-or-self::ds:SignedInfo)",
    "ancestor-or-self::d:part",
    "not(ancestor-or-self::ds:Signature) and not(self::node()[local-name()='a'])",
    "not(ancestor-or-self::ds:Signature) and not(namespace-uri()='urn:x')",
    "not(ancestor-or-self::ds:Signature) and (self::* or not(local-name()='x'))",
    "not(ancestor-or-self::ds:Signature) and self::*",
    "not(ancestor-or-self::*[@a='1'])",
    "false()",
    "not(ancestor-or-self::Signature)[1]",
)
UNKNOWN = (
    "",
    "not(",
    "not(ancestor-or-self::q:Signature)",
    "not(ancestor-or-self::ds:Signature) and string-length(.) &gt; 0",
    "not(ancestor-or-self::ds:Signature) and not(. = 'text')",
    "not(ancestor-or-self::ds:Signature) and not(preceding-sibling::d:part)",
    "not(ancestor-or-self::ds:Signature) and not(self::text())",
    "not(ancestor-or-self::ds:Signature) and count(child::node()) &lt; 100",
    "not(ancestor-or-self::ds:Signature) and not(//.)",
    "not(id('S1'))",
    "document('x')",
    "$x",
    "1 + 1",
    "(" * 60 + "true()" + ")" * 60,
    "not(ancestor-or-self::ds:Signature)" + " and true()" * 200,
)


@pytest.mark.parametrize("expression", ALL_BUT_ALL)
def test_all_but_the_signatures_in_many_words(expression: str) -> None:
    assert _condition(expression) is Excluded.OWN
    assert _condition(expression, more=_OTHER) is Excluded.EVERY


@pytest.mark.parametrize("expression", ALL_BUT_OWN)
def test_all_but_this_signature_in_many_words(expression: str) -> None:
    assert _condition(expression, more=_OTHER) is Excluded.OWN


@pytest.mark.parametrize("expression", [*MORE_OR_LESS, *UNKNOWN])
def test_an_expression_that_leaves_out_anything_else_is_refused(expression: str) -> None:
    with pytest.raises(UnknownExpression):
        _condition(expression)


def test_one_that_leaves_out_elements_like_a_signature_is_refused_where_there_is_one() -> None:
    with pytest.raises(UnknownExpression):
        _condition("not(ancestor-or-self::*[local-name()='Signature'])", more="<Signature>evil</Signature>")
    with pytest.raises(UnknownExpression):
        _filters(("subtract", "//*[local-name()='Signature']"), more="<Signature>evil</Signature>")


@pytest.mark.parametrize(
    ("filters", "alone", "with_another"),
    [
        ([("subtract", "/descendant::ds:Signature")], Excluded.OWN, Excluded.EVERY),
        ([("subtract", "//ds:Signature")], Excluded.OWN, Excluded.EVERY),
        ([("subtract", "here()/ancestor::ds:Signature[1]")], Excluded.OWN, Excluded.OWN),
        ([("subtract", "//*[local-name()='Signature']")], Excluded.OWN, Excluded.EVERY),
        ([("subtract", "/d:doc/ds:Signature[@Id='S1']")], Excluded.OWN, Excluded.OWN),
        ([("subtract", "(//ds:Signature)[1]")], Excluded.OWN, Excluded.OWN),
        ([("intersect", "/"), ("subtract", "//ds:Signature")], Excluded.OWN, Excluded.EVERY),
        ([("intersect", "//d:part"), ("union", "/"), ("subtract", "//ds:Signature")], Excluded.OWN, Excluded.EVERY),
        ([("subtract", "//ds:SignedInfo"), ("subtract", "//ds:Signature")], Excluded.OWN, Excluded.EVERY),
        ([("subtract", "//ds:Signature | //ds:Signature/ds:SignedInfo")], Excluded.OWN, Excluded.EVERY),
    ],
)
def test_filters_that_leave_out_signatures_alone(
    filters: list[tuple[str, str]], alone: Excluded, with_another: Excluded
) -> None:
    assert _filters(*filters) is alone
    assert _filters(*filters, more=_OTHER) is with_another


@pytest.mark.parametrize(
    "filters",
    [
        [("intersect", "//d:part")],
        [("intersect", "/d:doc"), ("subtract", "//ds:Signature")],  # the instruction before the root goes
        [("subtract", "//ds:SignedInfo")],
        [("subtract", "//ds:Signature"), ("subtract", "//d:tail")],
        [("subtract", "//ds:Signature"), ("union", "//ds:SignedInfo")],
        [("subtract", "//@*")],
        [("subtract", "/")],
        [("subtract", "//ds:Signature/..")],
        [("subtract", "//text()")],
        [("subtract", "count(//ds:Signature)")],
        [("remove", "//ds:Signature")],
        [("subtract", "//ds:Signature")] * 17,
    ],
)
def test_filters_that_leave_out_anything_else_are_refused(filters: list[tuple[str, str]]) -> None:
    with pytest.raises(UnknownExpression):
        _filters(*filters)


def test_work_is_bounded() -> None:
    made = XmlDocument(b"<a>" + b"<b/>" * 3000 + b"</a>")
    transform = etree.SubElement(made.root, f"{{{DS}}}Transform", Algorithm=XPATH)
    etree.SubElement(transform, f"{{{DS}}}XPath").text = "not(//b[//b])"
    made = XmlDocument(etree.tostring(made.root))
    element = next(made.root.iter(f"{{{DS}}}Transform"))
    with pytest.raises(UnknownExpression, match="work"):
        excluded_by(element, made.nodes, element, None, Excluded.NONE)
