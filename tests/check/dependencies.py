"""What is imported is declared, what is declared is used, and the locks hold just that."""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.check.findings import ROOT, NotRunError

__all__ = ["dependencies", "differences", "locked", "locks", "undeclared"]

# Folders, and the extras of pyproject.toml they have to do without.
_ROOMS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("signing", "iam", "workflows"), "demo,dev"),
    (("signing", "iam", "workflows", "demo"), "dev"),
    (("signing", "iam", "workflows", "demo", "builders", "benchmarks", "tests"), "none"),
)
_LOCKS: Mapping[str, tuple[str, ...]] = {"runtime": (), "dev": ("dev", "demo")}


def dependencies() -> Iterator[str]:
    """Nothing is imported without being declared where it is needed, and nothing is declared without being used."""
    told = set()
    for folders, without in _ROOMS:
        told |= set(undeclared(folders, without=without))
    yield from sorted(told)


def undeclared(folders: tuple[str, ...], *, without: str, root: Path = ROOT) -> Iterator[str]:
    """Say what the folders import that is not declared for them, and what is declared and not imported."""
    for error in _deptry(folders, without, root):
        place = error["location"]
        where = f"{place['file']}:{place['line'] or 1}: " if str(place["file"]).endswith(".py") else ""
        yield f"{where}{error['error']['message']} ({error['error']['code']}): see [project] in pyproject.toml"


def _deptry(folders: tuple[str, ...], without: str, root: Path) -> list[dict[str, dict[str, str]]]:
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "found.json"
        command = ["-m", "deptry", *folders, "--exclude", "^$", "--json-output", str(found)]
        command += ["--optional-dependencies-dev-groups", without]
        done = subprocess.run([sys.executable, *command], cwd=root, check=False, capture_output=True, text=True)
        if not found.exists():
            raise NotRunError(f"deptry did not finish: {(done.stderr.strip().splitlines() or ['it says nothing'])[-1]}")
        read: list[dict[str, dict[str, str]]] = json.loads(found.read_text("utf-8"))
        return read


def locks() -> Iterator[str]:
    """Every declared requirement is locked at a version it allows; nothing is locked that no requirement leads to."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for name, extras in _LOCKS.items():
        declared = [*project["dependencies"], *(one for e in extras for one in project["optional-dependencies"][e])]
        wanted = [Requirement(one) for one in declared]
        text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
        for finding in differences(locked(text), [one for one in wanted if one.name != project["name"]]):
            yield f"requirements/{name}.txt: {finding}: lock anew (CONTRIBUTING.md says how)"


def locked(text: str) -> Mapping[str, str]:
    """Read a requirements file: the version each package is locked at."""
    pins = re.findall(r"^([A-Za-z0-9][\w.-]*)(?:\[[^]]*\])?==([^\s;\\]+)", text, re.MULTILINE)
    return {canonicalize_name(name): version for name, version in pins}


def differences(pins: Mapping[str, str], wanted: list[Requirement]) -> Iterator[str]:
    """Say where a lock and the declared requirements do not fit each other."""
    for one in wanted:
        version = pins.get(canonicalize_name(one.name))
        if version is None:
            yield f"{one.name} is declared and not locked"
        elif not one.specifier.contains(version, prereleases=True):
            yield f"{one} is declared, {version} is locked"
    for name in sorted(pins.keys() - _reached(wanted)):
        yield f"{name} is locked and nothing needs it"


def _reached(wanted: list[Requirement]) -> set[str]:
    """Name all that the requirements lead to, by what the installed packages say of themselves, on any platform."""
    reached: set[tuple[str, frozenset[str]]] = set()
    waiting = [(canonicalize_name(one.name), frozenset(one.extras)) for one in wanted]
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in reached:
            continue
        reached.add((name, extras))
        try:
            further = [Requirement(one) for one in requires(name) or ()]
        except PackageNotFoundError:
            continue  # of another platform, such as colorama of Windows
        waiting += [(canonicalize_name(one.name), frozenset(one.extras)) for one in further if _asked(one, extras)]
    return {name for name, _ in reached}


def _asked(one: Requirement, extras: frozenset[str]) -> bool:
    """Whether a requirement holds without an extra or with one of these; other platforms count too."""
    said = str(one.marker or "")
    if "extra" not in said:
        return True
    return any(re.search(rf"extra == ['\"]{re.escape(extra)}['\"]", said) for extra in extras)
