"""Which numbers are policy, in which unit, and where does each default come from? Pure.

Each field of `PolicyNumbers` is one number. Rows of the table hold integers in the number's unit; `PolicyNumbers` gives
Python types: times as `timedelta`, sizes in bytes, days of the year as `DayOfYear`, yes and no as `bool`, all others as
`int`.

The largest uploaded file is no policy but the setting ``VIIS_UPLOAD_MAX_MB``: proxy and process must refuse a larger
one before the database is asked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any, cast, get_type_hints

__all__ = ["DayOfYear", "Number", "PolicyNumbers", "Unit", "numbers", "read_policy"]

_MIB = 2**20


class Unit(StrEnum):
    """What a stored integer counts."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working days"
    MONTHS = "months"
    YEARS = "years"
    MIB = "MiB"
    PERCENT = "percent"
    COUNT = "count"
    DAY_OF_YEAR = "day of the year"  # month * 100 + day
    YES_OR_NO = "yes or no"  # 1 or 0


@dataclass(frozen=True, slots=True, order=True)
class DayOfYear:
    """A month and a day, in every year."""

    month: int
    day: int

    def in_year(self, year: int) -> date:
        """Return that day of a year.

        >>> DayOfYear(9, 30).in_year(2027)
        datetime.date(2027, 9, 30)
        """
        return date(year, self.month, self.day)


@dataclass(frozen=True, slots=True)
class Number:
    """One number: what it means, its unit, its default, the bounds a change must keep, and where the default is from.

    `name` and `used` are filled in by `numbers()`; a number that is not `used` is kept, and nothing reads it yet.
    """

    meaning: str
    unit: Unit
    default: int
    least: int
    most: int
    source: str
    name: str = ""
    used: bool = True

    def read(self, stored: int) -> object:
        """Return a stored integer as `PolicyNumbers` gives it."""
        convert = _CONVERTED.get(self.unit)
        return stored if convert is None else convert(stored)

    def usable(self, stored: int) -> bool:
        """Whether a row may hold this integer."""
        if not self.least <= stored <= self.most:
            return False
        try:
            # A leap day would be missing in three years of four.
            return self.unit is not Unit.DAY_OF_YEAR or bool(DayOfYear(*divmod(stored, 100)).in_year(2001))
        except ValueError:
            return False


_OURS = "ours, not law"
_SLIDES = "the ministry's slides of 2021-08-26"
_MOST = 2_000_000_000
_SECURITY = "MK 442/2015 as it was applied; MK 397/2025"


_CONVERTED: Mapping[Unit, Callable[[int], object]] = {
    Unit.MINUTES: lambda stored: timedelta(minutes=stored),
    Unit.HOURS: lambda stored: timedelta(hours=stored),
    Unit.DAYS: lambda stored: timedelta(days=stored),
    Unit.MIB: lambda stored: stored * _MIB,
    Unit.DAY_OF_YEAR: lambda stored: DayOfYear(*divmod(stored, 100)),
    Unit.YES_OR_NO: bool,
}


def _span(default: int, unit: Unit, meaning: str, *, most: int = 10_000, source: str = _OURS) -> Number:
    return Number(meaning, unit, default, 1, most, source)


def _count(
    default: int, meaning: str, *, unit: Unit = Unit.COUNT, least: int = 1, most: int = _MOST, source: str = _OURS
) -> Number:
    return Number(meaning, unit, default, least, most, source)


def _size(default: int, meaning: str) -> Number:
    return Number(meaning, Unit.MIB, default, 1, _MOST, _OURS)


def _day(default: int, meaning: str) -> Number:
    return Number(meaning, Unit.DAY_OF_YEAR, default, 101, 1231, _OURS)


