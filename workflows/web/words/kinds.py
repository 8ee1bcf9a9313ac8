"""What an application of whatever kind is called on pages, and what it states, in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from workflows.application.facts import Facts, StatedPerson
from workflows.application.kinds.grant.stated import Stated
from workflows.application.kinds.kind import Kind
from workflows.application.kinds.registry import kind_of, required_of
from workflows.application.models import Application
from workflows.application.states import Party
from workflows.i18n import Words
from workflows.i18n import later as _
from workflows.web.words.sections import section_names
from workflows.web.words.vocabulary import DIFFERENCES

__all__ = ["Names", "StatedWords", "difference_in_words", "names_of", "stated_in_words"]

_APPLICANT = _("whoever filled in the form")


@dataclass(frozen=True, slots=True)
class Names:
    """What the documents of one application are called, by part, and its parties."""

    parts: Mapping[str, str]
    parties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StatedWords:
    """What an application states. The pages lay a `grant` out; of another kind they list `people` and `facts`.

    `people` are role, heading and person, `about` the one the case is called by, `section_names` those of a grant.
    """

    grant: Stated | None
    about: str
    people: Sequence[tuple[str, str, StatedPerson]]
    facts: Sequence[tuple[str, str]]
    section_names: Mapping[str, str]


def names_of(words: Words, application: Application) -> Names:
    """Return the names for a submitted application."""
    roles = {role: words(one.called) for role, one in kind_of(application).roles.items()}
    return Names(
        {one.part: words(one.title) for one in required_of(application)}, {Party.APPLICANT: words(_APPLICANT), **roles}
    )


def stated_in_words(session: Session, words: Words, kind: Kind, facts: Facts) -> StatedWords:
    """Return what is stated; codes are masked as they are in the `facts`."""
    grant = facts if isinstance(facts, Stated) else None
    return StatedWords(
        grant=grant,
        about=facts.people[kind.about].name,
        people=[(role, words(kind.roles[role].heading), person) for role, person in facts.people.items()],
        facts=[(one.label.in_words(words), one.will.in_words(words)) for one in kind.shown(facts)],
        section_names={} if grant is None else section_names(session, words, grant),
    )


def difference_in_words(words: Words, kind: Kind, what: str) -> str:
    """Name what two sources disagree on (`review_views.Difference.what`)."""
    if what in DIFFERENCES:
        return words(DIFFERENCES[what])
    role, _dot, about = what.partition(".")
    heading = words(kind.roles[role].heading)
    return f"{heading}: {words(_('Name and surname')) if about == 'name' else words(_('Work e-mail'))}"
