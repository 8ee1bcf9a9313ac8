"""The one document of an application for revocation, and who signs it."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from iam.periods import midnight_in_riga
from workflows.application.kinds.kind import BlankForm, Required
from workflows.application.kinds.revocation.forms import blank
from workflows.application.states import Party
from workflows.i18n import later

if TYPE_CHECKING:
    from datetime import date

__all__ = ["BLANK_FORMS", "INVITATION", "REQUIRED", "Part", "blank_form"]


class Part(StrEnum):
    """The document; the value is its name among those an application needs signed."""

    REVOCATION = "revocation"


INVITATION = later(
    "An application to end somebody's rights to use VIIS has been filled in, in which you are named as the head. "
    "Please read it, sign it with your secure electronic signature and upload it. No right ends before that."
)
"""Asks the head to sign."""

BLANK_FORMS = (BlankForm(Part.REVOCATION, later("Application to end user rights"), "iesniegums-anulesanai"),)
"""Forms to be filled in by hand."""

# It holds the codes of head and user, which whoever filled it in has typed.
REQUIRED = Required(
    part=Part.REVOCATION,
    title=later("Application to end user rights"),
    file_name="iesniegums-anulesanai",
    person=Party.HEAD,
    party=Party.HEAD,
    objection="revocation.signer-not-head",
    readers=frozenset({Party.HEAD, Party.APPLICANT}),
    represents=True,
)
"""The application of whoever may sign for the institution."""


def blank_form(name: str, *, on: date) -> bytes:
    """Make a form to be filled in by hand; raises ValueError for a name that none has, and NotTypeset."""
    Part(name)
    return _blank(on)


@lru_cache(maxsize=1)
def _blank(day: date) -> bytes:
    """Make it once a day; a new edition of the text makes another one."""
    return blank(at=midnight_in_riga(day))
