"""The arrows between packages are checked by a machine, and the check itself is checked."""

import re
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


def copied(to: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, to / package, ignore=lambda _folder, names: [n for n in names if _idle(n)])
    shutil.copy(ROOT / "pyproject.toml", to)
    return to


def _idle(name: str) -> bool:
    return name in {"__pycache__", "static", "data"} or ("." in name and not name.endswith(".py"))


def test_the_packages_as_they_are_keep_every_contract(tmp_path: Path) -> None:
    result = lint(copied(tmp_path))
    assert result.returncode == 0, result.stdout


PLANTED = [
    ("signing/planted_iam.py", "import iam", "Arrows point down"),
    ("iam/_planted.py", "import workflows", "Arrows point down"),
    ("workflows/mail/planted_builders.py", "import builders", "Arrows point down"),
    ("benchmarks/_planted.py", "import tests", "Nothing imports tests"),
    ("signing/planted_sqlalchemy.py", "import sqlalchemy", "signing is a library"),
    ("workflows/application/planted_fastapi.py", "import fastapi", "Only the web door"),
    ("workflows/application/planted_starlette.py", "import starlette", "Only the web door"),
    ("workflows/evidence/_planted.py", "import pyhanko", "Signature libraries enter"),
    ("workflows/application/planted_keycloak.py", "import keycloak", "Keycloak enters"),
    ("iam/grants/_planted.py", "import keycloak", "Keycloak enters"),
    ("workflows/mail/_planted.py", "import workflows.application", "Inside workflows"),
    ("workflows/planted.py", "", "Inside workflows"),
    ("iam/people/_planted.py", "import iam.grants", "Inside iam"),
    ("iam/planted.py", "", "Inside iam"),
    ("signing/planted.py", "", "Inside signing"),
    ("signing/xml/_planted.py", "import signing.judging", "Inside signing"),
    ("demo/signer/_planted.py", "import signing", "shares nothing with the verifier"),
]


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What the check says of a copy with every forbidden import in it: one text a broken contract."""
    tree = copied(tmp_path_factory.mktemp("planted"))
    for module, line, _ in PLANTED:
        (tree / module).write_text(f'"""Planted."""\n\n{line}\n')
    result = lint(tree)
    assert result.returncode != 0
    # A heading is underlined by as many dashes as it has letters.
    return re.split(r"\n\n(?=[^\n]+\n-{20,}\n)", result.stdout.partition("Broken contracts")[2])


@pytest.mark.parametrize(("module", "line", "contract"), PLANTED)
def test_a_forbidden_import_breaks_the_check_and_is_named(
    broken: list[str], module: str, line: str, contract: str
) -> None:
    told = [text for text in broken if contract in text.strip().partition("\n")[0]]
    name = module.removesuffix(".py").replace("/", ".")
    arrow = f"{name} -> {line.removeprefix('import ')}" if line else f"- {name}"
    assert any(arrow in text for text in told), (arrow, broken)
