"""pyHanko's functions are replaced behind one switch, for the one version that was tested."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic, xref

from signing.pades.reader import pyhanko_patches, tokens, xref_streams

_SIGNING = Path(pyhanko_patches.__file__).parents[2]


def test_the_switch_replaces_what_it_lists() -> None:
    pyhanko_patches.apply_patches()
    pyhanko_patches.apply_patches()
    assert generic.read_hex_string_from_stream is tokens.read_hex_string
    assert generic.NameObject.read_from_stream is tokens.read_name
    assert xref.parse_xref_stream is xref_streams.read_entries


def test_another_version_of_pyhanko_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyhanko_patches, "__version__", "0.39.0")
    with pytest.raises(RuntimeError, match=r"pyHanko 0\.38\.0, and 0\.39\.0 is installed"):
        pyhanko_patches.apply_patches()


def test_no_other_module_replaces_anything_of_pyhanko() -> None:
    replaces = re.compile(r"^\s*(?:generic|misc|xref|reader|crypt|diff_analysis)\.[\w.]+ = ", re.MULTILINE)
    found = {path.name for path in _SIGNING.rglob("*.py") if replaces.search(path.read_text(encoding="utf-8"))}
    assert found == {"pyhanko_patches.py"}
