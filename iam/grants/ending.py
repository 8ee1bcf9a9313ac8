"""End rights, one or many. What was known before stays; a batch ends whole or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from iam import audit
from iam.audit import Origin
from iam.errors import NothingToEnd, Unknown
from iam.grants import repository
from iam.grants.accounts import changed, locked, record_act
from iam.grants.evidence import EndingEvidence
from iam.grants.kept_evidence import kept
from iam.grants.models import Account, AccountStatus, EndCause, Grant, GrantPeriod
from iam.grants.reading import history
from iam.grants.recording import KnownPeriod, act_on, add_periods, close, follow
from iam.grants.rules import HeldGrant
from iam.grants.tags import AccountTag, GrantTag
from iam.ids import GrantId
from iam.periods import days, riga_day

__all__ = ["End", "end", "end_account", "end_all", "end_at_once"]

_EMPTY: Range[date] = Range(empty=True)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class End:
    """A right to end with `last_day`, still included."""

    grant_id: GrantId
    last_day: date


def end(
    session: Session,
    grant: Grant | HeldGrant,
    *,
    last_day: date,
    cause: EndCause,
    origin: Origin,
    at: datetime,
    because: EndingEvidence | None = None,
    reason: str = "",
) -> None:
    """Let a right end with `last_day`, which is still included; before its first day it is taken back altogether.

    What was known before stays. The audit entry keeps the `reason`, and of a right that was to end later the cause and
    day of that end. Raises NothingToEnd when it ends on that day or
    before anyway.
    """
    ends = (End(GrantId(grant.id), last_day),)
    end_all(session, ends, cause=cause, origin=origin, at=at, because=because, reason=reason)


def end_at_once(
    session: Session,
    grant: Grant | HeldGrant,
    *,
    cause: EndCause,
    origin: Origin,
    at: datetime,
    because: EndingEvidence | None = None,
    reason: str = "",
) -> None:
    """Let a right be over now: its last day is yesterday, so that today's questions are answered no.

    When it was really held is told by the recorded time, which goes on to `at`.
    """
    yesterday = riga_day(at) - _DAY
    end(session, grant, last_day=yesterday, cause=cause, origin=origin, at=at, because=because, reason=reason)


def end_all(
    session: Session,
    ends: Sequence[End],
    *,
    cause: EndCause,
    origin: Origin,
    at: datetime,
    because: EndingEvidence | None = None,
    reason: str = "",
) -> None:
    """End rights as `end` does, all or none, each with an audit entry of its own.

    Raises NothingToEnd naming every right that ends by then anyway, Unknown for one that never was, ValueError for
    one named twice.
    """
    if not ends:
        return
    last_days = {one.grant_id: one.last_day for one in ends}
    if len(last_days) != len(ends):
        raise ValueError("a right is named twice")
    # (1) one writer an account
    accounts = {account.id: account for account in repository.lock_holders(session, last_days)}
    # (2) each is still to end
    known = {GrantId(period.grant_id): period for period in repository.known_now(session, last_days)}
    missing = [str(grant_id) for grant_id in last_days if grant_id not in known]
    if missing:
        raise Unknown(f"no grant has the id {', '.join(missing)}")
    over = [str(grant_id) for grant_id, day in last_days.items() if not _ends_later(known[grant_id], day)]
    if over:
        raise NothingToEnd(f"grant {', '.join(over)} ends by then or was taken back")
    # (3) the old knowledge closes, the new begins, and Keycloak must follow
    evidence = None if because is None else kept(session, because, at)
    begins = close(session, list(known.values()), at)
    now_known = [
        KnownPeriod(period.grant, _left(period, last_days[grant_id]), begins[period.id], cause, evidence)
        for grant_id, period in known.items()
    ]
    add_periods(session, now_known, origin=origin)
    follow(session, accounts, [(one.grant.account_id, one.valid) for one in now_known], at)
    # (4) say so
    acts = [
        act_on(
            GrantTag.ENDED,
            one.grant,
            evidence or one.grant.evidence,
            cause=cause,
            last_day=None if one.valid.isempty else last_days[GrantId(one.grant.id)],
            documented=evidence is not None,
            reason=reason.strip(),
            **_ended_before(known[GrantId(one.grant.id)]),
        )
        for one in now_known
    ]
    audit.record_all(session, acts, origin=origin, at=at)


def end_account(
    session: Session,
    account: Account,
    *,
    cause: EndCause,
    origin: Origin,
    at: datetime,
    because: EndingEvidence | None = None,
    reason: str = "",
) -> list[HeldGrant]:
    """End everything an account holds or will hold, at once, and the account with it. Gives what was ended."""
    account = locked(session, account.id)
    today = riga_day(at)
    open_ones = [
        grant
        for grant in history(session, account.id)
        if grant.since is not None and (grant.until is None or grant.until >= today)
    ]
    ends = [End(grant.id, today - _DAY) for grant in open_ones]
    end_all(session, ends, cause=cause, origin=origin, at=at, because=because, reason=reason)
    if account.status == AccountStatus.ACTIVE:
        account.status = AccountStatus.ENDED
        why = {"cause": cause, "reason": reason.strip()}
        record_act(session, AccountTag.ENDED, account, because=because, origin=origin, at=at, **why)
    account.project_on = None  # nothing is left that could begin or end
    changed(account)
    session.flush()
    return open_ones


def _ended_before(period: GrantPeriod) -> dict[str, object]:
    """Tell of an end that was known already, later than this one: the right then ends by two causes."""
    if period.end_cause is None:
        return {}
    return {"earlier_cause": period.end_cause, "earlier_last_day": period.until}


def _ends_later(period: GrantPeriod, last_day: date) -> bool:
    return period.since is not None and (period.until is None or period.until > last_day)


def _left(period: GrantPeriod, last_day: date) -> Range[date]:
    since = period.since
    return _EMPTY if since is None or last_day < since else days(since, last_day)
