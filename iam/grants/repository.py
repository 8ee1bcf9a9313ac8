"""Questions to the tables of accounts, evidence and grants."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import cache

from sqlalchemy import ColumnElement, Date, DateTime, Select, Text, and_, any_, bindparam, func, select, true
from sqlalchemy.dialects.postgresql import CHAR, Range
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from iam.bulk import any_of, array
from iam.grants.models import Account, Evidence, EvidenceDocument, Grant, GrantPeriod, Section
from iam.ids import AccountId, EvidenceId, GrantId, OrderId, PersonId, ScopeId, SectionId
from iam.institutions.models import Scope

__all__ = [
    "account_called",
    "account_of",
    "accounts_due",
    "accounts_pending",
    "documents_used",
    "ended_by_order",
    "ended_periods",
    "evidence_with",
    "grants_named",
    "held_at",
    "is_restored",
    "known_before",
    "known_now",
    "lock_accounts",
    "lock_holders",
    "periods_known_then",
    "periods_of_account",
    "periods_of_accounts",
    "periods_of_scopes",
    "reinstated",
    "sections",
    "sections_called",
    "usernames_like",
]

_NAMES = (joinedload(Grant.section), joinedload(Grant.scope).joinedload(Scope.institution))
_PLACE = ("accounts", "scopes", "sections")

# Built once: what every act on a right asks costs more to build than to send.
_SECTIONS = select(Section).where(Section.period.contains(bindparam("day", type_=Date))).order_by(Section.position)
_SECTIONS_CALLED = select(Section).where(Section.code == any_(array("codes", Text())))
_ENDED_SO = (
    select(Account)
    .where(
        Account.projected_revision != Account.revision, Account.projection_outcome == any_(array("outcomes", Text()))
    )
    .order_by(Account.id)
    .limit(bindparam("most"))
)
_CALLED = select(Account).where(Account.username == bindparam("username"))
_ACCOUNT_OF = select(Account).where(Account.person_id == bindparam("person"))
_LOCKED = select(Account).order_by(Account.id).with_for_update(of=Account).execution_options(populate_existing=True)
_LOCKED_ACCOUNTS = _LOCKED.where(Account.id == any_(array("ids")))
_LOCKED_HOLDERS = _LOCKED.where(Account.id.in_(select(Grant.account_id).where(Grant.id == any_(array("ids")))))
_EVIDENCE_WITH = select(Evidence).where(Evidence.fingerprint == any_(array("digests", CHAR(64))))
_DOCUMENTS_USED = select(EvidenceDocument.sha256).where(EvidenceDocument.sha256 == any_(array("digests", CHAR(64))))
_KNOWN_NOW = (
    select(GrantPeriod)
    .where(GrantPeriod.grant_id == any_(array("ids")), func.upper_inf(GrantPeriod.recorded))
    .options(joinedload(GrantPeriod.grant).options(*_NAMES, joinedload(Grant.evidence)))
    .order_by(GrantPeriod.grant_id)
    .execution_options(populate_existing=True)
)
_GRANTS_NAMED = select(Grant).where(Grant.id == any_(array("ids"))).options(*_NAMES, joinedload(Grant.evidence))


def sections(session: Session, *, on: date) -> list[Section]:
    """List the catalogue of a day in its order."""
    return list(session.scalars(_SECTIONS, {"day": on}))


def sections_called(session: Session, codes: Collection[str]) -> list[Section]:
    """List the sections with these codes."""
    return list(session.scalars(_SECTIONS_CALLED, {"codes": list(codes)}))


def account_of(session: Session, person_id: PersonId) -> Account | None:
    """Find the person's account."""
    return session.scalar(_ACCOUNT_OF, {"person": person_id})


def account_called(session: Session, username: str, *, among: ColumnElement[bool] | None = None) -> Account | None:
    """Find the account with this username, among those that meet the condition."""
    return session.scalar(_CALLED if among is None else _CALLED.where(among), {"username": username})


