"""How often, and who counts? One table for all web processes; numbers from the dated policy.

A whole school sits behind one address, so a network's limit is generous; what one person can be mailed is not. Limits
of a network and of all are told (429); a person's is silent, for it would tell that the person exists.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Row, Table, Text, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from iam._base import Base
from iam.periods import riga_day
from workflows.password_reset.errors import TooManyRequests
from workflows.password_reset.models import ResetPolicy, ResetRate

__all__ = ["Limits", "admit", "count_wrong", "limits_for", "limits_on"]

_ALL: Final = "ask all"

# On the morning of 1 September everybody asks at once. Statements are built once and name tables, not classes: the way
# from a class to its row costs more than the row.
_POLICIES: Final[Table] = Base.metadata.tables[ResetPolicy.__tablename__]
_RATES: Final[Table] = Base.metadata.tables[ResetRate.__tablename__]
_IN_FORCE: Final = (
    select(_POLICIES).where(_POLICIES.c.since <= bindparam("day")).order_by(_POLICIES.c.since.desc()).limit(1)
)
_IN_FORCE_AND_WRONG: Final = _IN_FORCE.add_columns(
    select(_RATES.c.count)
    .where(_RATES.c.bucket == bindparam("bucket"), _RATES.c.hour == bindparam("hour"))
    .scalar_subquery()
    .label("wrong")
)
_ONE_MORE: Final = (
    insert(_RATES)
    .from_select(
        ["bucket", "hour", "count"],
        select(
            func.unnest(bindparam("buckets", type_=ARRAY(Text))),
            bindparam("hour", type_=_RATES.c.hour.type),
            literal(1),
        ),
    )
    .on_conflict_do_update(index_elements=["bucket", "hour"], set_={"count": _RATES.c.count + 1})
    .returning(_RATES.c.bucket, _RATES.c.count.label("hits"))
)


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers that hold on a day."""

    mails_an_hour: int
    requests_per_network: int
    requests_overall: int
    wrong_per_network: int
    link_lives: timedelta
    code_lives: timedelta
    code_tries: int


def limits_on(session: Session, at: datetime) -> Limits:
    """Read the policy in force."""
    return _limits(session.execute(_IN_FORCE, {"day": riga_day(at)}).one())


def limits_for(session: Session, network: str, *, at: datetime) -> Limits:
    """Read the policy in force for a network that may try; raises TooManyRequests if it was wrong too often this hour.

    Wrong are picture codes, proofs of work, and links nobody made. They count against the network alone.
    """
    asked = {"day": riga_day(at), "bucket": f"wrong {network}", "hour": _hour(at)}
    found = session.execute(_IN_FORCE_AND_WRONG, asked).one()
    numbers = _limits(found)
    if found.wrong is not None and found.wrong >= numbers.wrong_per_network:
        raise TooManyRequests("too many wrong codes from one network")
    return numbers


def admit(session: Session, network: str, *, limits: Limits, at: datetime) -> None:
    """Count a request; raises TooManyRequests past the network's limit or everybody's.

    Called last in its transaction: the row counted for everybody is locked until the commit. A refused request is
    rolled back and leaves no count, so that knocking on does not keep a school out.
    """
    own = f"ask {network}"
    # In this order in every transaction, the row of all last: nobody waits for one another in a circle.
    counted = _counted(session, own, _ALL, at=at)
    if counted[own] > limits.requests_per_network:
        raise TooManyRequests("from one network")
    if counted[_ALL] > limits.requests_overall:
        raise TooManyRequests("from all together")


def count_wrong(session: Session, network: str, *, at: datetime) -> None:
    """Count a wrong picture code or a link nobody made. Never against the link or the person: only the network."""
    _counted(session, f"wrong {network}", at=at)


def _counted(session: Session, *buckets: str, at: datetime) -> Mapping[str, int]:
    rows = session.execute(_ONE_MORE, {"buckets": list(buckets), "hour": _hour(at)})
    return {row.bucket: row.hits for row in rows}


def _limits(found: Row[tuple[object, ...]]) -> Limits:
    return Limits(
        mails_an_hour=found.mails_an_hour,
        requests_per_network=found.requests_per_network,
        requests_overall=found.requests_overall,
        wrong_per_network=found.wrong_per_network,
        link_lives=timedelta(minutes=found.link_minutes),
        code_lives=timedelta(minutes=found.code_minutes),
        code_tries=found.code_tries,
    )


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
