"""Finding institutions among 2,713 as people type: the figure to keep is 20 ms. One JSON line last."""

import json
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

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


def main() -> None:
    """Search for everything many times, each in a transaction of its own as a page does."""
    took = []
    with TemporaryDirectory() as name, database() as engine:
        path, kind = register(Path(name))
        with Session(engine) as session, session.begin():
            import_institutions(session, path, at=datetime(2026, 9, 1, tzinfo=UTC))
        for _ in range(ROUNDS):
            for typed in TYPED:
                begun = time.perf_counter()
                with Session(engine) as session:
                    search(session, typed)
                took.append((time.perf_counter() - begun) * 1000)
    p95 = statistics.quantiles(took, n=20)[-1]
    print(
        json.dumps(
            {
                "name": "search",
                "register": kind,
                "rows": ROWS,
                "milliseconds": round(statistics.median(took), 2),
                "milliseconds_p95": round(p95, 2),
            }
        )
    )


if __name__ == "__main__":
    main()
