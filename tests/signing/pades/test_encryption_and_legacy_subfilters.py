"""PDFs with an empty user password, deprecated SubFilter values, and broken parts that affect no verdict."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pikepdf
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pikepdf import Array, Dictionary, Encryption, Name, ObjectStreamMode

from demo.pki import person
from demo.signer import Level, sign_again, sign_pdf
from signing import BrokenDocument, EncryptedDocument, Indication, SubIndication
from signing.cms.signed_data import read_signed_data
from signing.pades.coverage import coverage_of
from signing.pades.legacy_subfilters import encapsulated_references, read_x509_rsa_sha1
from signing.pades.reader.pdf import Pdf
from signing.pades.signature import contents_of
from signing.reading.facts import ValueCheck

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.pki import Pki
    from signing import SignatureReport
    from tests.signing.pades.conftest import JudgeForm


def encrypted(form: bytes, **options: object) -> bytes:
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(form)) as document:
        document.save(stream, encryption=Encryption(owner="o", user="", **options))  # type: ignore[arg-type] # any
    return stream.getvalue()


def only(judge_form: JudgeForm, document: bytes) -> SignatureReport:
    (one,) = judge_form(document, expected=b"").signatures
    return one


# Encrypted with permissions only


@pytest.mark.parametrize("level", [Level.LT, Level.LTA])
@pytest.mark.parametrize("how", [{}, {"R": 4}, {"R": 3, "aes": False, "metadata": False}])
def test_a_pdf_that_needs_no_password_is_read(
    form: bytes, pki: Pki, judge_form: JudgeForm, level: Level, how: dict[str, object]
) -> None:
    signed = sign_pdf(encrypted(form, **how), person=person("user"), pki=pki, at=pki.epoch, level=level)
    assert only(judge_form, signed).indication is Indication.TOTAL_PASSED


def test_a_second_signature_in_an_encrypted_pdf_passes_like_the_first(
    form: bytes, pki: Pki, judge_form: JudgeForm
) -> None:
    first = sign_pdf(encrypted(form), person=person("user"), pki=pki, at=pki.epoch)
    both = sign_again(first, person=person("head"), pki=pki, at=pki.epoch)
    report = judge_form(both, expected=b"")
    assert [one.indication for one in report.signatures] == [Indication.TOTAL_PASSED] * 2


def appended(document: bytes, body: bytes, number: int, trailer: bytes) -> bytes:
    """A revision of one object, with this in its trailer."""
    previous = int(re.findall(rb"startxref\s+(\d+)", document)[-1])
    with pikepdf.open(io.BytesIO(document)) as pdf:
        size, root = int(pdf.trailer["/Size"]), pdf.Root.objgen[0]
    start = len(document)
    written = b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, start)
    end = b"trailer\n<</Size %d/Root %d 0 R/Prev %d%s>>\nstartxref\n%d\n%%%%EOF\n"
    return document + written + table + end % (size, root, previous, trailer, start + len(written))


@pytest.mark.parametrize("keeps", ["", "identifier", "dictionary"])
def test_a_later_revision_cannot_have_it_decrypted_in_another_way(
    form: bytes, pki: Pki, judge_form: JudgeForm, keeps: str
) -> None:
    signed = sign_pdf(encrypted(form, R=4), person=person("user"), pki=pki, at=pki.epoch)
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        number = pdf.trailer["/Encrypt"].objgen[0]
        dictionary, root = pdf.trailer["/Encrypt"].unparse(resolved=True), pdf.Root.objgen[0]
        catalog, identifier = pdf.Root.unparse(resolved=True), pdf.trailer["/ID"].unparse()
    match keeps:
        case "":
            attacked = appended(signed, catalog, root, b"")
        case "identifier":
            attacked = appended(signed, catalog, root, b"/Encrypt %d 0 R/ID[<00><00>]" % number)
        case _:
            attacked = appended(signed, dictionary, number, b"/Encrypt %d 0 R/ID%s" % (number, identifier))
    with pytest.raises((BrokenDocument, EncryptedDocument)):
        judge_form(attacked, expected=b"")


def test_our_form_is_not_read_as_encrypted_by_a_revision_that_says_so(
    form: bytes, signed: bytes, judge_form: JudgeForm
) -> None:
    with pikepdf.open(io.BytesIO(encrypted(form, R=4))) as pdf:
        dictionary = pdf.trailer["/Encrypt"].unparse(resolved=True)
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        number = int(pdf.trailer["/Size"]) - 1
    with pytest.raises((BrokenDocument, EncryptedDocument)):
        judge_form(appended(signed, dictionary, number, b"/Encrypt %d 0 R/ID[<00><00>]" % number))


def test_a_byte_changed_in_an_encrypted_pdf_is_seen(form: bytes, pki: Pki, judge_form: JudgeForm) -> None:
    signed = sign_pdf(encrypted(form), person=person("user"), pki=pki, at=pki.epoch)
    place = signed.index(b"stream") + 20
    changed = signed[:place] + bytes((signed[place] ^ 1,)) + signed[place + 1 :]
    assert only(judge_form, changed).sub_indication is SubIndication.HASH_FAILURE


# Parts no verdict rests on


def _opening(pdf: pikepdf.Pdf, broken: pikepdf.Object) -> None:
    pdf.Root.OpenAction = broken


def _names(pdf: pikepdf.Pdf, broken: pikepdf.Object) -> None:
    pdf.Root.Names = broken


def _store(pdf: pikepdf.Pdf, broken: pikepdf.Object) -> None:
    pdf.Root.DSS = Dictionary(Certs=Array([broken]))


def _by_signature(pdf: pikepdf.Pdf, broken: pikepdf.Object) -> None:
    pdf.Root.DSS = Dictionary(VRI=Dictionary(AB=broken))


@pytest.mark.parametrize("place", [_opening, _names, _store, _by_signature])
def test_an_object_that_is_broken_and_not_needed_does_not_refuse_the_file(
    form: bytes, pki: Pki, judge_form: JudgeForm, place: Callable[[pikepdf.Pdf, pikepdf.Object], None]
) -> None:
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(form)) as pdf:
        place(pdf, pdf.make_indirect(Dictionary(Marker=Name.Here)))
        pdf.save(stream, object_stream_mode=ObjectStreamMode.disable)
    document = stream.getvalue().replace(b"<< /Marker /Here >>", b"<< /Marker ( Here>>")
    assert document != stream.getvalue()
    one = only(judge_form, sign_pdf(document, person=person("user"), pki=pki, at=pki.epoch, level=Level.T))
    assert one.sub_indication is SubIndication.TRY_LATER


# Older kinds


def test_a_bare_value_over_the_bytes_is_computed_with_the_first_certificate(signed: bytes, pki: Pki) -> None:
    pdf = Pdf(signed)
    entry = pdf.signatures()[0]
    coverage = coverage_of(entry, pdf)
    for changed, expected in ((b"", ValueCheck.VALID), (b" ", ValueCheck.INVALID)):
        value = pki.sign("user", coverage.signed_bytes(signed) + changed, digest="sha1")
        contents = b"\x04\x82" + len(value).to_bytes(2, "big") + value
        der = pki.certificate("user").public_bytes(Encoding.DER)
        held = replace(entry, certificates=(der,))
        facts = read_x509_rsa_sha1(held, coverage, signed, contents, "letter.pdf")
        assert facts.value_check is expected
        assert bool(facts.covers) is (expected is ValueCheck.VALID)
        assert facts.scheme is not None
        assert facts.scheme.hash_name == "sha1"
        assert [fault.code for fault in facts.certificate_faults] == ["certificate.not-bound"]


def test_an_enclosed_digest_is_compared_with_the_bytes(signed: bytes) -> None:
    pdf = Pdf(signed)
    entry = pdf.signatures()[0]
    coverage = coverage_of(entry, pdf)
    data = read_signed_data(contents_of(signed, entry))
    (signer,) = data.signers
    right = hashlib.sha1(coverage.signed_bytes(signed)).digest()  # noqa: S324 - the kind's own
    for content, intact in ((right, True), (b"\0" * 20, False)):
        enclosed = replace(data, content=content)
        (over_the_bytes, over_the_digest), faults = encapsulated_references(coverage, enclosed, signer, signed, "a.pdf")
        assert (over_the_bytes.intact, over_the_bytes.digest_name) == (intact, "sha1")
        assert not over_the_digest.intact  # this signer's attributes are over the file, not over its SHA-1
        assert [fault.code for fault in faults] == ["reference.changed"]
    with pytest.raises(ValueError, match="no digest"):
        encapsulated_references(coverage, data, signer, signed, "a.pdf")
