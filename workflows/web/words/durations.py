"""How long something lasts, in words: the policy's numbers as pages say them."""

from datetime import timedelta

from workflows.i18n import Words

__all__ = ["lasting", "months", "years"]

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def lasting(words: Words, time: timedelta) -> str:
    r"""Say a time in days, hours or minutes: in the largest of which it is a whole number.

    >>> from workflows.i18n import translator
    >>> [lasting(translator("en"), one) for one in (timedelta(days=30), timedelta(minutes=90), timedelta(hours=12))]
    ['30\xa0days', '90\xa0minutes', '12\xa0hours']
    """
    if not time % _DAY:
        return words.plural("%(n)s day", "%(n)s days", time // _DAY)
    if not time % _HOUR:
        return words.plural("%(n)s hour", "%(n)s hours", time // _HOUR)
    return words.plural("%(n)s minute", "%(n)s minutes", time // timedelta(minutes=1))


def months(words: Words, count: int) -> str:
    """Say so many months."""
    return words.plural("%(n)s month", "%(n)s months", count)


def years(words: Words, count: int) -> str:
    """Say so many years."""
    return words.plural("%(n)s year", "%(n)s years", count)
