"""A real worker, to be started as a process.

With a marker file as argument it touches it at its first judging and goes no further; with the path of a second file it
goes on once that one is there.
"""

import sys
import time
from pathlib import Path

import workflows.application.jobs
import workflows.rights.jobs  # noqa: F401 - declares the jobs
from workflows.evidence import service as evidence
from workflows.jobs import run_worker
from workflows.settings import Settings


def main(marker: str | None = None, go_on: str | None = None) -> None:
    """Work until killed."""
    if marker is not None:
        judge_case = evidence.judge_case

        def begin_and_wait(*given: object, **named: object) -> evidence.Judged:
            Path(marker).touch()
            until = time.monotonic() + 120
            while time.monotonic() < until and not (go_on and Path(go_on).exists()):
                time.sleep(0.05)
            return judge_case(*given, **named)  # type: ignore[arg-type]  # passed on as given

        evidence.judge_case = begin_and_wait  # a judge that takes its time
    run_worker(Settings.load())


if __name__ == "__main__":
    main(*sys.argv[1:3])
