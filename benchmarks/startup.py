"""From the command to the first page, with everything downloaded. The figures: first start 90 s, later ones 20 s.

The first start begins in an empty cache folder: Maven's own store has the downloads, Keycloak is unzipped and builds
itself, everything is seeded. Later starts find what the first one left. One JSON line last.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks._figures import Held, Machine, tell
from demo.ports import Ports
from demo.servers import free_port
from demo.servers.keycloak_distribution import answers

FIRST_S, LATER_S = 90.0, 20.0
LATER_STARTS = 3
_GIVE_UP = 600.0
_LOOK_EVERY = 0.1
_READY = b"Ctrl-C ends all of it"


def main() -> None:
    """Start four times in one folder."""
    with TemporaryDirectory(prefix="viis-bench-", ignore_cleanup_errors=True) as name, Machine.watched() as machine:
        cache = Path(name)
        first, first_ready = _start(cache)
        later, later_ready = zip(*(_start(cache) for _ in range(LATER_STARTS)), strict=True)
    tell(
        "startup",
        {"first_page_s": Held(first, FIRST_S), "later_page_s": Held(statistics.median(later), LATER_S)},
        machine,
        samples=[1, LATER_STARTS],
        all_ready_first_s=round(first_ready, 1),
        all_ready_later_s=[round(one, 1) for one in later_ready],
        later_s=[round(one, 1) for one in later],
    )


def _start(cache: Path) -> tuple[float, float]:
    """Run the system once; seconds to the first page, and until everything was told ready."""
    state = cache / "state"
    state.mkdir(exist_ok=True)
    ports = state / "ports.json"
    if not ports.exists():
        ports.write_text(json.dumps({part: free_port() for part in Ports.__dataclass_fields__}))
    begun = time.monotonic()
    log = cache / "run.log"
    with log.open("wb") as out:
        running = subprocess.Popen(  # noqa: S603 - our own command, no shell
            [sys.executable, "-m", "demo", "run", "--state", str(state)],
            env={**os.environ, "VIIS_CACHE": str(cache)},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        page = _await(lambda: _first_page(ports), running, log, begun)
        ready = _await(lambda: _READY in log.read_bytes(), running, log, begun)
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(60)
    return page, ready


def _first_page(ports: Path) -> bool:
    return answers(f"http://127.0.0.1:{json.loads(ports.read_text())['web']}/")


def _await(true: Callable[[], bool], running: subprocess.Popen[bytes], log: Path, begun: float) -> float:
    while not true():
        if running.poll() is not None or time.monotonic() - begun > _GIVE_UP:
            raise RuntimeError(log.read_text(errors="replace")[-2000:])
        time.sleep(_LOOK_EVERY)
    return time.monotonic() - begun


if __name__ == "__main__":
    main()
