"""A planned change as other programs read it."""

from workflows.i18n import Words
from workflows.reorganisation.plan import Planned

__all__ = ["as_json"]


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
