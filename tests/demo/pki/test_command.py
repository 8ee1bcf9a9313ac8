"""`viis demo` at the keyboard, and the PKI as a process of its own."""

import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pikepdf
import pytest
from typer.testing import CliRunner

from demo.cli import app
from demo.pki import Pki


def _run(*arguments: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(each) for each in arguments])
    return done.exit_code, done.output


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    """A PDF to sign."""
    path = tmp_path / "letter.pdf"
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(path)
    return path


def test_people_lists_everybody_and_what_for() -> None:
    code, said = _run("people")

    assert code == 0
    assert "head-user          Māra Vientule            320000-00303   head-user@demo.test          head of a" in said


@pytest.mark.parametrize(
    ("form", "name"), [("edoc", "letter.edoc"), ("asice", "letter.asice"), ("pdf", "letter-signed.pdf")]
)
def test_sign_writes_a_signed_file(pki: Pki, letter: Path, tmp_path: Path, form: str, name: str) -> None:
    code, said = _run("sign", "--as", "user", "--format", form, "--pki", pki.folder, "--out", tmp_path / "out", letter)

    assert code == 0, said
    assert "signed by Jānis Mēģinātājs (320000-00202), level LT" in said
    assert (tmp_path / "out" / name).stat().st_size > letter.stat().st_size


def test_called_in_the_folder_of_a_system_it_signs_with_that_systems_pki(
    pki: Pki, letter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pki").symlink_to(pki.folder)
    monkeypatch.setenv("VIIS_CACHE", str(tmp_path / "elsewhere"))
    monkeypatch.chdir(tmp_path)
    code, said = _run("sign", "--as", "user", letter)

    assert code == 0, said
    assert not (tmp_path / "elsewhere").exists(), "no other PKI is made"


def test_a_container_is_signed_once_more_and_nothing_is_written_over(pki: Pki, letter: Path, tmp_path: Path) -> None:
    options = ("--pki", pki.folder, "--out", tmp_path)
    _run("sign", "--as", "head", *options, letter)
    code, said = _run("sign", "--as", "user", *options, tmp_path / "letter.edoc")

    assert code == 0, said
    with zipfile.ZipFile(tmp_path / "letter-2.edoc") as archive:
        assert "META-INF/edoc-signatures-S2.xml" in archive.namelist()
    with zipfile.ZipFile(tmp_path / "letter.edoc") as archive:
        assert "META-INF/edoc-signatures-S2.xml" not in archive.namelist()


def test_mistakes_get_a_sentence(pki: Pki, tmp_path: Path) -> None:
    text = tmp_path / "note.txt"
    text.write_text("a note")
    torn = tmp_path / "torn.edoc"
    torn.write_text("not a container")

    for arguments, sentence in (
        (("--as", "nobody", text), "There is no demo person “nobody”. There are: head, user"),
        (("--as", "head", tmp_path / "missing.txt"), "There is no file"),
        (("--as", "head", "--format", "pdf", text), "note.txt is not a PDF; sign it with --format edoc or asice."),
        (("--as", "head", torn), "torn.edoc is not an ASiC-E container."),
        (("--as", "head", "--pki", tmp_path / "nowhere", text), "There is no demo PKI in"),
    ):
        code, said = _run("sign", "--pki", pki.folder, *arguments)
        assert code == 2
        assert sentence in said


def test_the_pki_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "demo.pki", "serve", "--folder", tmp_path, "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            ready, url = process.stdout.readline().split()
            assert ready == "ready"
            with urllib.request.urlopen(f"{url}/lists/lotl.xml", timeout=10) as answer:  # noqa: S310 - loopback
                assert b"TrustServiceStatusList" in answer.read()
            assert (tmp_path / "lotl-signers.pem").exists()
        finally:
            process.terminate()
