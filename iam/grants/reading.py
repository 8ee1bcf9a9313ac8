"""Who holds what on a day, as known then or now?"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from iam.grants import repository
from iam.grants.models import Account, GrantPeriod, Section
from iam.grants.rules import HeldGrant, RecordedEnd, held_on
from iam.ids import AccountId, EvidenceId, GrantId, ScopeId
from iam.institutions.service import scope_code
from iam.periods import riga_day

__all__ = [
    "current_grants",
    "due",
    "ends_of",
    "ends_of_given_on",
    "grants_in_scope",
    "grants_in_scopes",
    "held_then",
    "histories",
    "history",
    "pending",
    "sections",
]


def sections(session: Session, *, on: date) -> list[Section]:
    """List the sections a right can be given for on the day, in the catalogue's order."""
    return repository.sections(session, on=on)


def current_grants(
    session: Session, account_id: AccountId, *, on: date, known_at: datetime | None = None
) -> list[HeldGrant]:
    """List what the account holds on the day, past or future, as known now or as it was known at a past moment."""
    return held_on(_held(repository.periods_of_account(session, account_id, known_at=known_at)), on)


def history(
    session: Session,
    account_id: AccountId,
    *,
    known_at: datetime | None = None,
    among: ColumnElement[bool] | None = None,
) -> list[HeldGrant]:
    """List everything the account ever held, holds and will hold, as known now or then; what was taken back too.

    `among` narrows it to what somebody may see; for people who ask there is `iam.readable`.
    """
    return _held(repository.periods_of_account(session, account_id, known_at=known_at, among=among))


def histories(session: Session, accounts: Collection[AccountId]) -> dict[AccountId, list[HeldGrant]]:
    """Return the `history` of each of these accounts, as known now."""
    found: dict[AccountId, list[HeldGrant]] = {account: [] for account in accounts}
    for held in _held(repository.periods_of_accounts(session, accounts)):
        found[held.account_id].append(held)
    return found


def held_then(session: Session, moments: Mapping[AccountId, datetime]) -> dict[AccountId, list[HeldGrant]]:
    """Return what each account held on the day of its moment, as known at that moment."""
    found: dict[AccountId, list[HeldGrant]] = {account: [] for account in moments}
    if not moments:
        return found
    for held in _held(repository.periods_known_then(session, moments)):
        found[held.account_id].append(held)
    return {account: held_on(some, riga_day(moments[account])) for account, some in found.items()}


def grants_in_scope(
    session: Session,
    scope_id: ScopeId,
    *,
    on: date,
    known_at: datetime | None = None,
    among: ColumnElement[bool] | None = None,
) -> list[tuple[Account, HeldGrant]]:
    """List who holds what in exactly this scope on the day (not what a wider scope covers); `among` as in `history`."""
    return grants_in_scopes(session, [scope_id], on=on, known_at=known_at, among=among)


def grants_in_scopes(
    session: Session,
    scopes: Sequence[ScopeId],
    *,
    on: date,
    known_at: datetime | None = None,
    among: ColumnElement[bool] | None = None,
) -> list[tuple[Account, HeldGrant]]:
    """List who holds what in these scopes on the day, in the order of the scopes; `among` as in `history`."""
    periods = repository.periods_of_scopes(session, scopes, on=on, known_at=known_at, among=among)
    periods.sort(key=lambda period: scopes.index(period.scope_id))
    return [(period.grant.account, held) for period, held in zip(periods, _held(periods), strict=True)]


def ends_of(session: Session, held: Iterable[HeldGrant]) -> dict[int, RecordedEnd]:
    """Return how those of these rights that somebody ended were ended, each by its period."""
    ended = [one.period_id for one in held if one.end_cause is not None]
    return {end.period_id: end for end in _ends(repository.ended_periods(session, periods=ended))} if ended else {}


def ends_of_given_on(session: Session, evidence_id: EvidenceId) -> list[RecordedEnd]:
    """List the ends ever recorded of the rights given on this evidence, in the order of recording."""
    return _ends(repository.ended_periods(session, evidence=evidence_id))


def due(session: Session, *, on: date, limit: int = 1000) -> list[AccountId]:
    """List accounts with a right that begins on the day or before, or has ended by itself: project them again."""
    return repository.accounts_due(session, day=on, limit=limit)


def pending(session: Session, *, limit: int = 1000) -> list[AccountId]:
    """List accounts that Keycloak does not show as they are."""
    return repository.accounts_pending(session, limit=limit)


def _held(periods: list[GrantPeriod]) -> list[HeldGrant]:
    return [
        HeldGrant(
            id=GrantId(period.grant_id),
            period_id=period.id,
            account_id=period.account_id,
            scope_id=period.scope_id,
            scope=scope_code(period.grant.scope),
            section=period.grant.section.code,
            level=period.grant.level,
            since=period.since,
            until=period.until,
            evidence=period.grant.evidence_kind,
            end_cause=period.end_cause,
            known_since=period.recorded.lower or period.grant.given_at,
            evidence_id=EvidenceId(period.grant.evidence_id),
            reinstates=period.grant.reinstates_period_id,
        )
        for period in periods
    ]


def _ends(periods: list[GrantPeriod]) -> list[RecordedEnd]:
    return [
        RecordedEnd(
            grant_id=GrantId(period.grant_id),
            period_id=period.id,
            scope=scope_code(period.grant.scope),
            section=period.grant.section.code,
            level=period.grant.level,
            last_day=period.until,
            cause=period.end_cause,
            by=period.recorded_by,
            at=period.recorded.lower or period.grant.given_at,
        )
        for period in periods
        if period.end_cause is not None
    ]
