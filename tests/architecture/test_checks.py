"""A check finds what it is for, and one that was not made says so: it is not *ok*."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.check.assets import differing
from tests.check.audit import audited
from tests.check.dependencies import differences, locked, undeclared
from tests.check.findings import ROOT, NotRunError
from tests.check.modules import too_long
from tests.check.running import CHECKS, made, main
from tests.check.words import comments, dialect, too_many

LOCKED = frozenset({"alpha", "beta-gamma"})


def said(*dependencies: dict[str, object]) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


def test_an_audit_of_every_dependency_that_finds_nothing_is_ok() -> None:
    out = said({"name": "alpha", "version": "1", "vulns": []}, {"name": "Beta_Gamma", "version": "2", "vulns": []})
    assert made(lambda: audited(out, "", names=LOCKED)) == ([], "")


@pytest.mark.parametrize("out", ["", "{}", "[]", "null", "nonsense"])
def test_an_audit_that_says_nothing_was_not_made(out: str) -> None:
    found, why = made(lambda: audited(out, "a trace\nno route to host", names=LOCKED))
    assert (found, why) == ([], "pip-audit does not reach its data here: no route to host")


def test_a_dependency_that_was_skipped_or_left_out_was_not_audited() -> None:
    skipped = said({"name": "alpha", "skip_reason": "not found"}, {"name": "beta-gamma", "version": "2", "vulns": []})
    assert made(lambda: audited(skipped, "", names=LOCKED))[1].startswith("1 of 2 dependencies were not audited: alpha")
    left_out = said({"name": "alpha", "version": "1", "vulns": []})
    assert made(lambda: audited(left_out, "", names=LOCKED))[1].endswith("beta-gamma")
    assert made(lambda: audited(said(), "", names=LOCKED))[1].startswith("2 of 2")


def test_a_known_vulnerability_is_found_though_another_was_not_audited() -> None:
    out = said({"name": "alpha", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]})
    found, why = made(lambda: audited(out, "", names=LOCKED))
    assert found == ["alpha 1: PYSEC-1, mended in 1.1"]
    assert why


def test_the_last_line_counts_what_was_not_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere() -> Iterator[str]:
        yield from ()
        raise NotRunError("nothing is reached")

    def well() -> Iterator[str]:
        yield from ()

    monkeypatch.setitem(CHECKS, "nowhere", nowhere)
    monkeypatch.setitem(CHECKS, "well", well)
    assert main(["nowhere", "well"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "nowhere: not run (nothing is reached)",
        "well: ok",
        "2 checks: 0 found something, 1 not run or not in full",
    ]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("import lxml", None),
        ("import certifi", "'certifi' imported but it is a transitive dependency (DEP003)"),
        ("import psutil", "'psutil' imported but declared as a dev dependency (DEP004)"),
        ("import nowhere_at_all", "'nowhere_at_all' imported but missing from the dependency definitions (DEP001)"),
    ],
)
def test_an_import_that_is_not_declared_for_its_folder_is_found(tmp_path: Path, line: str, found: str | None) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "signing").mkdir()
    (tmp_path / "signing" / "planted.py").write_text(f"{line}\n")
    told = [one for one in undeclared(("signing",), without="demo,dev", root=tmp_path) if one.startswith("signing")]
    assert told == ([] if found is None else [f"signing/planted.py:1: {found}: see [project] in pyproject.toml"])


def test_a_declared_dependency_that_nothing_imports_is_found(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "signing").mkdir()
    (tmp_path / "signing" / "planted.py").write_text("import lxml\n")
    told = "\n".join(undeclared(("signing",), without="demo,dev", root=tmp_path))
    assert "'signxml' defined as a dependency but not used in the codebase (DEP002)" in told
    assert "'lxml' defined" not in told


def test_a_lock_that_does_not_fit_what_is_declared_is_found() -> None:
    wanted = [Requirement("uvicorn>=0.1"), Requirement("lxml>=999"), Requirement("alpha")]
    pins = locked(
        "uvicorn==0.54.0 \\\n    --hash=x\nclick==8\nh11==0.16.0 ; sys_platform == 'linux'\nlxml==6.1\nzeta==1\n"
    )
    assert list(differences(pins, wanted)) == [
        "lxml>=999 is declared, 6.1 is locked",
        "alpha is declared and not locked",
        "zeta is locked and nothing needs it",
    ]


def test_a_long_sentence_of_a_comment_is_found_where_it_begins() -> None:
    text = "a = 1  # noqa: S101 - short\n# One two.\n# Word " + "word " * 20 + "\n# end. Then a short one.\nb = 2\n"
    found = [(line, finding) for line, comment in comments(text) for finding in too_many(comment)]
    assert found == [(2, "a sentence of 22 words, 20 is the most: “Word word word word word word …”")]
    assert list(too_many("word " * 20 + "- --")) == []


def test_words_of_a_dialect_are_found_in_names_and_sentences_and_not_inside_words() -> None:
    text = "def dwell_in() -> None:\n    # Tarry!\n    untarried = 1\n"
    assert list(dialect(text, {"dwell_in": "“enter”", "tarry": "“wait”"})) == [
        (1, "says “dwell_in”: say “enter”"),
        (2, "says “tarry”: say “wait”"),
    ]


def test_a_long_module_needs_a_reason_and_a_reason_a_long_module() -> None:
    lengths = {"a.py": 401, "b.py": 401, "c.py": 400}
    told = list(too_long(lengths, {"b.py": "one table", "c.py": "once long", "d.py": "gone"}))
    assert [one.partition(" ")[0] for one in told] == ["a.py", "c.py", "d.py"]


def test_a_file_that_is_not_what_was_built_is_found_in_any_folder_of_it(tmp_path: Path) -> None:
    built, committed = tmp_path / "built", tmp_path / "committed"
    for folder in (built, committed):
        (folder / "css").mkdir(parents=True)
        for name in ("main.css", "css/same.css", "css/other.css"):
            (folder / name).write_text(name)
    assert differing(built, committed) == []
    (committed / "css" / "other.css").write_text("OTHER.css")
    (built / "css" / "new.css").write_text("")
    (committed / "old.css").write_text("")
    assert set(differing(built, committed)) == {"css/other.css", "css/new.css", "old.css"}
