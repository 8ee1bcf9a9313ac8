"""What is written to the log, and what never is."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from builders.iam.codes import invented_code
from workflows.logging import configure, mask, request_id_scope
from workflows.settings import Settings


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    configure(Settings.model_validate({"database_url": "postgresql:///"}))
    yield written
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_line_is_json_with_the_request_it_belongs_to(log: io.StringIO) -> None:
    with request_id_scope("r-1"):
        logging.getLogger("viis.test").warning("the %s is away", "server")
    line = json.loads(log.getvalue())
    assert line["event"] == "the server is away"
    assert (line["level"], line["logger"], line["request_id"]) == ("warning", "viis.test", "r-1")
    assert line["timestamp"].endswith("Z")


def test_no_personal_code_is_written_whoever_wrote_it(log: io.StringIO) -> None:
    digits = [invented_code(seed).digits for seed in range(5)]
    codes = ["010190-12345", *(f"{one[:6]}-{one[6:]}" for one in digits)]
    for code in codes:
        bare = code.replace("-", "")
        logging.getLogger("viis.test").error("somebody (%s) or %s", code, bare, extra={"who": code})
        structlog.get_logger().error("a thing", deep={"list": [code, {"code": int(bare)}], f"PNOLV-{code}": bare})
        fault = ValueError(f"cannot find PNOLV-{code} nor {code}")
        logging.getLogger("viis.test").error("failed", exc_info=fault)
    written = log.getvalue()
    assert len(written.splitlines()) == 3 * len(codes)
    for code in codes:
        assert code not in written
        assert code.replace("-", "") not in written


@pytest.mark.parametrize(
    "harmless", ["3312900014", "2026-11-24T09:30:00", "0123456789abcdef01234567", "http://a/12345"]
)
def test_what_is_no_personal_code_stays(harmless: str) -> None:
    assert mask(harmless) == harmless