def usernames_like(session: Session, wish: str) -> set[str]:
    """List every username that begins so; they include all that can clash with a number behind the wish."""
    query = select(Account.username).where(Account.username.startswith(wish, autoescape=True))
    return set(session.scalars(query))


def lock_accounts(session: Session, accounts: Collection[AccountId]) -> list[Account]:
    """Find accounts and hold their rows until the transaction ends, in one order: one writer at a time."""
    return list(session.scalars(_LOCKED_ACCOUNTS, {"ids": list(accounts)}))


def lock_holders(session: Session, grants: Collection[GrantId]) -> list[Account]:
    """Find the accounts that have these rights, and hold them as `lock_accounts` does."""
    return list(session.scalars(_LOCKED_HOLDERS, {"ids": list(grants)}))


def accounts_due(session: Session, *, day: date, limit: int) -> list[AccountId]:
    """List accounts for which a right begins or has ended by itself by the day."""
    query = select(Account.id).where(Account.project_on <= day).order_by(Account.project_on, Account.id)
    return list(session.scalars(query.limit(limit)))


def accounts_pending(session: Session, *, limit: int) -> list[AccountId]:
    """List accounts that Keycloak does not show as they are."""
    query = select(Account.id).where(Account.projected_revision != Account.revision).order_by(Account.id)
    return list(session.scalars(query.limit(limit)))


def accounts_that_ended_so(
    session: Session, outcomes: Collection[str], *, among: ColumnElement[bool] | None, limit: int
) -> list[Account]:
    """List pending accounts whose last projection ended in one of these ways, the oldest first."""
    query = _ENDED_SO if among is None else _ENDED_SO.where(among)
    return list(session.scalars(query, {"outcomes": list(outcomes), "most": limit}))


def evidence_with(session: Session, fingerprints: Collection[str]) -> dict[str, Evidence]:
    """Find evidence by its digests."""
    found = session.scalars(_EVIDENCE_WITH, {"digests": list(fingerprints)})
    return {row.fingerprint: row for row in found}


def documents_used(session: Session, digests: Collection[str]) -> set[str]:
    """Return those of these documents that a decision rests on, whatever they proved there."""
    return set(session.scalars(_DOCUMENTS_USED, {"digests": list(digests)})) if digests else set()


def is_restored(session: Session, period_id: int) -> bool:
    """Return whether what the reform took with this period was given back already."""
    given = select(Grant.id).join(Evidence, Evidence.id == Grant.evidence_id)
    return session.scalar(given.where(Evidence.restores_period_id == period_id).limit(1)) is not None


def _known(at: datetime | ColumnElement[datetime] | None) -> ColumnElement[bool]:
    return func.upper_inf(GrantPeriod.recorded) if at is None else GrantPeriod.recorded.contains(at)


def _periods(known_at: datetime | ColumnElement[datetime] | None) -> Select[GrantPeriod]:
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


def periods_of_accounts(session: Session, accounts: Collection[AccountId]) -> list[GrantPeriod]:
    """List what is known now about all grants of these accounts, as `periods_of_account` does of one."""
    return list(session.scalars(_periods(None).where(GrantPeriod.account_id == any_of(accounts))))


def periods_known_then(session: Session, moments: Mapping[AccountId, datetime]) -> list[GrantPeriod]:
    """List what was known about all grants of each account at its moment, with section and scope."""
    asked = (
        func.unnest(array("accounts"), array("moments", DateTime(timezone=True)))
        .table_valued("account_id", "at", name="asked")
        .render_derived()
    )
    query = _periods(asked.c.at).join(asked, asked.c.account_id == GrantPeriod.account_id)
    return list(session.scalars(query, {"accounts": list(moments), "moments": list(moments.values())}))


def periods_of_scopes(
    session: Session,
    scopes: Collection[ScopeId],
    *,
    on: date,
    known_at: datetime | None,
    among: ColumnElement[bool] | None = None,
) -> list[GrantPeriod]:
    """List the grants held in exactly these scopes on the day, as known at the moment (None: now); `among` as above."""
    held = (GrantPeriod.scope_id == any_of(scopes), GrantPeriod.valid.contains(on), true() if among is None else among)
    with_account = contains_eager(GrantPeriod.grant).joinedload(Grant.account)
    return list(session.scalars(_periods(known_at).where(*held).options(with_account)))


