"""What the documents name is there: files, folders, modules, make targets, commands, settings, decisions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from demo.servers.folders import cache_dir
from signing.policies.named import NAMED
from tests.check.decisions import decisions
from workflows.cli import COMMANDS
from workflows.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = (
    *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "CHANGELOG", "THIRD_PARTY")),
    *sorted((ROOT / "docs").rglob("*.md")),
)
DECISIONS = ROOT / "docs" / "decisions"
FOLDERS = ("signing", "iam", "workflows", "demo", "builders", "tests", "benchmarks", "docs", "docker", "frontend")
# The documents of lost passwords leave the folder's beginning out where a table would grow too wide.
BASES = (
    "",
    "signing",
    "workflows",
    "workflows/password_reset",
    "workflows/application",
    "workflows/signed_forms",
    "tests",
    "tests/workflows",
)


def quoted() -> Iterator[tuple[str, str]]:
    """Everything between backquotes, with the name of the document it stands in."""
    for document in DOCUMENTS:
        for word in re.findall(r"`([^`\n]+)`", document.read_text("utf-8")):
            yield document.name, word.strip()


def absent(pattern: str, exists: Callable[[str], bool]) -> list[str]:
    """Return what fits the pattern and is not there; a pattern that fits nothing is itself out of date."""
    found = [(document, match) for document, word in quoted() for match in re.findall(pattern, word)]
    assert found
    return [f"{document}: {match}" for document, match in found if not exists(match)]


def test_files_and_folders_are_there() -> None:
    def there(path: str) -> bool:
        return any(next(ROOT.glob(f"{base}/{path}".strip("/")), None) is not None for base in BASES)

    assert absent(rf"^(?:{'|'.join(FOLDERS)}|password_reset|web)/[\w./*-]*$", there) == []
    modules = [f"/{module.relative_to(ROOT)}" for one in FOLDERS for module in (ROOT / one).rglob("*.py")]
    assert absent(r"^[\w/]+\.py$", lambda path: any(module.endswith(f"/{path}") for module in modules)) == []


def test_a_file_named_after_another_stands_in_the_folder_of_that_one() -> None:
    rows = (ROOT / "docs" / "architecture.md").read_text("utf-8").partition("## Where to look")[2].splitlines()
    named = []
    for row in rows:
        folder = ROOT
        for file in re.findall(r"`([\w/]+\.py)`", row):
            if (ROOT / file).is_file():
                folder = (ROOT / file).parent
            elif "/" not in file:
                named.append((row, folder / file))
    assert named
    assert [(row, str(file)) for row, file in named if not file.is_file()] == []


def test_modules_and_what_stands_in_them_are_there() -> None:
    def there(name: str) -> bool:
        parts = name.split(".")
        for length in range(len(parts), 0, -1):
            place = ROOT.joinpath(*parts[:length])
            if place.is_dir() or place.with_suffix(".py").is_file():
                text = "".join(one.read_text("utf-8") for one in place.glob("*.py"))
                text += place.with_suffix(".py").read_text("utf-8") if place.with_suffix(".py").is_file() else ""
                return all(re.search(rf"\b{one}\b", text) for one in parts[length:])
        return False

    assert absent(r"(?<![\w./-])(?:signing|iam|workflows|demo|tests)(?:\.\w+)+", there) == []


def test_make_knows_its_targets() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert absent(r"^make ([a-z]+)$", targets.__contains__) == []


def test_viis_knows_its_commands_and_policies() -> None:
    known = {*COMMANDS, "demo"}
    assert absent(r"\bviis ([a-z][a-z-]+)", known.__contains__) == []
    told = "".join(document.read_text("utf-8") for document in DOCUMENTS)
    assert [name for name in re.findall(r"--policy (\w[\w-]*)", told) if name not in NAMED] == []


def test_settings_are_settings() -> None:
    known = {f"VIIS_{name.upper()}" for name in Settings.model_fields} | {"VIIS_CACHE"}
    assert absent(r"^(VIIS_[A-Z_]+)", known.__contains__) == []


def test_decisions_that_are_named_were_taken() -> None:
    numbers = {int(document.name[:4]) for document in DECISIONS.glob("[0-9]*.md")}
    told = [
        (document.name, int(number))
        for document in DOCUMENTS
        for number in re.findall(r"\bdecision (\d+)", document.read_text("utf-8"))
    ]
    assert told
    assert [one for one in told if one[1] not in numbers] == []


def test_the_index_of_decisions_holds_every_decision_by_its_title() -> None:
    assert list(decisions()) == []


def test_every_asset_that_others_made_is_named_with_its_licence() -> None:
    told = (ROOT / "THIRD_PARTY.md").read_text("utf-8")
    packages = re.findall(r'"(?:dependencies)": \{([^}]*)\}', (ROOT / "frontend" / "package.json").read_text("utf-8"))
    names = re.findall(r'"([@\w./-]+)":', "".join(packages))
    assert names
    assert [name for name in names if name.split("/")[-1].lower() not in told.lower()] == []
    for font in (ROOT / "workflows").rglob("*"):
        if font.suffix in {".otf", ".ttf", ".woff2", ".wav", ".mp3"}:
            assert str(font.parent.relative_to(ROOT)) in told, font


def test_the_folder_that_the_readme_says_to_delete_is_the_one_that_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("VIIS_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    written = f"~/{cache_dir().relative_to(tmp_path.resolve())}"
    assert {word for document, word in quoted() if document == "README.md" and word.startswith("~/")} == {written}
