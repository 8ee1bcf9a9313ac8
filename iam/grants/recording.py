"""Write what was decided about rights: what is known of their days, what Keycloak must follow, what the audit says.

Whatever the number of rights, the number of statements stays the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Date, func, update
from sqlalchemy.dialects.postgresql import TSTZRANGE, Range
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from iam.audit import Act, AuditTag, Origin
from iam.bulk import array, insert_all, table_of
from iam.grants.models import Account, EndCause, Evidence, Grant, GrantPeriod
from iam.ids import AccountId
from iam.institutions.service import scope_code
from iam.periods import known_from, known_until, riga_day

__all__ = ["KnownPeriod", "act_on", "add_periods", "close", "follow"]


# Built once, on the tables alone: what is loaded is told of the change by `set_committed_value`.
_PERIODS, _ACCOUNTS = table_of(GrantPeriod), table_of(Account)
_closed = (
    func.unnest(array("ids"), array("recordeds", TSTZRANGE())).table_valued("id", "recorded", name="given")
).render_derived()
_CLOSING = update(_PERIODS).where(_PERIODS.c.id == _closed.c.id).values(recorded=_closed.c.recorded)
_planned = (
    func.unnest(array("ids"), array("days", Date())).table_valued("id", "project_on", name="given")
).render_derived()
_FOLLOWING = (
    update(_ACCOUNTS)
    .where(_ACCOUNTS.c.id == _planned.c.id)
    .values(revision=_ACCOUNTS.c.revision + 1, project_on=_planned.c.project_on)
)


@dataclass(frozen=True, slots=True)
class KnownPeriod:
    """What is known of the days of a grant from a moment on."""

    grant: Grant
    valid: Range[date]
    since: datetime
    cause: EndCause | None = None
    evidence: Evidence | None = None


def add_periods(session: Session, known: Iterable[KnownPeriod], *, origin: Origin) -> None:
    """Write what is known from now on, in one statement."""
    rows = [
        {
            "grant_id": one.grant.id,
            "account_id": one.grant.account_id,
            "scope_id": one.grant.scope_id,
            "section_id": one.grant.section_id,
            "valid": one.valid,
            "recorded": known_from(one.since),
            "recorded_by": str(origin.actor),
            "end_cause": one.cause,
            "end_evidence_id": None if one.evidence is None else one.evidence.id,
        }
        for one in known
    ]
    insert_all(session, GrantPeriod, rows)


def close(session: Session, periods: Sequence[GrantPeriod], at: datetime) -> dict[int, datetime]:
    """End what was known at `at`, in one statement; return by period the moment it ended.

    The old knowledge closes before the new begins: the database allows one at a time.
    """
    closed = {period.id: known_until(period.recorded, at) for period in periods}
    session.flush()
    session.execute(_CLOSING, {"ids": list(closed), "recordeds": list(closed.values())})
    for period in periods:
        set_committed_value(period, "recorded", closed[period.id])
    return {id_: recorded.upper or at for id_, recorded in closed.items()}


def follow(
    session: Session,
    accounts: Mapping[AccountId, Account],
    rights: Iterable[tuple[AccountId, Range[date]]],
    at: datetime,
) -> None:
    """Have Keycloak follow accounts with rights that have these days now.

    The day to project again is never later than it should be. It may be too early, of a right that was taken back:
    the projection of that day then computes it again. Reading all rights for each of many would be quadratic.
    """
    today, ahead = riga_day(at), defaultdict[AccountId, list[date]](list)
    for account_id, valid in rights:
        ahead[account_id] += [day for day in (valid.lower, valid.upper) if day is not None and day > today]
    session.flush()
    planned: dict[AccountId, date | None] = {}
    for account_id, days_ahead in ahead.items():
        before = accounts[account_id].project_on
        planned[account_id] = min((*days_ahead, *([before] if before else [])), default=None)
    session.execute(_FOLLOWING, {"ids": list(planned), "days": list(planned.values())})
    for account_id, day in planned.items():
        set_committed_value(accounts[account_id], "revision", accounts[account_id].revision + 1)
        set_committed_value(accounts[account_id], "project_on", day)


def act_on(tag: AuditTag, grant: Grant, evidence: Evidence, **details: object) -> Act:
    """Return what the audit keeps of an act on a right: what, where, whose, and the evidence by its fingerprint."""
    what = {
        "account": grant.account_id,
        "scope": scope_code(grant.scope),
        "section": grant.section.code,
        "level": grant.level,
        "evidence": evidence.kind,
    }
    said = {name: value.isoformat() if isinstance(value, date) else value for name, value in details.items()}
    return Act(tag=tag, subject=f"grant:{grant.id}", evidence=evidence.fingerprint, details=what | said)
