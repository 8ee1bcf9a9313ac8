"""How often, and who counts? One table for all web processes; numbers from the dated policy.

A whole school sits behind one address, so a network's limit is generous; what one person can be mailed is not. A limit
of a network, or of all, shuts nobody out, or whoever reaches it first would shut out the others: past it a code no
longer shows that somebody is there, only a calculation ten times as long does. A person's limit is silent, for it would
tell that the person exists.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from sqlalchemy import Table, Text, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from iam.base import Base
from iam.ids import AccountId
from workflows import policy
from workflows.password_reset.models import ResetRate

__all__ = [
    "Limits",
    "MailsSince",
    "count_mails",
    "count_request",
    "count_wrong",
    "limits_for",
    "limits_on",
    "mailed_enough",
]

_HOUR: Final = timedelta(hours=1)

MailsSince: TypeAlias = Callable[[Session, AccountId, datetime], int]
"""Counts the mails an account got, or is about to get, since a moment because somebody typed its username."""

_COUNTS_OF_MAILS: Final[dict[str, MailsSince]] = {}

_COUNTED: Final = ("wrong", "own", "everybody")

# On the morning of 1 September everybody asks at once, so statements are built once. They name tables, not classes:
# mapping a row to a class costs more than reading it.
_RATES: Final[Table] = Base.metadata.tables[ResetRate.__tablename__]
_COUNTS: Final = select(
    *(
        select(_RATES.c.count)
        .where(_RATES.c.bucket == bindparam(name), _RATES.c.hour == bindparam("hour"))
        .scalar_subquery()
        .label(name)
        for name in _COUNTED
    )
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
)


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers that hold on a day, and where the hour stands for the network that asks.

    `wrong`: too many wrong codes and links came from it. `pressed`: that, or it or all together asked too often.
    """

    mails_an_hour: int
    requests_per_network: int
    requests_overall: int
    wrong_per_network: int
    link_lives: timedelta
    code_lives: timedelta
    code_tries: int
    code_length: int
    wrong: bool = False
    pressed: bool = False


def limits_on(session: Session, at: datetime) -> Limits:
    """Read the policy in force."""
    numbers = policy.on(session, at)
    return Limits(
        mails_an_hour=numbers.reset_mails_an_hour,
        requests_per_network=numbers.reset_requests_per_network,
        requests_overall=numbers.reset_requests_overall,
        wrong_per_network=numbers.reset_wrong_per_network,
        link_lives=numbers.reset_link_valid,
        code_lives=numbers.picture_code_valid,
        code_tries=numbers.picture_code_tries,
        code_length=numbers.picture_code_length,
    )


def limits_for(session: Session, network: str, *, at: datetime) -> Limits:
    """Read the policy in force, and where this hour stands for a network.

    Wrong are picture codes, proofs of work, and links nobody made. They count against the network alone.
    """
    asked = {"hour": _hour(at), **dict(zip(_COUNTED, _buckets(network), strict=True))}
    found = session.execute(_COUNTS, asked).one()
    numbers = limits_on(session, at)
    wrong = (found.wrong or 0) >= numbers.wrong_per_network
    asked_often = (found.own or 0) >= numbers.requests_per_network
    all_often = (found.everybody or 0) >= numbers.requests_overall
    return replace(numbers, wrong=wrong, pressed=wrong or asked_often or all_often)


def count_request(session: Session, network: str, *, at: datetime) -> None:
    """Count a request. Called last in its transaction: the row counted for everybody is locked until the commit."""
    _, own, everybody = _buckets(network)
    # In this order in every transaction, the row of all last: nobody waits for one another in a circle.
    _count(session, own, everybody, at=at)


def count_wrong(session: Session, network: str, *, at: datetime) -> None:
    """Count a wrong picture code or a link nobody made. Never against the link or the person: only the network."""
    _count(session, _buckets(network)[0], at=at)


def count_mails(process: str, count: MailsSince) -> None:
    """Have the mails of a process count among all that strangers can cause for one account."""
    _COUNTS_OF_MAILS[process] = count


def mailed_enough(session: Session, account_id: AccountId, *, at: datetime) -> bool:
    """Whether an account had its mails of the hour, of all processes together. The caller holds the account's row.

    Counted apart, somebody who knows a username could fill the mailbox once for each process.
    """
    sent = sum(count(session, account_id, at - _HOUR) for count in _COUNTS_OF_MAILS.values())
    return sent >= limits_on(session, at).mails_an_hour


def _buckets(network: str) -> tuple[str, str, str]:
    return f"wrong {network}", f"ask {network}", "ask all"


def _count(session: Session, *buckets: str, at: datetime) -> None:
    session.execute(_ONE_MORE, {"buckets": list(buckets), "hour": _hour(at)})


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
