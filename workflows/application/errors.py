"""What can go wrong with an application that is nobody's verdict.

    ApplicationError
    ├── NoSuchApplication      no application under that reference, link or number; says nothing about which exists
    ├── NotNow                 the act does not fit the state
    │   └── NothingEnds        what is to end is over already, or never was
    ├── Incomplete             submitted with groups missing or wrong; carries the field errors by group
    ├── ChangedMeanwhile       somebody else changed it since it was seen; carries the version now
    ├── NoSuchColleague        a case can be handed over to no such person
    ├── NotYours               claimed by somebody else, or the reviewer is a party
    │   └── OwnApplication
    ├── SignatoryNeeded        approving needs the signatory recorded with a source
    ├── SecondPersonNeeded     approving needs a second person; carries why
    ├── CodeSentOften          the mailbox was sent as many codes as it may have in an hour
    └── ReasonNeeded           a refusal or a request without a reason

`BadReference` is that of `signed_forms`. None of them knows HTTP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.signed_forms.errors import BadReference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workflows.application.fields import FieldError
    from workflows.application.second_person import FourEyesReason

__all__ = [
    "ApplicationError",
    "BadReference",
    "ChangedMeanwhile",
    "CodeSentOften",
    "Incomplete",
    "NameUnexplained",
    "NoSuchApplication",
    "NoSuchColleague",
    "NotNow",
    "NotYours",
    "NothingEnds",
    "OwnApplication",
    "ReasonNeeded",
    "SecondPersonNeeded",
    "SignatoryNeeded",
]


class ApplicationError(Exception):
    """Everything below."""


class NoSuchApplication(ApplicationError):
    """Nothing there, or not for whoever asks: strangers learn nothing about which of the two."""


class NoSuchColleague(ApplicationError):
    """Nobody of that name reviews, or they are a party of the case."""


class NotNow(ApplicationError):
    """The act does not fit the state."""


class NothingEnds(NotNow):
    """An approval would end nothing: whatever is to end is over already, or never was."""


class Incomplete(ApplicationError):
    """Groups are missing or wrong."""

    def __init__(self, errors: Mapping[str, tuple[FieldError, ...]]) -> None:
        super().__init__(f"groups to complete: {', '.join(errors)}")
        self.errors = errors


class ChangedMeanwhile(ApplicationError):
    """The version that was seen is no longer the present one."""

    def __init__(self, *, seen: int, now: int) -> None:
        super().__init__(f"version {seen} was seen, it is {now} now")
        self.seen = seen
        self.now = now


class NotYours(ApplicationError):
    """Somebody else holds it."""


class OwnApplication(NotYours):
    """The reviewer is the user or a signer of it."""


class SignatoryNeeded(ApplicationError):
    """Nobody is recorded who may sign; the approval has to record them, with a source."""


class SecondPersonNeeded(ApplicationError):
    """The approval is in order, and two people decide on it (`proposals`)."""

    def __init__(self, why: tuple[FourEyesReason, ...]) -> None:
        super().__init__(f"two people decide: {', '.join(why)}")
        self.why = why


class CodeSentOften(ApplicationError):
    """A mailbox gets so many codes an hour and no more."""


class ReasonNeeded(ApplicationError):
    """A refusal or a request says why, in plain words."""


class NameUnexplained(ReasonNeeded):
    """Somebody is stated by a wholly other name than the code's holder: approving says why it is the same person."""
