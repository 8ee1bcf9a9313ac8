"""A signed file that another program opens as something nobody signed, and honest files that look a little like one."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from benchmarks._variants.kinds.containers import open_document, signed_document
from benchmarks._variants.xades import Signer
from builders.signing import edits
from builders.signing.other_keys import cades, identity
from demo.der import octets, sequence, tlv
from signing import BrokenDocument

if TYPE_CHECKING:
    from demo.pki import Pki
    from tests.signing.conftest import Judge

PAGE = b"%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\nstartxref\n9\n%%EOF\n"
_MANIFEST = "META-INF/manifest.xml"


def with_first(letter: bytes, name: str, content: bytes) -> bytes:
    rest = [one for one in edits.entries_of(letter) if one[0] not in {name, "mimetype"}]
    first = ("mimetype", dict(edits.entries_of(letter))["mimetype"])
    return edits.pack([first, (name, content), *rest], compression=zipfile.ZIP_STORED)


def test_a_page_in_a_containers_own_parts_makes_two_readings(letter: bytes, judge: Judge) -> None:
    listed = dict(edits.entries_of(letter))[_MANIFEST]
    assert judge(with_first(letter, _MANIFEST, listed)).signatures[0].covers_everything
    with pytest.raises(BrokenDocument, match=r"cms\.two-readings"):
        judge(with_first(letter, _MANIFEST, listed + b"<!--" + PAGE + b"-->"))


def test_a_signed_page_that_stands_first_in_a_container_is_only_that(letter: bytes, judge: Judge) -> None:
    name, content = next(one for one in edits.entries_of(letter) if one[0] not in {"mimetype", _MANIFEST})
    document = with_first(letter, name, PAGE)
    assert content != PAGE
    assert judge(document).contents[0].size == len(PAGE)


def test_a_page_in_a_comment_of_an_open_document_makes_two_readings(pki: Pki, judge: Judge) -> None:
    """Its canonical form is signed, and has no comments."""
    entries = [
        (name, content + b"<!--" + PAGE + b"-->") if name == "content.xml" else (name, content)
        for name, content in open_document()
    ]
    entries.sort(key=lambda one: (one[0] != "mimetype", one[0] != "content.xml"))
    signatures = ("META-INF/documentsignatures.xml", signed_document(Signer(pki, pki.epoch), entries))
    with pytest.raises(BrokenDocument, match=r"cms\.two-readings"):
        judge(edits.pack([*entries, signatures], compression=zipfile.ZIP_STORED))


def test_a_page_in_a_comment_of_signed_xml_makes_two_readings(letter: bytes, judge: Judge) -> None:
    xml = edits.signature_of(letter).encode()
    start = xml.index(b"<asic:")
    with pytest.raises(BrokenDocument, match=r"cms\.two-readings"):
        judge(xml[:start] + b"<!--" + PAGE + b"-->" + xml[start:])
    remark = b"<!-- PDF begins with a version, it is said. -->"
    assert judge(xml[:start] + remark + xml[start:]).form == "XAdES"


def test_an_archive_behind_or_beside_what_a_cms_encloses_makes_two_readings(pki: Pki, judge: Judge) -> None:
    archive = edits.pack([("other.txt", b"refused")])
    who = identity(pki, pki.key("head").public_key())
    signed = cades(who, b"a letter", "sha256_ecdsa", lambda data: pki.sign("head", data, digest="sha256"))
    with pytest.raises(BrokenDocument, match=r"cms\.two-readings"):
        judge(signed + archive)
    around = cades(who, archive, "sha256_ecdsa", lambda data: pki.sign("head", data, digest="sha256"))
    assert judge(around).contents[0].size == len(archive)
    with pytest.raises(BrokenDocument, match=r"cms\.two-readings"):
        judge(around + archive)
    assert judge(signed + sequence(octets(b"PK\x05\x06"), tlv(0x05, b""))).form == "CAdES"


def test_a_file_named_like_signatures_that_says_something_else_is_signed_by_nobody(letter: bytes, judge: Judge) -> None:
    for content, faulty in ((b"<signatures/>", False), (b"<p>I refuse</p>", True), (b"<a><p/></a>", True)):
        report = judge(edits.pack([*edits.entries_of(letter), ("META-INF/other-signatures.xml", content)]))
        codes = {one.code for one in report.signatures[0].errors}
        assert ("container.file-not-signed" in codes) is faulty
