"""What SiVa's published suite asks, kind of file by kind of file: the shape of an answer, then the values in it.

Its files are other people's; these are of the same kinds, made here.
"""

from __future__ import annotations

import io
import struct
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from builders.signing import edits
from demo.pki import person
from demo.signer import Level, sign_again, sign_asice, sign_edoc, sign_pdf
from signing.siva.conclusion import StampRefusal, conclusion, stamp_refusal
from tests.signing.test_siva_cases import ASIC_S, NOTE, archived, page, stamped, token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from demo.pki import Pki
    from signing import Report
    from tests.signing.conftest import Judge

ASIC_E = ("mimetype", b"application/vnd.etsi.asic-e+zip")
POLICIES = ("POLv3", "POLv4")

# Each member by name, "!" before those that have to be there; what is nested stands in its place. Texts are never
# empty, lists neither: SiVa leaves out what says nothing.
_SAID = [{"!content": str}]
_SCOPES = [{"!scope": str, "!name": str, "!content": str}]
_CERTIFICATES = [
    {"!commonName": str, "!type": str, "!content": str, "issuer": {"!commonName": str, "!content": str}},
]  # fmt: skip
_INFO = {
    "!bestSignatureTime": str,
    "timeAssertionMessageImprint": str,
    "ocspResponseCreationTime": str,
    "timestampCreationTime": str,
    "signingReason": str,
    "signerRole": [{"!claimedRole": str}],
    "signatureProductionPlace": {"countryName": str, "stateOrProvince": str, "city": str, "postalCode": str},
    "archiveTimeStamps": [
        {"!signedTime": str, "!indication": str, "!signedBy": str, "!country": str, "!content": str}
        | {"subIndication": str}
    ],
}
_SIGNATURE = {
    "!id": str,
    "!signatureFormat": str,
    "!signatureMethod": str,
    "!signedBy": str,
    "!claimedSigningTime": str,
    "!indication": str,
    "!signatureScopes": _SCOPES,
    "signatureLevel": str,
    "subIndication": str,
    "subjectDistinguishedName": {"serialNumber": str, "commonName": str, "givenName": str, "surname": str},
    "warnings": _SAID,
    "errors": _SAID,
    "info": _INFO,
    "certificates": _CERTIFICATES,
}
_TOKEN = {
    "!signedTime": str,
    "!signedBy": str,
    "!indication": str,
    "!certificates": _CERTIFICATES,
    "subIndication": str,
    "timestampLevel": str,
    "timestampScopes": _SCOPES,
    "error": _SAID,
    "warning": _SAID,
}
_CONCLUSION = {
    "!validationTime": str,
    "!signaturesCount": int,
    "!validSignaturesCount": int,
    "!policy": {"!policyName": str, "!policyDescription": str, "!policyUrl": str},
    "signatureForm": str,
    "validationLevel": str,
    "validatedDocument": {"filename": str, "fileHash": str, "hashAlgo": str},
    "signatures": [_SIGNATURE],
    "timeStampTokens": [_TOKEN],
    "validationWarnings": _SAID,
}


def misfits(value: Any, shape: Any, place: str = "") -> list[str]:  # noqa: ANN401 - JSON, and the shape of JSON
    """Name every place where a value is not of the shape."""
    if isinstance(shape, type):
        return [] if isinstance(value, shape) and value != "" else [f"{place}: {value!r}"]
    if isinstance(shape, list):
        rows = value if isinstance(value, list) and value else [None]
        return [found for number, one in enumerate(rows) for found in misfits(one, shape[0], f"{place}[{number}]")]
    if not isinstance(value, dict):
        return [f"{place}: {value!r}"]
    known = {name.removeprefix("!"): inner for name, inner in shape.items()}
    found = [f"{place}.{name} is missing" for name in shape if name[0] == "!" and name[1:] not in value]
    found += [f"{place}.{name} is none of SiVa's" for name in value if name not in known]
    return found + [
        fault for name, one in value.items() if name in known for fault in misfits(one, known[name], f"{place}.{name}")
    ]


