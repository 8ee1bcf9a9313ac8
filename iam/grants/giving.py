"""Give rights, one or many, and reinstate what an order had ended.

A batch is given whole or not at all; the first thing that is wrong is raised. Rights of one batch may have evidence of
their own each, as the lines of a file that is taken over do.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from iam import audit
from iam.audit import Origin
from iam.bulk import insert_all, next_ids
from iam.errors import AlreadyHeld, NothingToReinstate, Refused, Unknown
from iam.grants import repository
from iam.grants.accounts import locked_all, revived
from iam.grants.evidence import GivingEvidence, OrderUndone, Restoration
from iam.grants.kept_evidence import kept, kept_all
from iam.grants.models import (
    Account,
    AccountStatus,
    EndCause,
    Evidence,
    EvidenceKind,
    Grant,
    GrantPeriod,
    Level,
    Section,
)
from iam.grants.recording import KnownPeriod, act_on, add_periods, follow
from iam.grants.tags import GrantTag
from iam.ids import AccountId, GrantId, ScopeId, SectionId
from iam.periods import days, last_day, riga_day

__all__ = ["Gift", "give", "give_all", "reinstate", "reinstate_all"]

_GIVEN = {EvidenceKind.RESTORATION: GrantTag.RESTORED, EvidenceKind.TAKEN_OVER: GrantTag.TAKEN_OVER}
_BY_ORDER = frozenset({EndCause.REORGANISATION, EndCause.REFORM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """A right to give from `since` to `until`, both days included, on evidence."""

    section: str
    level: Level
    to: AccountId
    at_scope: ScopeId
    since: date
    until: date | None
    because: GivingEvidence


class _Place(NamedTuple):
    account: AccountId
    scope: ScopeId
    section: SectionId


def give(  # noqa: PLR0913 - a right is what, where, whose, when, why and by whom
    session: Session,
    section: str,
    level: Level,
    *,
    to: Account,
    at_scope: ScopeId,
    since: date,
    until: date | None,
    because: GivingEvidence,
    origin: Origin,
    at: datetime,
) -> Grant:
    """Give a right from `since` to `until`, both days included, on evidence.

    Changes nothing else: a lower level held before is ended by the caller, who knows why. An ended account is active
    again. Raises AlreadyHeld when the account holds the section there on one of these days, AccountShut for a
    disabled account, DocumentUsed for a document that another decision rests on, Unknown for a section that is not in
    the catalogue on the first day, Refused for a restoration of what the reform did not take.
    """
    gift = Gift(section=section, level=level, to=to.id, at_scope=at_scope, since=since, until=until, because=because)
    (grant,) = give_all(session, (gift,), origin=origin, at=at)
    return grant


def give_all(session: Session, gifts: Sequence[Gift], *, origin: Origin, at: datetime) -> list[Grant]:
    """Give rights as `give` does, all or none, and return them in the order of the gifts."""
    if not gifts:
        return []
    # (1) one writer an account
    accounts = locked_all(session, {gift.to for gift in gifts})
    because = {gift.to: gift.because for gift in gifts}
    for account_id, account in accounts.items():
        revived(session, account, because=because[account_id], origin=origin, at=at)
    # (2) each is a right that can be given
    catalogue = {
        section.code: section for section in repository.sections_called(session, {gift.section for gift in gifts})
    }
    wished = [(_place(gift, catalogue), days(gift.since, gift.until)) for gift in gifts]
    corrected = _free(session, wished, accounts)
    for gift in gifts:
        if isinstance(gift.because, Restoration):
            _check_restoration(session, gift, gift.because)
    # (3) write them, and note that Keycloak must follow
    evidence = kept_all(session, {gift.because for gift in gifts}, at)
    rows = [
        _row(place, gift.level, evidence[gift.because], origin, at)
        for gift, (place, _) in zip(gifts, wished, strict=True)
    ]
    grants = _write(session, rows, wished, corrected, accounts, origin=origin, at=at)
    # (4) say so
    acts = [
        act_on(
            _GIVEN.get(grant.evidence_kind, GrantTag.GIVEN), grant, grant.evidence, since=gift.since, until=gift.until
        )
        for gift, grant in zip(gifts, grants, strict=True)
    ]
    audit.record_all(session, acts, origin=origin, at=at)
    return grants


def reinstate(
    session: Session,
    period: GrantPeriod,
    *,
    because: OrderUndone,
    origin: Origin,
    at: datetime,
    since: date | None = None,
) -> Grant:
    """Let a right that an order ended hold again, from `since` (None: at once) to the day it was held until before.

    The days between stay a gap in its history, and the right that comes again is a right of its own, once. What was
    held decides: account, place, section, level and last day are those of before. A disabled account keeps its right
    and stays shut. Raises NothingToReinstate when this order did not end it, when it was reinstated before, or when
    no day is left; AlreadyHeld when the account holds the section there on one of these days.
    """
    (grant,) = reinstate_all(session, (period,), because=because, origin=origin, at=at, since=since)
    return grant


def reinstate_all(
    session: Session,
    periods: Sequence[GrantPeriod],
    *,
    because: OrderUndone,
    origin: Origin,
    at: datetime,
    since: date | None = None,
) -> list[Grant]:
    """Reinstate rights as `reinstate` does, all or none, and return them in the order of the periods."""
    if not periods:
        return []
    accounts = locked_all(session, {period.account_id for period in periods})
    ended = repository.ended_by_order(session, [period.id for period in periods], because.order_id)
    before = repository.known_before(session, [period.id for period in periods])
    done = repository.reinstated(session, [period.id for period in periods])
    first = since or riga_day(at)
    wished: list[tuple[_Place, Range[date]]] = []
    for period in periods:
        if period.id not in ended or period.id in done or period.end_cause not in _BY_ORDER:
            raise NothingToReinstate(f"order {because.order_id} did not end period {period.id}, or it holds again")
        again = _again(period, before[period.id], first)
        wished.append((_Place(period.account_id, period.scope_id, period.section_id), again))
    corrected = _free(session, wished, accounts)
    row = kept(session, because, at)
    rows = [
        _row(place, period.grant.level, row, origin, at, reinstates=period.id)
        for period, (place, _) in zip(periods, wished, strict=True)
    ]
    for account in accounts.values():
        if account.status is AccountStatus.ENDED:
            revived(session, account, because=because, origin=origin, at=at)
    grants = _write(session, rows, wished, corrected, accounts, origin=origin, at=at)
    acts = [
        act_on(
            GrantTag.REINSTATED,
            grant,
            row,
            since=valid.lower,
            until=last_day(valid),
            ended=period.until,
            again=period.grant_id,
        )
        for period, grant, (_, valid) in zip(periods, grants, wished, strict=True)
    ]
    audit.record_all(session, acts, origin=origin, at=at)
    return grants


def _again(period: GrantPeriod, before: Range[date], first: date) -> Range[date]:
    """Return the days held before the end that are left: after the last one held, and not in the past."""
    begins = max(first, period.valid.upper or before.lower or first)
    until = last_day(before)
    if until is not None and until < begins:
        raise NothingToReinstate(f"grant {period.grant_id} was held until {until} only")
    return days(begins, until)


def _place(gift: Gift, catalogue: Mapping[str, Section]) -> _Place:
    section = catalogue.get(gift.section)
    if section is None or not section.period.contains(gift.since):
        raise Unknown(f"no section {gift.section!r} on {gift.since}")
    return _Place(gift.to, gift.at_scope, section.id)


def _free(
    session: Session, wished: Sequence[tuple[_Place, Range[date]]], accounts: Mapping[AccountId, Account]
) -> Mapping[tuple[int, int, int], datetime]:
    """Refuse what is held there on some of these days; say when what was known of each place was last corrected."""
    held, corrected = repository.held_at(session, [place for place, _ in wished])
    taken: defaultdict[tuple[int, int, int], list[Range[date]]] = defaultdict(list, held)
    for place, valid in wished:
        if any(one.overlaps(valid) for one in taken[place]):
            username = accounts[place.account].username
            raise AlreadyHeld(f"{username} holds the section in scope {place.scope} on some of these days")
        taken[place].append(valid)
    return corrected


def _row(
    place: _Place, level: Level, evidence: Evidence, origin: Origin, at: datetime, *, reinstates: int | None = None
) -> dict[str, object]:
    return {
        "account_id": place.account,
        "scope_id": place.scope,
        "section_id": place.section,
        "level": level,
        "evidence_id": evidence.id,
        "evidence_kind": evidence.kind,
        "given_by": str(origin.actor),
        "given_at": at,
        "reinstates_period_id": reinstates,
    }


def _write(
    session: Session,
    rows: Sequence[dict[str, object]],
    wished: Sequence[tuple[_Place, Range[date]]],
    corrected: Mapping[tuple[int, int, int], datetime],
    accounts: Mapping[AccountId, Account],
    *,
    origin: Origin,
    at: datetime,
) -> list[Grant]:
    if len(rows) == 1:
        ids = list(insert_all(session, Grant, rows, returning=("id",)).scalars())
    else:
        ids = [GrantId(id_) for id_ in next_ids(session, Grant, len(rows))]
        insert_all(session, Grant, [{"id": id_, **row} for id_, row in zip(ids, rows, strict=True)])
    written = repository.grants_named(session, ids)
    grants = [written[id_] for id_ in ids]
    # What it replaces may have been recorded after `at`: by a decision that began later and had the account first.
    known = [
        KnownPeriod(grant, valid, max(at, corrected.get(place, at)))
        for grant, (place, valid) in zip(grants, wished, strict=True)
    ]
    add_periods(session, known, origin=origin)
    follow(session, accounts, [(place.account, valid) for place, valid in wished], at)
    return grants


def _check_restoration(session: Session, gift: Gift, because: Restoration) -> None:
    reduced = session.get(GrantPeriod, because.period_id)
    if reduced is None or reduced.end_cause != EndCause.REFORM or reduced.recorded.upper is not None:
        raise Refused("only what the reform took can be given back")
    there = (reduced.account_id, reduced.scope_id, reduced.grant.section.code)
    if there != (gift.to, gift.at_scope, gift.section):
        raise Refused("given back is what this account held, where it held it")
    if reduced.grant.level != gift.level:
        raise Refused("given back is the level that was held, no other")
    before = repository.known_before(session, [because.period_id]).get(because.period_id)
    until = None if before is None else last_day(before)
    if before is None or (until is not None and (gift.until is None or gift.until > until)):
        raise Refused("given back are the days that were held, and no more")
    if repository.is_restored(session, because.period_id):
        # What was given back and ended again was ended by somebody, not by the reform.
        raise Refused("what the reform took is given back once")
