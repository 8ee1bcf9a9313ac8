"""What is started is stopped, whatever happens to the one who started it, and nothing else is touched."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from demo.servers import ManagedProcess, Postgres, ServerFailed, free_port, process

_SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]


def _says_up(part: ManagedProcess) -> Callable[[], bool]:
    return lambda: "up" in part.log.read_text()


def _gone(pid: int, within: float = 5.0) -> bool:
    try:
        psutil.Process(pid).wait(within)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True


@contextmanager
def _parent(script: str, *arguments: str) -> Iterator[tuple["subprocess.Popen[str]", list[int]]]:
    """A parent of its own that starts parts, prints their process ids, and waits."""
    command = [sys.executable, "-c", script, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as parent:
        assert parent.stdout is not None
        try:
            yield parent, [int(pid) for pid in parent.stdout.readline().split()]
        finally:
            parent.kill()


def test_a_part_is_waited_for_and_stopped(tmp_path: Path) -> None:
    part = ManagedProcess("sleeper", _SLEEPER, folder=tmp_path)
    part.start()
    part.await_ready(_says_up(part), within=10)
    pid = part.pid
    assert pid is not None
    part.stop()
    assert not psutil.pid_exists(pid)
    assert list(tmp_path.glob("*.json")) == [], "nothing is remembered of what ended properly"


def test_a_part_that_dies_while_starting_says_its_last_words(tmp_path: Path) -> None:
    part = ManagedProcess("broken", [sys.executable, "-c", "raise SystemExit('no more disk')"], folder=tmp_path)
    part.start()
    with pytest.raises(ServerFailed, match=r"broken ended with status 1(?s:.*)no more disk"):
        part.await_ready(lambda: False, within=10)


def test_a_part_that_never_answers_is_stopped(tmp_path: Path) -> None:
    part = ManagedProcess("mute", _SLEEPER, folder=tmp_path)
    part.start()
    pid = part.pid
    assert pid is not None
    with pytest.raises(ServerFailed, match="mute did not answer"):
        part.await_ready(lambda: False, within=0.2)
    assert not psutil.pid_exists(pid)


def test_a_part_that_ignores_being_asked_is_killed(tmp_path: Path) -> None:
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
    )
    part = ManagedProcess("deaf", [sys.executable, "-c", deaf], folder=tmp_path)
    part.start()
    part.await_ready(_says_up(part), within=10)
    pid = part.pid
    assert pid is not None
    part.stop(patience=0.2)
    assert not psutil.pid_exists(pid)


def test_ctrl_c_at_the_terminal_does_not_reach_the_parts_themselves(tmp_path: Path) -> None:
    part = ManagedProcess("sleeper", _SLEEPER, folder=tmp_path)
    part.start()
    assert part.pid is not None
    assert os.getpgid(part.pid) != os.getpgid(0), "the supervisor stops them, in order"
    part.stop()


@pytest.fixture
def folder(servers_folder: Path) -> Path:
    """A folder PostgreSQL's own user may pass through: each start of pytest shuts its temporary ones to others."""
    return Path(tempfile.mkdtemp(dir=servers_folder))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_a_parent_killed_with_9_takes_its_parts_along(folder: Path) -> None:
    with _parent(
        """
import sys, time
from pathlib import Path
from demo.servers import ManagedProcess, Postgres
sleeper = ManagedProcess("sleeper", [sys.executable, "-c", "import time; time.sleep(600)"], folder=Path(sys.argv[1]))
sleeper.start()
with Postgres(Path(sys.argv[1]) / "pg") as server:
    print(sleeper.pid, server.pid, flush=True)
    time.sleep(600)
""",
        str(folder),
    ) as (parent, pids):
        parent.kill()
        parent.wait()
        assert len(pids) == 2
        assert all(_gone(pid) for pid in pids)


