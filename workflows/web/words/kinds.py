"""What an application of whatever kind is called on pages, and what it states, in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from workflows.application.facts import StatedFacts, StatedPerson
from workflows.application.kinds.filling import Row
from workflows.application.kinds.kind import Kind
from workflows.application.kinds.registry import kind_of, required_of
from workflows.application.models import Application
from workflows.application.states import Party
from workflows.application.tags import ApplicationTag
from workflows.application.views import Event
from workflows.i18n import Words
from workflows.i18n import later as _
from workflows.web.words.vocabulary import DIFFERENCES, EVENTS

__all__ = [
    "Names",
    "RowWords",
    "StatedWords",
    "difference_in_words",
    "event_word",
    "names_of",
    "rows_in_words",
    "stated_in_words",
]

_APPLICANT = _("whoever filled in the form")

_ABOUT = {"name": _("Name and surname"), "email": _("Work e-mail")}

RowWords = tuple[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Names:
    """What the documents of one application are called, by part, and its parties."""

    parts: Mapping[str, str]
    parties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StatedWords:
    """What an application states: `people` are role, heading and person, `about` the one the case is called by.

    `rows` stand under `heading`, each a label and its values; `remark` is said of the people.
    """

    about: str
    people: Sequence[tuple[str, str, StatedPerson]]
    remark: str
    heading: str
    rows: Sequence[RowWords]


def names_of(words: Words, application: Application) -> Names:
    """Return the names for a submitted application."""
    roles = {role: words(one.called) for role, one in kind_of(application).roles.items()}
    return Names(
        {one.part: words(one.title) for one in required_of(application)}, {Party.APPLICANT: words(_APPLICANT), **roles}
    )


def stated_in_words(session: Session, words: Words, kind: Kind, facts: StatedFacts) -> StatedWords:
    """Return what is stated; codes are masked as they are in the `facts`."""
    shown = kind.shown(session, facts, language=words.language)
    return StatedWords(
        about=facts.people[kind.about].name,
        people=[(role, words(kind.roles[role].heading), facts.people[role]) for role in shown.people],
        remark=shown.remark.in_words(words),
        heading=shown.heading.in_words(words),
        rows=rows_in_words(words, shown.rows),
    )


def rows_in_words(words: Words, rows: Sequence[Row]) -> list[RowWords]:
    """Return each label with its values."""
    return [(row.label.in_words(words), [value.in_words(words) for value in row.values]) for row in rows]


def event_word(words: Words, kind: Kind, event: Event) -> str:
    """Say what happened to an application of the kind."""
    return words(kind.texts.approved_event if event.tag is ApplicationTag.APPROVED else EVENTS[event.tag])


def difference_in_words(words: Words, kind: Kind, what: str) -> str:
    """Name what two sources disagree on (`review_views.Difference.what`)."""
    if what in DIFFERENCES:
        return words(DIFFERENCES[what])
    role, _dot, about = what.partition(".")
    heading = words(kind.roles[role].heading)
    return f"{heading}: {words({**_ABOUT, **kind.texts.differs}[about])}"