def files(pki: Pki, letter: bytes) -> Mapping[str, bytes]:
    user, at = person("user"), pki.epoch
    return {
        "edoc": letter,
        "with a role": sign_edoc([NOTE], person=person("head"), pki=pki, at=at, role="direktore"),
        "archived": sign_asice([NOTE], person=user, pki=pki, at=at, level=Level.LTA),
        "basic": sign_asice([NOTE], person=user, pki=pki, at=at, level=Level.B),
        "a seal": sign_asice([NOTE], person=person("seal"), pki=pki, at=at),
        "revoked": sign_asice([NOTE], person=person("revoked"), pki=pki, at=at),
        "expired": sign_asice([NOTE], person=person("expired"), pki=pki, at=at),
        "changed": edits.replaced(sign_asice([NOTE], person=user, pki=pki, at=at), NOTE[0], b"Cits"),
        "pdf": sign_pdf(page(), person=user, pki=pki, at=at),
        "archived pdf": sign_pdf(page(), person=user, pki=pki, at=at, level=Level.LTA),
        "basic pdf": sign_pdf(page(), person=user, pki=pki, at=at, level=Level.B),
        "stamped text": stamped(pki, NOTE),
        "stamped twice": archived(pki, stamped(pki, NOTE), NOTE[0]),
        "stamped container": stamped(pki, ("vēstule.edoc", letter)),
        "stamp over something else": stamped(pki, NOTE, over=b"something else"),
        "stamp of a plain unit": stamped(pki, NOTE, unit="tsa-plain"),
        "stamp of an unlisted unit": stamped(pki, NOTE, unit="tsa-unlisted"),
        "no signature": edits.pack([ASIC_E, NOTE]),
    }


def test_every_answer_has_the_members_sivas_schema_asks_for_and_no_other(pki: Pki, judge: Judge, letter: bytes) -> None:
    for what, document in files(pki, letter).items():
        for policy in POLICIES:
            assert misfits(conclusion(judge(document), policy=policy), _CONCLUSION) == [], what


def only(judged: Report, policy: str = "POLv4") -> dict[str, Any]:
    (one,) = conclusion(judged, policy=policy)["signatures"]
    found: dict[str, Any] = one
    return found


def verdict(one: dict[str, Any]) -> tuple[str, str | None, str]:
    return one["indication"], one.get("subIndication"), one["signatureLevel"]


# ASiC-E


def test_a_container_without_a_signature_is_answered(judge: Judge) -> None:
    found = conclusion(judge(edits.pack([ASIC_E, NOTE])))
    assert (found["signatureForm"], found["signaturesCount"], found["validSignaturesCount"]) == ("ASiC-E", 0, 0)
    assert "signatures" not in found


def test_one_broken_signature_leaves_the_other_as_it_is(judge: Judge, two_signatures: bytes) -> None:
    def broken(xml: str) -> str:
        start = xml.index(">", xml.index("<ds:SignatureValue")) + 1
        return f"{xml[:start]}{'B' if xml[start] == 'A' else 'A'}{xml[start + 1 :]}"

    found = conclusion(judge(edits.with_signature(two_signatures, broken)))
    assert (found["signaturesCount"], found["validSignaturesCount"]) == (2, 1)
    assert [one["indication"] for one in found["signatures"]] == ["TOTAL-FAILED", "TOTAL-PASSED"]
    assert found["signatures"][0]["subIndication"] == "SIG_CRYPTO_FAILURE"


def test_a_signed_file_that_was_taken_out_is_not_found(judge: Judge, letter: bytes) -> None:
    one = only(judge(edits.removed(letter, "iesniegums.txt")))
    assert verdict(one) == ("INDETERMINATE", "SIGNED_DATA_NOT_FOUND", "INDETERMINATE_QESIG")


def test_a_changed_file_is_still_what_the_signature_is_over(judge: Judge, letter: bytes) -> None:
    one = only(judge(edits.replaced(letter, "iesniegums.txt", b"Cits")))
    assert verdict(one) == ("TOTAL-FAILED", "HASH_FAILURE", "NOT_ADES_QC_QSCD")
    assert [scope["name"] for scope in one["signatureScopes"]] == ["iesniegums.txt", "saistību raksts.txt"]


