"""Our own form signed by the programs that package registries offer: which of their files are taken, and why not.

    python -m benchmarks.signers [--only NAME,NAME] [--form FILE] [--keep FOLDER]

Programs are fetched and built on first use, below the folder; files they make stay there too. Not part of `make
bench`: it needs registries, a Java machine, Maven, node, NSS's tools, MuPDF and poppler. One JSON line last.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks._signers import matrix
from benchmarks._signers.jobs import Done, run
from benchmarks._signers.judging import SignerResult, judge
from benchmarks._signers.kit import Kit
from benchmarks._signers.programs import PROGRAMS, NotBuilt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks._signers.jobs import Job
    from benchmarks._signers.programs import Program

__all__ = ["main"]

_ROOT = Path(__file__).parents[1]
_FONTS = _ROOT / "workflows" / "application" / "forms" / "fonts"
# Drivers find what they share by the path; iText asks for a font to write a visible signature with.
_ENVIRONMENT = {**os.environ, "PYTHONPATH": str(_ROOT), "SIGNERS_FONT": str(_FONTS / "SourceSans3-Regular.otf")}


@dataclass(frozen=True, slots=True)
class Row:
    """One file asked for: what came of it."""

    program: Program
    done: Done
    judged: SignerResult | None

    @property
    def refused(self) -> bool:
        """Whether a file that appends to our form is not taken; one saved anew is rightly not our form."""
        return self.judged is not None and not self.judged.ours and not self.done.job.rewrite


def main() -> int:
    """Sign, judge, tell; status 1 when a file that holds our form is not taken."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.signers")
    parser.add_argument("--only", default="", help="programs by name, between commas")
    parser.add_argument("--form", type=Path, help="a form to sign in place of one made now")
    parser.add_argument("--keep", type=Path, help="where programs and files stay; by default nothing stays")
    options = parser.parse_args()
    wanted = set(filter(None, options.only.split(",")))
    programs = [one for one in PROGRAMS if not wanted or one.name in wanted]
    form = options.form.read_bytes() if options.form else None
    with TemporaryDirectory() as passing:
        folder = (options.keep or Path(passing)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        with Kit.prepared(folder, form=form) as kit:
            rows, unbuilt = _measure(programs, kit)
    _show(rows)
    if options.keep:
        _keep(rows, folder)
    for name, fault in unbuilt.items():
        sys.stderr.write(f"{name} could not be built: {fault}\n")
    print(json.dumps(_figures(rows, unbuilt), ensure_ascii=False))
    return 1 if any(row.refused for row in rows) else 0


def _measure(programs: Sequence[Program], kit: Kit) -> tuple[list[Row], dict[str, str]]:
    files = kit.folder / "files"
    files.mkdir(exist_ok=True)
    commands: dict[str, list[str]] = {}
    unbuilt: dict[str, str] = {}
    for program in programs:
        try:
            commands[program.name] = program.build(kit.folder)
        except NotBuilt as fault:
            unbuilt[program.name] = str(fault)
    built = [program for program in programs if program.name in commands]
    done = [(one, each) for one in built for each in _run(commands[one.name], list(matrix.first(one, kit, files)), kit)]
    signed = {each.job.name: each.job.result for _, each in done if not each.fault}
    for one in built:
        jobs = list(matrix.second(one, kit, files, signed))
        done += [(one, each) for each in _run(commands[one.name], jobs, kit)]
    trust = kit.trust()
    return [
        Row(
            program,
            each,
            None
            if each.fault
            else judge(each.job.result.read_bytes(), name=each.job.result.name, kit=kit, trust=trust),
        )
        for program, each in done
    ], unbuilt


def _run(command: Sequence[str], jobs: Sequence[Job], kit: Kit) -> list[Done]:
    return run(command, jobs, stamps=kit.stamps, folder=kit.folder, environment=_ENVIRONMENT) if jobs else []


def _keep(rows: Sequence[Row], folder: Path) -> None:
    """Leave what was found beside the files, a line a file."""
    lines = [
        {
            "program": row.program.name,
            "name": row.done.job.name,
            "file": str(row.done.job.result),
            "fault": row.done.fault,
        }
        | (asdict(row.judged) if row.judged else {})
        for row in rows
    ]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / "rows.jsonl").write_text(text, encoding="utf-8")


def _show(rows: Sequence[Row]) -> None:
    table = Table("program", "file", "levels", "our form, signed", "qes-lv", "why", title="Our form, signed by others")
    for row in rows:
        name = f"{row.program.name} {row.program.version}"
        if row.judged is None:
            table.add_row(name, row.done.job.name, "", "not made", "", escape(row.done.fault[:120]))
        else:
            ours = "yes" if row.judged.ours else "no"
            why = escape("\n".join(row.judged.why))
            table.add_row(name, row.done.job.name, row.judged.level, ours, row.judged.verdict, why)
    Console(stderr=True, width=180).print(table)


def _figures(rows: Sequence[Row], unbuilt: dict[str, str]) -> dict[str, object]:
    made = [row for row in rows if row.judged is not None]
    programs = {
        f"{one.name} {one.version}": {
            "made": sum(row.program is one for row in made),
            "ours": sum(row.program is one and row.judged is not None and row.judged.ours for row in made),
            "accepted": sum(
                row.program is one and row.judged is not None and row.judged.verdict == "accepted" for row in made
            ),
            "rewritten": sum(row.program is one and row.done.job.rewrite for row in made),
        }
        for one in dict.fromkeys(row.program for row in made)
    }
    return {
        "what": "our form signed by other programs",
        "programs": programs,
        "made": len(made),
        "refused": sorted(row.done.job.name for row in rows if row.refused),
        "unbuilt": sorted(unbuilt),
    }


if __name__ == "__main__":
    sys.exit(main())
