"""One signature that a program is asked for, as the line its driver reads, and what came of it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["Done", "Job", "run"]

# A Java machine starts in a second, and each signature asks loopback servers a few times.
_PATIENCE = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A signature to make; `look` is invisible, visible, or beside: right of the first visible one.

    `certify` is 0 or a DocMDP permission, `rewrite` asks for a file saved anew.
    """

    name: str
    source: Path
    result: Path
    key: Path
    level: str
    look: str = "invisible"
    certify: int = 0
    rewrite: bool = False

    def line(self) -> str:
        """Write it as the drivers read it: fields between tabs."""
        mode = "rewrite" if self.rewrite else "append"
        fields = (self.name, self.source, self.result, self.level, self.look, self.certify, mode, self.key)
        return "\t".join(map(str, fields))


@dataclass(frozen=True, slots=True)
class Done:
    """What a driver said of a job; `fault` is empty where it made a file."""

    job: Job
    fault: str


def run(
    command: Sequence[str], jobs: Sequence[Job], *, stamps: str, folder: Path, environment: Mapping[str, str]
) -> list[Done]:
    """Have a driver do jobs in one process; what it does not answer counts as a fault."""
    listed = folder / "jobs.tsv"
    listed.write_text("".join(job.line() + "\n" for job in jobs), encoding="utf-8")
    try:
        done = subprocess.run(  # noqa: S603 - a driver of ours, no shell
            [*command, str(listed), stamps],
            env=dict(environment),
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
        said = dict(line.split("\t", 1) for line in done.stdout.splitlines() if "\t" in line)
        silence = f"status {done.returncode}: {' '.join(done.stderr.split())[-300:]}"
    except subprocess.TimeoutExpired:
        said, silence = {}, "took too long"
    answers = [(job, said.get(job.name, silence)) for job in jobs]
    return [Done(job, "" if answer == "ok" and job.result.exists() else answer) for job, answer in answers]