def _whether(meaning: str) -> Number:
    return Number(meaning, Unit.YES_OR_NO, 1, 0, 1, _OURS)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyNumbers:
    """The numbers that hold on one day."""

    # Applications
    draft_kept: Annotated[timedelta, _span(30, Unit.DAYS, "A draft nobody goes on with is kept")]
    asked_documents_kept: Annotated[
        timedelta, _span(30, Unit.DAYS, "An application waits for the documents it was asked for")
    ]
    decision_due: Annotated[int, _count(5, "A decision is due after", unit=Unit.WORKING_DAYS, most=250)]
    decision_overdue: Annotated[
        int, _count(10, "A decision is shown as overdue after", unit=Unit.WORKING_DAYS, most=250)
    ]
    proposal_kept: Annotated[timedelta, _span(14, Unit.DAYS, "A proposal waits for its second person")]
    ended_application_shown: Annotated[
        timedelta, _span(90, Unit.DAYS, "The link of an ended application still opens it for")
    ]
    start_earliest: Annotated[timedelta, _span(31, Unit.DAYS, "A right may be asked for from so long ago")]
    start_latest: Annotated[timedelta, _span(366, Unit.DAYS, "A right may be asked for from so far ahead")]
    sign_mails_an_hour: Annotated[int, _count(30, "Mails that ask to sign, to one address in an hour")]
    link_mails_an_hour: Annotated[int, _count(5, "Mails with a tracking link, to one address in an hour")]

    # Files
    looks_per_network: Annotated[int, _size(250, "Files dropped on /verify, from one network in an hour")]
    looks_overall: Annotated[int, _size(5_000, "Files dropped on /verify, from all in an hour")]
    machine_per_network: Annotated[int, _size(20_000, "Documents sent to /validate, from one network in an hour")]
    uploads_per_network: Annotated[int, _size(2_048, "Files handed in, from one network in a day")]
    uploads_overall: Annotated[int, _size(10_000, "Files handed in, from all in an hour")]
    per_application: Annotated[int, _size(250, "Files of one undecided application")]
    waiting_for_verdict: Annotated[int, _size(500, "Files only looked at that wait for a verdict, all together")]
    evidence_most: Annotated[int, _size(100_000, "All evidence together: the database's disk, less a quarter")]
    look_kept: Annotated[timedelta, _span(60, Unit.MINUTES, "A file only looked at waits for its verdict at most")]
    look_result_kept: Annotated[timedelta, _span(1, Unit.DAYS, "The verdict on a file dropped on /verify is shown for")]
    junk_kept: Annotated[timedelta, _span(30, Unit.DAYS, "A file that proved nothing is kept")]
    junk_kept_when_full: Annotated[
        timedelta, _span(1, Unit.HOURS, "The same, where evidence takes four fifths of its most")
    ]
    mail_largest: Annotated[int, _size(40, "One mail that is taken in")]

    # Passwords
    reset_mails_an_hour: Annotated[
        int, _count(3, "Mails about a lost password or lost rights, to one account in an hour")
    ]
    reset_requests_per_network: Annotated[
        int, _count(60, "Reset requests of one network in an hour; schools share an address")
    ]
    reset_requests_overall: Annotated[int, _count(3_000, "Reset requests of all in an hour")]
    reset_wrong_per_network: Annotated[int, _count(300, "Wrong codes and links of one network in an hour")]
    reset_link_valid: Annotated[
        timedelta, _span(60, Unit.MINUTES, "A reset link works for", most=24 * 60, source=_SLIDES)
    ]
    reset_requests_kept: Annotated[timedelta, _span(30, Unit.DAYS, "Reset requests are kept")]
    picture_code_length: Annotated[int, _count(6, "Characters of the picture code", least=4, most=8)]
    picture_code_valid: Annotated[timedelta, _span(10, Unit.MINUTES, "A picture code is valid for", most=60)]
    picture_code_tries: Annotated[int, _count(3, "Tries at one picture code", most=10)]
    password_length: Annotated[int, _count(12, "Shortest password", least=9, most=64, source=_SECURITY)]
    password_classes: Annotated[
        int, _count(0, "Kinds of characters a password must mix (of 4); 0: any", least=0, most=4, source=_SECURITY)
    ]

    # Accounts and sessions
    keycloak_cap_accounts: Annotated[int, _count(20, "Accounts one reconcile run may change, whatever the share")]
    keycloak_cap_share: Annotated[
        int, _count(5, "Share of all accounts one run may change", unit=Unit.PERCENT, most=100)
    ]
    plan_cap_accounts: Annotated[int, _count(20, "Accounts one reorganisation may end rights of, whatever the share")]
    plan_cap_share: Annotated[
        int, _count(5, "Share of all accounts one reorganisation may end rights of", unit=Unit.PERCENT, most=100)
    ]
    access_token_valid: Annotated[timedelta, _span(5, Unit.MINUTES, "An access token is valid for", most=60)]
    session_idle: Annotated[
        timedelta, _span(30, Unit.MINUTES, "A session of staff ends without use after", most=24 * 60)
    ]
    session_absolute: Annotated[timedelta, _span(12, Unit.HOURS, "A session of staff ends in any case after", most=24)]
    fresh_sign_in: Annotated[
        timedelta, _span(5, Unit.MINUTES, "A second person has typed their password at most so long ago", most=60)
    ]

    # Records
    evidence_kept: Annotated[int, _count(10, "Evidence is kept", unit=Unit.YEARS, most=100)]
    raw_mail_kept: Annotated[int, _count(18, "Mails as they came are kept", unit=Unit.MONTHS, most=1200)]
    audit_kept: Annotated[
        int, _count(18, "The audit is kept at least", unit=Unit.MONTHS, least=18, most=1200, source=_SECURITY)
    ]
    closed_ticket_codes_kept: Annotated[
        int, _count(6, "Personal codes stay in a closed ticket", unit=Unit.MONTHS, most=1200)
    ]

    # Two people
    four_eyes_paper: Annotated[bool, _whether("Two people decide on paper")]
    four_eyes_bulk: Annotated[bool, _whether("Two people decide on bulk changes")]
    four_eyes_wide_scope: Annotated[bool, _whether("Two people decide on rights at state and municipality level")]
    four_eyes_unregistered_signatory: Annotated[
        bool, _whether("Two people decide on a signatory without a register source")
    ]

    # Yearly confirmation of rights
    confirmation_opens: Annotated[DayOfYear, _day(901, "The yearly confirmation opens on")]
    confirmation_due: Annotated[DayOfYear, _day(930, "The yearly confirmation is due on")]
    confirmation_first_reminder: Annotated[timedelta, _span(14, Unit.DAYS, "First reminder after", most=365)]
    confirmation_second_reminder: Annotated[timedelta, _span(23, Unit.DAYS, "Second reminder after", most=365)]


def numbers() -> Mapping[str, Number]:
    """Return every number by its name, in the order of `PolicyNumbers`."""
    return dict(_NUMBERS)


def read_policy(stored: Mapping[str, int]) -> PolicyNumbers:
    """Build the policy from one stored integer for each name. Raises KeyError for a number without a row."""
    return PolicyNumbers(**{name: cast("Any", number.read(stored[name])) for name, number in _NUMBERS.items()})


# A test keeps this true: what is read is not named here.
_NOT_USED_YET = frozenset(
    {
        "mail_largest",
        "keycloak_cap_accounts",
        "keycloak_cap_share",
        "access_token_valid",
        "raw_mail_kept",
        "closed_ticket_codes_kept",
        "four_eyes_paper",
        "four_eyes_bulk",
        "confirmation_opens",
        "confirmation_due",
        "confirmation_first_reminder",
        "confirmation_second_reminder",
    }
)

_NUMBERS: Mapping[str, Number] = {
    name: replace(hint.__metadata__[0], name=name, used=name not in _NOT_USED_YET)
    for name, hint in get_type_hints(PolicyNumbers, include_extras=True).items()
}
