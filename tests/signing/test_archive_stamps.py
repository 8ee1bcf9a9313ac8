"""Stamps that keep older ones alive: over XML signatures (EN 319 132-1 §5.5.2), over containers (EN 319 162-1, A.7).

Each is made here as its standard says, and then spoiled in one way.
"""

from __future__ import annotations

import base64
import hashlib
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from builders.signing import edits
from builders.signing.other_keys import NOTE, Identity, cades
from demo.pki import person
from demo.signer import Level, sign_asice
from signing import Indication, Report, SignatureReport, StampReport, SubIndication, TooLarge
from signing.reading.containers import read_container
from signing.siva.conclusion import conclusion

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from demo.pki import Pki
    from tests.signing.conftest import Judge

PASSED = (Indication.TOTAL_PASSED, None)
OTHER_DATA = (Indication.TOTAL_FAILED, SubIndication.HASH_FAILURE)
NOT_FOUND = (Indication.INDETERMINATE, SubIndication.SIGNED_DATA_NOT_FOUND)
SIGNATURES = "META-INF/signatures1.xml"
DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
XADES_141 = "http://uri.etsi.org/01903/v1.4.1#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"


def verdict(one: StampReport | SignatureReport) -> tuple[Indication, SubIndication | None]:
    return one.indication, one.sub_indication


# XAdES


def with_archive_stamp(pki: Pki, xml: str, *, at: datetime, method: str = C14N, said: str | None = None) -> str:
    """The signature with an archive stamp over all that is there; `said` is the method it names, if another."""
    root = etree.fromstring(xml.encode())
    unsigned = root.find(f".//{{{XADES}}}UnsignedSignatureProperties")
    signed = root.find(f".//{{{XADES}}}SignedProperties")
    assert unsigned is not None
    assert signed is not None
    exclusive = method == EXCLUSIVE
    octets = NOTE[1] + etree.tostring(signed, method="c14n", exclusive=exclusive)
    parts = [root.find(f".//{{{DS}}}{name}") for name in ("SignedInfo", "SignatureValue", "KeyInfo")]
    for part in (*parts, *unsigned):
        octets += etree.tostring(part, method="c14n", exclusive=exclusive)
    stamp = etree.SubElement(unsigned, f"{{{XADES_141}}}ArchiveTimeStamp")
    etree.SubElement(stamp, f"{{{DS}}}CanonicalizationMethod", Algorithm=said or method)
    token = pki.stamp(hashlib.sha256(octets).digest(), at=at)
    etree.SubElement(stamp, f"{{{XADES}}}EncapsulatedTimeStamp").text = base64.b64encode(token).decode()
    return etree.tostring(root, encoding="unicode")


@pytest.fixture(scope="module")
def long_term(pki: Pki) -> bytes:
    return sign_asice([NOTE], person=person("head"), pki=pki, at=pki.epoch, level=Level.LT)


@pytest.fixture(scope="module")
def stamped_twice(pki: Pki, long_term: bytes) -> bytes:
    def twice(xml: str) -> str:
        first = with_archive_stamp(pki, xml, at=pki.epoch + timedelta(minutes=10))
        return with_archive_stamp(pki, first, at=pki.epoch + timedelta(minutes=20), method=EXCLUSIVE)

    return edits.with_signature(long_term, twice, SIGNATURES)


def archive_stamps(report: Report) -> list[tuple[Indication, SubIndication | None]]:
    (one,) = report.signatures
    return [verdict(stamp) for stamp in one.stamps if stamp.kind == "archive"]


def test_two_archive_stamps_in_a_row(judge: Judge, stamped_twice: bytes) -> None:
    report = judge(stamped_twice)
    assert archive_stamps(report) == [PASSED, PASSED]
    assert (verdict(report.signatures[0]), report.signatures[0].level) == (PASSED, "LTA")


def before_stamp(number: int, what: str) -> Callable[[str], str]:
    """Put something in front of an archive stamp, counted from 0."""

    def edit(xml: str) -> str:
        root = etree.fromstring(xml.encode())
        list(root.iter(f"{{{XADES_141}}}ArchiveTimeStamp"))[number].addprevious(etree.fromstring(what))
        return etree.tostring(root, encoding="unicode")

    return edit


REVOCATION = f'<x:RevocationValues xmlns:x="{XADES}"/>'
FOREIGN = '<x:note xmlns:x="urn:example">not of XAdES</x:note>'


