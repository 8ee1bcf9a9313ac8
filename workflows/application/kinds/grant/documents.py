"""The two documents of an application for a grant, and who signs them."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from iam.grants import service as grants
from iam.periods import midnight_in_riga
from workflows.application.kinds.grant.forms import Form, FormKind, blank, make_all
from workflows.application.kinds.kind import BlankForm, Required
from workflows.application.states import Party
from workflows.i18n import later

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from workflows.application.kinds.grant.stated import Stated

__all__ = ["BLANK_FORMS", "INVITATIONS", "Part", "blank_form", "invitation", "made", "required"]

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


BLANK_FORMS = (
    BlankForm(FormKind.APPLICATION, later("Application for VIIS user rights"), "iesniegums"),
    BlankForm(FormKind.LETTER, later("Commitment letter"), "saistibu-raksts"),
)
"""Forms to be filled in by hand."""


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
            objection="grant.signer-not-head",
            readers=frozenset({Party.HEAD, Party.APPLICANT}),
            represents=True,
        ),
        Required(
            part=Part.LETTER,
            title=later("Commitment letter"),
            file_name="saistibu-raksts",
            person=Party.USER,
            party=Party.HEAD if stated.head_is_user else Party.USER,
            objection="grant.signer-not-user",
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


def blank_form(session: Session, name: str, *, on: date) -> bytes:
    """Make a form to be filled in by hand; raises ValueError for a name that none has, and NotTypeset."""
    sections = tuple((one.code, one.name_lv) for one in grants.sections(session, on=on))
    return _blank(FormKind(name), sections, on)


@lru_cache(maxsize=len(FormKind))
def _blank(kind: FormKind, sections: tuple[tuple[str, str], ...], day: date) -> bytes:
    """Make it once a day; a new edition of the text or a new section makes another one."""
    return blank(kind, sections, at=midnight_in_riga(day))