@pytest.mark.parametrize("policy", POLICIES)
def test_a_file_nobody_signs_fails_the_signature(judge: Judge, letter: bytes, policy: str) -> None:
    judged = judge(edits.added(letter, "vēl.txt", b"x"))
    assert verdict(only(judged, policy)) == ("TOTAL-FAILED", "FORMAT_FAILURE", "NOT_ADES_QC_QSCD")
    assert only(judged, "qes-lv")["indication"] == "INDETERMINATE", "ours says the standard's word"


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("kind", ["container", "pdf"])
def test_a_basic_signature_fails_whatever_else_is_open(pki: Pki, judge: Judge, kind: str, policy: str) -> None:
    who, at = person("user"), pki.epoch
    document = (
        sign_asice([NOTE], person=who, pki=pki, at=at, level=Level.B)
        if kind == "container"
        else sign_pdf(page(), person=who, pki=pki, at=at, level=Level.B)
    )
    one = only(judge(document), policy)
    assert verdict(one) == ("TOTAL-FAILED", "FORMAT_FAILURE", "NOT_ADES_QC_QSCD")
    assert one["signatureFormat"].endswith("_BASELINE_B")
    assert "info" not in one


def test_a_stamped_signature_without_revocation_data_waits_for_it(pki: Pki, judge: Judge) -> None:
    one = only(judge(sign_asice([NOTE], person=person("user"), pki=pki, at=pki.epoch, level=Level.T)))
    assert one["signatureFormat"] == "XAdES_BASELINE_T"
    assert verdict(one) == ("INDETERMINATE", "TRY_LATER", "INDETERMINATE_QESIG")


def _last(entries: edits.Entries) -> bytes:
    return edits.pack([*(one for one in entries if one[0] != "mimetype"), ASIC_E])


def _gone(entries: edits.Entries) -> bytes:
    return edits.pack(one for one in entries if one[0] != "mimetype")


@pytest.mark.parametrize("edit", [_last, _gone])
def test_a_mimetype_that_is_not_first_is_warned_of_and_no_more(
    judge: Judge, letter: bytes, edit: Callable[[edits.Entries], bytes]
) -> None:
    found = conclusion(judge(edit(edits.entries_of(letter))))
    assert (found["signatureForm"], found["validSignaturesCount"]) == ("ASiC-E", 1)
    assert found["validationWarnings"] == [{"content": '"mimetype" should be the first file in the container'}]


def test_a_mimetype_that_is_compressed_or_carries_more_is_warned_of_likewise(judge: Judge, letter: bytes) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in edits.entries_of(letter):
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.extra = struct.pack("<HHI", 0xCAFE, 4, 0) if name == "mimetype" else b""
            archive.writestr(info, content)
    found = conclusion(judge(made.getvalue()))
    assert found["validSignaturesCount"] == 1
    assert found["validationWarnings"] == [
        {"content": 'Container "mimetype" file must not be compressed'},
        {"content": 'Container "mimetype" file must not contain "Extra fields" in its ZIP header'},
    ]


def test_a_container_as_it_should_be_has_no_warnings(judge: Judge, letter: bytes) -> None:
    found = conclusion(judge(letter))
    assert "validationWarnings" not in found
    assert not {"warnings", "errors"} & set(found["signatures"][0])


def test_an_empty_file_is_warned_of(pki: Pki, judge: Judge) -> None:
    both = [("dati.txt", b"x"), ("tukšs.txt", b"")]
    one = only(judge(sign_asice(both, person=person("user"), pki=pki, at=pki.epoch)))
    assert one["indication"] == "TOTAL-PASSED"
    assert one["warnings"] == [{"content": "Data file 'tukšs.txt' is empty"}]


def test_a_name_full_of_signs_comes_back_as_it_is(pki: Pki, judge: Judge) -> None:
    name = "!~#¤%%&()=+-_.txt"
    one = only(judge(sign_asice([(name, b"x")], person=person("user"), pki=pki, at=pki.epoch)))
    assert one["signatureScopes"] == [{"name": name, "scope": "FULL", "content": "Full document"}]


# PDF


def test_a_pdf_signature_is_over_its_byte_range(pki: Pki, judge: Judge) -> None:
    who, at = person("user"), pki.epoch
    basic = sign_pdf(page(), person=who, pki=pki, at=at, level=Level.B)
    (whole,) = only(judge(basic))["signatureScopes"]
    assert (whole["name"], whole["scope"]) == ("Full PDF", "FULL")
    numbers = [int(number) for number in whole["content"].partition("[")[2].rstrip("]").split(", ")]
    assert whole["content"] == f"The document ByteRange : {numbers}"
    assert numbers[2] + numbers[3] == len(basic)
    (part,) = only(judge(sign_pdf(page(), person=who, pki=pki, at=at)))["signatureScopes"]
    assert (part["name"], part["scope"]) == ("Partial PDF", "PARTIAL"), "the evidence stands behind it"


