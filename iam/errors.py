"""Errors of iam: what cannot become a decision. They know no HTTP; the web door maps them in one table.

IamError
├── BadPersonalCode          the text is no personal code (a ValueError too)
├── CodeOfAnotherPerson      two people were taken for one, or one for two
├── BadFile                  a file to import; names every line at fault, nothing was imported
├── BadOrders                orders that contradict the register or one another; names everything, nothing was recorded
├── Unknown                  no institution, municipality, section, grant under that name
├── Refused                  what was asked contradicts what is recorded
│   ├── AlreadyHeld          the account holds that section there on some of these days
│   ├── AccountShut          the account was disabled by a person
│   ├── DocumentUsed         another decision rests on the document already
│   ├── NothingToEnd         the grant has ended before, or was taken back
│   ├── NothingToReinstate   the right did not end by that order, or there are no days left to hold it
│   ├── SignatoryOverlaps    the person already may sign there on some of these days
│   └── SignatoryOutlasts    the place has ended, and nobody signs for it longer; carries its last day
└── KeycloakTrouble
    ├── KeycloakUnavailable  nothing is known about the outcome: do it again
    └── KeycloakRefused      Keycloak understood and said no: a person has to act
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

__all__ = [
    "AccountShut",
    "AlreadyHeld",
    "BadCode",
    "BadFile",
    "BadOrders",
    "BadPersonalCode",
    "CodeOfAnotherPerson",
    "DocumentUsed",
    "EmailTaken",
    "IamError",
    "KeycloakRefused",
    "KeycloakTrouble",
    "KeycloakUnavailable",
    "LineProblem",
    "NothingToEnd",
    "NothingToReinstate",
    "Refused",
    "SignatoryOutlasts",
    "SignatoryOverlaps",
    "Unknown",
    "UsernameTaken",
]


class IamError(Exception):
    """Whatever iam refuses."""


class BadCode(StrEnum):
    """Why a text is not a personal code."""

    EMPTY = "empty"
    SHAPE = "shape"  # not eleven digits, or an unknown kind of identifier
    DATE = "date"  # no such day
    CENTURY = "century"  # the seventh digit of an old code is 0, 1 or 2
    CHECK_DIGIT = "check_digit"
    COUNTRY_NOT_SAID = "country_not_said"  # a bare code where nothing says whose it is


class BadPersonalCode(IamError, ValueError):
    """The text is not a personal code; `reason` says why. The text itself is not repeated: it may be nearly right."""

    def __init__(self, reason: BadCode) -> None:
        super().__init__(f"not a personal code: {reason}")
        self.reason = reason


class CodeOfAnotherPerson(IamError):
    """The code already names somebody else, the person with the id `holder`. A person has to decide."""

    def __init__(self, holder: int) -> None:
        super().__init__(f"the code already names person {holder}")
        self.holder = holder


@dataclass(frozen=True, slots=True)
class LineProblem:
    """What is wrong in a line (counted from 1, the header included) of a file."""

    line: int
    code: str  # stable: "reg_no.shape"
    said: str  # one sentence for the operator

    def __str__(self) -> str:
        return f"line {self.line}: {self.said}"


class BadFile(IamError):
    """A file cannot be imported. `problems` names every line at fault; nothing of the file was taken."""

    def __init__(self, problems: tuple[LineProblem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class BadOrders(IamError):
    """Orders cannot be recorded. `problems` names everything that is wrong; nothing of them was taken."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Unknown(IamError):
    """Nothing is known under that name or number."""


class Refused(IamError):
    """What was asked contradicts what is recorded."""


class AlreadyHeld(Refused):
    """The account already holds that section in that scope on some of the days: end it first, or change the days."""


class AccountShut(Refused):
    """The account was disabled by a person; no new right revives it."""


class DocumentUsed(Refused):
    """Another decision rests on this very document: one document supports one decision."""


class NothingToEnd(Refused):
    """The grant ends on that day or before, or was taken back."""


class NothingToReinstate(Refused):
    """The right did not end by that order, holds or was reinstated already, or no day is left on which it was held."""


class SignatoryOverlaps(Refused):
    """The person already may sign there on some of the days."""


class SignatoryOutlasts(Refused):
    """Somebody would sign for a place that has ended, after its `last_day`."""

    def __init__(self, last_day: date) -> None:
        super().__init__(f"the place has ended, its last day is {last_day}")
        self.last_day = last_day


class KeycloakTrouble(IamError):
    """Keycloak did not do what was asked."""


class KeycloakUnavailable(KeycloakTrouble):
    """Keycloak could not be reached or answered with a failure of its own. It may have done it or not: do it again."""


class KeycloakRefused(KeycloakTrouble):
    """Keycloak understood and refused: `status` and `reason` as it said them."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"Keycloak refused ({status}): {reason}")
        self.status = status
        self.reason = reason


class EmailTaken(KeycloakRefused):
    """Another account has the e-mail address."""


class UsernameTaken(KeycloakRefused):
    """Another account, neither made nor taken over by us, has the username."""
