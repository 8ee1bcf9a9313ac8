"""Documents that do their worst, and what comes of it: an outcome, and the next one is judged as ever."""

import ctypes
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from signing.trust import TrustStore
from tests.processes import children, lives
from workflows.evidence.judging import CouldNotBeJudged, GuardUnavailable, Judge, Judgement

AT = datetime(2026, 11, 24, tzinfo=UTC)
TRUST = TrustStore.of_anchors([])
_LANDLOCK_CREATE_RULESET, _VERSION, _SCOPED_SIGNALS = 444, 1, 6  # landlock.h; signals since Linux 6.12
FAULTY = (sys.executable, "-I", str(Path(__file__).with_name("faulty_guard.py")))
HOSTILE = (sys.executable, "-I", str(Path(__file__).with_name("hostile_guard.py")))


@pytest.fixture
def judge() -> Iterator[Judge]:
    with Judge(seconds=1, memory_mb=64, judge_command=HOSTILE) as made:
        yield made


def does(judge: Judge, deed: str) -> Judgement:
    return judge.judge(deed.encode(), name="letter.edoc", trust=TRUST, at=AT)


def landlock() -> int:
    """Ask this kernel which Landlock it has, 0 for none: what the guard says of itself would hide that it failed."""
    libc = ctypes.CDLL(None)
    return max(int(libc.syscall(_LANDLOCK_CREATE_RULESET, None, 0, _VERSION)), 0)


def told(judge: Judge, deed: str) -> str:
    outcome = does(judge, deed)
    assert isinstance(outcome, CouldNotBeJudged)
    assert outcome.reason == "failed", outcome
    return outcome.detail


def fares_well(judge: Judge) -> bool:
    return told(judge, "say as usual") == "as usual"


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ("loop", "timed-out"),
        ("sleep", "timed-out"),
        ("eat", "out-of-memory"),
        ("die", "crashed"),
        ("kill-guard", "crashed"),
        ("babble", "crashed"),
        ("no-such-deed", "crashed"),
    ],
)
def test_a_document_that_attacks_its_reader_is_an_outcome_and_the_next_one_is_judged(
    judge: Judge, deed: str, reason: str
) -> None:
    outcome = does(judge, deed)
    assert isinstance(outcome, CouldNotBeJudged)
    assert outcome.reason == reason
    assert fares_well(judge)


@pytest.mark.parametrize(
    ("document", "reason", "detail"),
    [("bug", "failed", "AttributeError at __main__:"), ("memory", "out-of-memory", "")],
)
def test_a_fault_of_ours_is_no_damaged_file_and_is_logged_with_its_place(
    caplog: pytest.LogCaptureFixture, document: str, reason: str, detail: str
) -> None:
    with Judge(seconds=5, memory_mb=64, judge_command=FAULTY) as judge:
        outcome = does(judge, document)
    assert isinstance(outcome, CouldNotBeJudged)
    assert outcome.reason == reason
    assert outcome.detail.startswith(detail)
    (told,) = [record.getMessage() for record in caplog.records if record.name == "viis.judge"]
    assert reason in told
    assert detail in told
    assert "hostile" not in told


def test_what_a_document_says_of_its_fault_stays_out_of_the_log(judge: Judge, caplog: pytest.LogCaptureFixture) -> None:
    assert told(judge, "say 010190-10000") == "010190-10000"
    assert "010190" not in caplog.text
    assert "could not be judged: failed" in caplog.text


def test_nothing_of_the_service_is_found_inside(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIIS_SECRET_KEY", "very secret")
    found = json.loads(told(judge, "look"))
    assert found["environment"] in ({}, {"LC_CTYPE": "C.UTF-8"})  # Python sets that one itself
    assert "secret" not in found["environ"]
    assert found["modules"] == []
    assert len(found["descriptors"]) == 4  # three to nowhere, one to answer by


def test_the_guards_own_environment_is_empty_too(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIIS_SECRET_KEY", "very secret")
    judge.warm()
    for child in children():
        if b"hostile_guard" in Path(f"/proc/{child}/cmdline").read_bytes():
            assert Path(f"/proc/{child}/environ").read_bytes() == b""
            return
    pytest.fail("no guard found")


def test_no_network_is_reachable_from_inside(judge: Judge) -> None:
    assert judge.warm()["network"], "this kernel gives no network namespace: the restriction is missing here"
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            pass  # from here it is
        assert told(judge, f"connect {port}").startswith("refused")


def test_no_file_of_ours_is_read_or_written_from_inside(judge: Judge, tmp_path: Path) -> None:
    if not landlock():
        pytest.skip("this kernel has no Landlock: users' rights on files are the only restriction")
    secret = tmp_path / "secret"
    secret.write_text("very secret")
    assert told(judge, f"read {secret}") == "refused: PermissionError 13"
    assert told(judge, f"read /proc/{os.getpid()}/environ") == "refused: PermissionError 13"
    assert told(judge, f"write {tmp_path / 'new'}").startswith("refused")
    assert not (tmp_path / "new").exists()


def test_no_process_of_ours_is_killed_from_inside(judge: Judge) -> None:
    if landlock() < _SCOPED_SIGNALS:
        pytest.skip("this kernel's Landlock does not stop signals")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as bystander:
        assert told(judge, f"kill {bystander.pid}") == "refused: PermissionError 1"
        assert bystander.poll() is None
        bystander.communicate(b"\n")


def test_a_guard_does_not_outlive_the_service_that_is_killed() -> None:
    program = (
        "import sys, time; from tests.workflows.evidence.test_guard import HOSTILE, does; "
        "from workflows.evidence.judging import Judge; "
        "judge = Judge(seconds=30, memory_mb=64, judge_command=HOSTILE); judge.warm(); print('ready', flush=True); "
        "does(judge, 'sleep')"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as service:
        assert service.stdout is not None
        assert service.stdout.readline() == b"ready\n"
        time.sleep(0.3)
        guards = children(service.pid)
        everyone = [*guards, *(child for guard in guards for child in children(guard))]
        assert len(everyone) == 3, "a guard with its child, and the guard that draws"
        service.kill()
    deadline = time.monotonic() + 5
    while any(lives(pid) for pid in everyone) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(lives(pid) for pid in everyone)


def test_a_guard_that_cannot_start_says_why() -> None:
    with (
        Judge(
            seconds=1, memory_mb=64, judge_command=[sys.executable, "-c", "raise SystemExit('no such thing')"]
        ) as judge,
        pytest.raises(GuardUnavailable, match="no such thing"),
    ):
        judge.warm()
