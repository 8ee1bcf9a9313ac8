"""Who is written to on the day rights end: those who were not told beforehand, and those who are still without."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from iam.bulk import any_of
from iam.grants.models import Account, AccountStatus, Grant, GrantPeriod, Level
from iam.ids import AccountId, GrantId, OrderId
from iam.institutions.models import Institution, Scope
from iam.orders import service as orders
from iam.orders.models import Order
from iam.periods import riga_day
from workflows.application import prefilled
from workflows.application.states import State
from workflows.i18n import later
from workflows.mail import page_of
from workflows.proposals.content import say
from workflows.reorganisation.facts import Facts
from workflows.reorganisation.models import OrderNotice
from workflows.reorganisation.reading import memberships_for
from workflows.reorganisation.resolving import known_names
from workflows.reorganisation.succession import STATE, Succession
from workflows.reorganisation.words import place_text
from workflows.rights.notices import GoingOn

__all__ = ["IN_HAND", "OPEN_IT", "UNFINISHED", "Told", "already_known", "told_beforehand", "ways_on"]

UNFINISHED = later(
    "If you go on working there, finish the application that is filled in for you, and send it to be signed: %(place)s."
)
IN_HAND = later("Your application is on its way, and the new rights begin once it is approved: %(place)s.")
OPEN_IT = later("Open the application")
_NEW_ONE = later("If you go on working there, fill in a new application: %(place)s.")
_APPLY = later("Fill in an application")


@dataclass(frozen=True, slots=True)
class Told:
    """A right that ends, of which people were told on a day beforehand.

    It is `covered` by as much held at a successor, or above it.
    """

    grant: GrantId
    account: AccountId
    order: Order
    successor: str | None
    on: date
    covered: bool


def told_beforehand(session: Session, grants: Collection[GrantId], due: Mapping[OrderId, Order]) -> list[Told]:
    """Find what people were told of these rights, and who holds as much where the order leads."""
    rows = (
        select(
            OrderNotice.order_id,
            OrderNotice.successor,
            OrderNotice.told_at,
            GrantPeriod.grant_id,
            GrantPeriod.account_id,
            GrantPeriod.section_id,
            Grant.level,
            Institution.reg_no,
            Scope.municipality_id,
        )
        .join(GrantPeriod, GrantPeriod.grant_id == OrderNotice.grant_id)
        .join(Grant, Grant.id == GrantPeriod.grant_id)
        .join(Scope, Scope.id == GrantPeriod.scope_id)
        .outerjoin(Institution, Institution.id == Scope.institution_id)
        .where(
            OrderNotice.grant_id == any_of(grants),
            OrderNotice.order_id == any_of(due),
            OrderNotice.taken_back_at.is_(None),
            func.upper_inf(GrantPeriod.recorded),
        )
        .order_by(OrderNotice.id)
    )
    found = list(session.execute(rows))
    if not found:
        return []
    said = [orders.said(row) for row in due.values()]
    after = Succession.of(said, Facts(memberships=memberships_for(session, said)))
    endings = after.endings
    held = _held(session, {row.account_id for row in found})
    told = []
    for row in found:
        order, place = due[row.order_id], _key(row.reg_no, row.municipality_id)
        days = [
            one
            for successor in (endings[place].successors if place in endings else ())
            for over in after.over(successor, endings[place].day)
            for one in held.get((row.account_id, over, row.section_id), ())
            if one.level in {Level.EDIT, row.level} and one.holds_on(order.effective)
        ]
        told.append(Told(row.grant_id, row.account_id, order, row.successor, riga_day(row.told_at), bool(days)))
    return told


def already_known(told: Collection[Told]) -> frozenset[GrantId]:
    """Name the rights of whose end nobody is told again: as much is held already, or it was told only by now."""
    return frozenset(one.grant for one in told if one.covered or one.on >= one.order.effective)


def ways_on(
    session: Session, told: Sequence[Told], *, base_url: str, at: datetime
) -> Mapping[AccountId, list[GoingOn]]:
    """Say to whoever is still without how they go on: the application that was filled in, wherever it is by now."""
    known = already_known(told)
    without = {
        (one.account, one.order.effective, one.successor): one
        for one in told
        if one.grant not in known and one.successor is not None
    }
    if not without:
        return {}
    rows = {OrderId(one.order.id): one.order for one in without.values()}
    parties = [party for row in rows.values() for change in orders.said(row).changes for party in change.parties]
    names = known_names(session, parties)
    ways: dict[AccountId, list[GoingOn]] = {}
    for (account_id, _, successor), one in without.items():
        account = session.get_one(Account, account_id)
        if account.status is not AccountStatus.ACTIVE:
            continue
        place = place_text(successor or "", names)
        draft = prefilled.prefilled_for(session, account, one.order, successor or "")
        address = "" if draft is None else prefilled.link_to(session, draft, account, base_url=base_url, at=at)
        if draft is not None and address:
            said = UNFINISHED if draft.application.state is State.DRAFT else IN_HAND
            way = GoingOn(say(said, place=place), say(OPEN_IT), address, key=True)
        else:
            way = GoingOn(say(_NEW_ONE, place=place), say(_APPLY), page_of(base_url, "/apply", account.language))
        ways.setdefault(account_id, []).append(way)
    return ways


@dataclass(frozen=True, slots=True)
class _Held:
    level: Level
    since: date | None
    after: date | None

    def holds_on(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.after is None or day < self.after)


def _held(session: Session, accounts: Collection[AccountId]) -> Mapping[tuple[AccountId, str, int], list[_Held]]:
    """Return everything these accounts hold, by place and section."""
    rows = (
        select(
            GrantPeriod.account_id,
            Institution.reg_no,
            Scope.municipality_id,
            GrantPeriod.section_id,
            Grant.level,
            func.lower(GrantPeriod.valid),
            func.upper(GrantPeriod.valid),
        )
        .join(Grant, Grant.id == GrantPeriod.grant_id)
        .join(Scope, Scope.id == GrantPeriod.scope_id)
        .outerjoin(Institution, Institution.id == Scope.institution_id)
        .where(
            GrantPeriod.account_id == any_of(accounts),
            func.upper_inf(GrantPeriod.recorded),
            ~func.isempty(GrantPeriod.valid),
        )
    )
    held: dict[tuple[AccountId, str, int], list[_Held]] = {}
    for account, number, municipality, section, level, since, after in session.execute(rows):
        held.setdefault((account, _key(number, municipality), section), []).append(_Held(level, since, after))
    return held


def _key(number: str | None, municipality: int | None) -> str:
    if number is not None:
        return f"i-{number}"
    return STATE if municipality is None else f"m-{municipality}"
