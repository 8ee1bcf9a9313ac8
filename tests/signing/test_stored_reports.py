"""Reports are kept for ten years: what any version of this library stored is read for ever.

`reports/unversioned` holds reports as they were stored before they carried a version. No file here is ever changed; a
new version adds a folder.
"""

from __future__ import annotations

import dataclasses
import json
import typing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from signing import QES_LV, Indication, Qualification, Report, SubIndication
from signing.model import REPORT_VERSION, NewerReport

_STORED = Path(__file__).with_name("reports")
_UNVERSIONED = sorted((_STORED / "unversioned").glob("*.json"))


def stored(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("path", _UNVERSIONED, ids=lambda path: path.stem)
def test_a_report_stored_before_versions_is_read_whole(path: Path) -> None:
    data = stored(path)
    assert Report.from_json(data).to_json() == {"version": 1, **data}


def test_what_was_stored_is_what_is_read() -> None:
    assert [path.stem for path in _UNVERSIONED] == ["container", "nested", "open", "pdf"]
    container, nested, left_open, pdf = (Report.from_json(stored(path)) for path in _UNVERSIONED)
    (signature,) = container.signatures
    assert signature.signer is not None
    assert (signature.indication, signature.qualification) == (Indication.TOTAL_PASSED, Qualification.QESIG)
    assert signature.best_signature_time == datetime(2026, 3, 2, 10, 0, 2, tzinfo=UTC)
    assert bool(QES_LV.judge(container))
    assert signature.particulars is not None
    assert all(one.der.startswith(b"\x30\x82") for one in signature.particulars.certificates)
    assert pdf.form == "PAdES"
    assert len(pdf.signatures[0].particulars.byte_range if pdf.signatures[0].particulars else ()) == 4
    assert left_open.signatures[0].sub_indication is SubIndication.TRY_LATER
    assert {need.kind for need in left_open.needs} == {"ocsp", "crl"}
    assert nested.nested[0].report is not None
    assert nested.nested[0].report.signatures[0].indication is Indication.TOTAL_PASSED


def test_a_new_report_carries_its_version_once() -> None:
    report = Report.from_json(stored(_STORED / "unversioned" / "nested.json"))
    written = report.to_json()
    assert written["version"] == REPORT_VERSION
    assert "version" not in written["nested"][0]["report"]
    assert Report.from_json(json.loads(json.dumps(written))) == report


def test_a_report_of_a_later_version_says_so() -> None:
    later = stored(_UNVERSIONED[0]) | {"version": REPORT_VERSION + 1, "a field nobody knows yet": 1}
    with pytest.raises(NewerReport, match=f"version {REPORT_VERSION + 1}; this program reads versions up to"):
        Report.from_json(later)


@pytest.mark.parametrize("version", ["1", 0, -1, None, True, 1.0])
def test_a_version_that_is_none_is_refused(version: object) -> None:
    with pytest.raises(ValueError, match="version"):
        Report.from_json(stored(_UNVERSIONED[0]) | {"version": version})


def shape(kind: type, found: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Say which fields a report has, down to the last class."""
    if kind.__name__ not in found:
        hints = typing.get_type_hints(kind)
        found[kind.__name__] = {field.name: str(field.type) for field in dataclasses.fields(kind)}
        for hint in hints.values():
            for part in (hint, *typing.get_args(hint)):
                if isinstance(part, type) and dataclasses.is_dataclass(part):
                    shape(part, found)
    return found


def test_whoever_changes_a_field_adds_a_version() -> None:
    path = _STORED / f"shape-{REPORT_VERSION}.json"
    assert shape(Report, {}) == json.loads(path.read_text(encoding="utf-8")), (
        "the fields of reports changed: add one to REPORT_VERSION, keep reading the version before, store the shape"
    )
