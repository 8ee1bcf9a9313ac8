"""How often, and who counts? One table for all web processes; numbers from the dated policy.

A whole school sits behind one address, so a network's limit is generous; what one person can be mailed is not. Limits
of a network and of all are told (429); a person's is silent, for it would tell that the person exists.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from iam.periods import riga_day
from workflows.password_reset.errors import TooManyRequests
from workflows.password_reset.models import ResetPolicy, ResetRate

__all__ = ["Limits", "admit", "count_wrong", "limits_on", "refuse_guessers"]

_ALL = "all"


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
    query = select(ResetPolicy).where(ResetPolicy.since <= riga_day(at)).order_by(ResetPolicy.since.desc()).limit(1)
    found = session.scalars(query).one()
    return Limits(
        mails_an_hour=found.mails_an_hour,
        requests_per_network=found.requests_per_network,
        requests_overall=found.requests_overall,
        wrong_per_network=found.wrong_per_network,
        link_lives=timedelta(minutes=found.link_minutes),
        code_lives=timedelta(minutes=found.code_minutes),
        code_tries=found.code_tries,
    )


def admit(session: Session, network: str, *, limits: Limits, at: datetime) -> None:
    """Count a request; raises TooManyRequests past the network's limit or everybody's.

    Called last in its transaction: the row counted for everybody is locked until the commit. A refused request is
    rolled back and leaves no count, so that knocking on does not keep a school out.
    """
    if _counted(session, f"ask {network}", at) > limits.requests_per_network:
        raise TooManyRequests("from one network")
    if _counted(session, f"ask {_ALL}", at) > limits.requests_overall:
        raise TooManyRequests("from all together")


def count_wrong(session: Session, network: str, *, at: datetime) -> None:
    """Count a wrong picture code or a link nobody made. Never against the link or the person: only the network."""
    _counted(session, f"wrong {network}", at)


def refuse_guessers(session: Session, network: str, *, limits: Limits, at: datetime) -> None:
    """Raise TooManyRequests for a network that was wrong too often within the hour."""
    wrong = session.scalar(
        select(ResetRate.count).where(ResetRate.bucket == f"wrong {network}", ResetRate.hour == _hour(at))
    )
    if wrong is not None and wrong >= limits.wrong_per_network:
        raise TooManyRequests("too many wrong codes from one network")


def _counted(session: Session, bucket: str, at: datetime) -> int:
    counted = session.scalar(
        insert(ResetRate)
        .values(bucket=bucket, hour=_hour(at), count=1)
        .on_conflict_do_update(index_elements=["bucket", "hour"], set_={"count": ResetRate.count + 1})
        .returning(ResetRate.count)
    )
    return counted or 0


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
