"""How much may be typed into a field of a staff page, and what is said to somebody who typed more."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Path

from iam.people.rules import codes_in
from workflows.i18n import Words
from workflows.web.http.errors import Problem
from workflows.web.http.forms import Posted

__all__ = [
    "LONGEST_HOW",
    "LONGEST_REASON",
    "LONGEST_SEARCH",
    "LONGEST_SOURCE",
    "RowNumber",
    "text_problems",
    "too_long",
]

RowNumber = Annotated[int, Path(le=2**63 - 1)]
"""The number of a row in an address; a larger one, which no column holds, is answered 404 before any page."""

LONGEST_REASON = 2000
"""A page of text: applicants read it, or it is a record's explanation."""
LONGEST_HOW = 500
LONGEST_SOURCE = 300
LONGEST_SEARCH = 200


def too_long(words: Words, form: Posted | Mapping[str, str], **longest: int) -> tuple[Problem, ...]:
    """Say which of the named fields hold more than they may; what was typed stays in them."""
    problems = []
    for name, most in longest.items():
        # Browsers send a line's end as two characters and count it as one.
        count = len((form.get(name) or "").replace("\r\n", "\n"))
        if count > most:
            sentence = words("Shorten the text to %(most)s characters: it has %(count)s", most=most, count=count)
            problems.append(Problem(name, sentence))
    return tuple(problems)


def text_problems(words: Words, form: Posted | Mapping[str, str], **longest: int) -> tuple[Problem, ...]:
    """Say what is wrong with the texts typed into the named fields: too long, or a personal code in them.

    Such a text is kept, and shown to others as it is.
    """
    sentence = words("Leave out the personal code: it does not belong here")
    codes = (Problem(name, sentence) for name in longest if codes_in(form.get(name) or ""))
    return (*too_long(words, form, **longest), *codes)
