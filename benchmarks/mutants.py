"""Valid signed files mutated at random: is any mutant accepted wrongly, and how long does one take at most?

    python -m benchmarks.mutants [COUNT [SEED]] [--only WORD] [--corpus FOLDER]

What is changed, and how, is in `_mutation`, as is what a mutant that still passes must be unchanged in. Anything raised
but the errors of `signing` counts as a crash. Each mutant depends on its number and the seed alone, so that one can be
made again (`--again NUMBER` judges it and leaves it beside). One JSON line last.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import signal
import sys
import time
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks._mutation import asn1, containers, pdfs, xml
from benchmarks._mutation.essence import objection
from benchmarks._mutation.seeds import accepts, seeds
from signing import SigningError
from signing.reading.recognise import FileType

if TYPE_CHECKING:
    from types import FrameType

    from benchmarks._mutation.seeds import Seed

COUNT = 2000
SLOW = 2.0
MEGABYTES = 600
_HANGS = 60
_CHUNK = 250
_TOLD = 20
_CORPUS = Path(__file__).parents[1] / ".." / "shared" / "corpus"
_SHARES = {FileType.ZIP: 6, FileType.PDF: 4, FileType.XML: 3, FileType.CMS: 1}


class _Hangs(BaseException):
    """The time limit; no subclass of `Exception`, which a reader could catch."""


@dataclass(slots=True)
class Outcome:
    """The verdicts on some mutants."""

    counts: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    spent: float = 0.0
    bad: list[str] = field(default_factory=list)
    megabytes: float = 0.0

    def add(self, other: Outcome) -> None:
        """Add the verdicts on others."""
        self.counts += other.counts
        self.classes += other.classes
        self.slowest = max(self.slowest, other.slowest)
        self.spent += other.spent
        self.bad += other.bad
        self.megabytes = max(self.megabytes, other.megabytes)


@dataclass(frozen=True, slots=True)
class Field:
    """All inputs of mutants, inherited by the processes that make them."""

    seed: int
    valid: tuple[Seed, ...]
    parts: dict[str, list[bytes]]
    pieces: dict[str, list[bytes]]
    signatures: list[bytes]

    def mutant(self, number: int) -> tuple[Seed, str, bytes]:
        """Return one mutant: its original, the name of the mutation, and its bytes."""
        dice = random.Random(f"{self.seed}:{number}")  # noqa: S311 - repeatable, not secret
        kinds = sorted({one.kind for one in self.valid})
        kind = dice.choices(kinds, [_SHARES[one] for one in kinds])[0]
        origin = dice.choice([one for one in self.valid if one.kind is kind])
        if kind is FileType.XML:
            return origin, "xml", xml.changed(origin.content, dice, self.parts["xml"])
        if kind is FileType.CMS:
            return origin, "asn1", asn1.changed(origin.content, dice, self.signatures)
        if kind is FileType.PDF:
            change = dice.choice(pdfs.CHANGES)
            return origin, change.__name__, change(origin.content, dice, self.pieces)
        in_container = dice.choice(containers.CHANGES)
        return origin, in_container.__name__, in_container(origin.content, dice, self.parts)


_FIELD: list[Field] = []


def _judged(numbers: range) -> Outcome:
    """Make and judge some mutants, in a process that inherited their inputs."""
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, _stop)
    outcome = Outcome()
    for number in numbers:
        origin, how, mutant = _FIELD[0].mutant(number)
        begun = time.process_time()
        signal.alarm(_HANGS)
        told = ""
        try:
            report = origin.judge(mutant)
            verdict = "passed" if accepts(report) else "not passed"
        except SigningError:
            verdict = "refused"
        except (Exception, _Hangs) as error:  # noqa: BLE001 - anything else is what is looked for
            verdict, told = "crash", repr(error)
        finally:
            signal.alarm(0)
        taken = time.process_time() - begun
        outcome.spent, outcome.slowest = outcome.spent + taken, max(outcome.slowest, taken)
        if verdict == "passed" and (told := objection(mutant, report, origin, _FIELD[0].valid)):
            verdict = "false acceptance"
        if taken > SLOW:
            told = f"{told} {taken:.1f} s".strip()
        outcome.counts[verdict] += 1
        outcome.classes[f"{origin.kind} {how}"] += 1
        if told:
            outcome.bad.append(f"{number} {origin.name} {how}: {verdict}: {told}")
    outcome.megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return outcome


def _stop(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise _Hangs(f"more than {_HANGS} s")


def prepare(folder: Path, seed: int, corpus: Path | None, only: str) -> Field:
    """Sign and gather the files that are changed."""
    found = seeds(folder, corpus)
    valid = tuple(one for one in found if only in f"{one.kind} {one.name}")
    return Field(
        seed, valid, containers.donors_of(found), pdfs.donors_of(found),
        [one.content for one in found if one.kind is FileType.CMS],
    )  # fmt: skip


def run(count: int, options: argparse.Namespace, field_of_files: Field) -> Outcome:
    """Judge that many mutants on all cores, and say on the way how far it is."""
    _FIELD[:] = [field_of_files]
    total, begun = Outcome(), time.monotonic()
    chunks = [range(at, min(at + _CHUNK, count)) for at in range(0, count, _CHUNK)]
    with ProcessPoolExecutor(options.jobs) as pool:
        for done, outcome in enumerate(pool.map(_judged, chunks), 1):
            total.add(outcome)
            for line in outcome.bad:
                sys.stderr.write(f"{line}\n")
            if done % 4 == 0 or done == len(chunks):
                said = dict(sorted(total.counts.items()))
                sys.stderr.write(f"{chunks[done - 1].stop} of {count}, {time.monotonic() - begun:.0f} s: {said}\n")
                sys.stderr.flush()
    return total


def main() -> int:
    """Make and judge mutants and tell the figures; status 1 when one of them is bad."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutants")
    parser.add_argument("count", nargs="?", type=int, default=COUNT)
    parser.add_argument("seed", nargs="?", type=int, default=1)
    parser.add_argument("--only", default="", help="files whose kind and name contain this")
    parser.add_argument("--corpus", type=Path, default=_CORPUS, help="signed files with known verdicts")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--again", type=int, help="number of one mutant to write to a file here")
    options = parser.parse_args()
    corpus = options.corpus if (options.corpus / "cases.csv").exists() else None
    if corpus is None:
        sys.stderr.write("no corpus here: files of the demo's people only\n")
    with TemporaryDirectory() as scratch:
        field_of_files = prepare(Path(scratch), options.seed, corpus, options.only)
        if options.again is not None:
            origin, how, mutant = field_of_files.mutant(options.again)
            name = f"mutant-{options.again}.bin"
            Path(name).write_bytes(mutant)
            print(name, origin.name, how, origin.at.isoformat())
            return 0
        total = run(options.count, options, field_of_files)
    figures = {
        "what": "mutants of valid files",
        "samples": options.count,
        "seed": options.seed,
        "files": len(field_of_files.valid),
        **dict(sorted(total.counts.items())),
        "classes": dict(sorted(total.classes.items())),
        "false_acceptances": total.counts["false acceptance"],
        "crashes": total.counts["crash"],
        "slowest_s": round(total.slowest, 3),
        "mean_ms": round(1000 * total.spent / options.count, 2),
        "peak_mb": round(total.megabytes),
        "bad": total.bad[:_TOLD],
        "held_against": {"false_acceptances": 0, "crashes": 0, "slowest_s": SLOW, "peak_mb": MEGABYTES},
    }
    print(json.dumps(figures, ensure_ascii=False))
    return 1 if total.bad else 0


if __name__ == "__main__":
    sys.exit(main())
