"""Questions to the tables of accounts, evidence and grants."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import Session, contains_eager

from iam.grants.models import Account, Evidence, EvidenceDocument, Grant, GrantPeriod, Section
from iam.ids import AccountId, EvidenceId, GrantId, PersonId, ScopeId, SectionId
from iam.institutions.models import Scope

__all__ = [
    "account_called",
    "account_of",
    "accounts_due",
    "accounts_pending",
    "document_used",
    "ended_periods",
    "evidence_with",
    "known_now",
    "last_correction",
    "lock_account",
    "periods_of_account",
    "periods_of_scope",
    "section",
    "sections",
    "usernames_like",
]


def sections(session: Session, *, on: date) -> list[Section]:
    """List the catalogue of a day in its order."""
    return list(session.scalars(select(Section).where(Section.period.contains(on)).order_by(Section.position)))


def section(session: Session, code: str) -> Section | None:
    """Find a section by its code."""
    return session.scalar(select(Section).where(Section.code == code))


def account_of(session: Session, person_id: PersonId) -> Account | None:
    """Find the person's account."""
    return session.scalar(select(Account).where(Account.person_id == person_id))


def account_called(session: Session, username: str, *, among: ColumnElement[bool] | None = None) -> Account | None:
    """Find the account with this username, among those that meet the condition."""
    return session.scalar(select(Account).where(Account.username == username, true() if among is None else among))


def usernames_like(session: Session, wish: str) -> set[str]:
    """List every username that begins so; they include all that can clash with a number behind the wish."""
    query = select(Account.username).where(Account.username.startswith(wish, autoescape=True))
    return set(session.scalars(query))


def lock_account(session: Session, account_id: AccountId) -> Account | None:
    """Find the account and hold its row until the transaction ends: one writer at a time."""
    return session.get(Account, account_id, with_for_update={"of": Account}, populate_existing=True)


def accounts_due(session: Session, *, day: date, limit: int) -> list[AccountId]:
    """List accounts for which a right begins or has ended by itself by the day."""
    query = select(Account.id).where(Account.project_on <= day).order_by(Account.project_on, Account.id)
    return list(session.scalars(query.limit(limit)))


def accounts_pending(session: Session, *, limit: int) -> list[AccountId]:
    """List accounts that Keycloak does not show as they are."""
    query = select(Account.id).where(Account.projected_revision != Account.revision).order_by(Account.id)
    return list(session.scalars(query.limit(limit)))


def evidence_with(session: Session, fingerprint: str) -> Evidence | None:
    """Find evidence by its digest."""
    return session.scalar(select(Evidence).where(Evidence.fingerprint == fingerprint))


def document_used(session: Session, sha256: str) -> bool:
    """Say whether a decision rests on the document, whatever it proved there."""
    return session.scalar(select(EvidenceDocument.id).where(EvidenceDocument.sha256 == sha256).limit(1)) is not None


def _known(at: datetime | None) -> ColumnElement[bool]:
    return func.upper_inf(GrantPeriod.recorded) if at is None else GrantPeriod.recorded.contains(at)


def _periods(known_at: datetime | None) -> Select[GrantPeriod]:
    return (
        select(GrantPeriod)
        .join(GrantPeriod.grant)
        .join(Grant.section)
        .join(Grant.scope)
        .where(_known(known_at))
        .options(
            contains_eager(GrantPeriod.grant).contains_eager(Grant.section),
            contains_eager(GrantPeriod.grant).contains_eager(Grant.scope).joinedload(Scope.institution),
        )
        .order_by(Scope.id, Section.position, func.lower(GrantPeriod.valid), GrantPeriod.id)
    )


def periods_of_account(
    session: Session, account_id: AccountId, *, known_at: datetime | None, among: ColumnElement[bool] | None = None
) -> list[GrantPeriod]:
    """List what was known at the moment (None: now) about all grants of an account, with section and scope.

    `among` is a condition that the periods listed have to meet.
    """
    found = _periods(known_at).where(GrantPeriod.account_id == account_id, true() if among is None else among)
    return list(session.scalars(found))


def periods_of_scope(
    session: Session,
    scope_id: ScopeId,
    *,
    on: date,
    known_at: datetime | None,
    among: ColumnElement[bool] | None = None,
) -> list[GrantPeriod]:
    """List the grants held in exactly this scope on the day, as known at the moment (None: now); `among` as above."""
    held = (GrantPeriod.scope_id == scope_id, GrantPeriod.valid.contains(on), true() if among is None else among)
    with_account = contains_eager(GrantPeriod.grant).joinedload(Grant.account)
    return list(session.scalars(_periods(known_at).where(*held).options(with_account)))


def ended_periods(
    session: Session, *, grant: GrantId | None = None, evidence: EvidenceId | None = None
) -> list[GrantPeriod]:
    """List what was ever recorded about ends of one grant, or of all given on one evidence, oldest first."""
    query = select(GrantPeriod).join(GrantPeriod.grant).where(GrantPeriod.end_cause.is_not(None))
    if grant is not None:
        query = query.where(GrantPeriod.grant_id == grant)
    if evidence is not None:
        query = query.where(Grant.evidence_id == evidence)
    return list(session.scalars(query.order_by(func.lower(GrantPeriod.recorded), GrantPeriod.id)))


def known_now(session: Session, grant_id: GrantId) -> GrantPeriod | None:
    """Find what is known now about the days of a grant."""
    return session.scalar(
        select(GrantPeriod).where(GrantPeriod.grant_id == grant_id, func.upper_inf(GrantPeriod.recorded))
    )


def overlapping(session: Session, account_id: AccountId, scope_id: ScopeId, section_id: SectionId) -> list[GrantPeriod]:
    """List what is known now about this account's rights in this section of this scope."""
    return list(
        session.scalars(
            _periods(None).where(
                GrantPeriod.account_id == account_id,
                GrantPeriod.scope_id == scope_id,
                GrantPeriod.section_id == section_id,
            )
        )
    )


def last_correction(
    session: Session, account_id: AccountId, scope_id: ScopeId, section_id: SectionId
) -> datetime | None:
    """Say when what was known of these rights was last corrected; None when it never was."""
    found: datetime | None = session.scalar(
        select(func.max(func.upper(GrantPeriod.recorded))).where(
            GrantPeriod.account_id == account_id,
            GrantPeriod.scope_id == scope_id,
            GrantPeriod.section_id == section_id,
        )
    )
    return found
