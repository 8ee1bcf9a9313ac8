"""Days in words."""

from datetime import date

from workflows.i18n import Words

__all__ = ["period_in_words"]


def period_in_words(words: Words, since: date | None, until: date | None) -> str:
    """Say from which day to which something holds, or that no last day is known; empty where neither day is."""
    if until is not None and since is not None:
        return words("from %(since)s to %(until)s", since=words.date(since), until=words.date(until))
    if until is not None:
        return words("until %(day)s", day=words.date(until))
    return "" if since is None else words("from %(day)s, until further notice", day=words.date(since))