def test_two_signatures_of_a_pdf_one_of_them_basic(pki: Pki, judge: Judge) -> None:
    first = sign_pdf(page(), person=person("head"), pki=pki, at=pki.epoch)
    both = sign_again(first, person=person("user"), pki=pki, at=pki.epoch, level=Level.B)
    found = conclusion(judge(both))
    assert (found["signaturesCount"], found["validSignaturesCount"]) == (2, 1)
    assert [one["signatureFormat"] for one in found["signatures"]] == ["PAdES_BASELINE_LT", "PAdES_BASELINE_B"]
    assert found["signatures"][1]["subIndication"] == "FORMAT_FAILURE"


# ASiC-S with a time-stamp token


def test_a_container_under_a_stamp_is_an_archive_there(pki: Pki, judge: Judge, letter: bytes) -> None:
    (one,) = conclusion(judge(stamped(pki, ("vēstule.edoc", letter))))["timeStampTokens"]
    assert one["timestampScopes"] == [{"name": "vēstule.edoc", "scope": "FULL", "content": "ASiCS archive"}]


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (lambda made, _: made, None),
        (lambda made, _: edits.added(made, "otrs.txt", b"x"), StampRefusal.NOT_SIMPLE),
        (lambda made, _: edits.added(made, "mape/otrs.txt", b"x"), StampRefusal.NOT_SIMPLE),
        (lambda made, _: edits.removed(made, NOTE[0]), StampRefusal.NOT_SIMPLE),
        (lambda made, _: edits.added(made, "META-INF/evidencerecord.ers", b"0\x00"), StampRefusal.NOT_SIMPLE),
        (lambda made, xml: edits.added(made, "META-INF/signatures.xml", xml), StampRefusal.NOT_SIMPLE),
        (lambda made, _: edits.replaced(made, "META-INF/timestamp.tst", b"0\x80abc"), StampRefusal.UNREADABLE),
    ],
)
def test_a_stamped_container_that_is_not_as_siva_wants_it(
    pki: Pki, judge: Judge, letter: bytes, edit: Callable[[bytes, bytes], bytes], why: StampRefusal | None
) -> None:
    xml = dict(edits.entries_of(letter))[edits.SIGNATURE_FILE]
    assert stamp_refusal(judge(edit(stamped(pki, NOTE), xml))) is why


def test_a_stamp_that_stands_elsewhere_stamps_nothing(pki: Pki, judge: Judge) -> None:
    inside = edits.pack([ASIC_S, NOTE, ("mape/META-INF/timestamp.tst", token(pki, NOTE[1]))])
    assert stamp_refusal(judge(inside)) is StampRefusal.NOT_SIMPLE


def test_a_signed_simple_container_is_looked_at_however_it_is_built(judge: Judge, letter: bytes) -> None:
    xml = dict(edits.entries_of(letter))[edits.SIGNATURE_FILE]
    simple = [ASIC_S, ("iesniegums.txt", b"x"), ("META-INF/signatures.xml", xml)]
    assert stamp_refusal(judge(edits.pack(simple))) is None


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("kind", ["container", "pdf"])
def test_each_level_shows_the_certificates_it_rests_on(pki: Pki, judge: Judge, kind: str, level: Level) -> None:
    who, at = person("user"), pki.epoch
    document = (
        sign_asice([NOTE], person=who, pki=pki, at=at, level=level)
        if kind == "container"
        else sign_pdf(page(), person=who, pki=pki, at=at, level=level)
    )
    shown = [one["type"] for one in only(judge(document))["certificates"]]
    added = {Level.B: ["SIGNING"], Level.T: ["SIGNATURE_TIMESTAMP"], Level.LT: ["REVOCATION"]}
    added[Level.LTA] = ["ARCHIVE_TIMESTAMP"]
    levels = list(Level)
    assert sorted(shown) == sorted(name for one in levels[: levels.index(level) + 1] for name in added[one])


@pytest.mark.parametrize("level", list(Level))
def test_a_simple_container_with_xades_is_answered_like_an_extended_one(pki: Pki, judge: Judge, level: Level) -> None:
    made = sign_asice([NOTE], person=person("user"), pki=pki, at=pki.epoch, level=level)
    xml = dict(edits.entries_of(made))["META-INF/signatures1.xml"]
    simple = judge(edits.pack([ASIC_S, NOTE, ("META-INF/signatures.xml", xml)]))
    assert conclusion(simple)["signatureForm"] == "ASiC-S"
    assert only(simple) == only(judge(made))
