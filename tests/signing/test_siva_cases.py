"""Case by case what SiVa's public test suite asks of the kinds of files we read, with files of our own."""

from __future__ import annotations

import base64
import hashlib
import io
from typing import TYPE_CHECKING, Any

import pikepdf
import pytest

from builders.signing import edits
from builders.signing.hand_made import report, signature, stamp
from demo.pki import person
from demo.signer import Level, sign_asice, sign_edoc, sign_pdf
from signing import Indication, Message, Qualification, Report, SubIndication
from signing.policies.named import NAMED
from signing.report.particulars import Particulars
from signing.siva.conclusion import conclusion

if TYPE_CHECKING:
    from demo.pki import Pki
    from tests.signing.conftest import Judge

NOTE = ("piezīme.txt", b"Apzimogots")
ASIC_S = ("mimetype", b"application/vnd.etsi.asic-s+zip")
_NAMESPACES = 'xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'


def token(pki: Pki, data: bytes, *, unit: str = "tsa") -> bytes:
    return pki.stamp(hashlib.sha256(data).digest(), at=pki.epoch, unit=unit)


def stamped(pki: Pki, file: tuple[str, bytes], *, over: bytes | None = None, unit: str = "tsa") -> bytes:
    """A simple container that nobody signs, with a stamp over its one file (or over something else)."""
    made = token(pki, file[1] if over is None else over, unit=unit)
    return edits.pack([ASIC_S, file, ("META-INF/timestamp.tst", made)])


def archived(pki: Pki, container: bytes, *names: str, unit: str = "tsa") -> bytes:
    """The same with a second stamp, over a manifest that names these entries."""
    entries = dict(edits.entries_of(container))
    rows = "".join(
        f'<asic:DataObjectReference URI="{name}"><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
        f"<ds:DigestValue>{base64.b64encode(hashlib.sha256(entries[name]).digest()).decode()}</ds:DigestValue>"
        "</asic:DataObjectReference>"
        for name in names
    )
    manifest = (
        f'<asic:ASiCManifest {_NAMESPACES}><asic:SigReference URI="META-INF/timestamp002.tst"/>{rows}'
        "</asic:ASiCManifest>"
    ).encode()
    more = [
        ("META-INF/ASiCArchiveManifest.xml", manifest),
        ("META-INF/timestamp002.tst", token(pki, manifest, unit=unit)),
    ]
    return edits.pack([*edits.entries_of(container), *more])


def answer(judged: Report, policy: str = "POLv4") -> dict[str, Any]:
    return conclusion(judged, policy=policy)


# ASiC-S with a time-stamp token


def test_text_in_a_stamped_container(pki: Pki, judge: Judge) -> None:
    found = answer(judge(stamped(pki, NOTE)))
    assert (found["signatureForm"], found["signaturesCount"], found["validSignaturesCount"]) == ("ASiC-S", 0, 0)
    assert "signatures" not in found
    (one,) = found["timeStampTokens"]
    assert (one["indication"], one["timestampLevel"]) == ("TOTAL-PASSED", "QTSA")
    assert one["signedBy"] == one["certificates"][0]["commonName"]
    assert {used["type"] for used in one["certificates"]} == {"CONTENT_TIMESTAMP"}
    assert one["timestampScopes"] == [{"name": NOTE[0], "scope": "FULL", "content": "Full document"}]
    assert not {"error", "warning", "subIndication"} & set(one)


def test_a_signed_container_in_a_stamped_one_shows_its_signatures(pki: Pki, judge: Judge, letter: bytes) -> None:
    found = answer(judge(stamped(pki, ("vēstule.edoc", letter))))
    assert (found["signatureForm"], found["signaturesCount"], found["validSignaturesCount"]) == ("ASiC-S", 1, 1)
    (one,) = found["signatures"]
    assert (one["signatureFormat"], one["signatureLevel"]) == ("XAdES_BASELINE_LT", "QESIG")
    assert [scope["name"] for scope in one["signatureScopes"]] == ["iesniegums.txt", "saistību raksts.txt"]
    assert found["timeStampTokens"][0]["indication"] == "TOTAL-PASSED"


def test_a_broken_signature_in_a_stamped_container_is_shown_broken(pki: Pki, judge: Judge, letter: bytes) -> None:
    changed = edits.replaced(letter, "iesniegums.txt", b"Cits")
    found = answer(judge(stamped(pki, ("vēstule.edoc", changed))))
    assert (found["signaturesCount"], found["validSignaturesCount"]) == (1, 0)
    assert found["signatures"][0]["subIndication"] == "HASH_FAILURE"


