"""`make run` as a person meets it.

Everything comes up, a second one is refused, kill -9 leaves nothing, a later start finds all again. One story, because
a whole system takes a while to start.
"""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from demo.servers import Keycloak

pytestmark = pytest.mark.keycloak


class _Run:
    """One `python -m demo run` on a folder, started as a shell without job control starts what ends in `&`."""

    def __init__(self, state: Path) -> None:
        self.state = state
        ours = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "demo", "run", "--state", str(state)],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        finally:
            signal.signal(signal.SIGINT, ours)
        self.said = self._listen()

    def _listen(self) -> str:
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if "Ctrl-C ends all of it" in line:
                break
        return said

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{json.loads((self.state / 'ports.json').read_text())['web']}"

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, with_signal: signal.Signals) -> int:
        self.process.send_signal(with_signal)
        try:
            self.process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            pytest.fail(f"{with_signal!r} did not end it within a minute")
        return self.process.returncode


@pytest.fixture(scope="module")
def state(servers_folder: Path) -> Iterator[Path]:
    folder = servers_folder / "whole-system"
    yield folder
    leftovers = [process for process in psutil.process_iter(["cmdline"]) if str(folder) in str(process.info["cmdline"])]
    assert leftovers == []


@pytest.mark.timeout(900)  # two starts of everything; a minute on a quiet machine
def test_the_whole_system_starts_twice_on_one_folder_and_never_leaves_anything_behind(
    state: Path, keycloak: Keycloak
) -> None:
    # Beside the test session's own Keycloak: two on one machine, each with its own data.
    first = _Run(state)
    assert "ready in" in first.said, first.said
    assert httpx.get(f"{first.base_url}/health/live").status_code == 200
    issuers = {
        httpx.get(f"{url}/realms/viis").json()["public_key"] for url in (keycloak.url, _keycloak_url(first.state))
    }
    assert len(issuers) == 2, "every realm has keys of its own"

    viis = Path(sys.executable).with_name("viis")
    listed = subprocess.run([viis, "staff", "list"], cwd=state, capture_output=True, text=True, check=True)
    assert "zane.izskatitaja" in listed.stdout, "called in the folder, viis works on the running system"

    second = subprocess.run(
        [sys.executable, "-m", "demo", "run", "--state", str(state)], capture_output=True, text=True, check=False
    )
    assert second.returncode == 1
    assert f"A system already runs in {state} (process {first.process.pid})" in second.stderr
    assert "Traceback" not in second.stderr

    children = first.children()
    names = " ".join(" ".join(child.cmdline()) for child in children)
    assert all(part in names for part in ("postgres", "keycloak", "greenmail", "viis serve", "viis worker")), names
    if sys.platform == "linux":
        first.end(signal.SIGKILL)
        _, alive = psutil.wait_procs(children, timeout=15)
        assert alive == [], "kill -9 of the supervisor takes every part along"
    else:
        assert first.end(signal.SIGINT) == 0

    again = _Run(state)
    assert "ready in" in again.said, again.said
    assert again.base_url == first.base_url, "the same addresses, where nobody took them meanwhile"
    assert _logins(again.said) == _logins(first.said), "the same logins still work"
    worker = _worker(again)
    worker.kill()
    assert _worker(again, other_than=worker.pid).is_running(), "a worker that dies is started again"

    children = again.children()
    assert again.end(signal.SIGINT) == 0
    assert not any(child.is_running() for child in children)


def _keycloak_url(state: Path) -> str:
    return f"http://127.0.0.1:{json.loads((state / 'ports.json').read_text())['keycloak']}"


def _logins(said: str) -> list[str]:
    return [line.strip() for line in said.splitlines() if "reviewer" in line and "·" in line]


def _worker(run: _Run, *, other_than: int = 0) -> psutil.Process:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        for child in run.children():
            with suppress(psutil.Error):  # ended between the two looks
                if child.pid != other_than and " ".join(child.cmdline()).endswith("viis worker"):
                    return child
        time.sleep(0.1)
    pytest.fail("there is no worker")