@pytest.mark.parametrize("what", [REVOCATION, FOREIGN], ids=["a property", "of another vocabulary"])
@pytest.mark.parametrize(
    ("number", "expected"),
    [(0, [OTHER_DATA, OTHER_DATA]), (1, [PASSED, OTHER_DATA])],
    ids=["before both", "between"],
)
def test_what_was_put_before_a_stamp_afterwards_is_not_under_it(
    judge: Judge, stamped_twice: bytes, number: int, what: str, expected: list[object]
) -> None:
    report = judge(edits.with_signature(stamped_twice, before_stamp(number, what), SIGNATURES))
    assert archive_stamps(report) == expected
    assert verdict(report.signatures[0]) == PASSED, "its own stamp and answers stand without them"
    assert "stamp.over-other-data" in {message.code for message in report.signatures[0].warnings}


def test_what_stood_there_before_the_stamp_is_under_it_whatever_its_vocabulary(
    pki: Pki, judge: Judge, long_term: bytes
) -> None:
    def edit(xml: str) -> str:
        end = xml.rindex("</xades:UnsignedSignatureProperties>")
        return with_archive_stamp(pki, xml[:end] + FOREIGN + xml[end:], at=pki.epoch + timedelta(minutes=10))

    assert archive_stamps(judge(edits.with_signature(long_term, edit, SIGNATURES))) == [PASSED]


def test_stamps_in_the_wrong_order(judge: Judge, stamped_twice: bytes) -> None:
    def swapped(xml: str) -> str:
        root = etree.fromstring(xml.encode())
        first, second = root.iter(f"{{{XADES_141}}}ArchiveTimeStamp")
        first.addprevious(second)
        return etree.tostring(root, encoding="unicode")

    assert archive_stamps(judge(edits.with_signature(stamped_twice, swapped, SIGNATURES))) == [OTHER_DATA, OTHER_DATA]


@pytest.mark.parametrize(
    ("said", "expected"), [(EXCLUSIVE, OTHER_DATA), ("urn:unknown", NOT_FOUND), (f"{C14N}#WithComments", PASSED)]
)
def test_a_stamp_that_names_another_canonicalisation_than_it_was_made_with(
    pki: Pki, judge: Judge, long_term: bytes, said: str, expected: object
) -> None:
    def edit(xml: str) -> str:
        return with_archive_stamp(pki, xml, at=pki.epoch + timedelta(minutes=10), said=said)

    report = judge(edits.with_signature(long_term, edit, SIGNATURES))
    assert archive_stamps(report) == [expected]


_SOON = 2.0
_EMPTY = f'<x:{{}} xmlns:x="{XADES}"/>'
_ANSWER = (
    f'<x:RevocationValues xmlns:x="{XADES}"><x:OCSPValues><x:EncapsulatedOCSPValue>MAA=</x:EncapsulatedOCSPValue>'
    "</x:OCSPValues></x:RevocationValues>"
)


@pytest.mark.parametrize(
    "what",
    [_EMPTY.format("ArchiveTimeStamp"), _EMPTY.format("SigAndRefsTimeStamp"), _ANSWER],
    ids=["archive stamps", "stamps over references", "answers"],
)
def test_thousands_of_unsigned_properties_take_no_square_of_the_time(judge: Judge, long_term: bytes, what: str) -> None:
    def crowded(xml: str) -> str:
        end = xml.rindex("</xades:UnsignedSignatureProperties>")
        return xml[:end] + what * 3000 + xml[end:]

    begun = time.process_time()
    report = judge(packed_plainly(edits.with_signature(long_term, crowded, SIGNATURES)))
    assert time.process_time() - begun < _SOON
    assert verdict(report.signatures[0]) == PASSED


def packed_plainly(container: bytes) -> bytes:
    """Without compression, which would be taken for a bomb before anything of it is read."""
    return edits.pack(edits.entries_of(container), compression=0)


def test_stamps_that_write_out_a_large_part_again_and_again(judge: Judge, long_term: bytes) -> None:
    def crowded(xml: str) -> str:
        end = xml.rindex("</xades:UnsignedSignatureProperties>")
        large = f'<x:note xmlns:x="urn:example">{"x" * 4_000_000}</x:note>'
        return xml[:end] + large + _EMPTY.format("ArchiveTimeStamp") * 60 + xml[end:]

    with pytest.raises(TooLarge):
        judge(packed_plainly(edits.with_signature(long_term, crowded, SIGNATURES)))


# ASiC-E with CAdES


@pytest.fixture
def head(pki: Pki) -> Identity:
    return Identity(pki.certificate("head"), pki.ocsp(pki.certificate("head"), at=pki.epoch))


