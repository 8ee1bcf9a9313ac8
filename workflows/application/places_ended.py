"""What becomes of an application that names a place which ends by an order: said, moved or withdrawn, with the reason.

Each is an event of the application. What it keeps is enough to say it again, in a mail and on every page.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import array

from workflows.application import endings, events, notices
from workflows.application.kinds.registry import kind_of
from workflows.application.models import Application, ApplicationEvent
from workflows.application.states import OPEN, State
from workflows.application.tags import ApplicationTag
from workflows.i18n import later, translator
from workflows.proposals.content import FactText, data, say

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from iam.audit import Origin
    from iam.ids import ApplicationId

__all__ = [
    "HEADLINES",
    "SENTENCES",
    "PlaceEnds",
    "concerned_by",
    "move_back",
    "moved_by",
    "readdress",
    "said_of",
    "say_still_wanted",
    "say_that_it_ends",
    "take_back",
    "told_by",
    "told_of",
    "told_still_wanted",
    "withdraw",
    "withdraw_gone",
]

_KEYS = frozenset({"order_id", "order", "law", "last_day", "place", "place_name", "successor", "successor_name"})
_NOT_BY_ENDING = array(["undone", "gone", "filled_in"])
HEADLINES: Mapping[str, str] = {
    "ends": later("the institution named in it ends"),
    "withdrawn": later("the application was withdrawn"),
    "taken_back": later("the order does not hold"),
}
SENTENCES: Mapping[str, str] = {
    "ends": later(
        "%(place)s ends with the order %(order)s; its last day is %(day)s. What is not approved by then is withdrawn. "
        "Whoever goes on working elsewhere needs a new application."
    ),
    "moves": later(
        "%(place)s ends with the order %(order)s; its last day is %(day)s. On the next day this draft goes on for "
        "another institution: %(successor)s."
    ),
    "moved": later(
        "%(place)s has ended with the order %(order)s. This draft goes on for another institution, so check what you "
        "typed: %(successor)s."
    ),
    "moved_back": later("The order %(order)s was undone: this draft is for %(place)s again."),
    "withdrawn": later(
        "%(place)s has ended with the order %(order)s, so the application was withdrawn. If the rights are needed "
        "elsewhere, fill in a new application."
    ),
    "not_needed": later(
        "The order %(order)s does not hold, so the application that was filled in because of it is not needed. It was "
        "withdrawn."
    ),
    "never_came": later(
        "The order %(order)s does not hold, so %(place)s does not exist and the application was withdrawn. If the "
        "rights are needed elsewhere, fill in a new application."
    ),
    "still_wanted": later(
        "The order %(order)s, because of which this application was filled in, does not hold: the rights that it was "
        "to end go on. If the rights in %(place)s are not needed as well, take the application back."
    ),
    "goes_on": later("The order %(order)s does not hold: %(place)s does not end, and the application goes on."),
    "anew": later(
        "The order %(order)s was undone. The application that was withdrawn because of it stays so: if the rights are "
        "still needed, fill in a new application."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceEnds:
    """A place that ends by an order, and the one that a draft goes on for ("" where there is none), by key and name."""

    order_id: int
    order: str
    law: str
    last_day: str
    place: str
    place_name: str
    successor: str = ""
    successor_name: str = ""


def told_of(session: Session, orders: Collection[int]) -> set[tuple[ApplicationId, int]]:
    """Name the applications whose people were told that a place in them ends, each with the order."""
    order = ApplicationEvent.details["order_id"].as_integer()
    told = select(ApplicationEvent.application_id, order).where(
        ApplicationEvent.tag == ApplicationTag.PLACE_ENDS.value, order.in_(orders)
    )
    return {(application, number) for application, number in session.execute(told)}


def concerned_by(session: Session, orders: Collection[int]) -> set[ApplicationId]:
    """Name the applications of whose places an order said anything to their people."""
    told = select(ApplicationEvent.application_id).where(ApplicationEvent.details["order_id"].as_integer().in_(orders))
    return set(session.scalars(told))


def say_that_it_ends(
    session: Session, application: Application, ends: PlaceEnds, *, base_url: str, origin: Origin, at: datetime
) -> None:
    """Note it for the pages of the application, and write to whoever was to sign one that was submitted."""
    events.record(session, application, ApplicationTag.PLACE_ENDS, origin=origin, at=at, details=asdict(ends))
    _tell(session, application, "ends", _said(application, "ends", ends), base_url=base_url, at=at)


def readdress(session: Session, application: Application, ends: PlaceEnds, *, origin: Origin, at: datetime) -> bool:
    """Let a draft go on for the successor; False where it names the place in no field that is known."""
    answers = _renamed(application.answers, ends.place, ends.successor)
    if answers == application.answers:
        return False
    application.answers = answers
    application.changed_at = at
    session.flush()
    events.record(session, application, ApplicationTag.READDRESSED, origin=origin, at=at, details=asdict(ends))
    return True


def move_back(session: Session, application: Application, ends: PlaceEnds, *, origin: Origin, at: datetime) -> None:
    """Let a draft that still names the successor be for the former place again."""
    back = replace(
        ends,
        place=ends.successor,
        place_name=ends.successor_name,
        successor=ends.place,
        successor_name=ends.place_name,
    )
    answers = _renamed(application.answers, back.place, back.successor)
    if application.state is State.DRAFT and answers != application.answers:
        application.answers = answers
        application.changed_at = at
        session.flush()
        details = {**asdict(back), "undone": True}
        events.record(session, application, ApplicationTag.READDRESSED, origin=origin, at=at, details=details)


def withdraw(
    session: Session, application: Application, ends: PlaceEnds, *, base_url: str, origin: Origin, at: datetime
) -> None:
    """Withdraw an application because a place it names has ended, and tell whoever was to sign it. Raises NotNow."""
    endings.withdraw_by_order(session, application, asdict(ends), origin=origin, at=at)
    _tell(session, application, "withdrawn", _said(application, "withdrawn", ends), base_url=base_url, at=at)


def withdraw_gone(
    session: Session, application: Application, ends: PlaceEnds, *, base_url: str, origin: Origin, at: datetime
) -> None:
    """Withdraw an application because a place it names never came, and tell whoever was to sign it. Raises NotNow."""
    endings.withdraw_by_order(session, application, {**asdict(ends), "gone": True}, origin=origin, at=at)
    _tell(session, application, "withdrawn", _said(application, "never_came", ends), base_url=base_url, at=at)


def say_still_wanted(
    session: Session, application: Application, ends: PlaceEnds, *, base_url: str, origin: Origin, at: datetime
) -> None:
    """Tell that the order does not hold because of which an application was filled in, to a place that is there."""
    details = {**asdict(ends), "filled_in": True}
    events.record(session, application, ApplicationTag.ORDER_TAKEN_BACK, origin=origin, at=at, details=details)
    _tell(session, application, "taken_back", _said(application, "still_wanted", ends), base_url=base_url, at=at)


def take_back(
    session: Session, application: Application, ends: PlaceEnds, *, base_url: str, origin: Origin, at: datetime
) -> None:
    """Tell that the order does not hold: the application goes on, or stays withdrawn."""
    word = "anew" if application.state is State.WITHDRAWN else "goes_on"
    events.record(session, application, ApplicationTag.ORDER_TAKEN_BACK, origin=origin, at=at, details=asdict(ends))
    _tell(session, application, "taken_back", _said(application, word, ends), base_url=base_url, at=at)


def told_still_wanted(session: Session, order: int) -> frozenset[ApplicationId]:
    """Name the applications filled in because of an order whose people were told that it does not hold."""
    told = select(ApplicationEvent.application_id).where(
        ApplicationEvent.tag == ApplicationTag.ORDER_TAKEN_BACK.value,
        ApplicationEvent.details["order_id"].as_integer() == order,
        ApplicationEvent.details.has_key("filled_in"),
    )
    return frozenset(session.scalars(told))


def moved_by(session: Session, order: int) -> list[tuple[ApplicationId, PlaceEnds]]:
    """List the drafts that an order moved, with where from and where to."""
    return _by(session, order, ApplicationTag.READDRESSED)


def told_by(session: Session, order: int) -> list[tuple[ApplicationId, PlaceEnds]]:
    """List the applications whose people are still to be told that an order does not hold.

    They are open, or were withdrawn because of it.
    """
    told, ended = (
        dict(_by(session, order, ApplicationTag.PLACE_ENDS)),
        dict(_by(session, order, ApplicationTag.WITHDRAWN)),
    )
    done = dict(_by(session, order, ApplicationTag.ORDER_TAKEN_BACK))
    left = [one for one in {**told, **ended} if one not in done]
    known = select(Application.id, Application.state).where(Application.id.in_(left)).order_by(Application.id)
    return [
        (id_, ended.get(id_) or told[id_]) for id_, state in session.execute(known) if state in OPEN or id_ in ended
    ]


def said_of(session: Session, application: Application, history: Sequence[ApplicationEvent] | None = None) -> FactText:
    """Say what an order means for the application now; nothing where none does.

    `history` is that of the application (`events.history`), where it was read already.
    """
    over = False
    for event in reversed(events.history(session, application) if history is None else history):
        details, tag = event.details, ApplicationTag(event.tag)
        if "order" not in details:
            continue
        if tag is ApplicationTag.FILLED_IN:
            return FactText()
        if "place" not in details:
            return say(SENTENCES["not_needed"], order=str(details["order"]))
        ends = _read(details)
        if details.keys() & {"gone", "filled_in"}:
            word = "never_came" if "gone" in details else "still_wanted"
            return _said(application, word, ends)
        if tag is ApplicationTag.READDRESSED and details.get("undone"):
            return say(SENTENCES["moved_back"], order=_order(ends), place=ends.successor_name)
        if tag is ApplicationTag.ORDER_TAKEN_BACK and application.state is not State.WITHDRAWN:
            over = True
            continue
        return FactText() if over else _said(application, _word(application, tag, ends), ends)
    return FactText()


def _word(application: Application, tag: ApplicationTag, ends: PlaceEnds) -> str:
    """Choose the sentence for what happened last."""
    moves = application.state is State.DRAFT and ends.successor
    return {
        ApplicationTag.PLACE_ENDS: "moves" if moves else "ends",
        ApplicationTag.READDRESSED: "moved",
        ApplicationTag.WITHDRAWN: "withdrawn",
        ApplicationTag.ORDER_TAKEN_BACK: "anew",
    }[tag]


def _said(application: Application, word: str, ends: PlaceEnds) -> FactText:
    """Fill in what the application's kind says."""
    return say_with(kind_of(application).texts.orders.get(word, SENTENCES[word]), ends)


