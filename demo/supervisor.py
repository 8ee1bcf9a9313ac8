"""How are the web and the worker kept running?

A thread starts them, and restarts them whenever they end: the worker ends when the database goes away, and either may
crash. For the kernel this thread is their parent, so it lives as long as the system does.
"""

import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from demo.servers import ManagedProcess

__all__ = ["Services"]

_VIIS = Path(sys.executable).with_name("viis")
_LOOK_EVERY = 0.2
_AT_LEAST_APART = 1.0  # seconds between two restarts of a process that keeps ending


class Services:
    """`viis serve` and `viis worker` as child processes with the given environment, restarted when they end."""

    def __init__(self, folder: Path, *, env: Mapping[str, str], workers: int = 1) -> None:
        names = {"web": "serve", **{"worker" if n == 1 else f"worker-{n}": "worker" for n in range(1, workers + 1)}}
        self._parts = [ManagedProcess(name, [str(_VIIS), verb], folder=folder, env=env) for name, verb in names.items()]
        self._over = threading.Event()
        self._started = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._keep, name="viis-services", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self._started.wait()
        except KeyboardInterrupt:
            self._stop()
            raise
        if self._failure is not None:
            self._stop()
            raise self._failure
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop()

    def part(self, name: str) -> ManagedProcess:
        """The process called `web`, `worker`, `worker-2`…"""
        return next(part for part in self._parts if part.name == name)

    def _stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _keep(self) -> None:
        try:
            for part in self._parts:
                part.start()
        except Exception as failed:  # noqa: BLE001 - handed to the thread that asked for the start
            self._failure = failed
        self._started.set()
        while not self._over.wait(_LOOK_EVERY):
            for part in self._parts:
                if part.pid is None and not self._over.wait(_AT_LEAST_APART):
                    part.start()
        # The worker first: the web may show what it is doing.
        for part in reversed(self._parts):
            part.stop()