def manifest(names: str, *lines: tuple[str, bytes], digest: str = "sha256", wrong: str = "") -> bytes:
    """An ASiCManifest for the signature or token `names`; the line of `wrong` has the digest of something else."""
    uri = "http://www.w3.org/2000/09/xmldsig#sha1" if digest == "sha1" else f"http://www.w3.org/2001/04/xmlenc#{digest}"
    rows = "".join(
        f'<asic:DataObjectReference URI="{name}"><ds:DigestMethod Algorithm="{uri}"/><ds:DigestValue>'
        f"{base64.b64encode(hashlib.new(digest, b'?' if name == wrong else data).digest()).decode()}"
        "</ds:DigestValue></asic:DataObjectReference>"
        for name, data in lines
    )
    return (
        f'<asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="{DS}">'
        f'<asic:SigReference URI="{names}"/>{rows}</asic:ASiCManifest>'
    ).encode()


@pytest.fixture
def container(pki: Pki, head: Identity) -> edits.Entries:
    """A file, the manifest that names it, and the head's signature over that, without any stamp."""
    listed = manifest("META-INF/signature1.p7s", NOTE)

    def sign(data: bytes) -> bytes:
        return pki.sign("head", data, digest="sha256")

    return [
        ("mimetype", b"application/vnd.etsi.asic-e+zip"),
        NOTE,
        ("META-INF/ASiCManifest1.xml", listed),
        ("META-INF/signature1.p7s", cades(head, listed, "sha256_ecdsa", sign, detached=True)),
    ]


def archived(
    pki: Pki,
    entries: edits.Entries,
    number: int,
    names: Sequence[str],
    *,
    at: datetime,
    **how: Any,  # noqa: ANN401
) -> edits.Entries:
    """The same with one more archive manifest over these entries, and a stamp over it."""
    there = dict(entries)
    token = f"META-INF/timestamp{number}.tst"
    listed = manifest(token, *((name, there.get(name, b"")) for name in names), **how)
    made = pki.stamp(hashlib.sha256(listed).digest(), at=at)
    return [*entries, (f"META-INF/ASiCArchiveManifest{number}.xml", listed), (token, made)]


EVERYTHING = (NOTE[0], "META-INF/ASiCManifest1.xml", "META-INF/signature1.p7s")
FIRST = ("META-INF/ASiCArchiveManifest1.xml", "META-INF/timestamp1.tst")


class JudgedContainer:
    """A container judged with what the responder said of the head."""

    def __init__(self, judge: Judge, entries: edits.Entries, head: Identity, *, at: datetime | None = None) -> None:
        self.report = judge(edits.pack(entries), revocation=(head.good,), at=at)
        (self.signature,) = self.report.signatures

    @property
    def stamps(self) -> list[tuple[Indication, SubIndication | None]]:
        return [verdict(one) for one in self.signature.stamps]


def test_an_archive_stamp_proves_when_the_signature_existed(
    pki: Pki, judge: Judge, head: Identity, container: edits.Entries
) -> None:
    bare = JudgedContainer(judge, container, head)
    assert (verdict(bare.signature), bare.signature.best_signature_time) == (PASSED, None)
    moment = pki.epoch + timedelta(minutes=10)
    one = JudgedContainer(judge, archived(pki, container, 1, EVERYTHING, at=moment), head)
    assert (verdict(one.signature), one.stamps, one.signature.best_signature_time) == (PASSED, [PASSED], moment)
    assert one.signature.covers == (NOTE[0],)


@pytest.mark.parametrize(
    ("names", "how", "expected"),
    [
        ((*EVERYTHING, "gone.txt"), {}, [NOT_FOUND]),
        (EVERYTHING, {"wrong": "META-INF/signature1.p7s"}, [OTHER_DATA]),
        (EVERYTHING, {"wrong": NOTE[0]}, [OTHER_DATA]),
        ((*EVERYTHING, "META-INF/signature1.p7s"), {}, [PASSED]),
        (EVERYTHING[:2], {}, []),
        (EVERYTHING[2:], {}, [PASSED]),
        (EVERYTHING, {"digest": "sha1"}, [(Indication.INDETERMINATE, SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE)]),
    ],
    ids=["names a missing file", "wrong digest", "wrong digest of data", "twice", "not over the signature",
         "over the signature alone", "over digests of the past"],
)  # fmt: skip
def test_an_archive_manifest_counts_for_what_it_names_and_no_more(
    pki: Pki,
    judge: Judge,
    head: Identity,
    container: edits.Entries,
    names: Sequence[str],
    how: dict[str, str],
    expected: list[object],
) -> None:
    moment = pki.epoch + timedelta(minutes=10)
    one = JudgedContainer(judge, archived(pki, container, 1, names, at=moment, **how), head)
    assert one.stamps == expected
    assert verdict(one.signature) == PASSED, "it stands without any stamp, for now"
    assert one.signature.best_signature_time == (moment if expected == [PASSED] else None)


