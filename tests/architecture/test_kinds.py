"""A kind of application is one folder: nothing else under `workflows` names a kind, or speaks of what is its own."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import workflows
from workflows.application.kinds.registry import all_kinds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(workflows.__file__).parent
KINDS = ROOT / "application" / "kinds"
REGISTRY = KINDS / "registry.py"

# What is said of one kind outside its folder, and why that is no branch of a process.
SAID: Final[Mapping[str, str]] = {
    "web/templates/start.html": "the start page tells newcomers how a right is applied for",
    "web/templates/help.html": "answers to what people ask first",
    "web/templates/people.html": "an account that Keycloak refuses, whatever its rights rest on",
    "reorganisation/reasons.py": "what the law asks of people after a reorganisation: to apply for a right anew",
    "restoration/words.py": "what the law asks of people whose rights cannot be restored: to apply anew",
    "web/words/vocabulary.py": "a kind of evidence of `iam`, on which rights rest whatever kind gave them",
}
# Programs outside the repository import the grant's forms from there.
RE_EXPORTED: Final = "application/forms.py"
_GRANTS_OWN = re.compile(
    r"commitment letter|for the right to use VIIS|rights are granted|both documents", re.IGNORECASE
)


def own_folders() -> list[Path]:
    """The folders of the kinds."""
    return [one for one in KINDS.iterdir() if (one / "kind.py").exists()]


def sources(pattern: str) -> Iterator[Path]:
    """Every file that belongs to no kind, migrations aside: they speak of what was."""
    for path in ROOT.rglob(pattern):
        outside = not any(path.is_relative_to(folder) for folder in own_folders())
        if outside and not path.is_relative_to(ROOT / "migrations"):
            yield path


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sources("*.py"):
        yield path, ast.parse(path.read_text("utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def strings(tree: ast.Module) -> Iterator[str]:
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg


def test_every_kind_is_a_folder_and_every_folder_a_kind() -> None:
    assert {folder.name for folder in own_folders()} == {kind.name for kind in all_kinds()}


def test_only_the_registry_imports_a_kind() -> None:
    packages = tuple(f"workflows.application.kinds.{folder.name}" for folder in own_folders())
    found = {
        path.relative_to(ROOT).as_posix()
        for path, tree in trees()
        for module in imported(tree)
        if any(module == package or module.startswith(f"{package}.") for package in packages)
    }
    assert found == {REGISTRY.relative_to(ROOT).as_posix(), RE_EXPORTED}


def test_no_process_and_no_page_asks_which_kind_it_is() -> None:
    own = {kind.name for kind in all_kinds()} | {code for kind in all_kinds() for code in kind.sentences}
    found = [(path, said) for path, tree in trees() for said in strings(tree) if said in own]
    assert [one for one in found if one[0] != ROOT / RE_EXPORTED] == []
    asked = re.compile("|".join(rf"\b{kind.name}\b" for kind in all_kinds()))
    pages = [*sources("*.html"), *sources("*.jinja")]
    # Words of the expressions of a template, not of its sentences.
    spoken = {
        path.name: [word for code in re.findall(r"\{[{%].*?[%}]\}", path.read_text("utf-8")) for word in _code(code)]
        for path in pages
    }
    assert {name: words for name, words in spoken.items() if any(asked.fullmatch(word) for word in words)} == {}


def _code(expression: str) -> list[str]:
    return re.findall(r"\w+", re.sub(r"\"(?:\\.|[^\"])*\"", "", expression))


def test_fields_of_a_kinds_form_are_named_in_its_folder_alone() -> None:
    stated = {"head_is_user", "basis", "basis_detail", "ScopeLevel", "SectionWish", "FormKind", "Stated"}
    found = {
        name
        for path, tree in trees()
        if path != ROOT / RE_EXPORTED
        for name in (*names(tree), *strings(tree))
        if name in stated
    }
    assert found == set()


def test_what_is_said_of_a_grant_is_said_by_the_grant() -> None:
    found = {path for path, tree in trees() if any(_GRANTS_OWN.search(said) for said in strings(tree))}
    found |= {path for one in ("*.html", "*.jinja") for path in sources(one) if _GRANTS_OWN.search(path.read_text())}
    assert {path.relative_to(ROOT).as_posix() for path in found} == set(SAID)


@pytest.mark.parametrize("source", ["if kind == 'grant': pass", "x = {'grant': 1}"])
def test_a_question_for_the_kind_is_seen(source: str) -> None:
    assert "grant" in set(strings(ast.parse(source)))
