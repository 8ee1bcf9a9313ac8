"""What of what a reform took can be given back? Pure: facts of one account in, a verdict on each right out.

A right comes back only where all of this holds:

(1) it was held for a municipality, and known to be held on the day before it ended, to a day that is not over;
(2) the reform left that municipality alone: it is older than the reform and no order has changed it since;
(3) the municipality and the section are still there;
(4) it was not given back before, and nobody has applied for, or decided otherwise about, the section there since.

It comes back at the level that was held, to the day it was held until before. It never shortens what is held now.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from iam.grants.models import EndCause, EvidenceKind, Level
from iam.grants.rules import HeldGrant
from iam.ids import GrantId, ScopeId
from iam.institutions.register import REFORM

__all__ = ["Facts", "NotRestorable", "Obstacle", "Restorable", "Taken", "Town", "Verdict", "judge", "left_alone"]

_DAY = timedelta(days=1)
_RANK = {Level.VIEW: 0, Level.EDIT: 1}
_APPLIED_FOR = frozenset({EvidenceKind.SIGNED_PAIR, EvidenceKind.PAPER_SEEN_BY_TWO})


class Obstacle(StrEnum):
    """Why a right that a reform took is not given back."""

    NOT_MUNICIPAL = "not_municipal"  # held for an institution or the state
    CHANGED = "changed"  # the reform, or an order since, changed the municipality
    ENDED = "ended"  # the municipality is no more
    NOT_HELD = "not_held"  # not held on the day before
    OVER = "over"  # it would have ended by itself meanwhile
    NO_SECTION = "no_section"  # the section is no longer in the catalogue
    RESTORED = "restored"  # given back before
    DECIDED_SINCE = "decided_since"  # applied for anew, or given anew and ended by somebody
    HELD = "held"  # held now, at that level or a higher one
    HELD_LONGER = "held_longer"  # a lower level is held now, to a later day


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A right that ended by a reform, as its end was recorded. `last_day` is None where it never began.

    `known_before` says that its days before are known; `until_before` is the last of them, None where it was open.
    """

    period: int
    grant: GrantId
    scope_id: ScopeId
    scope: str
    section: str
    level: Level
    last_day: date | None
    known_before: bool
    until_before: date | None
    recorded_by: str
    recorded_at: datetime
    order: str | None = None
    restored: bool = False


@dataclass(frozen=True, slots=True)
class Town:
    """A municipality: its first and last day, and the first order that joined to it or split from it since."""

    since: date | None
    until: date | None
    changed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a verdict rests on: what a reform took, everything held, the municipalities by scope, the sections."""

    taken: Sequence[Taken]
    held: Sequence[HeldGrant]
    towns: Mapping[str, Town]
    sections: frozenset[str]


@dataclass(frozen=True, slots=True)
class Restorable:
    """A right to give back from `since` to `until`; `replaces` is the lower level that is held there now."""

    taken: Taken
    since: date
    until: date | None
    replaces: Level | None


@dataclass(frozen=True, slots=True)
class NotRestorable:
    """A right that is not given back, and why."""

    taken: Taken
    why: Obstacle


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is given back, and what is not."""

    restorable: tuple[Restorable, ...]
    kept: tuple[NotRestorable, ...]

    def __bool__(self) -> bool:
        return bool(self.restorable)


def judge(facts: Facts, *, on: date) -> Verdict:
    """Say of each right that a reform took whether it is given back on the day."""
    judged = [_judged(one, facts, on) for one in facts.taken]
    best = _highest(one for one in judged if isinstance(one, Restorable))
    kept = []
    for one in judged:
        if isinstance(one, NotRestorable):
            kept.append(one)
        elif one not in best:
            kept.append(NotRestorable(one.taken, Obstacle.HELD))
    return Verdict(tuple(best), tuple(kept))


def left_alone(town: Town, *, on: date) -> bool:
    """Say whether the reform left a municipality alone and it still is there on the day.

    >>> left_alone(Town(None, None), on=date(2026, 1, 1))
    True
    >>> left_alone(Town(None, date(2025, 6, 30)), on=date(2026, 1, 1))
    False
    """
    return _against(town, on) is None


def _judged(taken: Taken, facts: Facts, on: date) -> Restorable | NotRestorable:
    town = facts.towns.get(taken.scope)
    if town is None:
        return NotRestorable(taken, Obstacle.NOT_MUNICIPAL)
    why = _against(town, on) or _spent(taken, facts, on)
    if why is not None:
        return NotRestorable(taken, why)
    return _beside(taken, facts, on)


def _against(town: Town, on: date) -> Obstacle | None:
    if town.until is not None and town.until < on:
        return Obstacle.ENDED
    founded = town.since is not None and town.since >= REFORM
    return Obstacle.CHANGED if founded or town.changed_by is not None else None


def _spent(taken: Taken, facts: Facts, on: date) -> Obstacle | None:
    if taken.restored or any(one.reinstates == taken.period for one in facts.held):
        return Obstacle.RESTORED
    if taken.last_day is None or not taken.known_before:
        return Obstacle.NOT_HELD
    if taken.until_before is not None and taken.until_before < on:
        return Obstacle.OVER
    return None if taken.section in facts.sections else Obstacle.NO_SECTION


def _beside(taken: Taken, facts: Facts, on: date) -> Restorable | NotRestorable:
    """Judge a right by what else was given there since: a newer decision goes before it."""
    until, replaces = taken.until_before, None
    for one in facts.held:
        if (one.scope, one.section) != (taken.scope, taken.section) or one.id == taken.grant or one.since is None:
            continue
        if one.since > on:
            until = one.since - _DAY if until is None else min(until, one.since - _DAY)
        elif one.holds_on(on):
            if _RANK[one.level] >= _RANK[taken.level]:
                return NotRestorable(taken, Obstacle.HELD)
            if _applied_for(one, taken):
                return NotRestorable(taken, Obstacle.DECIDED_SINCE)
            if until is not None and (one.until is None or one.until > until):
                return NotRestorable(taken, Obstacle.HELD_LONGER)
            replaces = one.level
        elif _applied_for(one, taken) or _ended_by_decision(one, taken):
            return NotRestorable(taken, Obstacle.DECIDED_SINCE)
    return Restorable(taken, on, until, replaces)


def _applied_for(one: HeldGrant, taken: Taken) -> bool:
    """Say whether people applied for a right after the reform took the other: they stated what is needed."""
    return _is_later(one, taken) and one.evidence in _APPLIED_FOR


def _ended_by_decision(one: HeldGrant, taken: Taken) -> bool:
    """Say whether a right that is over was given after the reform took the other, and ended otherwise than by one."""
    return _is_later(one, taken) and one.end_cause not in {EndCause.REFORM, EndCause.REPLACED}


def _is_later(one: HeldGrant, taken: Taken) -> bool:
    return taken.last_day is not None and one.since is not None and one.since > taken.last_day


def _highest(found: Iterable[Restorable]) -> list[Restorable]:
    """Keep one of each section and place: the highest level, of equal ones the one that ended last."""
    places: defaultdict[tuple[str, str], list[Restorable]] = defaultdict(list)
    for one in found:
        places[one.taken.scope, one.taken.section].append(one)
    return [max(some, key=lambda one: (_RANK[one.taken.level], one.taken.recorded_at)) for some in places.values()]
