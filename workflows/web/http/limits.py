"""How much may be typed into a field of a staff page, and what is said to somebody who typed more."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import Path
from starlette.datastructures import UploadFile

from iam.people.rules import codes_in
from workflows.application.fields import TOO_LONG
from workflows.evidence.names import short_name
from workflows.i18n import Words
from workflows.i18n import later as _
from workflows.web.http.errors import Problem
from workflows.web.http.forms import Posted

__all__ = [
    "LONGEST_ADDRESS",
    "LONGEST_HOW",
    "LONGEST_REASON",
    "LONGEST_SEARCH",
    "LONGEST_SOURCE",
    "RowNumber",
    "label_of",
    "text_problems",
    "too_large",
    "too_large_together",
    "too_long",
]

RowNumber = Annotated[int, Path(le=2**63 - 1)]
"""The number of a row in an address; a larger one, which no column holds, is answered 404 before any page."""

_MIB = 1024 * 1024

LONGEST_REASON = 2000
"""A page of text: applicants read it, or it is a record's explanation."""
LONGEST_HOW = 500
LONGEST_SOURCE = 300
LONGEST_SEARCH = 200
LONGEST_ADDRESS = 254
"""RFC 5321 §4.5.3.1.3, less the brackets around it."""

_LABELS = {
    "given_name": _("Given name"),
    "surname": _("Surname"),
    "position": _("Position"),
    "email": _("Work e-mail"),
    "phone": _("Work telephone (optional)"),
    "detail": _("Whom the user replaces, or another explanation"),
    "places": _("Other institutions (optional)"),
    "q": _("Search"),
    "username": _("Username"),
    "description": _("What happened"),
    "answer": _("Answer in words"),
    "reason": _("Reason"),
    "withdraw_reason": _("Reason"),
    "repeal_reason": _("Reason"),
    "how": _("How it was established who signed"),
    "source": _("Source"),
    "address_reason": _("Why the address stays"),
    "note": _("Note for colleagues"),
}


def label_of(words: Words, field: str) -> str:
    """Return what a form calls a field, to name it in a sentence; `how.letter` is the `how` of one document."""
    name = field.partition(".")[0]
    return words(_LABELS[name]) if name in _LABELS else field


def too_long(
    words: Words, form: Posted | Mapping[str, str], *, called: Mapping[str, str] | None = None, **longest: int
) -> tuple[Problem, ...]:
    """Say which of the named fields hold more than they may; what was typed stays in them.

    `called` are what this form calls its fields, where other forms call them otherwise.
    """
    problems = []
    for name, most in longest.items():
        # Browsers send a line's end as two characters and count it as one.
        count = len((form.get(name) or "").replace("\r\n", "\n"))
        if count > most:
            field = words(called[name]) if called and name in called else label_of(words, name)
            problems.append(Problem(name, words(TOO_LONG, field=field, number=most, count=count)))
    return tuple(problems)


def too_large(words: Words, file: UploadFile | None, *, limit: int) -> Problem | None:
    """Say that a file has more than `limit` MB, None when it has not."""
    if file is None or (file.size or 0) <= limit * _MIB:
        return None
    # Rounded up: what is a little over the limit must not read as the limit.
    tenths = -(-(file.size or 0) * 10 // _MIB)
    sentence = words(
        "The file “%(name)s” has %(size)s MB, and at most %(limit)s MB are accepted: choose a smaller one",
        name=short_name(file.filename or "?"),
        size=words.decimal(tenths / 10),
        limit=limit,
    )
    return Problem("file", sentence)


def too_large_together(words: Words, names: Sequence[str], *, limit: int) -> Problem:
    """Say that what was chosen has more than `limit` MB; how much more is not known where not all of it was read."""
    if len(names) == 1:
        sentence = words(
            "The file “%(name)s” is too large: at most %(limit)s MB are accepted. Choose a smaller one",
            name=short_name(names[0] or "?"),
            limit=limit,
        )
    else:
        sentence = words(
            "The files are too large together: at most %(limit)s MB are accepted. Choose fewer or smaller ones",
            limit=limit,
        )
    return Problem("file", sentence)


def text_problems(
    words: Words, form: Posted | Mapping[str, str], *, called: Mapping[str, str] | None = None, **longest: int
) -> tuple[Problem, ...]:
    """Say what is wrong with the texts typed into the named fields: too long, or a personal code in them.

    Such a text is kept, and shown to others as it is. `called` as for `too_long`.
    """
    sentence = words("Leave out the personal code: it does not belong here")
    codes = (Problem(name, sentence) for name in longest if codes_in(form.get(name) or ""))
    return (*too_long(words, form, called=called, **longest), *codes)