def say_with(sentence: str, ends: PlaceEnds) -> FactText:
    """Fill a sentence in."""
    given = {
        "place": data(ends.place_name),
        "order": data(_order(ends)),
        "day": FactText(day=ends.last_day),
        "successor": data(ends.successor_name),
    }
    return say(sentence, **{name: one for name, one in given.items() if f"%({name})s" in sentence})


def _order(ends: PlaceEnds) -> str:
    return f"{ends.order}, {ends.law}"


def _by(session: Session, order: int, tag: ApplicationTag) -> list[tuple[ApplicationId, PlaceEnds]]:
    found = (
        select(ApplicationEvent.application_id, ApplicationEvent.details)
        .where(
            ApplicationEvent.tag == tag.value,
            ApplicationEvent.details["order_id"].as_integer() == order,
            ApplicationEvent.details.has_key("place"),
            ~ApplicationEvent.details.has_any(_NOT_BY_ENDING),
        )
        .order_by(ApplicationEvent.id)
    )
    return [(application, _read(details)) for application, details in session.execute(found)]


def _read(details: Mapping[str, Any]) -> PlaceEnds:
    return PlaceEnds(**{name: value for name, value in details.items() if name in _KEYS})


def _renamed(answers: Mapping[str, Any], place: str, successor: str) -> dict[str, Any]:
    """Return the answers with the one place for the other, wherever a form names places."""
    own = {place, place.partition("-")[2]} if place.startswith("i-") else {place}

    def one(text: object) -> object:
        return successor if isinstance(text, str) and text.strip().lower() in own else text

    changed: dict[str, Any] = {step: dict(given) for step, given in answers.items()}
    if "place" in changed.get("institution", {}):
        changed["institution"]["place"] = one(changed["institution"]["place"])
    lines = changed.get("scope", {}).get("places")
    if isinstance(lines, list):
        changed["scope"]["places"] = [one(line) for line in lines]
    return changed


def _tell(
    session: Session, application: Application, what: str, said: FactText, *, base_url: str, at: datetime
) -> None:
    if application.submitted_at is None:
        return  # of a draft nobody's mailbox is known; its pages say it
    words = translator(application.language)
    headline = words(HEADLINES[what])
    notices.tell(session, application, "order", base_url=base_url, at=at, headline=headline, said=said.in_words(words))
