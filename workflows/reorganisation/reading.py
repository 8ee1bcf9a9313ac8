"""Read what a plan rests on, by columns and narrowed to the places the orders name: thousands of rows, no objects."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Text, and_, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from iam.bulk import any_of
from iam.grants.models import Account, AccountStatus, EndCause, Grant, GrantPeriod, Section
from iam.ids import AccountId, GrantId
from iam.institutions.models import Institution, InstitutionMunicipality, Scope, ScopeKind, Signatory
from iam.orders.models import ChangeKind
from iam.orders.said import OrderSaid
from iam.people.models import Person
from workflows.application import places_named
from workflows.reorganisation.facts import Facts, Membership, OpenApplication, Right, Signing
from workflows.reorganisation.succession import STATE
from workflows.restoration.reading import verdict_on

__all__ = ["facts_for", "memberships_for", "rights_in", "signatories_in"]

_DAY = timedelta(days=1)
_DAYS = func.lower(GrantPeriod.valid), func.upper(GrantPeriod.valid)


def facts_for(
    session: Session,
    orders: Sequence[OrderSaid],
    names: Mapping[str, str],
    *,
    today: date | None = None,
    of: Collection[AccountId] | None = None,
) -> Facts:
    """Read the facts for orders whose municipalities are named by id; `names` are what places are called.

    With `of` there are the rights of these accounts only.
    """
    parties = {party.key for order in orders for change in order.changes for party in change.parties}
    if not orders:
        return Facts(names=names, today=today)
    first = min(order.effective for order in orders)
    memberships = memberships_for(session, orders)
    above = _scopes(session, {*(one.municipality for one in memberships)}) | _state(session)
    scopes = _scopes(session, {*parties, *(one.institution for one in memberships)})
    changes = [change for order in orders for change in order.changes if change.kind is ChangeKind.RECODED]
    recoded = {party.key for change in changes for party in change.sources}
    return Facts(
        rights=tuple(_rights(session, scopes, above, first, of, recoded)),
        signing=tuple(_signing(session, {id_: key for id_, key in scopes.items() if key in parties}, first)),
        applications=tuple(
            OpenApplication(one.reference, one.places, one.submitted, one.follows_place)
            for one in places_named.open_naming(session, parties)
        ),
        memberships=memberships,
        names=names,
        today=today,
    )


def rights_in(session: Session, places: Collection[str], *, since: date) -> list[Right]:
    """Read the rights in these places that are held on the day or later."""
    scopes = _scopes(session, places)
    reaches = or_(func.upper_inf(GrantPeriod.valid), func.upper(GrantPeriod.valid) > since)
    held = and_(Grant.scope_id == any_of(scopes), reaches, ~func.isempty(GrantPeriod.valid))
    return [right for _, right in _periods(session, held, scopes)]


def signatories_in(session: Session, places: Collection[str]) -> list[tuple[str, Signatory]]:
    """Read what is recorded now of who may sign for these places, each with the key of its place."""
    scopes = _scopes(session, places)
    known = select(Signatory).where(Signatory.scope_id == any_of(scopes), func.upper_inf(Signatory.recorded))
    return [(scopes[one.scope_id], one) for one in session.scalars(known.order_by(Signatory.id))]


def memberships_for(session: Session, orders: Sequence[OrderSaid]) -> tuple[Membership, ...]:
    """List where institutions lie, and what lies in municipalities, from the eve of the first order to the last."""
    parties = {party.key for order in orders for change in order.changes for party in change.parties}
    days = [order.effective for order in orders]
    if not days:
        return ()
    first, last = min(days) - _DAY, max(days)
    ids = [int(key[2:]) for key in parties if key.startswith("m-")]
    numbers = [key[2:] for key in parties if key.startswith("i-")]
    period = InstitutionMunicipality.period
    rows = (
        select(Institution.reg_no, InstitutionMunicipality.municipality_id, func.lower(period), func.upper(period))
        .join(Institution, Institution.id == InstitutionMunicipality.institution_id)
        .where(
            or_(InstitutionMunicipality.municipality_id == any_of(ids), Institution.reg_no == any_of(numbers, Text())),
            period.op("&&")(literal(Range(first, last, bounds="[]"), period.type)),
        )
        .order_by(Institution.reg_no, func.lower(period))
    )
    return tuple(
        Membership(f"i-{number}", f"m-{municipality}", lower, _last(upper))
        for number, municipality, lower, upper in session.execute(rows)
    )


def _scopes(session: Session, keys: Collection[str]) -> dict[int, str]:
    """Return the scopes there are of these places, by id: where no right was ever given there is none."""
    numbers = [key[2:] for key in keys if key.startswith("i-")]
    ids = [int(key[2:]) for key in keys if key.startswith("m-")]
    of_institutions = select(Scope.id, Institution.reg_no).join(Institution, Institution.id == Scope.institution_id)
    rows = session.execute(of_institutions.where(Institution.reg_no == any_of(numbers, Text())))
    found: dict[int, str] = {id_: f"i-{number}" for id_, number in rows}
    if not ids:
        return found
    of_municipalities = select(Scope.id, Scope.municipality_id).where(Scope.municipality_id == any_of(ids))
    return found | {id_: f"m-{municipality}" for id_, municipality in session.execute(of_municipalities)}


def _state(session: Session) -> dict[int, str]:
    """Return the scope of the whole state, by id, if any right was ever given there."""
    return dict.fromkeys(session.scalars(select(Scope.id).where(Scope.kind == ScopeKind.STATE)), STATE)


def _rights(
    session: Session,
    scopes: Mapping[int, str],
    above: Mapping[int, str],
    first: date,
    of: Collection[AccountId] | None,
    recoded: Collection[str],
) -> Iterable[Right]:
    """Read the rights in these scopes on the eve or later, what a reform took there, and whatever else people hold.

    What they hold in scopes `above` is named too, so that it is known what reaches down.
    What can be restored is asked of rights in re-coded places alone: plans name no others, and each account costs.
    """
    eve = first - _DAY
    reaches = or_(func.upper_inf(GrantPeriod.valid), func.upper(GrantPeriod.valid) > eve)
    held = and_(reaches, ~func.isempty(GrantPeriod.valid))
    there = Grant.scope_id == any_of(scopes)
    wanted = true() if of is None else GrantPeriod.account_id == any_of(of)
    rows = list(_periods(session, and_(wanted, there, or_(held, GrantPeriod.end_cause == EndCause.REFORM)), scopes))
    people = {account for account, _ in rows}
    elsewhere = and_(Grant.account_id == any_of(people), ~there, held)
    rows += _periods(session, elsewhere, {**above, **scopes})
    taken = {account for account, right in rows if right.end_cause is EndCause.REFORM and right.scope in recoded}
    restorable = _restorable(session, taken, first)
    return (replace(right, restorable=True) if right.grant in restorable else right for _, right in rows)


def _periods(
    session: Session, which: ColumnElement[bool], scopes: Mapping[int, str]
) -> Iterable[tuple[AccountId, Right]]:
    rows = (
        select(
            GrantPeriod.account_id,
            GrantPeriod.grant_id,
            Account.username,
            GrantPeriod.scope_id,
            Section.code,
            Grant.level,
            *_DAYS,
            GrantPeriod.end_cause,
            Account.status,
        )
        .join(Grant, Grant.id == GrantPeriod.grant_id)
        .join(Account, Account.id == GrantPeriod.account_id)
        .join(Section, Section.id == GrantPeriod.section_id)
        .where(func.upper_inf(GrantPeriod.recorded), which)
    )
    for account, grant, username, scope, section, level, since, after, cause, status in session.execute(rows):
        key = scopes.get(scope) or f"scope-{scope}"
        active = status is AccountStatus.ACTIVE
        right = Right(grant, username, key, section, level, since, _last(after), cause, active=active)
        yield AccountId(account), right


def _restorable(session: Session, accounts: Collection[AccountId], day: date) -> frozenset[GrantId]:
    """Ask the rules of restoration, so that a plan says of no right what they would deny on its day."""
    verdicts = [verdict_on(session, account, on=day) for account in accounts]
    return frozenset(one.taken.grant for verdict in verdicts for one in verdict.restorable)


def _signing(session: Session, scopes: Mapping[int, str], first: date) -> Iterable[Signing]:
    rows = (
        select(
            Signatory.id,
            Signatory.scope_id,
            Person.given_name,
            Person.surname,
            Account.username,
            func.upper(Signatory.period),
        )
        .join(Person, Person.id == Signatory.person_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(
            Signatory.scope_id == any_of(scopes),
            func.upper_inf(Signatory.recorded),
            or_(func.upper_inf(Signatory.period), func.upper(Signatory.period) > first),
        )
        .order_by(Signatory.id)
    )
    for id_, scope, given_name, surname, username, after in session.execute(rows):
        yield Signing(id_, scopes[scope], f"{given_name} {surname}", username, _last(after))


def _last(after: date | None) -> date | None:
    return None if after is None else after - _DAY
