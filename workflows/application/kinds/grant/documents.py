"""The two documents of an application for a grant, and who signs them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from workflows.application.forms import Form, FormKind, make_all
from workflows.application.kinds.kind import Required, RoleName
from workflows.application.states import Party
from workflows.i18n import later

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from workflows.application.kinds.grant.stated import Stated

__all__ = ["INVITATIONS", "ROLES", "Part", "invitation", "made", "required"]

ROLES: Mapping[str, RoleName] = {
    Party.HEAD: RoleName(later("The head"), later("the head")),
    Party.USER: RoleName(later("The user"), later("the user")),
}
"""What the two people are called."""

_TO_SIGN_BOTH = later(
    "An application for the right to use VIIS has been filled in, in which you are both head and user. Please read the "
    "application and the commitment letter, sign both with your secure electronic signature and upload them. They may "
    "be signed together in one container."
)
_TO_SIGN_AS_HEAD = later(
    "An application for the right to use VIIS has been filled in, in which you are named as the head. Please read it, "
    "sign it with your secure electronic signature and upload it."
)
_TO_SIGN_AS_USER = later(
    "An application for the right to use VIIS has been filled in for you. Please read your commitment letter, sign it "
    "personally with your secure electronic signature and upload it."
)
INVITATIONS = (_TO_SIGN_AS_HEAD, _TO_SIGN_AS_USER, _TO_SIGN_BOTH)
"""Every text that asks to sign."""


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
            title=later("Application"),
            file_name="iesniegums",
            person=Party.HEAD,
            party=Party.HEAD,
            objection="application.signer-not-head",
            readers=frozenset({Party.HEAD, Party.APPLICANT}),
            represents=True,
        ),
        Required(
            part=Part.LETTER,
            title=later("Commitment letter"),
            file_name="saistibu-raksts",
            person=Party.USER,
            party=Party.HEAD if stated.head_is_user else Party.USER,
            objection="application.signer-not-user",
            readers=frozenset(Party),
        ),
    )


def invitation(stated: Stated, party: str) -> str:
    """Ask head or user to sign what is theirs; a head who is the user signs both."""
    if party != Party.HEAD:
        return _TO_SIGN_AS_USER
    return _TO_SIGN_BOTH if stated.head_is_user else _TO_SIGN_AS_HEAD


def made(reference: str, stated: Stated, *, at: datetime) -> tuple[bytes, ...]:
    """Make both forms. Raises NotTypeset."""
    return make_all([Form(FormKind(part.value), reference, stated) for part in Part], at=at)
