"""`viis verify` and `python -m signing`, as people and scripts use them."""

from __future__ import annotations

import io
import json
import secrets
import tracemalloc
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from builders.signing import edits
from demo.pki import lv_list, person
from demo.signer import sign_edoc
from signing.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from demo.pki import Pki


@pytest.fixture
def folder(tmp_path: Path, pki: Pki, letter: bytes) -> Path:
    (tmp_path / "letter.edoc").write_bytes(letter)
    (tmp_path / "list.xml").write_bytes(lv_list(pki, at=pki.epoch))
    (tmp_path / "notes.edoc").write_text("not a container")
    return tmp_path


def run(pki: Pki, *arguments: object) -> tuple[int, str]:
    out = io.StringIO()
    status = main([str(one) for one in arguments], out=out, now=pki.epoch + timedelta(hours=1))
    return status, out.getvalue()


def json_lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_container_is_judged_without_being_read_into_memory(folder: Path, pki: Pki) -> None:
    large = secrets.token_bytes(24 * 1024 * 1024)
    signed = sign_edoc([("pielikums.bin", large)], person=person("head"), pki=pki, at=pki.epoch)
    container = folder / "large.edoc"
    container.write_bytes(signed)
    tracemalloc.start()
    status, text = run(pki, "--trust", folder / "list.xml", container)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (status, "qes-lv: accepted" in text) == (0, True)
    assert peak < len(large) / 4
    container.write_bytes(signed.replace(large[:9], b"Ieraksts!"))
    assert "accepted" not in run(pki, "--trust", folder / "list.xml", container)[1]
    for cut in (3, 1000, len(signed) // 2, len(signed) - 1):
        container.write_bytes(signed[:cut])
        assert run(pki, "--trust", folder / "list.xml", container)[0] == 0, "judged, and refused"


def test_one_json_object_a_line_in_the_order_of_the_files(folder: Path, pki: Pki) -> None:
    letter, notes = folder / "letter.edoc", folder / "notes.edoc"
    status, text = run(pki, "--json", "--trust", folder / "list.xml", letter, notes)
    assert status == 0, "every file was judged, whatever the verdict"
    first, second = json_lines(text)
    assert first["file"] == str(letter)
    assert first["policyVerdict"] == {"policy": "qes-lv", "verdict": "accepted", "reasons": []}
    report = first["report"]
    assert (report["signatureForm"], report["signaturesCount"], report["validSignaturesCount"]) == ("ASiC-E", 1, 1)
    signature = report["signatures"][0]
    assert signature["signatureFormat"] == "XAdES_BASELINE_LT"
    assert signature["signatureLevel"] == "QESig"
    assert signature["indication"] == "TOTAL-PASSED"
    assert signature["subjectDistinguishedName"]["serialNumber"].startswith("PNOLV-")
    assert [scope["scope"] for scope in signature["signatureScopes"]] == ["FULL", "FULL"]
    assert signature["info"]["bestSignatureTime"]
    assert second["report"] is None
    assert second["error"]["code"] == "document.not-signed"


def test_uncovered_files_are_named_in_the_scopes(folder: Path, pki: Pki, letter: bytes) -> None:
    (folder / "letter.edoc").write_bytes(edits.added(letter, "extra.txt", b"x"))
    _, text = run(pki, "--json", "--trust", folder / "list.xml", folder / "letter.edoc")
    scopes = json_lines(text)[0]["report"]["signatures"][0]["signatureScopes"]
    assert {"name": "extra.txt", "scope": "NONE", "content": "Not signed"} in scopes


def test_words_for_people_in_latvian(folder: Path, pki: Pki) -> None:
    _, text = run(
        pki, "--language", "lv", "--trust", folder / "list.xml", folder / "letter.edoc", folder / "notes.edoc"
    )
    assert "✓ ILZE PARAUDZIŅA: TOTAL-PASSED, QESig" in text
    assert "Šis nav elektroniski parakstīts fails." in text
    assert "→ Lūdzu, atsūtiet pašu parakstīto failu" in text


def test_nothing_in_a_file_steers_the_terminal(folder: Path, pki: Pki) -> None:
    evil = folder / "a\x1b[31mred.edoc"
    evil.write_bytes(b"x")
    _, text = run(pki, evil)
    assert "\x1b" not in text


def test_without_trust_nothing_passes(folder: Path, pki: Pki) -> None:
    _, text = run(pki, "--json", folder / "letter.edoc")
    line = json_lines(text)[0]
    assert line["report"]["signatures"][0]["subIndication"] == "NO_CERTIFICATE_CHAIN_FOUND"
    assert line["policyVerdict"]["verdict"] == "undetermined"


def test_a_folder_of_certificates_is_trust_too(folder: Path, pki: Pki) -> None:
    anchors = folder / "anchors"
    anchors.mkdir()
    for label in ("eid", "tsa"):
        (anchors / f"{label}.der").write_bytes(pki.certificate(label).public_bytes(Encoding.DER))
    _, text = run(pki, "--json", "--policy", "ades", "--trust", anchors, folder / "letter.edoc")
    line = json_lines(text)[0]
    assert line["policyVerdict"]["verdict"] == "accepted"
    assert line["report"]["trust"]["state"] == "given"


def test_a_file_that_cannot_be_opened_is_not_judged(folder: Path, pki: Pki, capsys: pytest.CaptureFixture[str]) -> None:
    status, _ = run(pki, folder / "missing.edoc")
    assert status == 2
    assert "missing.edoc" in capsys.readouterr().err


def test_a_batch_loses_no_line_to_a_missing_file_or_a_folder(folder: Path, pki: Pki) -> None:
    names = (folder / "missing.edoc", folder, folder / "letter.edoc")
    status, said = run(pki, "--json", "--trust", folder / "list.xml", *names)
    assert status == 2
    missing, a_folder, judged = json_lines(said)
    assert [one["file"] for one in (missing, a_folder, judged)] == [str(name) for name in names]
    for one in (missing, a_folder):
        assert (one["report"], one["error"]["code"]) == (None, "file.not-read")
        assert one["policyVerdict"] == {"policy": "qes-lv", "verdict": "undetermined", "reasons": []}
        assert one["error"]["content"]
    assert judged["policyVerdict"]["verdict"] == "accepted"


def test_trust_that_cannot_be_read_is_said_at_once(folder: Path, pki: Pki, capsys: pytest.CaptureFixture[str]) -> None:
    status, _ = run(pki, "--trust", folder / "notes.edoc", folder / "letter.edoc")
    assert status == 2
    assert "trust" in capsys.readouterr().err


def test_policies_are_listed_with_their_rules(pki: Pki) -> None:
    status, text = run(pki, "--policies")
    assert status == 0
    for name in ("qes-lv", "POLv3", "POLv4", "ades"):
        assert name in text


@pytest.mark.parametrize("moment", ["2026-03-02T11:00:00Z", "2026-03-02T11:00:00", "2026-03-02T13:00:00+02:00"])
def test_moments_are_read_as_people_write_them(folder: Path, pki: Pki, moment: str) -> None:
    _, text = run(pki, "--json", "--at", moment, "--trust", folder / "list.xml", folder / "letter.edoc")
    assert json_lines(text)[0]["report"]["validationTime"] == "2026-03-02T11:00:00Z"
