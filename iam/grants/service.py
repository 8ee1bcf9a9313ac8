"""Give rights, end them, and say who holds what on a day, as known then or now.

Each right given or ended writes its own audit entry, which names the fingerprint of evidence: the one given for the
act, and for an end without a document that of the right which ends (decision 0034).
"""

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from iam import audit
from iam.audit import Origin
from iam.errors import AlreadyHeld, DocumentUsed, NothingToEnd, Refused, Unknown
from iam.grants import repository
from iam.grants.accounts import (
    account_called,
    account_of,
    change_contact,
    changed,
    disable,
    enable,
    locked,
    open_account,
    record_act,
    revived,
)
from iam.grants.evidence import (
    EndingEvidence,
    GivingEvidence,
    PaperSeenByTwo,
    Restoration,
    SignedApplication,
    SignedPair,
    TakenOver,
    documents_of,
    fingerprint,
    kind_of,
)
from iam.grants.models import (
    Account,
    AccountStatus,
    EndCause,
    Evidence,
    EvidenceDocument,
    EvidenceKind,
    Grant,
    GrantPeriod,
    Level,
    Section,
)
from iam.grants.rules import HeldGrant, RecordedEnd, held_on, last_ended
from iam.grants.tags import AccountTag, GrantTag
from iam.ids import AccountId, EvidenceId, GrantId, ScopeId
from iam.institutions.service import scope_code
from iam.locks import one_at_a_time
from iam.periods import days, known_from, known_until, riga_day

__all__ = [
    "account_called",
    "account_of",
    "change_contact",
    "current_grants",
    "disable",
    "due",
    "enable",
    "end",
    "end_account",
    "end_at_once",
    "ends_of",
    "ends_of_given_on",
    "give",
    "grants_in_scope",
    "history",
    "last_ended",
    "open_account",
    "pending",
    "sections",
]

_EMPTY: Range[date] = Range(empty=True)
_GIVEN = {EvidenceKind.RESTORATION: GrantTag.RESTORED, EvidenceKind.TAKEN_OVER: GrantTag.TAKEN_OVER}