def test_where_the_stamp_fails_nothing_inside_is_shown_to_be_signed(pki: Pki, judge: Judge, letter: bytes) -> None:
    judged = judge(stamped(pki, ("vēstule.edoc", letter), over=b"something else"))
    found = answer(judged)
    assert judged.nested == ()
    assert found["signaturesCount"] == 0
    assert "signatures" not in found
    (one,) = found["timeStampTokens"]
    assert (one["indication"], one["subIndication"]) == ("TOTAL-FAILED", "HASH_FAILURE")
    assert one["error"]


def test_a_sound_stamp_that_leaves_the_file_out_is_told_so_and_opens_nothing(
    pki: Pki, judge: Judge, letter: bytes
) -> None:
    broken = stamped(pki, ("vēstule.edoc", letter), over=b"something else")
    found = answer(judge(archived(pki, broken, "META-INF/timestamp.tst")))
    first, second = found["timeStampTokens"]
    assert (first["indication"], second["indication"]) == ("TOTAL-FAILED", "TOTAL-PASSED")
    assert second["warning"] == [{"content": "The time-stamp token does not cover container datafile!"}]
    assert [(scope["name"], scope["content"]) for scope in second["timestampScopes"]] == [
        ("META-INF/ASiCArchiveManifest.xml", "Manifest document"),
        ("META-INF/timestamp.tst", "Full document"),
    ]
    assert found["signaturesCount"] == 0


def test_one_sound_stamp_over_the_file_is_enough_to_open_it(pki: Pki, judge: Judge, letter: bytes) -> None:
    broken = stamped(pki, ("vēstule.edoc", letter), over=b"something else")
    found = answer(judge(archived(pki, broken, "vēstule.edoc", "META-INF/timestamp.tst")))
    assert [one["indication"] for one in found["timeStampTokens"]] == ["TOTAL-FAILED", "TOTAL-PASSED"]
    assert found["validSignaturesCount"] == 1


def test_a_form_we_do_not_read_in_a_stamped_container_is_named(pki: Pki, judge: Judge) -> None:
    ddoc = b'<?xml version="1.0"?><SignedDoc xmlns="http://www.sk.ee/DigiDoc/v1.3.0#" format="DIGIDOC-XML"/>'
    found = answer(judge(stamped(pki, ("vecs.ddoc", ddoc))))
    assert found["timeStampTokens"][0]["indication"] == "TOTAL-PASSED"
    assert found["signaturesCount"] == 0
    assert any("DDOC" in warning["content"] for warning in found["validationWarnings"])


def test_a_stamped_container_in_a_stamped_one_is_not_followed_further(pki: Pki, judge: Judge, letter: bytes) -> None:
    middle = stamped(pki, ("vēstule.edoc", letter))
    judged = judge(stamped(pki, ("vidus.asics", middle)))
    assert judged.nested[0].report is not None
    assert judged.nested[0].report.nested == ()
    assert answer(judged)["signaturesCount"] == 0


def test_a_stamp_of_a_unit_nobody_lists_opens_nothing(pki: Pki, judge: Judge, letter: bytes) -> None:
    found = answer(judge(stamped(pki, ("vēstule.edoc", letter), unit="tsa-unlisted")))
    assert found["timeStampTokens"][0]["indication"] != "TOTAL-PASSED"
    assert found["signaturesCount"] == 0


# What both policies ask


@pytest.mark.parametrize("policy", ["POLv3", "POLv4"])
def test_a_certificate_that_is_not_for_non_repudiation_passes_neither(policy: str) -> None:
    judged = report(
        signature(
            indication=Indication.INDETERMINATE,
            sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
            errors=(Message.of("certificate.not-for-signing"),),
        )
    )
    (one,) = answer(judged, policy)["signatures"]
    assert (one["indication"], one["subIndication"]) == ("INDETERMINATE", "CHAIN_CONSTRAINTS_FAILURE")
    assert [error["content"] for error in one["errors"]] == [
        "The certificate validation is not conclusive!",
        "The signing-certificate of signature does not have an expected key-usage!",
    ]


@pytest.mark.parametrize("policy", ["POLv3", "POLv4"])
@pytest.mark.parametrize(
    ("qualified", "expected"),
    [
        (True, ("TOTAL-PASSED", None)),
        (False, ("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND")),
        (None, ("INDETERMINATE", "TRY_LATER")),
    ],
)
def test_a_qualified_signature_needs_a_qualified_stamp(
    *, policy: str, qualified: bool | None, expected: tuple[str, str | None]
) -> None:
    judged = report(signature(stamps=(stamp(qualified=qualified),)))
    (one,) = answer(judged, policy)["signatures"]
    assert (one["indication"], one.get("subIndication")) == expected