@pytest.mark.parametrize("names", [(*EVERYTHING, *FIRST), FIRST], ids=["over everything", "over the first alone"])
def test_a_second_archive_manifest_keeps_the_first_stamp_alive(
    pki: Pki, judge: Judge, head: Identity, container: edits.Entries, names: Sequence[str]
) -> None:
    once = archived(pki, container, 1, EVERYTHING, at=pki.epoch + timedelta(minutes=10))
    twice = archived(pki, once, 2, names, at=pki.epoch + timedelta(minutes=20))
    facts = read_container(edits.pack(twice))
    for first, second in (facts.stamps, facts.signatures[0].stamps):
        assert first.sha256 in second.proves
        assert {one.sha256 for one in first.certificates} <= second.proves
        assert second.sha256 not in first.proves
    found = JudgedContainer(judge, twice, head)
    assert found.stamps == [PASSED, PASSED]
    assert found.signature.best_signature_time == pki.epoch + timedelta(minutes=10)
    touched = [(name, data + b" " if name == FIRST[0] else data) for name, data in twice]
    assert JudgedContainer(judge, touched, head).stamps == [OTHER_DATA, OTHER_DATA]


def test_a_stamp_over_a_broken_stamp_does_not_stand_for_it(
    pki: Pki, judge: Judge, head: Identity, container: edits.Entries
) -> None:
    once = archived(pki, container, 1, EVERYTHING, at=pki.epoch + timedelta(minutes=10), wrong=NOTE[0])
    twice = archived(pki, once, 2, FIRST, at=pki.epoch + timedelta(minutes=20))
    found = JudgedContainer(judge, twice, head)
    assert found.stamps == [OTHER_DATA, PASSED]
    assert found.signature.best_signature_time is None


def test_the_stamps_of_a_container_are_told_apart_in_the_answer(
    pki: Pki, judge: Judge, head: Identity, container: edits.Entries
) -> None:
    twice = archived(
        pki,
        archived(pki, container, 1, EVERYTHING, at=pki.epoch + timedelta(minutes=10)),
        2,
        (*EVERYTHING, *FIRST),
        at=pki.epoch + timedelta(minutes=20),
    )
    found = conclusion(JudgedContainer(judge, twice, head).report)
    (one,) = found["signatures"]
    assert [stamp["indication"] for stamp in one["info"]["archiveTimeStamps"]] == ["PASSED", "PASSED"]


def test_two_manifests_for_one_signature_are_none(
    pki: Pki, judge: Judge, head: Identity, container: edits.Entries
) -> None:
    again = manifest("META-INF/signature1.p7s", NOTE, ("more.txt", b"more"))
    one = JudgedContainer(judge, [*container, ("more.txt", b"more"), ("META-INF/ASiCManifest2.xml", again)], head)
    del pki
    assert verdict(one.signature) == NOT_FOUND


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ([NOTE, NOTE], PASSED),
        ([NOTE, ("gone.txt", b"")], NOT_FOUND),
        ([("other.txt", b"x")], (Indication.INDETERMINATE, SubIndication.SIG_CONSTRAINTS_FAILURE)),
        ([NOTE, (NOTE[0], b"changed")], OTHER_DATA),
    ],
    ids=["a file twice", "a missing file", "too little", "a file twice with two digests"],
)
def test_a_signed_manifest_that_is_not_as_it_should_be(
    pki: Pki, judge: Judge, head: Identity, listed: list[tuple[str, bytes]], expected: object
) -> None:
    signed = manifest("META-INF/signature1.p7s", *listed)
    value = cades(head, signed, "sha256_ecdsa", lambda data: pki.sign("head", data, digest="sha256"), detached=True)
    entries = [
        ("mimetype", b"application/vnd.etsi.asic-e+zip"),
        NOTE,
        ("other.txt", b"x"),
        ("META-INF/ASiCManifest1.xml", signed),
        ("META-INF/signature1.p7s", value),
    ]
    if ("other.txt", b"x") not in listed:
        entries.pop(2)
    assert verdict(JudgedContainer(judge, entries, head).signature) == expected


def test_a_manifest_of_more_lines_than_any_honest_container_has_files(
    pki: Pki, judge: Judge, head: Identity, container: edits.Entries
) -> None:
    del pki
    crowd = manifest("META-INF/signature1.p7s", *[NOTE] * 6000)
    entries = [(name, crowd if name.endswith("Manifest1.xml") else data) for name, data in container]
    with pytest.raises(TooLarge):
        judge(edits.pack(entries, compression=0), revocation=(head.good,))
