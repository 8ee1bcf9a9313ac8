"""The reviewers' queue: what waits, since when, for whom; what is urgent first, then the oldest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from statistics import median
from typing import TYPE_CHECKING

from iam import letters
from iam.periods import riga_day
from workflows import policy
from workflows.application import repository
from workflows.application.errors import BadReference
from workflows.application.kinds.registry import kind_of, urgent
from workflows.application.repository import QueueOrder, Wanted
from workflows.application.states import ALL_SIGNED, OPEN, SIGNATORY_NOTES, Signed, State
from workflows.signed_forms.references import parse_reference
from workflows.signed_forms.states import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from iam.ids import ApplicationId
    from workflows.application.models import Application
    from workflows.principal import Principal

__all__ = ["Filters", "QueueOrder", "QueueRow", "QueueView", "Signed", "next_one", "queue", "workdays"]

_SATURDAY = 5
_DAYS = 1000  # as many pairs of days as a queue of years has


@dataclass(frozen=True, slots=True)
class Filters:
    """What the queue's address says. Empty means all; `assignee` is a username, or "-" for nobody's.

    A text that is the number of an application finds that one, whatever else is chosen.
    """

    text: str = ""
    states: tuple[State, ...] = (State.IN_REVIEW,)
    municipality: str = ""
    signed: Signed | None = None
    assignee: str = ""
    overdue: bool = False
    order: QueueOrder = QueueOrder.SINCE
    descending: bool = False
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue; nothing in it needs masking."""

    id: ApplicationId
    version: int
    reference: str
    kind: str  # what is applied with, a sentence of the catalogue
    urgent: bool
    state: State
    applicant_name: str
    municipality: str
    user_name: str
    since: datetime | None  # None where it waits no longer
    age: int  # whole working days
    overdue: bool
    claimed_by: str | None
    claimed_at: datetime | None
    signed: Signed


@dataclass(frozen=True, slots=True)
class QueueView:
    """The filtered lines, how many there are in all, and the tiles over everything that waits.

    `due_after` and `overdue_after` are working days, by the policy of the day.
    """

    rows: tuple[QueueRow, ...]
    total: int
    waiting: int
    mine: int
    overdue: int
    median_age: float
    municipalities: tuple[str, ...]
    due_after: int
    overdue_after: int


def queue(session: Session, filters: Filters, *, by: Principal, at: datetime) -> QueueView:
    """Return what `by` may see of the queue, and the tiles over it, as of that moment."""
    today, numbers = riga_day(at), policy.on(session, at)
    waiting = repository.waiting(session, sees=by.sees, on=today)
    ages = [workdays(riga_day(since), today) for _, since in waiting]
    found, total = repository.queued(
        session,
        _wanted(filters, overdue_after=numbers.decision_overdue, at=at),
        sees=by.sees,
        on=today,
        order=filters.order,
        descending=filters.descending,
        limit=filters.limit,
        offset=filters.offset,
    )
    return QueueView(
        rows=tuple(_row(application, numbers.decision_overdue, today) for application in found),
        total=total,
        waiting=len(waiting),
        mine=sum(claimed_by == by.username for claimed_by, _ in waiting),
        overdue=sum(age >= numbers.decision_overdue for age in ages),
        median_age=float(median(ages)) if ages else 0.0,
        municipalities=repository.municipalities_waiting(session, sees=by.sees, on=today),
        due_after=numbers.decision_due,
        overdue_after=numbers.decision_overdue,
    )


def _wanted(filters: Filters, *, overdue_after: int, at: datetime) -> Wanted:
    nothing: Wanted = Wanted(
        words=(), states=(), municipality="", assignee="", signed=None, before=None, urgent=urgent()
    )
    try:
        return replace(nothing, reference=parse_reference(filters.text))
    except BadReference:
        return replace(
            nothing,
            words=letters.search_words(filters.text),
            states=filters.states,
            municipality=filters.municipality,
            assignee=filters.assignee,
            signed=filters.signed,
            before=_overdue_before(at, overdue_after) if filters.overdue else None,
        )


def next_one(session: Session, *, by: Principal, at: datetime) -> Application | None:
    """Lock the next one that nobody has claimed; two who ask at once get two different ones.

    It is the one that has waited longest; urgent ones come first.
    """
    return repository.oldest_unclaimed(session, urgent=urgent(), sees=by.sees, on=riga_day(at))


@lru_cache(maxsize=_DAYS)
def workdays(since: date, until: date) -> int:
    """Count the working days after `since` up to `until`. Weekends only: public holidays make nobody overdue sooner.

    >>> workdays(date(2026, 11, 20), date(2026, 11, 24))  # Friday to Tuesday
    2
    """
    days = (until - since).days
    if days <= 0:
        return 0
    weeks, rest = divmod(days, 7)
    return weeks * 5 + sum((since.weekday() + day) % 7 < _SATURDAY for day in range(1, rest + 1))


def _overdue_before(at: datetime, overdue_after: int) -> datetime:
    day = riga_day(at)
    while workdays(day, riga_day(at)) < overdue_after:
        day -= timedelta(days=1)
    return at - timedelta(days=(riga_day(at) - day).days)


def _row(application: Application, overdue_after: int, today: date) -> QueueRow:
    since = application.in_review_at or application.submitted_at or application.created_at
    age, kind = workdays(riga_day(since), today), kind_of(application)
    return QueueRow(
        id=application.id,
        version=application.version,
        reference=application.reference,
        kind=kind.texts.name,
        urgent=kind.urgent and application.state in ALL_SIGNED,
        state=application.state,
        applicant_name=application.applicant_name,
        municipality=application.municipality,
        user_name=application.user_name,
        since=since if application.state in OPEN else None,
        age=age,
        overdue=age >= overdue_after and application.state is State.IN_REVIEW,
        claimed_by=application.claimed_by,
        claimed_at=application.claimed_at,
        signed=signed(application),
    )


def signed(application: Application) -> Signed:
    """Say how much the machine could settle about an application's signatures."""
    standings = {form.standing for form in application.documents}
    if standings - {Standing.PROVEN, Standing.NEEDS_PERSON}:
        return Signed.AWAITED
    if Standing.NEEDS_PERSON in standings:
        return Signed.PERSON
    if application.signatory_open and application.state in OPEN:
        return Signed.SIGNATORY
    return Signed.NOTED if _noted(form.notes for form in application.documents) else Signed.CLEAN


def _noted(notes: Iterable[list[dict[str, object]]]) -> bool:
    return any(note["code"] not in SIGNATORY_NOTES for some in notes for note in some)
