"""Real workers as processes of their own, and waiting for what they do."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from workflows.settings import Settings

__all__ = ["eventually", "workers"]

_WORKER = Path(__file__).parent / "slow_worker.py"


def eventually(is_so: Callable[[], bool], *, within: float = 60) -> None:
    """Return once it is so; fails when that does not come about in time."""
    deadline = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < deadline, "did not come about in time"
        time.sleep(0.1)


@contextmanager
def workers(settings: Settings) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start real workers with short patience for dead ones; whatever still runs is ended after the block."""
    started: list[subprocess.Popen[bytes]] = []
    said = {
        "database_url": settings.database_url,
        "base_url": settings.base_url,
        "smtp_host": settings.smtp_host,
        "smtp_port": settings.smtp_port,
        "keycloak_url": settings.keycloak_url,
        "keycloak_client_secret": settings.keycloak_client_secret.get_secret_value(),
        "private_addresses_allowed": "127.0.0.1",
        "worker_heartbeat_seconds": 0.3,
        "worker_stalled_seconds": 2,
        "worker_poll_seconds": 0.2,
    }
    environment = {**os.environ, **{f"VIIS_{name.upper()}": str(value) for name, value in said.items()}}

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        worker = subprocess.Popen([sys.executable, str(_WORKER), *arguments], env=environment)
        started.append(worker)
        return worker

    try:
        yield start
    finally:
        for worker in started:
            if worker.poll() is None:
                worker.send_signal(signal.SIGKILL)
            worker.wait()
