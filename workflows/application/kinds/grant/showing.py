"""What pages show of an application for a grant: the answers before they are sent, what follows, what was stated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.application.kinds.applicant import HEAD, INSTITUTION, named, named_with_number
from workflows.application.kinds.catalogue import RIGHTS, section_names
from workflows.application.kinds.filling import NOTHING, Alike, Card, Row, Shown
from workflows.application.kinds.grant.words import BASES, LEVELS
from workflows.application.kinds.texts import Texts
from workflows.application.states import Party
from workflows.i18n import Language, later
from workflows.proposals.content import data, on_day, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from workflows.application.fields import Answers
    from workflows.application.kinds.grant.stated import Stated
    from workflows.proposals.content import FactText

__all__ = ["TEXTS", "alike", "cards", "next_steps", "shown"]

TEXTS = Texts(
    name=later("Application for VIIS user rights"),
    wish=later("A right to use VIIS for a new or an existing user"),
    sending=later(
        "We make the application and the commitment letter and send each signer a link. After that the answers can no "
        "longer be changed, because people sign exactly these words."
    ),
    send=later("Make the documents and send the links"),
    sent=later("The documents are ready for signing"),
    closed_answers=later(
        "The answers can no longer be changed: the documents were made from them and sent to be signed."
    ),
    received=later("Nothing. Both documents have arrived; the ministry decides %(within)s and writes to you."),
    sign_several=later(
        "Read both documents, sign them together as one eDoc or each by itself, with your secure electronic signature "
        "and a time stamp, and upload what you signed here."
    ),
    upload_hint=later("eDoc, ASiC-E or a signed PDF, at most %(limit)s MB. Both documents may be in one eDoc."),
    withheld=later(
        "It holds the head's personal code, so it can be downloaded by the head's link only. What it asks for stands "
        "below."
    ),
    approve=later("Approve: the rights are granted"),
    approved=later("The rights are granted. The user receives the username by e-mail and sets a password there."),
    approved_pending=later(
        "The rights are granted. The account is being made ready; the user then receives the username by e-mail."
    ),
    approved_event=later("The rights were granted"),
    proposed=later("The approval was proposed; the rights are granted once another person confirms it."),
    link_again=later(
        "You asked for a new link to an application for the right to use VIIS. If it was not you, do nothing: the link "
        "came to you alone."
    ),
)

_SAME_PERSON = later("The head is the user and signs both documents.")


def cards(session: Session, stated: Stated, *, language: Language) -> tuple[Card, ...]:
    """Lay all answers out together, before they become documents."""
    user = Card(heading=say(later("The user")), step="user", person=stated.user)
    if stated.head_is_user:
        user = Card(heading=say(later("The user")), step="user", lines=(say(_SAME_PERSON),))
    return (
        Card(heading=say(INSTITUTION), step="institution", lines=named(stated.applicant)),
        Card(heading=say(HEAD), step="head", person=stated.head),
        user,
        Card(
            heading=say(later("Rights")),
            step="scope",
            rows=_rows(session, stated, language),
            others=(("dates", say(later("Change the dates"))), ("why", say(later("Change the reason")))),
        ),
    )


def next_steps(stated: Stated, *, within: str) -> tuple[FactText, ...]:
    """Say what happens after the application was submitted, in order; `within` as for `Kind.next_steps`."""
    head, user = stated.head, stated.user
    if stated.head_is_user:
        both = later(
            "%(name)s (the head) receives an e-mail with a link at %(email)s, signs both documents and uploads them."
        )
        signing = [say(both, name=head.name, email=head.email)]
    else:
        application = later(
            "%(name)s (the head) receives an e-mail with a link at %(email)s, signs the application and uploads it."
        )
        letter = later(
            "%(name)s (the user) receives an e-mail with a link at %(email)s, signs the commitment letter and uploads "
            "it."
        )
        signing = [
            say(application, name=head.name, email=head.email),
            say(letter, name=user.name, email=user.email),
        ]
    checked = later("Each signature is checked at once. When both are in order, the ministry decides %(within)s.")
    told = later(
        "The decision comes by e-mail. If the right is granted, the user also receives the username and sets a "
        "password."
    )
    return (*signing, say(checked, within=within), say(told))


def shown(session: Session, stated: Stated, *, language: Language) -> Shown:
    """Say what was applied for, and for whom; a head who is the user is named once."""
    same = stated.head_is_user
    return Shown(
        people=(Party.HEAD,) if same else (Party.HEAD, Party.USER),
        remark=say(_SAME_PERSON) if same else NOTHING,
        heading=say(later("Rights applied for")),
        rows=_rows(session, stated, language),
    )


def alike(answers: Mapping[str, Answers]) -> Alike | None:
    """Name place and people of a draft; None until all of them are answered."""
    head, user = answers.get("head", {}), answers.get("user", {})
    if user.get("head_is_user") == "yes":
        user = head
    place = str(answers.get("institution", {}).get("place", ""))
    people = {
        str(role): (str(one.get("personal_code", "")), str(one.get("email", "")))
        for role, one in ((Party.HEAD, head), (Party.USER, user))
    }
    complete = place and all(all(one) for one in people.values())
    return Alike(place.removeprefix("i-").removeprefix("m-").removeprefix("s"), people) if complete else None


def _rows(session: Session, stated: Stated, language: Language) -> tuple[Row, ...]:
    names = section_names(session, ((one.code, one.name) for one in stated.sections), language, on=stated.since)
    rows = [
        Row(say(later("Level")), (say(LEVELS[stated.level]),)),
        Row(say(later("Where")), tuple(data(named_with_number(one)) for one in stated.scope)),
        Row(
            say(later("Sections")),
            tuple(
                say(later("%(section)s \N{EN DASH} %(level)s"), section=names[wish.code], level=say(RIGHTS[wish.level]))
                for wish in stated.sections
            ),
        ),
        Row(say(later("First day")), (on_day(stated.since),)),
    ]
    if stated.until:
        rows.append(Row(say(later("Last day")), (on_day(stated.until),)))
    rows.append(Row(say(later("Why")), (say(BASES[stated.basis]),)))
    if stated.basis_detail:
        rows.append(Row(say(later("Explanation")), (data(stated.basis_detail),)))
    return tuple(rows)
