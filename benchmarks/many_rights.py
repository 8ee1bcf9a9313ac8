"""Rights of a thousand people given, ended by an order and reinstated, each in one batch; ending takes 1 s at most.

One JSON line last.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks._figures import Held, Machine, spread, tell
from benchmarks._origin import ORIGIN
from benchmarks._register import database, register
from builders.iam.rights import many_accounts
from iam.grants import service
from iam.grants.evidence import ByOrder, OrderUndone, TakenOver
from iam.grants.models import EndCause, GrantPeriod, Level
from iam.ids import GrantId, OrderId
from iam.institutions.models import Institution
from iam.institutions.register import import_institutions
from iam.institutions.service import scope_of_institution
from iam.orders import service as orders
from iam.orders.models import ChangeKind
from iam.orders.said import Change, OrderSaid, PartySaid

RIGHTS = 1000
RUNS = 3
AT_MOST_S = 1.0
_AT = datetime(2026, 9, 1, 8, tzinfo=UTC)
_Done = TypeVar("_Done")


def main() -> None:
    """Give, end and reinstate in fresh databases."""
    gave: list[float] = []
    ended: list[float] = []
    back: list[float] = []
    with TemporaryDirectory() as name, Machine.watched() as machine:
        path, kind = register(Path(name))
        for _ in range(RUNS):
            with database() as engine, Session(engine) as session:
                import_institutions(session, path, origin=ORIGIN, at=_AT)
                _run(session, gave, ended, back)
    held = {"end_median_s": Held(statistics.median(ended), AT_MOST_S)}
    tell("many_rights", held, machine, register=kind, rights=RIGHTS, gave=spread(gave, "s"), back=spread(back, "s"))


def _run(session: Session, gave: list[float], ended: list[float], back: list[float]) -> None:
    reg_no = session.scalars(select(func.min(Institution.reg_no))).one()
    school = scope_of_institution(session, reg_no).id
    closing = Change(kind=ChangeKind.CLOSED, sources=(PartySaid(reg_no=reg_no),))
    said = OrderSaid(reference="1", legal_basis="MK 1", effective=date(2026, 9, 10), changes=(closing,))
    (order,) = orders.draft(session, [said], origin=ORIGIN, at=_AT)
    gifts = [
        service.Gift(
            section="learners",
            level=Level.EDIT,
            to=holder,
            at_scope=school,
            since=_AT.date(),
            until=None,
            because=TakenOver(f"adopt.csv line {line}", "0" * 64),
        )
        for line, holder in enumerate(many_accounts(session, RIGHTS), start=2)
    ]
    grants = _timed(gave, lambda: service.give_all(session, gifts, origin=ORIGIN, at=_AT))
    ends = [service.End(GrantId(grant.id), date(2026, 9, 9)) for grant in grants]
    by, undone = ByOrder(OrderId(order.id), order.digest), OrderUndone(OrderId(order.id), order.digest)
    cause, later = EndCause.REORGANISATION, _AT + timedelta(days=20)
    _timed(ended, lambda: service.end_all(session, ends, cause=cause, because=by, origin=ORIGIN, at=_AT))
    periods = session.scalars(select(GrantPeriod).where(func.upper_inf(GrantPeriod.recorded))).all()
    _timed(back, lambda: service.reinstate_all(session, periods, because=undone, origin=ORIGIN, at=later))


def _timed(seconds: list[float], act: Callable[[], _Done]) -> _Done:
    begun = time.perf_counter()
    done = act()
    seconds.append(time.perf_counter() - begun)
    return done


if __name__ == "__main__":
    main()