def test_postgresql_starts_again_on_data_left_by_kill_9(folder: Path) -> None:
    server = Postgres(folder / "pg")
    server.start()
    server.create("kept")
    server.kill()
    stale = folder / "pg" / "data" / "postmaster.pid"
    # The worst case: the old number belongs to somebody else by now.
    stale.write_text(f"{os.getpid()}\n{stale.parent}\n1\n5432\n{folder}\n\n  1 1\nready\n")
    with Postgres(folder / "pg") as again:
        assert again.has("kept")


def test_a_leftover_is_recognised_and_ended_at_the_next_start(tmp_path: Path) -> None:
    left = ManagedProcess("sleeper", _SLEEPER, folder=tmp_path)
    left.start()
    left.await_ready(_says_up(left), within=10)
    left_pid = left.pid
    assert left_pid is not None

    again = ManagedProcess("sleeper", _SLEEPER, folder=tmp_path)
    assert again.clean_leftover() == (left_pid,)
    assert left.wait(5) is not None
    assert again.clean_leftover() == ()


def test_what_a_leftover_had_started_itself_is_ended_too(tmp_path: Path) -> None:
    nested = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])"
    part = ManagedProcess("starter", [sys.executable, "-c", f"{nested}; print('up', flush=True)"], folder=tmp_path)
    part.start()
    assert part.wait(10) == 0
    (orphan,) = ManagedProcess("starter", _SLEEPER, folder=tmp_path).clean_leftover()
    assert not psutil.pid_exists(orphan)


def test_a_foreign_process_with_the_remembered_number_is_left_alone(tmp_path: Path) -> None:
    part = ManagedProcess("sleeper", _SLEEPER, folder=tmp_path)
    part.start()
    record_file = tmp_path / "sleeper.process.json"
    record = json.loads(record_file.read_text())
    part.stop()
    time.sleep(0.05)  # start times are counted in hundredths of a second

    with subprocess.Popen(_SLEEPER, stdout=subprocess.DEVNULL) as foreign:
        # The number was given to somebody else: same id, other start time, no mark of ours.
        record_file.write_text(json.dumps({**record, "pid": foreign.pid}))
        assert ManagedProcess("sleeper", _SLEEPER, folder=tmp_path).clean_leftover() == ()
        assert foreign.poll() is None
        # Likewise after a restart of the machine, when numbers and times since boot may repeat.
        began = process._began(foreign.pid)
        record_file.write_text(json.dumps({**record, "pid": foreign.pid, "began": began, "boot": "another"}))
        assert ManagedProcess("sleeper", _SLEEPER, folder=tmp_path).clean_leftover() == ()
        assert foreign.poll() is None
        foreign.kill()


def test_a_torn_record_stops_nobody_from_starting(tmp_path: Path) -> None:
    (tmp_path / "sleeper.process.json").write_text('{"pid": 1')
    part = ManagedProcess("sleeper", _SLEEPER, folder=tmp_path)
    part.start()
    part.await_ready(_says_up(part), within=10)
    assert part.pid is not None
    assert psutil.pid_exists(part.pid)
    part.stop()


def test_a_free_port_is_one_nobody_listens_on() -> None:
    assert len({free_port() for _ in range(5)}) > 1


def test_sigterm_lets_the_supervisor_stop_its_parts_in_order(tmp_path: Path) -> None:
    with _parent(
        """
import sys, time
from pathlib import Path
from demo.servers import ManagedProcess
from demo.run import interruptible
part = ManagedProcess("sleeper", [sys.executable, "-c", "import time; time.sleep(600)"], folder=Path(sys.argv[1]))
try:
    with interruptible():
        part.start()
        print(part.pid, flush=True)
        time.sleep(600)
except KeyboardInterrupt:
    part.stop()
    raise SystemExit(7)
""",
        str(tmp_path),
    ) as (parent, (pid,)):
        parent.send_signal(signal.SIGTERM)
        assert parent.wait(10) == 7
        assert not psutil.pid_exists(pid)
