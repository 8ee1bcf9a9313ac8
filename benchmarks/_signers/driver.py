"""What drivers written in Python share; it is run beside them, outside this package and outside our environment."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Wish", "drive"]


class Wish(NamedTuple):
    """One line of the jobs file."""

    source: Path
    result: Path
    level: str
    visible: bool
    left: int
    certify: int
    key: Path
    stamps: str


def drive(sign: Callable[[Wish], None]) -> None:
    """Do the jobs of `sys.argv[1]`, asking the unit at `sys.argv[2]`; a line of answer for each."""
    for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
        name, source, result, level, look, certify, _, key = line.split("\t")
        wish = Wish(
            Path(source),
            Path(result),
            level,
            look != "invisible",
            320 if look == "beside" else 60,
            int(certify),
            Path(key),
            sys.argv[2],
        )
        try:
            sign(wish)
            answer = "ok"
        except Exception as fault:  # noqa: BLE001 - whatever a program stumbles over is its answer
            wish.result.unlink(missing_ok=True)
            answer = " ".join(f"{type(fault).__name__}: {fault}".split())
        print(f"{name}\t{answer}", flush=True)
