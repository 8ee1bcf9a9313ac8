"""Taking over the whole register of institutions, first and again: the figure to keep is 3 s. One JSON line last."""

import json
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from benchmarks._register import ROWS, database, register
from iam.institutions.register import import_institutions

RUNS = 3


def main() -> None:
    """Import into fresh databases, then once more into each."""
    first: list[float] = []
    again: list[float] = []
    at = datetime(2026, 9, 1, tzinfo=UTC)
    with TemporaryDirectory() as name:
        path, kind = register(Path(name))
        for _ in range(RUNS):
            with database() as engine:
                for seconds in (first, again):
                    begun = time.perf_counter()
                    with Session(engine) as session, session.begin():
                        report = import_institutions(session, path, at=at)
                    seconds.append(time.perf_counter() - begun)
                    if report.rows != ROWS:
                        raise SystemExit(f"{report.rows} rows")
    figures = {"seconds": statistics.median(first), "seconds_again": statistics.median(again)}
    print(
        json.dumps(
            {
                "name": "import_institutions",
                "register": kind,
                "rows": ROWS,
                **{key: round(value, 3) for key, value in figures.items()},
            }
        )
    )


if __name__ == "__main__":
    main()
