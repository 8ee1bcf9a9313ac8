"""The two documents of an application for a grant, and who signs them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from workflows.application.forms import Form, FormKind, make_all
from workflows.application.kinds.kind import Required
from workflows.application.states import Party

if TYPE_CHECKING:
    from datetime import datetime

    from workflows.application.kinds.grant.stated import Stated

__all__ = ["Part", "made", "required"]


class Part(StrEnum):
    """The two documents; the value is the evidence's document role."""

    APPLICATION = "application"
    LETTER = "letter"


def required(stated: Stated) -> tuple[Required, ...]:
    """Require the application of whoever may sign for the institution, and the letter of the user.

    The application holds the head's code and the letter only the user's, which the head states: so a user gets the
    letter, and a head, who may sign both in one container, gets both (decision 76).
    """
    return (
        Required(
            part=Part.APPLICATION,
            file_name="iesniegums",
            person=Party.HEAD,
            party=Party.HEAD,
            objection="application.signer-not-head",
            readers=frozenset({Party.HEAD, Party.APPLICANT}),
            represents=True,
        ),
        Required(
            part=Part.LETTER,
            file_name="saistibu-raksts",
            person=Party.USER,
            party=Party.HEAD if stated.head_is_user else Party.USER,
            objection="application.signer-not-user",
            readers=frozenset(Party),
        ),
    )


def made(reference: str, stated: Stated, *, at: datetime) -> tuple[bytes, ...]:
    """Make both forms. Raises NotTypeset."""
    return make_all([Form(FormKind(part.value), reference, stated) for part in Part], at=at)
