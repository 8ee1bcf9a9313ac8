"""Java and Maven are found, or one sentence says what to install."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from demo.servers import ProgramMissing, ServerFailed, java


def _fake_java(folder: Path, version: str, *, release: bool = True) -> Path:
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-04-15' >&2\n")
    program.chmod(0o755)
    if release:
        (folder / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    return program


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without any Java or Maven, whose usual folder for Java is given."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setenv("VIIS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(java, "_USUAL_FOLDERS", (str(tmp_path / "jvm"),))
    return tmp_path / "jvm"


def test_the_newest_java_is_used(bare_machine: Path) -> None:
    _fake_java(bare_machine / "old", "17.0.15")
    newest = _fake_java(bare_machine / "new", "25.0.1")
    _fake_java(bare_machine / "oldest", "1.8.0_402")
    assert java.newest_java() == newest


def test_java_home_counts_even_outside_the_usual_folders(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _fake_java(bare_machine / "old", "17.0.15")
    own = _fake_java(tmp_path / "own", "21.0.2", release=False)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "own"))
    assert java.newest_java() == own


def test_a_java_too_old_is_no_java(bare_machine: Path) -> None:
    _fake_java(bare_machine / "eleven", "11.0.9")
    with pytest.raises(ProgramMissing, match=r"Java 17 or newer is needed .* install it .*openjdk-17"):
        java.newest_java()


@pytest.mark.usefixtures("bare_machine")
def test_without_maven_the_sentence_says_so() -> None:
    with pytest.raises(ProgramMissing, match=r"Maven is needed .* apt-get install maven"):
        java.artifact("com.example:thing:1.0")


@pytest.mark.usefixtures("bare_machine")
def test_maven_that_cannot_fetch_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fake_java(tmp_path / "jvm" / "new", "25.0.1")
    maven = tmp_path / "bin" / "mvn"
    maven.parent.mkdir()
    maven.write_text("#!/bin/sh\necho '[ERROR] Could not find artifact com.example:thing'\nexit 1\n")
    maven.chmod(0o755)
    monkeypatch.setenv("PATH", f"{maven.parent}{os.pathsep}{os.defpath}")
    with pytest.raises(ServerFailed, match=r"could not fetch com\.example:thing:1\.0: .*Could not find artifact"):
        java.artifact("com.example:thing:1.0")
    assert list((tmp_path / "cache" / "maven").glob("thing*")) == [], "nothing half-fetched looks finished"


def test_make_run_without_java_is_one_sentence_and_status_1(tmp_path: Path) -> None:
    environment = {"PATH": str(tmp_path), "HOME": str(tmp_path), "VIIS_CACHE": str(tmp_path / "cache")}
    code = (
        "import demo.servers.java as java, sys; java._USUAL_FOLDERS = ();"
        "sys.argv = ['demo', 'run']; import demo.__main__ as door; door.main()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert ran.stderr.strip().count("\n") == 0
    assert "install it" in ran.stderr
