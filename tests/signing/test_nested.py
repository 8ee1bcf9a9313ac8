"""A container inside a container: the outer one is judged, the inner one named, and judged only when asked to."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from datetime import timedelta
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

import pytest

from builders.signing import edits
from builders.signing.hand_made import NOON
from demo.pki import lv_list, person
from demo.signer import sign_asice
from signing import Indication, Report, TrustStore, verify
from signing.cli import main
from signing.report.simple import simple_report

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from demo.pki import Pki


class Wrap(Protocol):
    """Signs files into a container, as the user."""

    def __call__(self, *files: tuple[str, bytes]) -> bytes: ...


@pytest.fixture
def wrap(pki: Pki) -> Wrap:
    def wrapped(*files: tuple[str, bytes]) -> bytes:
        return sign_asice(files, person=person("user"), pki=pki, at=pki.epoch)

    return wrapped


@pytest.fixture
def look(pki: Pki, latvian_list: TrustStore) -> Callable[[bytes], Report]:
    def looked(document: bytes) -> Report:
        moment = pki.epoch + timedelta(hours=1)
        return verify(document, name="ārējais.asice", trust=latvian_list, at=moment, nested=True)

    return looked


def codes(report: Report) -> list[str]:
    return [one.code for one in report.warnings]


def test_an_inner_container_is_named_and_left_alone_unless_asked_for(
    wrap: Wrap, letter: bytes, pki: Pki, latvian_list: TrustStore
) -> None:
    outer = wrap(("vēstule.edoc", letter))
    report = verify(outer, name="a.asice", trust=latvian_list, at=pki.epoch + timedelta(hours=1))
    assert [one.name for one in report.contents] == ["vēstule.edoc"]
    assert codes(report) == ["container.inner"]
    assert report.nested == ()
    assert "nestedDocuments" not in simple_report(report)


def test_asked_for_it_has_a_report_of_its_own_beside_the_outer_one(
    wrap: Wrap, letter: bytes, look: Callable[[bytes], Report]
) -> None:
    report = look(wrap(("vēstule.edoc", letter), ("pielikums.txt", b"x")))
    assert [one.indication for one in report.signatures] == [Indication.TOTAL_PASSED]
    assert codes(report) == []
    (inner,) = report.nested
    assert inner.name == "vēstule.edoc"
    assert inner.report is not None
    assert [one.name for one in inner.report.contents] == ["iesniegums.txt", "saistību raksts.txt"]
    assert [one.signer.surname for one in inner.report.signatures if one.signer] == ["PARAUDZIŅA"]
    assert Report.from_json(json.loads(json.dumps(report.to_json()))) == report
    (shown,) = simple_report(report)["nestedDocuments"]
    assert shown["report"]["validSignaturesCount"] == 1


def test_a_container_is_known_by_what_it_says_of_itself_whatever_its_name(
    wrap: Wrap, letter: bytes, look: Callable[[bytes], Report]
) -> None:
    plain = office_document()
    report = look(wrap(("lejupielāde.bin", letter), ("tabula.xlsx", plain)))
    assert [one.name for one in report.nested] == ["lejupielāde.bin"]


def office_document() -> bytes:
    return edits.pack([("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>")])


def test_a_broken_inner_container_does_not_spoil_the_outer_one_nor_the_other_way_round(
    wrap: Wrap, letter: bytes, look: Callable[[bytes], Report]
) -> None:
    changed = edits.replaced(letter, "iesniegums.txt", b"Cits")
    outer = wrap(("mainīts.edoc", changed), ("nav.asice", b"no container"), ("vecs.ddoc", b"<SignedDoc digidoc/>"))
    report = look(outer)
    assert report.signatures[0].indication is Indication.TOTAL_PASSED
    first, second, third = report.nested
    assert first.report is not None
    assert first.report.signatures[0].indication is Indication.TOTAL_FAILED
    assert second.report is None
    assert second.refusal is not None
    assert second.refusal.code == "document.not-signed"
    assert third.refusal is not None
    assert third.refusal.code == "document.legacy-format"

    spoiled = look(edits.replaced(wrap(("v.edoc", letter), ("a.txt", b"a")), "a.txt", b"b"))
    assert spoiled.signatures[0].indication is Indication.TOTAL_FAILED
    assert spoiled.nested[0].report is not None
    assert spoiled.nested[0].report.signatures[0].indication is Indication.TOTAL_PASSED


def test_one_level_and_no_deeper(wrap: Wrap, letter: bytes, look: Callable[[bytes], Report]) -> None:
    report = look(wrap(("vidus.asice", wrap(("vēstule.edoc", letter)))))
    (middle,) = report.nested
    assert middle.report is not None
    assert middle.report.nested == ()
    assert codes(middle.report) == ["container.inner"]


def stored(*files: tuple[str, bytes]) -> bytes:
    """Wrap without compressing and without signing: the bounds hold before any signature is looked at."""
    entries: Sequence[tuple[str, bytes]] = (
        ("mimetype", b"application/vnd.etsi.asic-e+zip"),
        *files,
        ("META-INF/signatures.xml", b"<a/>"),
    )
    return edits.pack(entries, compression=zipfile.ZIP_STORED)


def bomb(size: int, *, entries: int = 1) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(entries):
            archive.writestr(f"a{number}", bytes(size))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("inner", "refusals"),
    [
        ([bomb(50 << 20)], ["container.bomb"]),
        ([bomb(60 << 20, entries=9)], ["document.too-large"]),
        ([bomb(0, entries=600)] * 2, ["container.not-asic", "container.too-many-entries"]),
        ([bomb(0)] * 25, ["container.not-asic"] * 20 + ["nested.too-many"] * 5),
    ],
    ids=["ratio", "declared size", "entries together", "containers"],
)
def test_bombs_inside_are_bounded_together_and_cost_next_to_nothing(inner: list[bytes], refusals: list[str]) -> None:
    outer = stored(*((f"i{number}.edoc", one) for number, one in enumerate(inner)))
    tracemalloc.start()
    begun = perf_counter()
    report = verify_unsigned(outer)
    took = perf_counter() - begun
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [one.refusal.code if one.refusal else "" for one in report.nested] == refusals
    assert took < 2
    assert peak < 16 << 20


def verify_unsigned(outer: bytes) -> Report:
    from_nobody = TrustStore.of_anchors([], [])
    return verify(outer, name="a.asice", trust=from_nobody, at=NOON, nested=True)


def test_what_unpacks_to_a_container_larger_than_is_looked_at_is_named(look: Callable[[bytes], Report]) -> None:
    noise = io.BytesIO()
    with zipfile.ZipFile(noise, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a", bytes(65 << 20))
    report = look(stored(("liels.edoc", noise.getvalue())))
    assert report.nested[0].refusal is not None
    assert report.nested[0].refusal.code == "document.too-large"


def test_the_command_judges_them_with_nested(tmp_path: Path, wrap: Wrap, letter: bytes, pki: Pki) -> None:
    (tmp_path / "list.xml").write_bytes(lv_list(pki, at=pki.epoch))
    (tmp_path / "outer.asice").write_bytes(wrap(("vēstule.edoc", letter), ("nav.edoc", b"x")))
    asked = ["--nested", "--trust", str(tmp_path / "list.xml"), str(tmp_path / "outer.asice")]
    out = io.StringIO()
    assert main(asked, out=out, now=pki.epoch + timedelta(hours=1)) == 0
    assert "[vēstule.edoc]" in out.getvalue()
    assert "✓ ILZE PARAUDZIŅA" in out.getvalue()
    assert "This is not an electronically signed file." in out.getvalue()
    out = io.StringIO()
    main(["--json", *asked], out=out, now=pki.epoch + timedelta(hours=1))
    first, second = json.loads(out.getvalue())["report"]["nestedDocuments"]
    assert first["report"]["signatures"][0]["indication"] == "TOTAL-PASSED"
    assert second["error"]["code"] == "document.not-signed"
