"""A check that was not made says so: it is not *ok*."""

import json
from collections.abc import Iterator

import pytest

from tests.check import CHECKS, NotRunError, audited, made, main

LOCKED = frozenset({"alpha", "beta-gamma"})


def said(*dependencies: dict[str, object]) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


def test_an_audit_of_every_dependency_that_finds_nothing_is_ok() -> None:
    out = said({"name": "alpha", "version": "1", "vulns": []}, {"name": "Beta_Gamma", "version": "2", "vulns": []})
    assert made(lambda: audited(out, "", locked=LOCKED)) == ([], "")


@pytest.mark.parametrize("out", ["", "{}", "[]", "null", "nonsense"])
def test_an_audit_that_says_nothing_was_not_made(out: str) -> None:
    found, why = made(lambda: audited(out, "a trace\nno route to host", locked=LOCKED))
    assert (found, why) == ([], "pip-audit does not reach its data here: no route to host")


def test_a_dependency_that_was_skipped_or_left_out_was_not_audited() -> None:
    skipped = said({"name": "alpha", "skip_reason": "not found"}, {"name": "beta-gamma", "version": "2", "vulns": []})
    assert made(lambda: audited(skipped, "", locked=LOCKED))[1].startswith(
        "1 of 2 dependencies were not audited: alpha"
    )
    left_out = said({"name": "alpha", "version": "1", "vulns": []})
    assert made(lambda: audited(left_out, "", locked=LOCKED))[1].endswith("beta-gamma")
    assert made(lambda: audited(said(), "", locked=LOCKED))[1].startswith("2 of 2")


def test_a_known_vulnerability_is_found_though_another_was_not_audited() -> None:
    out = said({"name": "alpha", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]})
    found, why = made(lambda: audited(out, "", locked=LOCKED))
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
