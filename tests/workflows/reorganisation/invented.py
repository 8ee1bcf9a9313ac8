"""Invented orders, rights and places for plans: as simple as they come."""

from datetime import date, timedelta

from iam.grants.models import EndCause, Level
from iam.ids import GrantId, MunicipalityId
from iam.orders.models import ChangeKind
from iam.orders.said import Change, OrderSaid, PartySaid
from workflows.reorganisation.facts import Right
from workflows.reorganisation.plan import Plan

DAY = date(2026, 9, 1)
EVE = DAY - timedelta(days=1)
LONG_AGO = date(2020, 1, 1)
NAMES = {
    "i-4113900001": "Aldas vidusskola",
    "i-4113900002": "Birzas pamatskola",
    "i-4113900003": "Cīruļu skola",
    "m-1": "Aldas novads",
    "m-2": "Birzas novads",
    "m-3": "Cīruļu novads",
}
A, B, C = (f"i-411390000{number}" for number in (1, 2, 3))


def party(key: str, founded_as: str | None = None) -> PartySaid:
    kind, _, number = key.partition("-")
    if kind == "i":
        return PartySaid(reg_no=number, founded_as=founded_as)
    if kind == "atvk":
        return PartySaid(atvk=number, founded_as=founded_as)
    return PartySaid(municipality=MunicipalityId(int(number)), founded_as=founded_as)


def change(kind: ChangeKind, sources: str, into: str = "", **how: str) -> Change:
    """Say a change by keys, several apart by spaces; a target in capitals is founded."""
    targets = tuple(party(key.removesuffix("!"), "Jaunā" if key.endswith("!") else None) for key in into.split())
    return Change(kind=kind, sources=tuple(map(party, sources.split())), targets=targets, **how)


def order(*changes: Change, reference: str = "1", effective: date = DAY) -> OrderSaid:
    return OrderSaid(reference=reference, legal_basis="Domes lēmums", effective=effective, changes=changes)


class Rights:
    """Make rights with ids of their own."""

    def __init__(self) -> None:
        self.made: list[Right] = []

    def give(
        self,
        account: str,
        scope: str,
        section: str = "learners",
        *,
        level: Level = Level.EDIT,
        since: date = LONG_AGO,
        until: date | None = None,
        cause: EndCause | None = None,
        restorable: bool = False,
    ) -> Right:
        right = Right(GrantId(len(self.made) + 1), account, scope, section, level, since, until, cause, restorable)
        self.made.append(right)
        return right


def said(plan: Plan) -> list[tuple[str, str | None, str | None]]:
    """List fate, account and scope of each change."""
    return [(one.fate.value, one.account, one.scope) for one in plan.changes]
