"""Planning the reform of 2021 over the whole register and 10,000 people, and the order of one school.

Reading counts: a plan is made from what the database says. Medians: 2 s for the reform, 50 ms for one school.
One JSON line last.
"""

import statistics
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from benchmarks._figures import Held, Machine, spread, tell
from benchmarks._origin import ORIGIN
from benchmarks._register import database, register
from builders.iam.populations import GRANTS, USERS, populate
from iam.institutions.models import Institution
from iam.institutions.register import import_institutions
from iam.institutions.register_file import read_register
from workflows.reorganisation.checking import checked, planned
from workflows.reorganisation.order_files import read_orders

RUNS = 5
REFORM_AT_MOST_S = 2.0
SCHOOL_AT_MOST_MS = 50.0
_HEADER = "reference,legal_basis,effective,change,sources,targets,new_name,new_code\n"
_MAPPING = "old_atvk,old_name,new_atvk,new_name,changed\n"
_AT = datetime(2021, 5, 1, 8, tzinfo=UTC)


def main() -> None:
    """Plan in one database, again and again; nothing is written by it."""
    reform: list[float] = []
    school: list[float] = []
    with TemporaryDirectory() as name, Machine.watched() as machine, database() as engine:
        path, kind = register(Path(name))
        with Session(engine) as session, session.begin():
            import_institutions(session, path, origin=ORIGIN, at=_AT)
            populate(session)
        with Session(engine) as session:
            numbers = list(session.scalars(select(Institution.reg_no).order_by(Institution.reg_no).limit(2)))
        one = f"{_HEADER}1,Domes lēmums,2021-08-01,joined,{numbers[0]},{numbers[1]},,\n".encode()
        whole = _mapping(path)
        changes = 0
        for _ in range(RUNS):
            changes = _timed(engine, whole, reform)
            _timed(engine, one, school)
    held = {
        "reform_median_s": Held(statistics.median(reform), REFORM_AT_MOST_S),
        "school_median_ms": Held(statistics.median(school) * 1000, SCHOOL_AT_MOST_MS),
    }
    tell(
        "reorganisation",
        held,
        machine,
        register=kind,
        users=USERS,
        grants=GRANTS,
        changes=changes,
        reform=spread(reform, "s"),
        school=spread([one * 1000 for one in school], "ms"),
    )


def _timed(engine: Engine, content: bytes, seconds: list[float]) -> int:
    with Session(engine) as session:
        session.connection()  # a page has its connection before it asks
        begun = time.perf_counter()
        made = planned(session, checked(session, read_orders(content)))
        seconds.append(time.perf_counter() - begun)
    return len(made.changes)


def _mapping(path: Path) -> bytes:
    """Make the mapping that a register file implies, so that an invented register has one too."""
    rows = {
        (row.before.atvk, row.before.name, row.after.atvk, row.after.name, row.municipality_changed)
        for row in read_register(path.read_bytes())
        if row.before is not None and row.after is not None
    }
    wholes = [row for row in rows if sum(other[0] == row[0] for other in rows) == 1]
    lines = [
        f"{old},{old_name},{new},{name},{'yes' if changed else 'no'}\n" for old, old_name, new, name, changed in wholes
    ]
    return (_MAPPING + "".join(sorted(lines))).encode()


if __name__ == "__main__":
    main()
