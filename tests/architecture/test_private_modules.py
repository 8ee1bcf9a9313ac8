"""A module whose name begins with an underscore belongs to its package: nothing outside that package imports it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PACKAGES = ("signing", "iam", "workflows", "demo", "builders", "benchmarks")


def intrusions(path: Path, *, root: Path) -> Iterator[str]:
    """Say which private names of other packages the module at `path` imports, and what to do."""
    module = path.relative_to(root).with_suffix("")
    package = ".".join(module.parts[:-1])
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        for name in _imported(node, package):
            parts = name.split(".")
            first = next((at for at, part in enumerate(parts) if part.startswith("_") and part[:2] != "__"), None)
            if parts[0] not in PACKAGES or first is None:
                continue
            owner = ".".join(parts[:first])
            if package != owner and not package.startswith(f"{owner}."):
                yield (
                    f"{module}.py:{getattr(node, 'lineno', 0)} imports {name}, which is private to {owner}: "
                    f"offer it in a module of {owner} without the underscore, or move it to where both may import it"
                )


def _imported(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (one.name for one in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = package.split(".")
        base = ".".join([*above[: len(above) - node.level + 1], node.module or ""]) if node.level else node.module or ""
        yield from (f"{base.strip('.')}.{one.name}" for one in node.names)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_package_imports_a_private_module_of_another(package: str) -> None:
    modules = sorted((ROOT / package).rglob("*.py"))
    assert modules
    assert [found for module in modules for found in intrusions(module, root=ROOT)] == []


@pytest.mark.parametrize(
    ("module", "line", "private"),
    [
        ("iam/grants/service.py", "from iam._base import Base", None),
        ("iam/grants/service.py", "from iam.people._codes import parse", "iam.people._codes"),
        ("iam/base.py", "import iam.people._codes", "iam.people._codes"),
        ("iam/base.py", "from iam.people import _codes", "iam.people._codes"),
        ("iam/base.py", "from iam.people.rules import _parse", "iam.people.rules"),
        ("iam/people/rules.py", "from iam.people._codes import parse", None),
        ("iam/people/rules.py", "from ._codes import parse", None),
        ("iam/people/rules.py", "from ..grants._rules import plan", "iam.grants._rules"),
        ("iam/people/rules.py", "from importlib.metadata import __name__", None),
        ("iam/people/rules.py", "from os import _exit", None),
        ("iam/people/rules.py", "def late():\n    from iam.grants._rules import plan", "iam.grants._rules"),
    ],
)
def test_a_planted_import_is_found(tmp_path: Path, module: str, line: str, private: str | None) -> None:
    path = tmp_path / module
    path.parent.mkdir(parents=True)
    path.write_text(f'"""Planted."""\n\n{line}\n', "utf-8")
    found = list(intrusions(path, root=tmp_path))
    assert len(found) == (private is not None)
    assert private is None or private in found[0]
