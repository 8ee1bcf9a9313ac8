"""Finding institutions among 2,713 as people type: the figure to keep is 20 ms. One JSON line last."""

import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from benchmarks._figures import Held, Machine, p95, spread, tell
from benchmarks._origin import ORIGIN
from benchmarks._register import ROWS, database, register
from iam.institutions.register import import_institutions
from iam.institutions.service import search

TYPED = (
    "skola",
    "vidusskola rigas",
    "pirmsskolas iestade",
    "muzikas sk",
    "ķīšu pamatskola",
    "novads sporta",
    "41",
    "4113900001",
    "nav tādas skolas",
    "a",
)
ROUNDS = 30
AT_MOST_MS = 20.0


def main() -> None:
    """Search for everything many times, each in a transaction of its own as a page does."""
    took = []
    with TemporaryDirectory() as name, database() as engine:
        path, kind = register(Path(name))
        with Session(engine) as session, session.begin():
            import_institutions(session, path, origin=ORIGIN, at=datetime(2026, 9, 1, tzinfo=UTC))
        with Machine.watched() as machine:
            for typed in TYPED * ROUNDS:
                begun = time.perf_counter()
                with Session(engine) as session:
                    search(session, typed)
                took.append((time.perf_counter() - begun) * 1000)
    tell("search", {"p95_ms": Held(p95(took), AT_MOST_MS)}, machine, register=kind, rows=ROWS, **spread(took, "ms"))


if __name__ == "__main__":
    main()
