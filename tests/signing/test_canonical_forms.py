"""One document has one canonical form, and two have two: held against other implementations."""

from __future__ import annotations

import random
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from benchmarks._documents import differing_parts, disagreements, document
from builders.shared import SHARED
from signing import Indication, SignatureReport, SubIndication, TrustStore, verify
from signing.pki.certificate_files import load_certificates
from signing.xml.tree import CannotCanonicalise, canonical, parse

if TYPE_CHECKING:
    from pathlib import Path

_CASES = SHARED / "cases" / "c14n-default-namespace"
_C14N10 = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_C14N11 = "http://www.w3.org/2006/12/xml-c14n11"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_INCLUSIVE = (_C14N10, f"{_C14N10}#WithComments", _C14N11, f"{_C14N11}#WithComments")


@pytest.mark.parametrize("algorithm", _INCLUSIVE)
def test_a_declaration_that_undoes_a_default_namespace_makes_another_document(algorithm: str) -> None:
    one = parse(b'<a xmlns="urn:a"><b><c><note xmlns="">x</note></c></b></a>')
    other = parse(b'<a xmlns="urn:a"><b><c><note>x</note></c></b></a>')
    assert canonical(one[0], algorithm) == b'<b xmlns="urn:a"><c><note xmlns="">x</note></c></b>'
    assert canonical(other[0], algorithm) == b'<b xmlns="urn:a"><c><note>x</note></c></b>'


def test_documents_made_at_random_have_the_form_a_second_implementation_gives_them() -> None:
    compared = 0
    for number in range(300):
        dice = random.Random(number)  # noqa: S311 - repeatable, not secret
        made, _ = document(dice)
        forms, differing = differing_parts(made, dice)
        compared += forms
        assert not differing, (number, differing, made)
    assert compared > 5000


def test_documents_made_at_random_have_the_form_xmlsec1_gives_them(tmp_path: Path) -> None:
    if shutil.which("xmlsec1") is None:
        pytest.skip("xmlsec1 is not installed: canonicalisation was not held against it")
    compared = 0
    for number in range(60):
        digests, differing = disagreements(random.Random(number), tmp_path)  # noqa: S311 - repeatable, not secret
        compared += digests
        assert not differing, (number, differing)
    assert compared > 1000


def test_a_name_that_one_of_the_two_parsers_does_not_know_has_no_form_here() -> None:
    with pytest.raises(CannotCanonicalise):
        canonical(parse('<a xmlns="urn:a&amp;b"><\U00010000/></a>'.encode()), _C14N10)


def test_what_stands_around_a_part_is_left_as_it_is() -> None:
    root = parse(b'<a xmlns="urn:a" xml:lang="lv" xml:base="http://example.lv/x/"><b xml:base="../y"/></a>')
    before = etree.tostring(root)
    for algorithm in (_C14N10, _C14N11, _EXCLUSIVE):
        canonical(root[0], algorithm)
    assert etree.tostring(root) == before


def test_a_part_inherits_xml_attributes_as_each_version_says() -> None:
    inner = parse(b'<a xml:lang="lv" xml:space="preserve" xml:id="r" xml:base="u/"><b><c xml:lang="en"/></b></a>')[0][0]
    everything = b'<c xml:base="u/" xml:id="r" xml:lang="en" xml:space="preserve"></c>'
    assert canonical(inner, _C14N10) == everything
    assert canonical(inner, _C14N11) == b'<c xml:base="u/" xml:lang="en" xml:space="preserve"></c>'
    assert canonical(inner, _EXCLUSIVE) == b'<c xml:lang="en"></c>'


@pytest.mark.parametrize(
    ("bases", "joined"),
    [
        (("http://example.lv/a/b", "c"), "http://example.lv/a/c"),
        (("http://example.lv/a/b/", "../c/./d"), "http://example.lv/a/c/d"),
        (("http://example.lv/a/b/", "/c?d"), "http://example.lv/c?d"),
        (("http://example.lv/a", "//other.lv/b"), "http://other.lv/b"),
        (("http://example.lv/a", "http://other.lv/b#c"), "http://other.lv/b#c"),
        (("http://example.lv", "c"), "http://example.lv/c"),
        (("http://example.lv/a?b", "#c"), "http://example.lv/a?b#c"),
        (("foo/bar", ".."), ""),
        (("foo/bar", "../.."), "../"),
        (("..", ".."), "../../"),
        (("../x", "../y"), "../../y"),
        (("a//b/", "c"), "a/b/c"),
        (("a/", "b/", "c"), "a/b/c"),
        (("a/",), "a/"),
        (("./",), "./"),
    ],
)
def test_bases_around_a_part_are_joined(bases: tuple[str, ...], joined: str) -> None:
    around, last = (bases[:-1], f' xml:base="{bases[-1]}"') if len(bases) > 1 else (bases, "")
    opened = "".join(f'<a xml:base="{base}">' for base in around)
    node = parse(f"{opened}<b{last}/>{'</a>' * len(around)}".encode())
    while len(node):
        node = node[0]
    written = f' xml:base="{joined}"' if joined else ""
    assert canonical(node, _C14N11) == f"<b{written}></b>".encode()


def test_a_listed_default_namespace_is_written_where_nothing_uses_it() -> None:
    part = parse(b'<p:a xmlns:p="urn:p" xmlns="urn:d"><p:b><p:c xmlns="urn:e"/></p:b></p:a>')[0]
    assert canonical(part, _EXCLUSIVE) == b'<p:b xmlns:p="urn:p"><p:c></p:c></p:b>'
    listed = canonical(part, _EXCLUSIVE, prefixes=("#default",))
    assert listed == b'<p:b xmlns="urn:d" xmlns:p="urn:p"><p:c xmlns="urn:e"></p:c></p:b>'


def test_an_ampersand_in_the_address_of_a_namespace_is_written_as_one() -> None:
    root = parse(b'<p:a xmlns:p="http://example.lv/?a&amp;amp;b"/>')
    other = parse(b'<p:a xmlns:p="http://example.lv/?a&amp;b"/>')
    assert canonical(root.getroottree(), _C14N10) == b'<p:a xmlns:p="http://example.lv/?a&amp;amp;b"></p:a>'
    assert canonical(other.getroottree(), _C14N10) == b'<p:a xmlns:p="http://example.lv/?a&amp;b"></p:a>'


def test_an_address_that_is_not_absolute_has_no_canonical_form() -> None:
    with pytest.raises(CannotCanonicalise):
        canonical(parse(b'<a xmlns="x/y"><b/></a>')[0], _C14N10)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "anchor", "passes"),
    [
        ("orig.xml", "cert.der", True),
        ("honest-default-ns.xml", "cert.der", True),
        ("changed.xml", "cert.der", False),
        ("c14n-collision-as-signed.xml", "c14n-collision-signer.pem", True),
        ("c14n-collision-changed.xml", "c14n-collision-signer.pem", False),
    ],
)
def test_shared_files_under_a_default_namespace(name: str, anchor: str, passes: bool) -> None:  # noqa: FBT001
    trust = TrustStore.of_anchors(load_certificates((_CASES / anchor).read_bytes()))
    at = datetime(2027, 1, 2, tzinfo=UTC)
    one: SignatureReport = verify((_CASES / name).read_bytes(), name=name, trust=trust, at=at).signatures[0]
    if passes:
        assert one.indication is Indication.TOTAL_PASSED
    else:
        assert (one.indication, one.sub_indication) == (Indication.TOTAL_FAILED, SubIndication.HASH_FAILURE)
