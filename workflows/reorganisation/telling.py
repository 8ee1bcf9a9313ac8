"""A planned change, and one that undoing makes, as other programs read them."""

from workflows.i18n import Words
from workflows.reorganisation.plan import Planned
from workflows.reorganisation.undo_changes import UndoChange

__all__ = ["as_json", "undo_as_json"]


def as_json(change: Planned, words: Words) -> dict[str, str | None]:
    """Return the fields that other programs rely on: never renamed. The reason is a sentence in the language."""
    return {
        "change": change.fate.value,
        "order": change.order,
        "account": change.account,
        "scope": change.scope,
        "section": change.section,
        "level": None if change.level is None else change.level.value,
        "last_day": None if change.last_day is None else change.last_day.isoformat(),
        "reason": change.reason.in_words(words),
        "reference": change.reference,
    }


def undo_as_json(change: UndoChange, words: Words) -> dict[str, str | None]:
    """Return the fields that other programs rely on: never renamed. `since` and `until` are those of before."""
    return {
        "change": change.fate.value,
        "order": change.order,
        "account": change.account,
        "signatory": change.name,
        "scope": change.scope,
        "section": change.section,
        "level": None if change.level is None else change.level.value,
        "since": None if change.since is None else change.since.isoformat(),
        "until": None if change.until is None else change.until.isoformat(),
        "reason": change.reason.in_words(words),
    }
