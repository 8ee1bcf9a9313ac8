"""Standard error of a command is for people: what libraries warn of and log stands elsewhere, or nowhere."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from demo.pki import Pki, lv_list, person
from demo.signer import sign_edoc

# A library that warns in every kind there is, and logs at every level, when loaded and when used.
_NOISY = """
import logging, sys, warnings
from cryptography.utils import CryptographyDeprecationWarning
KINDS = (
    UserWarning, DeprecationWarning, PendingDeprecationWarning, FutureWarning, RuntimeWarning, SyntaxWarning,
    ResourceWarning, ImportWarning, UnicodeWarning, BytesWarning, CryptographyDeprecationWarning, Warning,
)
def noise():
    for kind in KINDS:
        warnings.warn("noise of a library", kind, stacklevel=1)
    for name in ("pyhanko.sign", "pyhanko_certvalidator", "cryptography", "pikepdf", "signxml", "PIL", "lxml", "x"):
        for level in (logging.WARNING, logging.ERROR, logging.CRITICAL):
            logging.getLogger(name).log(level, "noise of a library")
class Loader:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            noise()
sys.meta_path.insert(0, Loader())
from workflows.cli import main
import workflows.cli
load = workflows.cli._load
def noisy(place):
    found = load(place)
    def command(*arguments, **named):
        noise()
        return found(*arguments, **named)
    return command
workflows.cli._load = noisy
main({words!r})
"""


def typed(*words: str, module: str = "signing.cli", flags: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    code = _NOISY.format(words=list(words), module=module)
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIIS_"))}
    return subprocess.run(
        [sys.executable, *flags, "-c", code], capture_output=True, text=True, check=False, env=environment, timeout=120
    )


def signed(pki: Pki) -> bytes:
    return sign_edoc([("a.txt", b"a")], person=person("head"), pki=pki, at=pki.epoch)


@pytest.fixture
def folder(tmp_path: Path, pki: Pki) -> Path:
    (tmp_path / "letter.edoc").write_bytes(signed(pki))
    (tmp_path / "list.xml").write_bytes(lv_list(pki, at=pki.epoch))
    return tmp_path


def test_a_verdict_is_all_that_verify_says_whatever_libraries_warn_of_and_log(folder: Path, pki: Pki) -> None:
    at = (pki.epoch + timedelta(hours=1)).isoformat()
    words = ("verify", "--json", "--at", at, "--trust", str(folder / "list.xml"), str(folder / "letter.edoc"))
    told = typed(*words)
    assert (told.returncode, told.stderr) == (0, "")
    assert json.loads(told.stdout)["policyVerdict"]["verdict"] == "accepted"
    asked = typed(*words, flags=("-W", "always"))
    assert "noise of a library" in asked.stderr, "who asks for warnings gets them"
    assert asked.stdout == told.stdout


def test_what_operators_must_read_still_stands_on_standard_error(folder: Path) -> None:
    told = typed("verify", str(folder / "missing.edoc"))
    assert told.returncode == 2
    assert "missing.edoc" in told.stderr
    assert "noise" not in told.stderr


def test_other_commands_are_as_quiet() -> None:
    told = typed("settings", module="workflows.cli.settings")
    assert (told.returncode, told.stderr) == (0, "")
    assert "VIIS_" in told.stdout


def test_the_library_by_itself_is_as_quiet_about_odd_files(tmp_path: Path, pki: Pki) -> None:
    files = [tmp_path / f"{number}.edoc" for number in range(3)]
    letter = signed(pki)
    for path, content in zip(files, (letter, letter[:-40], b"%PDF-1.7 broken"), strict=True):
        path.write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-m", "signing", *map(str, files)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stderr == ""
    assert done.stdout.count(".edoc") >= len(files)
