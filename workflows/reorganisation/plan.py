"""What do orders do to rights? Pure: orders and facts in, every single change with its reason out.

(1) `succession`: which places end, when, and what comes of them; what else happens to the places that go on.
(2) Rights: those in a place that ends end with it; those elsewhere in the orders' places stay, whatever its code.
(3) People: who goes on working needs a new application, at the successor where there is exactly one, unless they hold
    as much there, in its municipality or in the whole state.
(4) Applications nobody decided on, and who may sign.
(5) What a reform took in a municipality that it left alone can be restored.
(6) Gaps: people and places that are left with nothing.

Nobody ever gains a right here: no kind of change gives one. Every right in a place the orders name, or inside one, has
one change for each order, and an order that ended it before leaves nothing to say.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from iam.grants.models import EndCause, Level
from iam.ids import GrantId
from iam.orders.said import OrderSaid
from workflows.proposals.content import FactText
from workflows.reorganisation import reasons
from workflows.reorganisation.facts import Facts, OpenApplication, Right
from workflows.reorganisation.fates import Fate
from workflows.reorganisation.succession import Ending, Succession, Touch

__all__ = ["Fate", "Held", "Plan", "Planned", "goes_on_for", "plan"]


_DAY = timedelta(days=1)
_PLACES = {fate: str(place) for place, fate in enumerate(Fate)}


@dataclass(frozen=True, slots=True)
class Planned:
    """One change with its reason; what does not apply is None. `order` is a reference, `scope` the key of a place.

    `grant`, `signatory` and `cause` are what applying it needs to know.
    """

    fate: Fate
    order: str
    why: str
    reason: FactText
    account: str | None = None
    scope: str | None = None
    section: str | None = None
    level: Level | None = None
    last_day: date | None = None
    reference: str | None = None
    grant: GrantId | None = None
    signatory: int | None = None
    cause: EndCause | None = None

    @property
    def sorted_by(self) -> tuple[str, ...]:
        """Where it stands among others."""
        told = (self.order, _PLACES[self.fate], self.scope, self.account, self.section, self.reference)
        return (*(one or "" for one in told), str(self.grant or self.signatory or ""))


@dataclass(frozen=True, slots=True)
class Plan:
    """Every change, in one order whatever the order of what it was made from."""

    changes: tuple[Planned, ...]

    def of(self, fate: Fate) -> tuple[Planned, ...]:
        """List the changes of one kind."""
        return tuple(one for one in self.changes if one.fate is fate)


def plan(orders: Iterable[OrderSaid], facts: Facts) -> Plan:
    """Plan orders that `iam.orders.rules` has nothing against, together."""
    said = tuple(orders)
    told = Succession.of(said, facts)  # (1)
    changes = [
        *_rights(told, facts),  # (2)
        *_people(told, facts),  # (3)
        *_applications(told, facts),  # (4)
        *_signing(told, facts),
        *_restorable(told, facts),  # (5)
        *_gaps(told, facts),  # (6)
    ]
    return Plan(tuple(sorted(changes, key=lambda one: one.sorted_by)))


def _rights(told: Succession, facts: Facts) -> Iterator[Planned]:
    for place, recodings in sorted(told.recoded.items()):
        for touch in recodings:
            yield _planned(Fate.RECODED, touch, reasons.place_recoded(touch, told), scope=place)
    why_stays: dict[int, reasons.Reason] = {}  # by the touch, which rights of one place share
    for right in facts.rights:
        ending = told.ended(right)
        if ending is not None:
            yield _of_right(Fate.ENDS, ending, reasons.ends(ending, right, told), right, last_day=ending.eve)
        for touch in told.touches(right):
            if id(touch) not in why_stays:
                why_stays[id(touch)] = reasons.stays(touch, told)
            fate = Fate.RECODED if touch.recoded else Fate.STAYS
            yield _of_right(fate, touch, why_stays[id(touch)], right)


def _people(told: Succession, facts: Facts) -> Iterator[Planned]:
    ended: defaultdict[tuple[str, str], list[Right]] = defaultdict(list)
    for right in facts.rights:
        if told.ended(right) is not None:
            ended[right.account, right.scope].append(right)
    held = Held(told, facts)
    for (account, scope), rights in ended.items():
        ending = told.endings[scope]
        if not ending.successors or not rights[0].active:
            continue  # no application is needed for an account that nobody may use
        only = ending.successors[0] if len(ending.successors) == 1 else None
        if all(held.covers(right, ending) for right in rights):
            continue
        at = only if only is not None and not only.startswith("atvk-") else None
        yield _planned(
            Fate.NEEDS_APPLICATION, ending, reasons.needs_application(ending, told), account=account, scope=at
        )


class Held:
    """What people hold after everything planned, by person and place: does it allow as much as a right that ends?"""

    def __init__(self, told: Succession, facts: Facts) -> None:
        self._told = told
        self._held: defaultdict[tuple[str, str], list[Right]] = defaultdict(list)
        for right in facts.rights:
            self._held[right.account, right.scope].append(right)

    def covers(self, right: Right, ending: Ending) -> bool:
        """Return whether as much is held at the one successor, or above it, on the first day without the right."""
        if len(ending.successors) != 1:
            return False
        over = self._told.over(ending.successors[0], ending.day)
        there = [one for place in over for one in self._held.get((right.account, place), ())]
        return any(
            one.section == right.section
            and (one.level is Level.EDIT or one.level is right.level)
            and self._told.held(one, ending.day)
            for one in there
        )


def goes_on_for(application: OpenApplication, ending: Ending) -> str | None:
    """Return the one successor that a draft goes on for; None for any other application: it is to be withdrawn."""
    only = ending.successors[0] if len(ending.successors) == 1 else None
    stays = application.submitted or not application.follows_place or len(application.places) > 1
    return None if stays else only


def _applications(told: Succession, facts: Facts) -> Iterator[Planned]:
    for application in facts.applications:
        for place in sorted(application.places & told.endings.keys()):
            ending = told.endings[place]
            only = goes_on_for(application, ending)
            moves = only is not None
            fate = Fate.READDRESSED if moves else Fate.TO_WITHDRAW
            at = only if moves else place
            yield _planned(
                fate,
                ending,
                reasons.application(ending, told, application, moves=moves),
                scope=None if at is None or at.startswith("atvk-") else at,
                reference=application.reference,
            )


def _signing(told: Succession, facts: Facts) -> Iterator[Planned]:
    for one in facts.signing:
        ending = told.endings.get(one.scope)
        if ending is None or (one.until is not None and one.until <= ending.eve):
            continue
        yield _planned(
            Fate.SIGNATORY_ENDS,
            ending,
            reasons.signatory_ends(ending, one.name, told),
            account=one.account,
            scope=one.scope,
            last_day=ending.eve,
            signatory=one.id,
        )


def _restorable(told: Succession, facts: Facts) -> Iterator[Planned]:
    for right in facts.rights:
        touch = next(iter(told.recoded.get(right.scope, ())), None)
        if touch is None or not right.restorable or right.scope in told.endings:
            continue
        yield _of_right(Fate.RESTORABLE, touch, reasons.restorable(touch, told), right, last_day=right.until)


def _gaps(told: Succession, facts: Facts) -> Iterator[Planned]:
    by_account: defaultdict[str, list[Right]] = defaultdict(list)
    by_place: defaultdict[str, list[Right]] = defaultdict(list)
    ended: defaultdict[tuple[str, str], list[Right]] = defaultdict(list)
    for right in facts.rights:
        by_account[right.account].append(right)
        by_place[right.scope].append(right)
        if told.ended(right) is not None:
            ended[right.account, right.scope].append(right)
    for (account, place), before in ended.items():
        ending = told.endings[place]
        now = _left(told, ending.day, before, by_account[account])
        if now is not None:
            why, last_day = reasons.person_left(now=now), None if now else ending.eve
            yield _planned(Fate.GAP, ending, why, account=account, scope=place, last_day=last_day)
    for place, touch in sorted(told.going_on.items()):
        before = [one for origin in (place, *touch.origins) for one in by_place[origin]]
        now = _left(told, touch.day, before, by_place[place])
        if now is not None:
            why, last_day = reasons.place_left(place, touch, told, now=now), None if now else touch.eve
            scope = None if place.startswith("atvk-") else place
            yield _planned(Fate.GAP, touch, why, scope=scope, last_day=last_day)


def _left(told: Succession, day: date, before: Sequence[Right], after: Sequence[Right]) -> bool | None:
    """Return whether nothing is left of what was held before: False from the day on, True now; None if some is.

    An order that is dated earlier takes at once what is held today, whenever that began.
    """
    if any(one.holds_on(day - _DAY) for one in before) and not any(told.held(one, day) for one in after):
        return False
    today = told.today
    if today is None or today < day or not any(one.holds_on(today) for one in before):
        return None
    return None if any(told.held(one, today) for one in after) else True


def _of_right(
    fate: Fate, by: Ending | Touch, reason: reasons.Reason, right: Right, *, last_day: date | None = None
) -> Planned:
    return Planned(
        fate,
        by.order,
        reason.code,
        reason.said,
        account=right.account,
        scope=right.scope,
        section=right.section,
        level=right.level,
        last_day=last_day,
        grant=right.grant,
        cause=by.cause if isinstance(by, Ending) else None,
    )


def _planned(
    fate: Fate,
    by: Ending | Touch,
    reason: reasons.Reason,
    *,
    account: str | None = None,
    scope: str | None = None,
    last_day: date | None = None,
    reference: str | None = None,
    signatory: int | None = None,
) -> Planned:
    return Planned(
        fate,
        by.order,
        reason.code,
        reason.said,
        account=account,
        scope=scope,
        last_day=last_day,
        reference=reference,
        signatory=signatory,
    )
