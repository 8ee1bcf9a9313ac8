"""Taking over the whole register of institutions, first and again: the figure to keep is 3 s. One JSON line last.

What is loaded before a run is set aside: a full collection in it takes a fifth as long, and falls where chance has it.
"""

import gc
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from benchmarks._figures import Held, Machine, spread, tell
from benchmarks._origin import ORIGIN
from benchmarks._register import ROWS, database, register
from iam.institutions.register import import_institutions

RUNS = 3
AT_MOST_S = 3.0


def main() -> None:
    """Import into fresh databases, then once more into each."""
    first: list[float] = []
    again: list[float] = []
    at = datetime(2026, 9, 1, tzinfo=UTC)
    with TemporaryDirectory() as name, Machine.watched() as machine:
        path, kind = register(Path(name))
        for _ in range(RUNS):
            with database() as engine:
                for seconds in (first, again):
                    gc.collect()
                    gc.freeze()
                    begun = time.perf_counter()
                    with Session(engine) as session, session.begin():
                        report = import_institutions(session, path, origin=ORIGIN, at=at)
                    seconds.append(time.perf_counter() - begun)
                    if report.rows != ROWS:
                        raise SystemExit(f"{report.rows} rows")
    tell(
        "import_institutions",
        {"median_s": Held(statistics.median(first), AT_MOST_S)},
        machine,
        register=kind,
        rows=ROWS,
        again=spread(again, "s"),
        **spread(first, "s"),
    )


if __name__ == "__main__":
    main()