def ended_periods(
    session: Session, *, periods: Collection[int] | None = None, evidence: EvidenceId | None = None
) -> list[GrantPeriod]:
    """List what was recorded about ends by these periods, or ever about all given on one evidence, oldest first."""
    query = (
        select(GrantPeriod)
        .join(GrantPeriod.grant)
        .where(GrantPeriod.end_cause.is_not(None))
        .options(contains_eager(GrantPeriod.grant).options(*_NAMES))
    )
    if periods is not None:
        query = query.where(GrantPeriod.id == any_of(periods))
    if evidence is not None:
        query = query.where(Grant.evidence_id == evidence)
    return list(session.scalars(query.order_by(func.lower(GrantPeriod.recorded), GrantPeriod.id)))


def known_now(session: Session, grants: Collection[GrantId]) -> list[GrantPeriod]:
    """List what is known now about the days of these rights, with section, scope and evidence, read afresh."""
    return list(session.scalars(_KNOWN_NOW, {"ids": list(grants)}))


def grants_named(session: Session, grants: Collection[int]) -> dict[int, Grant]:
    """Find rights by id, with scope, section and evidence, all of them at once."""
    return {grant.id: grant for grant in session.scalars(_GRANTS_NAMED, {"ids": list(grants)})}


def held_at(
    session: Session, places: Sequence[tuple[AccountId, ScopeId, SectionId]]
) -> tuple[dict[tuple[int, int, int], list[Range[date]]], dict[tuple[int, int, int], datetime]]:
    """Return the days known now of rights in these places, and when those were last corrected."""
    asked = {name: list(column) for name, column in zip(_PLACE, zip(*places, strict=True), strict=True)}
    held: dict[tuple[int, int, int], list[Range[date]]] = {}
    corrected: dict[tuple[int, int, int], datetime] = {}
    for account, scope, section, valid, moment in session.execute(_held_in_places(), asked):
        key = (account, scope, section)
        if moment is None:
            held.setdefault(key, []).append(valid)
        else:
            corrected[key] = max(moment, corrected.get(key, moment))
    return held, corrected


@cache
def _held_in_places() -> Select[int, int, int, Range[date], datetime | None]:
    asked = (
        func.unnest(*map(array, _PLACE)).table_valued("account_id", "scope_id", "section_id", name="asked")
    ).render_derived()
    place = (GrantPeriod.account_id, GrantPeriod.scope_id, GrantPeriod.section_id)
    there = and_(*(column == asked.c[column.key] for column in place))
    return select(*place, GrantPeriod.valid, func.upper(GrantPeriod.recorded)).join(asked, there).distinct()


def ended_by_order(session: Session, periods: Collection[int], order: OrderId) -> set[int]:
    """Return those of these periods that are known now and that this order ended."""
    query = (
        select(GrantPeriod.id)
        .join(Evidence, Evidence.id == GrantPeriod.end_evidence_id)
        .where(GrantPeriod.id == any_of(periods), func.upper_inf(GrantPeriod.recorded), Evidence.order_id == order)
    )
    return set(session.scalars(query))


def known_before(session: Session, periods: Collection[int]) -> dict[int, Range[date]]:
    """Return the days that were known until each of these periods was recorded; that is what it cut short."""
    before = aliased(GrantPeriod)
    query = (
        select(GrantPeriod.id, before.valid)
        .join(before, before.grant_id == GrantPeriod.grant_id)
        .where(GrantPeriod.id == any_of(periods), func.upper(before.recorded) == func.lower(GrantPeriod.recorded))
    )
    return dict(session.execute(query).all())


def reinstated(session: Session, periods: Collection[int]) -> set[int]:
    """Return those of these periods that were reinstated."""
    query = select(Grant.reinstates_period_id).where(Grant.reinstates_period_id == any_of(periods))
    return {period for period in session.scalars(query) if period is not None}
