"""The programs, their versions, and how each is put into a folder of its own: nothing of theirs is kept here.

Java libraries come by Maven, what node and Python need by npm and pip; MuPDF, poppler and NSS are the system's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["PROGRAMS", "NotBuilt", "Program"]

_HERE = Path(__file__).parent
_ALL = ("B", "T", "LT", "LTA")


class NotBuilt(RuntimeError):
    """A program could not be fetched or built; the benchmark goes on without it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Program:
    """A program that signs. `levels` are those it makes by itself.

    `elliptic` says that it can use a P-384 key, `container` that it makes ASiC-E and no PDF.
    """

    name: str
    version: str
    folder: str
    levels: Sequence[str] = _ALL
    build_file: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    visible: bool = True
    certifies: bool = True
    rewrites: bool = False
    elliptic: bool = True
    container: bool = False

    @property
    def suffix(self) -> str:
        """What its files are called."""
        return ".asice" if self.container else ".pdf"

    def build(self, scratch: Path) -> list[str]:
        """Fetch and build it below a folder; the command of its driver. Raises NotBuilt."""
        where = scratch / "built" / self.name
        where.mkdir(parents=True, exist_ok=True)
        source = _HERE / self.folder
        if self.build_file:
            return self._java(where, source)
        if (source / "package.json").exists():
            return _node(where, source)
        if (source / "requirements.txt").exists():
            return _python(where, source)
        return [sys.executable, str(source / "sign.py")]

    def _java(self, where: Path, source: Path) -> list[str]:
        listed = where / "classpath"
        wishes = [f"-D{name}={value}" for name, value in self.properties.items()]
        goal = ["dependency:build-classpath", f"-Dmdep.outputFile={listed}"]
        build_file = _HERE / self.build_file
        if not listed.exists():
            _do(["mvn", "-q", "-B", "-f", str(build_file), *goal, *wishes], where, MAVEN_OPTS="-Xmx512m")
        path = f"{where}:{listed.read_text(encoding='utf-8').strip()}"
        sources = [str(file) for file in (*sorted((_HERE / "common").glob("*.java")), source / "Main.java")]
        _do(["javac", "-nowarn", "-cp", path, "-d", str(where), *sources], where)
        return ["java", "-Xmx512m", "-Djava.awt.headless=true", "-cp", path, "Main"]


def _node(where: Path, source: Path) -> list[str]:
    for name in ("package.json", "package-lock.json", "sign.mjs"):
        shutil.copy(source / name, where)
    _do(["npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"], where)
    return ["node", str(where / "sign.mjs")]


def _python(where: Path, source: Path) -> list[str]:
    """Install into a virtual environment beside ours, by hash."""
    python = where / "venv" / "bin" / "python"
    if not python.exists():
        _do([sys.executable, "-m", "venv", str(where / "venv")], where)
    wanted = ["--require-hashes", "--only-binary", ":all:", "-r", str(source / "requirements.txt")]
    _do([str(python), "-m", "pip", "install", "--quiet", *wanted], where)
    return [str(python), str(source / "sign.py")]


def _do(command: Sequence[str], where: Path, **more: str) -> None:
    try:
        subprocess.run(  # noqa: S603 - a build tool by name, no shell
            command, cwd=where, env={**os.environ, **more}, capture_output=True, text=True, timeout=900, check=True
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise NotBuilt(str(fault)) from fault
    except subprocess.CalledProcessError as fault:
        raise NotBuilt(" ".join(f"{fault.stdout} {fault.stderr}".split())[-300:]) from fault


def _lowagie(name: str, group: str, artifact: str, version: str) -> Program:
    return Program(
        name=name,
        version=version,
        folder="lowagie",
        levels=("B", "T"),
        build_file="lowagie/pom.xml",
        properties={"library.group": group, "library.artifact": artifact, "library.version": version},
        rewrites=True,
    )


def _library(name: str, version: str, folder: str, build_file: str = "", **more: object) -> Program:
    return Program(
        name=name,
        version=version,
        folder=folder,
        build_file=build_file or f"{folder}/pom.xml",
        properties={"library.version": version},
        **more,  # type: ignore[arg-type] # fields of Program, as its constructor checks
    )


PROGRAMS: tuple[Program, ...] = (
    _library("dss-pdfbox", "6.4", "dss", "dss/pdfbox.xml"),
    _library("dss-openpdf", "6.1", "dss", "dss/openpdf.xml"),
    _library("digidoc4j", "6.1.0", "digidoc4j", visible=False, certifies=False, container=True),
    _lowagie("itext-2", "com.lowagie", "itext", "2.1.7"),
    _lowagie("openpdf-1", "com.github.librepdf", "openpdf", "1.3.43"),
    _lowagie("openpdf-2", "com.github.librepdf", "openpdf", "2.0.5"),
    _library("itext-5", "5.5.13.4", "itext5", elliptic=False, rewrites=True),
    _library("itext-7", "7.2.6", "itext7", rewrites=True),
    _library("itext-8", "8.0.5", "itext7", "itext9/pom.xml", rewrites=True),
    _library("itext-9", "9.4.0", "itext9", rewrites=True),
    _library("pdfbox-2", "2.0.35", "pdfbox", levels=("B", "T")),
    _library("pdfbox-3", "3.0.5", "pdfbox", levels=("B", "T")),
    Program(name="pyhanko", version="0.38", folder="pyhanko"),
    Program(name="endesive", version="3.0.1", folder="endesive", levels=("B", "T"), certifies=False),
    Program(name="pdfsigner", version="0.3.1", folder="pdfsigner", levels=("B",), elliptic=False, certifies=False),
    Program(
        name="signpdf", version="3.3.0", folder="node", levels=("B",), elliptic=False, certifies=False, rewrites=True
    ),
    Program(name="poppler", version="22.12", folder="poppler", levels=("B",), elliptic=False, certifies=False),
    Program(
        name="mupdf", version="1.21", folder="mupdf", levels=("B",), elliptic=False, visible=False, certifies=False
    ),
)
