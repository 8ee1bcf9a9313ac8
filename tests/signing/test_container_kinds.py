"""What EN 319 162-1 and OpenDocument say of a container's own parts, and what is only named and left to a person."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from benchmarks._variants.kinds.containers import open_document, signature_file, signed_document
from benchmarks._variants.xades import Signer
from builders.signing import edits
from demo.pki import person
from demo.signer import sign_asice
from signing import Indication, LegacyFormat, Report, SubIndication
from signing.siva.conclusion import conclusion

if TYPE_CHECKING:
    from demo.pki import Pki
    from tests.signing.conftest import Judge

NOTE = ("vēstule.txt", b"Apliecinu.")
ASIC_S = ("mimetype", b"application/vnd.etsi.asic-s+zip")
SIGNATURES = "META-INF/signatures.xml"
_TIME_MARK = (
    "<xades:SignaturePolicyIdentifier><xades:SignaturePolicyId><xades:SigPolicyId><xades:Identifier>"
    "urn:oid:1.3.6.1.4.1.10015.1000.3.2.1</xades:Identifier></xades:SigPolicyId></xades:SignaturePolicyId>"
    "</xades:SignaturePolicyIdentifier>"
)


@pytest.fixture
def head(pki: Pki) -> Signer:
    return Signer(pki, pki.epoch)


def _codes(report: Report) -> set[str]:
    errors = {message.code for one in report.signatures for message in one.errors}
    return errors | {message.code for message in report.warnings}


def test_a_simple_container_with_two_files_of_signatures_does_not_pass(judge: Judge, pki: Pki, head: Signer) -> None:
    other = Signer(pki, pki.epoch, who="user", identifier="S2")
    one, two = (signature_file(signer, files=[NOTE]) for signer in (head, other))
    both = judge(edits.pack([ASIC_S, NOTE, (SIGNATURES, one), ("META-INF/signatures2.xml", two)]))
    assert {(found.indication, found.sub_indication) for found in both.signatures} == {
        (Indication.INDETERMINATE, SubIndication.FORMAT_FAILURE)
    }
    assert "container.simple-one-file" in _codes(both)
    in_one = judge(edits.pack([ASIC_S, NOTE, (SIGNATURES, signature_file(head, other, files=[NOTE]))]))
    assert [found.indication for found in in_one.signatures] == [Indication.TOTAL_PASSED] * 2


def test_in_a_simple_container_a_reference_without_uri_is_of_the_one_document(judge: Judge, head: Signer) -> None:
    signed = signature_file(head, files=[NOTE], named=False)
    report = judge(edits.pack([ASIC_S, NOTE, (SIGNATURES, signed)]))
    assert (report.signatures[0].indication, report.signatures[0].covers) == (Indication.TOTAL_PASSED, (NOTE[0],))
    extended = ("mimetype", b"application/vnd.etsi.asic-e+zip")
    nobody = judge(edits.pack([extended, NOTE, (SIGNATURES, signed)])).signatures[0]
    assert nobody.sub_indication is SubIndication.SIGNED_DATA_NOT_FOUND
    assert "reference.unnamed" in {message.code for message in nobody.errors}


@pytest.mark.parametrize(
    ("name", "old", "new", "code", "file"),
    [
        ("META-INF/manifest.xml", b"text/plain", b"text/html", "container.manifest-differs", "vēstule.txt"),
        ("META-INF/manifest.xml", "vēstule".encode(), b"cita", "container.manifest-differs", "vēstule.txt"),
        ("META-INF/manifest.xml", b"asic-e", b"asic-s", "container.manifest-differs", "mimetype"),
        ("META-INF/manifest.xml", b"</manifest", b"<", "container.manifest", None),
    ],
)
def test_a_list_of_files_that_does_not_fit_is_remarked_on(
    judge: Judge, pki: Pki, name: str, old: bytes, new: bytes, code: str, file: str | None
) -> None:
    signed = sign_asice([NOTE], person=person("head"), pki=pki, at=pki.epoch)
    listed = dict(edits.entries_of(signed))[name]
    report = judge(edits.replaced(signed, name, listed.replace(old, new)))
    assert report.signatures[0].indication is Indication.TOTAL_PASSED
    assert (code, file) in {(message.code, message.params.get("file")) for message in report.warnings}
    assert judge(signed).warnings == ()


def test_a_missing_list_of_files_is_remarked_on_and_decides_nothing(judge: Judge, pki: Pki) -> None:
    signed = sign_asice([NOTE], person=person("head"), pki=pki, at=pki.epoch)
    report = judge(edits.removed(signed, "META-INF/manifest.xml"))
    assert report.signatures[0].indication is Indication.TOTAL_PASSED
    assert [message.code for message in report.warnings] == ["container.manifest-missing"]
    renamed = judge(edits.renamed(signed, "META-INF/manifest.xml", "META-INF/Manifest.xml"))
    assert renamed.signatures[0].sub_indication is SubIndication.SIG_CONSTRAINTS_FAILURE


def test_a_counter_signature_in_a_file_of_its_own(judge: Judge, pki: Pki) -> None:
    signed = sign_asice([NOTE], person=person("head"), pki=pki, at=pki.epoch)
    first = next(one for one in edits.entries_of(signed) if "signatures" in one[0])
    other = Signer(pki, pki.epoch, who="user", identifier="C1")
    both = edits.added(signed, "META-INF/signatures9.xml", signature_file(other, files=[first]))
    report = judge(both)
    assert {(one.id, one.indication, one.counter_signature) for one in report.signatures} == {
        ("S1", Indication.TOTAL_PASSED, False),
        ("C1", Indication.TOTAL_PASSED, True),
    }
    alone = judge(edits.replaced(both, NOTE[0], b"cits"))
    assert {one.indication for one in alone.signatures if not one.counter_signature} == {Indication.TOTAL_FAILED}


def test_an_open_document_is_judged(judge: Judge, head: Signer) -> None:
    entries = open_document()
    signed = edits.pack([*entries, ("META-INF/documentsignatures.xml", signed_document(head, entries))])
    report = judge(signed)
    assert (report.form, report.signatures[0].indication) == ("OpenDocument", Indication.TOTAL_PASSED)
    assert report.signatures[0].covers_everything
    changed = judge(edits.replaced(signed, "styles.xml", b"<styles/>")).signatures[0]
    assert changed.sub_indication is SubIndication.HASH_FAILURE
    script = judge(edits.added(signed, "Basic/Standard/Module1.xml", b"<a/>"))
    assert {"container.file-not-signed", "active.macros"} <= _codes(script)
    assert script.signatures[0].indication is Indication.INDETERMINATE


@pytest.mark.parametrize("name", ["_xmlsignatures/origin.sigs", "_xmlsignatures/sig1.xml"])
def test_a_signed_word_document_is_named_and_left_to_a_person(judge: Judge, name: str) -> None:
    document = edits.pack([("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<a/>"), (name, b"")])
    with pytest.raises(LegacyFormat) as found:
        judge(document)
    assert (found.value.code, found.value.format_name) == ("document.other-format", "Office Open XML")


def test_a_time_mark_in_a_stamped_container_is_named(judge: Judge, pki: Pki) -> None:
    marked = Signer(pki, pki.epoch, extra=_TIME_MARK)
    inner = edits.pack(
        [("mimetype", b"application/vnd.etsi.asic-e+zip"), NOTE, (SIGNATURES, signature_file(marked, files=[NOTE]))]
    )
    stamp = pki.stamp(hashlib.sha256(inner).digest(), at=pki.epoch)
    found = conclusion(judge(edits.pack([ASIC_S, ("a.bdoc", inner), ("META-INF/timestamp.tst", stamp)])))
    assert (found["signaturesCount"], found["validSignaturesCount"]) == (0, 0)
    assert "time mark" in found["validationWarnings"][0]["content"]
    assert "FORMAT_FAILURE" not in str(found)