def test_another_signature_does_not(pki: Pki) -> None:
    del pki
    judged = report(signature(qualification=Qualification.ADESIG_QC, stamps=(stamp(qualified=False),)))
    assert answer(judged)["signatures"][0]["indication"] == "TOTAL-PASSED"


def test_a_certificate_for_signing_says_so_in_the_report(pki: Pki, judge: Judge, letter: bytes) -> None:
    del pki
    particulars = judge(letter).signatures[0].particulars
    assert particulars is not None
    assert particulars.non_repudiation


@pytest.mark.parametrize("qualification", list(Qualification))
def test_the_policy_by_itself_accepts_what_passes_here(qualification: Qualification) -> None:
    judged = report(signature(qualification=qualification))
    passes = answer(judged)["signatures"][0]["indication"] == "TOTAL-PASSED"
    assert bool(NAMED["POLv4"].policy.judge(judged)) is passes


# Levels and formats


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("kind", ["XAdES", "PAdES"])
def test_each_level_is_named_and_holds_what_belongs_to_it(pki: Pki, judge: Judge, level: Level, kind: str) -> None:
    who = person("user")
    if kind == "XAdES":
        document = sign_asice([NOTE], person=who, pki=pki, at=pki.epoch, level=level)
    else:
        document = sign_pdf(page(), person=who, pki=pki, at=pki.epoch, level=level)
    found = answer(judge(document))
    (one,) = found["signatures"]
    assert one["signatureFormat"] == f"{kind}_BASELINE_{level.upper()}"
    assert ("signatureForm" in found) is (kind == "XAdES"), "containers alone have a form"
    info = one.get("info", {})
    assert ("timestampCreationTime" in info) is (level != Level.B)
    assert ("timeAssertionMessageImprint" in info) is (level != Level.B)
    assert ("ocspResponseCreationTime" in info) is (level in {Level.LT, Level.LTA})
    assert ("archiveTimeStamps" in info) is (level == Level.LTA)
    if level == Level.LTA:
        (archive,) = info["archiveTimeStamps"]
        assert set(archive) == {"signedTime", "indication", "signedBy", "country", "content"}
        assert archive["indication"] == "PASSED"
        assert base64.b64decode(archive["content"])[0] == 0x30


def page() -> bytes:
    made = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(made)
    return made.getvalue()


def test_two_signatures_are_two_and_each_has_its_own_answer(judge: Judge, two_signatures: bytes) -> None:
    found = answer(judge(two_signatures))
    assert (found["signaturesCount"], found["validSignaturesCount"]) == (2, 2)
    first, second = found["signatures"]
    assert first["id"] != second["id"]
    assert first["signedBy"] != second["signedBy"]
    broken = edits.with_signature(
        two_signatures, lambda xml: xml.replace("<ds:SignatureValue", "<ds:SignatureValue ", 1).replace("AA", "AB", 1)
    )
    halves = answer(judge(broken))
    assert halves["signaturesCount"] == 2


def test_a_file_changed_after_signing_and_one_added_to_it(judge: Judge, letter: bytes) -> None:
    changed = answer(judge(edits.replaced(letter, "iesniegums.txt", b"Cits")))
    assert (changed["signatures"][0]["indication"], changed["signatures"][0]["subIndication"]) == (
        "TOTAL-FAILED",
        "HASH_FAILURE",
    )
    added = answer(judge(edits.added(letter, "vēl.txt", b"x")))
    assert added["validSignaturesCount"] == 0
    assert "vēl.txt" not in [scope["name"] for scope in added["signatures"][0]["signatureScopes"]]


@pytest.mark.parametrize(
    ("who", "level", "indication"),
    [
        ("head", "QESIG", "TOTAL-PASSED"),
        ("seal", "QESEAL", "TOTAL-PASSED"),
        ("revoked", "INDETERMINATE_QESIG", "INDETERMINATE"),
        ("expired", "INDETERMINATE_QESIG", "INDETERMINATE"),
    ],
)
def test_who_signs_decides_the_level(pki: Pki, judge: Judge, who: str, level: str, indication: str) -> None:
    document = sign_edoc([NOTE], person=person(who), pki=pki, at=pki.epoch)
    (one,) = answer(judge(document))["signatures"]
    assert (one["signatureLevel"], one["indication"]) == (level, indication)


def test_a_failed_signature_keeps_its_failure_under_every_policy() -> None:
    failed = signature(
        indication=Indication.TOTAL_FAILED,
        sub_indication=SubIndication.SIG_CRYPTO_FAILURE,
        particulars=Particulars(non_repudiation=False),
    )
    for policy in ("POLv3", "POLv4"):
        (one,) = answer(report(failed), policy)["signatures"]
        assert (one["indication"], one["subIndication"]) == ("TOTAL-FAILED", "SIG_CRYPTO_FAILURE")
