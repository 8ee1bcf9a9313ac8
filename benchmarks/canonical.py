"""Canonical forms of documents made at random: do two other implementations write the same?

    python -m benchmarks.canonical [COUNT [SEED]]

The demo's own canonicaliser on expat is asked about every part of each document; xmlsec1, where it is installed, about
some parts and the whole. One JSON line last.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import track

from benchmarks._documents import differing_parts, disagreements, document

COUNT = 2000


def main() -> int:
    """Compare and tell the figures; status 1 when any two forms differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.canonical")
    parser.add_argument("count", nargs="?", type=int, default=COUNT)
    parser.add_argument("seed", nargs="?", type=int, default=1)
    options = parser.parse_args()
    asked = shutil.which("xmlsec1") is not None
    forms = references = 0
    faults: list[str] = []
    with TemporaryDirectory() as folder:
        for number in track(range(options.count), "documents", console=Console(stderr=True)):
            dice = random.Random(f"{options.seed}:{number}")  # noqa: S311 - repeatable, not secret
            made, _ = document(dice)
            compared, differing = differing_parts(made, dice)
            forms += compared
            faults += [f"{number}: element {one[0]}, {one[1]}" for one in differing]
            if asked:
                compared, others = disagreements(dice, Path(folder))
                references += compared
                faults += [f"{number}: xmlsec1: {one.uri!r}, {one.algorithm}" for one in others]
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    figures = {
        "what": "canonical forms",
        "documents": options.count,
        "seed": options.seed,
        "forms": forms,
        "xmlsec1": references if asked else "not run, not installed",
        "differing": len(faults),
    }
    print(json.dumps(figures))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
