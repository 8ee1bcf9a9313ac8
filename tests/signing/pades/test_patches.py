"""pyHanko is patched at one place, and only in the version whose source the patches were written for."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic, xref

from signing.pades.reader import tokens, xref_streams
from signing.pades.reader.patches import PYHANKO, apply_patches

ROOT = Path(__file__).parents[3]


def replaced() -> list[object]:
    return [generic.read_hex_string_from_stream, generic.NameObject.read_from_stream, xref.parse_xref_stream]


def test_the_patches_are_in_place_after_one_call_and_after_two() -> None:
    apply_patches()
    once = replaced()
    assert once == [tokens._hex_string, tokens._name, xref_streams._entries]
    assert logging.getLogger("pyhanko").level == logging.CRITICAL
    apply_patches()
    assert replaced() == once
    assert tokens._read_name is not tokens._name  # pyHanko's own is still there for what ours leaves to it


def test_another_version_of_pyhanko_is_refused_and_nothing_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    original = object()
    monkeypatch.setattr(xref, "parse_xref_stream", original)
    with pytest.raises(ImportError, match=r"pyHanko 0\.39\.0 is installed; its patches were written for"):
        apply_patches("0.39.0")
    assert xref.parse_xref_stream is original


def test_the_locked_version_is_the_one_that_is_patched() -> None:
    locked = re.search(r"^pyhanko==(\S+)", (ROOT / "requirements" / "dev.txt").read_text("utf-8"), re.MULTILINE)
    assert locked is not None
    assert locked[1] == PYHANKO


def test_nothing_of_pyhanko_is_replaced_elsewhere() -> None:
    assignment = re.compile(r"^\s*(?:generic|xref|misc)\.[\w.]+ = |setattr\((?:generic|xref|misc)\b", re.MULTILINE)
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "signing").rglob("*.py")
        if assignment.search(path.read_text("utf-8"))
    }
    assert found == {"signing/pades/reader/tokens.py", "signing/pades/reader/xref_streams.py"}
