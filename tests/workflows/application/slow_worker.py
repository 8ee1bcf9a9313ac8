"""A real worker, to be started as a process; with a marker file as argument it never gets past its first judging."""

import sys
import time
from pathlib import Path

import workflows.application.jobs  # noqa: F401 - declares the jobs
from workflows.evidence import service as evidence
from workflows.jobs import run_worker
from workflows.settings import Settings


def main(marker: str | None) -> None:
    """Work until killed."""
    if marker is not None:

        def begin_and_hang(*_: object, **__: object) -> None:
            Path(marker).touch()
            time.sleep(120)

        evidence.decide = begin_and_hang  # type: ignore[assignment]  # a judge that never ends
    run_worker(Settings.load())


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