def sections(session: Session, *, on: date) -> list[Section]:
    """List the sections a right can be given for on the day, in the catalogue's order."""
    return repository.sections(session, on=on)


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
    # (1) one writer an account
    account = locked(session, to.id)
    revived(session, account, because=because, origin=origin, at=at)
    # (2) the right is one that can be given
    known_section = repository.section(session, section)
    if known_section is None or not known_section.period.contains(since):
        raise Unknown(f"no section {section!r} on {since}")
    valid = days(since, until)
    for held in repository.overlapping(session, account.id, at_scope, known_section.id):
        if held.valid.overlaps(valid):
            raise AlreadyHeld(f"{account.username} holds {section} in scope {at_scope} on some of these days")
    if isinstance(because, Restoration):
        _check_restoration(session, because, account, at_scope, section, level)
    # (3) write it, and note that Keycloak must follow
    evidence = _kept(session, because, at)
    grant = Grant(
        account_id=account.id,
        scope_id=at_scope,
        section_id=known_section.id,
        level=level,
        evidence_id=evidence.id,
        evidence_kind=evidence.kind,
        given_by=str(origin.actor),
        given_at=at,
    )
    session.add(grant)
    session.flush()
    # What it replaces may have been recorded after `at`: by a decision that began later and had the account first.
    corrected = repository.last_correction(session, account.id, at_scope, known_section.id)
    _add_period(session, grant, valid, from_=max(at, corrected or at), origin=origin)
    _follow(session, account, valid, at)
    # (4) say so
    _record(session, _GIVEN.get(evidence.kind, GrantTag.GIVEN), grant, evidence, origin, at, since=since, until=until)
    return grant


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

    What was known before stays. The audit entry keeps the `reason`. Raises NothingToEnd when it ends on that day or
    before anyway.
    """
    known = repository.known_now(session, grant.id)
    if known is None:
        raise Unknown(f"no grant has the id {grant.id}")
    account = locked(session, known.account_id)
    session.refresh(known)
    since, until = known.since, known.until
    if known.recorded.upper is not None or since is None or (until is not None and until <= last_day):
        raise NothingToEnd(f"grant {grant.id} ends on {until} or was taken back")
    evidence = None if because is None else _kept(session, because, at)
    known.recorded = known_until(known.recorded, at)
    # The old knowledge closes before the new begins, for the database allows one at a time.
    session.flush()
    valid = _EMPTY if last_day < since else days(since, last_day)
    begins = known.recorded.upper or at
    whole = session.get_one(Grant, grant.id)
    _add_period(session, whole, valid, from_=begins, origin=origin, cause=cause, evidence=evidence)
    _follow(session, account, valid, at)
    _record(
        session,
        GrantTag.ENDED,
        whole,
        evidence or whole.evidence,
        origin,
        at,
        cause=cause,
        last_day=None if valid.isempty else last_day,
        documented=evidence is not None,
        reason=reason.strip(),
    )


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
    yesterday = riga_day(at) - timedelta(days=1)
    end(session, grant, last_day=yesterday, cause=cause, origin=origin, at=at, because=because, reason=reason)


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
    for grant in open_ones:
        end_at_once(session, grant, cause=cause, origin=origin, at=at, because=because, reason=reason)
    if account.status == AccountStatus.ACTIVE:
        account.status = AccountStatus.ENDED
        record_act(
            session,
            AccountTag.ENDED,
            account,
            because=because,
            origin=origin,
            at=at,
            cause=cause,
            reason=reason.strip(),
        )
    account.project_on = None  # nothing is left that could begin or end
    changed(account)
    session.flush()
    return open_ones


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


def grants_in_scope(
    session: Session,
    scope_id: ScopeId,
    *,
    on: date,
    known_at: datetime | None = None,
    among: ColumnElement[bool] | None = None,
) -> list[tuple[Account, HeldGrant]]:
    """List who holds what in exactly this scope on the day (not what a wider scope covers); `among` as in `history`."""
    periods = repository.periods_of_scope(session, scope_id, on=on, known_at=known_at, among=among)
    return [(period.grant.account, held) for period, held in zip(periods, _held(periods), strict=True)]


def ends_of(session: Session, grant_id: GrantId) -> list[RecordedEnd]:
    """List the ends ever recorded of a right, in the order of recording."""
    return _ends(repository.ended_periods(session, grant=grant_id))


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


def _add_period(
    session: Session,
    grant: Grant,
    valid: Range[date],
    *,
    from_: datetime,
    origin: Origin,
    cause: EndCause | None = None,
    evidence: Evidence | None = None,
) -> None:
    session.add(
        GrantPeriod(
            grant_id=grant.id,
            account_id=grant.account_id,
            scope_id=grant.scope_id,
            section_id=grant.section_id,
            valid=valid,
            recorded=known_from(from_),
            recorded_by=str(origin.actor),
            end_cause=cause,
            end_evidence_id=None if evidence is None else evidence.id,
        )
    )
    session.flush()


def _follow(session: Session, account: Account, valid: Range[date], at: datetime) -> None:
    """Have Keycloak follow a right that has these days now.

    The day to look again is never later than it should be. It may be too early, of a right that was taken back: then
    somebody looks, and works it out anew. Reading all rights for each of many would be quadratic.
    """
    changed(account)
    ahead = (day for day in (valid.lower, valid.upper) if day is not None and day > riga_day(at))
    account.project_on = min((*ahead, *([account.project_on] if account.project_on else [])), default=None)
    session.flush()


def _record(
    session: Session,
    tag: GrantTag,
    grant: Grant,
    evidence: Evidence,
    origin: Origin,
    at: datetime,
    **details: object,
) -> None:
    what = {
        "account": grant.account_id,
        "scope": scope_code(grant.scope),
        "section": grant.section.code,
        "level": grant.level,
        "evidence": evidence.kind,
    }
    days_said = {name: value.isoformat() if isinstance(value, date) else value for name, value in details.items()}
    audit.record(
        session,
        tag,
        origin=origin,
        subject=f"grant:{grant.id}",
        at=at,
        evidence=evidence.fingerprint,
        details=what | days_said,
    )


def _check_restoration(
    session: Session, because: Restoration, account: Account, scope_id: ScopeId, section: str, level: Level
) -> None:
    reduced = session.get(GrantPeriod, because.period_id)
    if reduced is None or reduced.end_cause != EndCause.REFORM or reduced.recorded.upper is not None:
        raise Refused("only what the reform took can be given back")
    if (reduced.account_id, reduced.scope_id) != (account.id, scope_id) or reduced.grant.section.code != section:
        raise Refused("given back is what this account held, where it held it")
    if reduced.grant.level != level:
        raise Refused("given back is the level that was held, no other")
    if repository.evidence_with(session, fingerprint(because)) is not None:
        # What was given back and ended again was ended by somebody, not by the reform.
        raise Refused("what the reform took is given back once")


def _kept(session: Session, evidence: EndingEvidence, at: datetime) -> Evidence:
    """Give the row of this evidence, written now if it is new. Raises DocumentUsed."""
    digest = fingerprint(evidence)
    one_at_a_time(session, f"evidence:{digest}")
    known = repository.evidence_with(session, digest)
    if known is not None:
        return known
    for role, (sha256, _) in documents_of(evidence).items():
        if repository.document_used(session, sha256):
            raise DocumentUsed(f"another decision rests on the {role}")
    row = Evidence(kind=kind_of(evidence), fingerprint=digest, recorded_at=at)
    match evidence:
        case SignedPair() | SignedApplication():
            row.application_id = evidence.application_id
        case PaperSeenByTwo():
            row.application_id = evidence.application_id
            row.seen_by, row.confirmed_by = str(evidence.seen_by), str(evidence.confirmed_by)
            row.seen_on = evidence.seen_on
        case Restoration():
            row.restores_period_id = evidence.period_id
        case TakenOver():
            row.taken_over_from = f"{evidence.source} sha256:{evidence.sha256}"
    row.documents = [
        EvidenceDocument(role=role, sha256=sha256, verification_id=verification_id)
        for role, (sha256, verification_id) in documents_of(evidence).items()
    ]
    session.add(row)
    session.flush()
    return row
