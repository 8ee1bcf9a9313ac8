"""What the holder of an account is told by mail about a request. Only the registered address is ever written to."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from iam.grants.models import Account
from iam.grants.rules import HeldGrant
from iam.institutions import service as institutions
from iam.periods import riga_day
from workflows import mail
from workflows.i18n import later, translator
from workflows.restoration.rules import Verdict
from workflows.restoration.words import ANEW, OBSTACLES
from workflows.rights import notices

__all__ = ["already_waits", "not_restorable", "refused", "restored", "send_link"]

_NOTHING_TAKEN = later(
    "No right of this account ended by the reform. What an application, a head or the ministry ended is not restored."
)


def send_link(session: Session, account: Account, *, secret: str, until: datetime, base_url: str, at: datetime) -> None:
    """Ask the holder to confirm the request. The mail's text is erased once it has left: its link works like a key."""
    _write(
        session,
        account,
        "restoration_link",
        {
            "address": mail.page_of(base_url, f"/restore/confirm?key={secret}", account.language),
            "until": until,
        },
        at=at,
        holds_key=True,
    )


def not_restorable(session: Session, account: Account, verdict: Verdict, *, base_url: str, at: datetime) -> None:
    """Say why nothing can be given back, and that an application and a commitment letter are needed."""
    words, today = translator(account.language), riga_day(at)
    reasons = []
    for one in verdict.kept:
        scope = institutions.scope_by_code(session, one.taken.scope)
        place = institutions.scope_name(session, scope, on=one.taken.last_day or today) or words("The whole state")
        reasons.append(f"{place}. {words(OBSTACLES[one.why])}")
    _write(
        session,
        account,
        "restoration_not_possible",
        {
            "anew": words(ANEW),
            "reasons": list(dict.fromkeys(reasons)) or [words(_NOTHING_TAKEN)],
            "apply_page": mail.page_of(base_url, "/apply", account.language),
        },
        at=at,
    )


def already_waits(session: Session, account: Account, *, since: datetime, base_url: str, at: datetime) -> None:
    """Say that a confirmed request of this account waits for its decision."""
    _write(
        session,
        account,
        "restoration_waits",
        {
            "since": since,
            "support_page": mail.page_of(base_url, "/support", account.language),
        },
        at=at,
    )


def refused(session: Session, account: Account, *, reason: str, base_url: str, at: datetime) -> None:
    """Say that the request was refused and why, and what is needed instead."""
    _write(
        session,
        account,
        "restoration_refused",
        {
            "reason": reason,
            "anew": translator(account.language)(ANEW),
            "apply_page": mail.page_of(base_url, "/apply", account.language),
        },
        at=at,
        keep_unusable=True,
    )


def restored(session: Session, account: Account, again: list[HeldGrant], *, base_url: str, at: datetime) -> None:
    """Say which rights hold again, and from when. An address that became unusable holds up nothing."""
    _write(
        session,
        account,
        "restoration_done",
        {
            "again": notices.lines_of(session, translator(account.language), account, again, at=at),
            "my_page": mail.page_of(base_url, "/my", account.language),
            "support_page": mail.page_of(base_url, "/support", account.language),
        },
        at=at,
        keep_unusable=True,
    )


def _write(
    session: Session,
    account: Account,
    template: str,
    context: Mapping[str, object],
    *,
    at: datetime,
    holds_key: bool = False,
    keep_unusable: bool = False,
) -> None:
    mail.queue(
        session,
        to=account.email,
        template=template,
        language=account.language,
        context={"username": account.username, **context},
        at=at,
        holds_key=holds_key,
        keep_unusable=keep_unusable,
    )
