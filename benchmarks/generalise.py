"""Variants of file kinds that once failed: counts honest ones refused, hostile accepted, other programs contradicted.

    python -m benchmarks.generalise [--only WORD] [--seed NUMBER]

Each kind makes at least fifty variants. Each variant with a wrong verdict is one line on stderr; one JSON line
last.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import track

from benchmarks._variants.environment import Environment
from benchmarks._variants.kind import FEWEST, all_kinds
from benchmarks._variants.outcome import measure


def main() -> int:
    """Measure all kinds; status 1 when anything is not as it should be."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generalise")
    parser.add_argument("--only", default="", help="kinds whose name contains this")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    kinds = [kind for kind in all_kinds() if options.only in kind.name]
    console = Console(stderr=True)
    with TemporaryDirectory() as folder:
        environment = Environment.prepare(Path(folder))
        found = [measure(kind, environment, seed=options.seed) for kind in track(kinds, "kinds", console=console)]
    faults = [line for one in found for line in one.faults]
    faults += [f"{one.kind}: only {one.variants} variants" for one in found if one.variants < FEWEST]
    for line in faults:
        sys.stderr.write(f"{line}\n")
    figures = {
        "what": "variants of kinds of files",
        "kinds": {
            one.kind: {
                "variants": one.variants,
                "honest": one.honest,
                "honest_refused": len(one.honest_refused),
                "hostile_accepted": len(one.hostile_accepted),
                "untrue_sentences": len(one.untrue_sentences),
                "witness": one.witness,
                "witnessed": one.witnessed,
                "contradicted": len(one.contradicted),
            }
            for one in found
        },
        "variants": sum(one.variants for one in found),
        "faults": len(faults),
    }
    print(json.dumps(figures, ensure_ascii=False))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
