"""What pages show of an application for revocation: the answers before they are sent, what follows, what was stated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.application.kinds.applicant import HEAD, INSTITUTION, named, named_with_number
from workflows.application.kinds.catalogue import section_names
from workflows.application.kinds.filling import NOTHING, Card, Row, Shown
from workflows.application.kinds.revocation.words import ORDERS, REASONS, USERNAME
from workflows.application.kinds.texts import Texts
from workflows.application.states import Party
from workflows.i18n import Language, later
from workflows.proposals.content import data, on_day, say

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workflows.application.kinds.revocation.stated import Stated
    from workflows.proposals.content import FactText

__all__ = ["TEXTS", "cards", "next_steps", "shown"]

TEXTS = Texts(
    name=later("Application to end user rights"),
    wish=later("A user leaves, or no longer needs rights: they end with a day you name. One signature, the head's."),
    sending=later(
        "We make the application and send the head a link to sign it. After that the answers can no longer be changed, "
        "because the head signs exactly these words."
    ),
    send=later("Make the application and send the link"),
    sent=later("The application is ready for signing"),
    approve=later("Approve: the rights end"),
    approved=later("The application has been approved: the rights end with the last day stated. The user was told."),
    approved_pending=later(
        "The application has been approved: the rights end with the last day stated. VIIS is being told; it takes a "
        "moment."
    ),
    approved_event=later("The end of the rights was approved"),
    proposed=later("The approval was proposed; the rights end once another person confirms it."),
    link_again=later(
        "You asked for a new link to an application to end rights to use VIIS. If it was not you, do nothing: the link "
        "came to you alone."
    ),
    outcome=later("What will end"),
    orders=ORDERS,
    differs={"username": USERNAME},
)

_OWN = later("The head applies for the end of their own rights.")


def cards(session: Session, stated: Stated, *, language: Language) -> tuple[Card, ...]:
    """Lay all answers out together, before they become documents."""
    listed = (("sections", say(later("Change the sections"))),) if stated.sections else ()
    return (
        Card(heading=say(INSTITUTION), step="institution", lines=named(stated.applicant)),
        Card(heading=say(HEAD), step="head", person=stated.head),
        Card(heading=say(later("Whose rights end")), step="user", person=stated.user, rows=_username(stated)),
        Card(
            heading=say(later("What ends, and when")),
            step="scope",
            rows=_rows(session, stated, language),
            others=(*listed, ("end", say(later("Change the last day or the reason")))),
        ),
    )


def next_steps(stated: Stated, *, within: str) -> tuple[FactText, ...]:
    """Say what happens after the application was submitted, in order; `within` as for `Kind.next_steps`."""
    head = later(
        "%(name)s (the head) receives an e-mail with a link at %(email)s, signs the application and uploads it."
    )
    checked = later("The signature is checked at once. When it is in order, the ministry decides %(within)s.")
    told = later(
        "When it is approved, the rights end with the last day you named. The user and the head are told by e-mail."
    )
    return (say(head, name=stated.head.name, email=stated.head.email), say(checked, within=within), say(told))


def shown(session: Session, stated: Stated, *, language: Language) -> Shown:
    """Say what was applied for, and about whom."""
    own = stated.head.personal_code == stated.user.personal_code
    return Shown(
        people=(Party.HEAD, Party.USER),
        remark=say(_OWN) if own else NOTHING,
        heading=say(later("What is to end")),
        rows=(*_username(stated), *_rows(session, stated, language)),
    )


def _username(stated: Stated) -> tuple[Row, ...]:
    return (Row(say(USERNAME), (data(stated.username),)),) if stated.username else ()


def _rows(session: Session, stated: Stated, language: Language) -> tuple[Row, ...]:
    names = section_names(session, ((one.code, one.name) for one in stated.sections), language, on=stated.last_day)
    rows = [
        Row(say(later("Where")), tuple(data(named_with_number(one)) for one in stated.scope)),
        Row(
            say(later("Rights")),
            tuple(data(names[one.code]) for one in stated.sections) or (say(later("All of the user's rights there")),),
        ),
        Row(say(later("Last day, still included")), (on_day(stated.last_day),)),
        Row(say(later("Why")), (say(REASONS[stated.reason]),)),
    ]
    if stated.applicant not in stated.scope:
        stays = later("All rights here: %(place)s")
        rows.insert(1, Row(say(later("Stays")), (say(stays, place=named_with_number(stated.applicant)),)))
    if stated.reason_detail:
        rows.append(Row(say(later("Explanation")), (data(stated.reason_detail),)))
    return tuple(rows)
