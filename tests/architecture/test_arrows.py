"""The arrows between packages are checked by a machine, and the check itself is checked."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("signing", "iam", "workflows", "demo", "builders", "benchmarks")


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on a copy of the packages, so that a planted import never touches the real ones."""
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
        "--no-cache",
    ]
    return subprocess.run(
        command,
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(tree), "PATH": "/usr/bin:/bin", "COLUMNS": "300"},  # a name and its verdict on one line
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "static", "data")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_packages_as_they_are_keep_every_contract(tree: Path) -> None:
    result = lint(tree)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("signing/_planted.py", "import iam", "Arrows point down"),
        ("iam/_planted.py", "import workflows", "Arrows point down"),
        ("signing/_planted.py", "import sqlalchemy", "signing is a library"),
        ("workflows/application/_planted.py", "import fastapi", "Only the web door"),
        ("workflows/evidence/_planted.py", "import pyhanko", "Signature libraries enter"),
        ("workflows/application/_planted.py", "import keycloak", "Keycloak enters"),
        ("workflows/mail/_planted.py", "import workflows.application", "Inside workflows"),
        ("workflows/mail/_planted.py", "import builders", "Arrows point down"),
        ("benchmarks/_planted.py", "import tests", "Nothing imports tests"),
        ("demo/signer/_planted.py", "import signing", "shares nothing with the verifier"),
    ],
)
def test_a_forbidden_import_breaks_the_check_and_is_named(tree: Path, module: str, line: str, broken: str) -> None:
    (tree / module).write_text(f'"""Planted."""\n\n{line}\n')
    result = lint(tree)
    assert result.returncode != 0
    broken_contracts = [row for row in result.stdout.splitlines() if row.endswith("BROKEN")]
    assert any(broken in row for row in broken_contracts), result.stdout
