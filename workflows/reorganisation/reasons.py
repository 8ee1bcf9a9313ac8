"""Why something is planned: a stable code and a sentence for each, in no language until it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass

from iam.orders.models import ChangeKind
from workflows.i18n import later
from workflows.proposals.content import FactText, data, say
from workflows.reorganisation.facts import OpenApplication, Right
from workflows.reorganisation.succession import Ending, Reach, Succession, Touch
from workflows.reorganisation.words import place_text

__all__ = [
    "WHY",
    "Reason",
    "application",
    "ends",
    "needs_application",
    "person_left",
    "place_left",
    "place_recoded",
    "restorable",
    "signatory_ends",
    "stays",
]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code for programs, `said` for people."""

    code: str
    said: FactText


_ENDED: Mapping[ChangeKind, str] = {
    ChangeKind.JOINED: later("%(place)s is joined to %(successors)s; rights are not carried over."),
    ChangeKind.MERGED: later("%(place)s is merged into %(successors)s; rights are not carried over."),
    ChangeKind.SPLIT: later("%(place)s is split; it has no automatic successor, and rights are not carried over."),
    ChangeKind.TRANSFORMED: later("%(place)s gets a new number; rights end with the old one."),
    ChangeKind.CLOSED: later("%(place)s is closed."),
}
_ENDED_INTO_NEW: Mapping[ChangeKind, str] = {
    ChangeKind.JOINED: later("%(place)s is joined to %(successors)s, which is new; rights are not carried over."),
    ChangeKind.MERGED: later("%(place)s is merged into %(successors)s, which is new; rights are not carried over."),
}
_REACHES: Mapping[Reach, tuple[str, str]] = {
    Reach.NEVER_BEGINS: ("never_begins", later("%(why)s The right would have begun later and never begins.")),
    Reach.ENDS_NOW: (
        "ends_now",
        later("%(why)s The right began on the day of the order or later and is held now: it ends at once."),
    ),
    Reach.OVER: (
        "over_already",
        later("%(why)s The right began on the day of the order or later and is over already."),
    ),
}
_ONE = later("Whoever goes on working in %(successors)s needs a new application and commitment letter.")
_SEVERAL = later(
    "There is no automatic successor: whoever goes on working in one of these needs a new application and commitment"
    " letter: %(successors)s."
)
_STAYS: Mapping[str, str] = {
    "renamed": later("Only the name changes; number and rights stay."),
    "recoded": later("The municipality gets the code %(code)s; the right does not hang on the code."),
    "joined_to": later("%(origins)s is joined to it; it goes on, and so do its rights."),
    "joined_to_municipality": later(
        "%(origins)s is joined to it; it goes on, and its rights cover the institutions that come with it."
    ),
    "merged_into": later("%(origins)s is merged into it; it goes on, and so do its rights."),
    "merged_into_municipality": later(
        "%(origins)s is merged into it; it goes on, and its rights cover the institutions that come with it."
    ),
    "taken_over": later("%(origins)s goes over into it, wholly or in part; it goes on, and so do its rights."),
    "founded": later("It is new and comes of %(origins)s; the right was given for it already and stays."),
    "part_split_off": later("A part is split off; what is left goes on with its rights."),
    "part_taken_over": later("It takes over a part of %(origins)s; it goes on, and so do its rights."),
    "branch_created": later("It gets a branch; number and rights stay."),
    "inside": later("Its municipality changes (%(place)s); its own number and rights stay."),
    "inside_goes_on": later("Its municipality goes on in another shape (%(place)s); its own number and rights stay."),
    "inside_recoded": later("Its municipality gets another code (%(place)s); its own number and rights stay."),
    "inside_renamed": later("Its municipality gets another name (%(place)s); its own number and rights stay."),
}
_RECODED = later("%(place)s gets the code %(code)s; the municipality and the rights there stay.")
_RESTORABLE = later(
    "A reform took the right away, and %(place)s is not touched by this one: it can be given back on request."
)
_MOVES = later("The form is not filled in to its end; it goes on for %(successors)s.")
_WITHDRAW = later("What is asked for is in %(place)s, which ends; a new application is needed.")
_WITHDRAW_ENDING = later("It asks that rights in %(place)s end, and they end with it: nothing is left to decide there.")
_WITHDRAW_SIGNED = later("The forms name %(place)s, which ends; what was signed for it serves no other place.")
_SIGNATORY = later("%(name)s can sign for %(place)s no longer than it exists.")
_PERSON_LEFT = later("Nothing is left that this person could do in VIIS from the next day on.")
_PERSON_LEFT_NOW = later(
    "Nothing is left that this person could do in VIIS once the order, which is dated earlier, is carried out."
)
_PLACE_LEFT_NOW = later("Nobody holds a right in %(place)s once the order, which is dated earlier, is carried out.")
_PLACE_LEFT = later("Nobody holds a right in %(place)s any more from that day on.")
_NEW_PLACE_LEFT = later("Nobody holds a right in %(place)s on its first day.")
_WHOLE: Mapping[ChangeKind, str] = {ChangeKind.JOINED: "joined_to", ChangeKind.MERGED: "merged_into"}
_PART = frozenset({ChangeKind.SPLIT, ChangeKind.PART_SPLIT_OFF})

_WHY_ENDED: Mapping[ChangeKind, str] = {
    ChangeKind.JOINED: later("Its place is joined to another"),
    ChangeKind.MERGED: later("Its place is merged into a new one"),
    ChangeKind.SPLIT: later("Its place is split"),
    ChangeKind.TRANSFORMED: later("Its place gets a new number"),
    ChangeKind.CLOSED: later("Its place is closed"),
}
_NEVER: Mapping[ChangeKind, str] = {
    ChangeKind.JOINED: later("Its place is joined to another before its first day"),
    ChangeKind.MERGED: later("Its place is merged into a new one before its first day"),
    ChangeKind.SPLIT: later("Its place is split before its first day"),
    ChangeKind.TRANSFORMED: later("Its place gets a new number before its first day"),
    ChangeKind.CLOSED: later("Its place is closed before its first day"),
}
WHY: Mapping[str, str] = {
    **{kind.value: said for kind, said in _WHY_ENDED.items()},
    **{f"{kind}.never_begins": said for kind, said in _NEVER.items()},
    "renamed": later("Only the name changes"),
    "recoded": later("The municipality gets another code"),
    "joined_to": later("Another one is joined to it"),
    "joined_to_municipality": later("Another municipality is joined to it"),
    "merged_into": later("Another one is merged into it"),
    "merged_into_municipality": later("Another municipality is merged into it"),
    "taken_over": later("Another one goes over into it, wholly or in part"),
    "founded": later("It is new, and the right was given for it already"),
    "part_split_off": later("A part is split off"),
    "part_taken_over": later("It takes over a part of another"),
    "branch_created": later("It gets a branch"),
    "inside": later("It lies in another municipality from then on"),
    "inside_goes_on": later("Its municipality goes on in another shape"),
    "inside_recoded": later("Its municipality gets another code"),
    "inside_renamed": later("Its municipality gets another name"),
    "new_application": later("There is one successor"),
    "no_automatic_successor": later("There is no automatic successor"),
    "draft_goes_on": later("The form is not filled in to its end"),
    "place_ends": later("Its place ends"),
    "forms_name_it": later("Its forms name the place that ends"),
    "taken_by_reform": later("A reform took it, and this one leaves its place alone"),
    "person_without_rights": later("A person has no right left"),
    "place_without_people": later("Nobody has a right there"),
}
"""Every code of a reason in a few words, where no place is named: for counts."""


def ends(ending: Ending, right: Right, told: Succession) -> Reason:
    """Say why a right ends."""
    new = bool(ending.successors) and told.founded.issuperset(ending.successors)
    sentence = _ENDED_INTO_NEW.get(ending.kind, _ENDED[ending.kind]) if new else _ENDED[ending.kind]
    why = say(sentence, place=_place(ending.place, told), successors=_list(ending.successors, told))
    reach = told.reach(right, ending)
    if reach is Reach.CUT:
        return Reason(ending.kind.value, why)
    code, sentence = _REACHES[reach]
    return Reason(f"{ending.kind}.{code}", say(sentence, why=why))


def stays(touch: Touch, told: Succession) -> Reason:
    """Say why a right stays, whatever else the order does to its place: what widens it is said before all else."""
    code = _why_stays(touch)
    params = {
        "code": data(touch.new_atvk),
        "origins": _list(touch.origins, told),
        "place": _place(touch.inside or touch.place, told),
    }
    wanted = {name: said for name, said in params.items() if f"%({name})s" in _STAYS[code]}
    return Reason(code, say(_STAYS[code], **wanted))


def _why_stays(touch: Touch) -> str:
    if touch.inside:
        if touch.inside_ends:
            return "inside"
        of = {ChangeKind.RECODED: "inside_recoded", ChangeKind.RENAMED: "inside_renamed"}
        return next((code for kind, code in of.items() if kind in touch.kinds), "inside_goes_on")
    if touch.origins:
        return "founded" if touch.founded else _what_came(touch)
    for kind in (ChangeKind.RECODED, ChangeKind.PART_SPLIT_OFF, ChangeKind.BRANCH_CREATED):
        if kind in touch.kinds:
            return kind.value
    return "renamed"


def _what_came(touch: Touch) -> str:
    """Name what came into a place that goes on: all of others, parts of them, or some of both."""
    if touch.came <= _PART:
        return "part_taken_over"
    whole = {_WHOLE.get(kind, "taken_over") for kind in touch.came}
    code = whole.pop() if len(whole) == 1 else "taken_over"
    return code if code == "taken_over" or touch.place.startswith("i-") else f"{code}_municipality"


def needs_application(ending: Ending, told: Succession) -> Reason:
    """Say what somebody needs to go on working."""
    one = len(ending.successors) == 1
    said = say(_ONE if one else _SEVERAL, successors=_list(ending.successors, told))
    return Reason("new_application" if one else "no_automatic_successor", said)


def application(ending: Ending, told: Succession, one: OpenApplication, *, moves: bool) -> Reason:
    """Say why an open application goes on for another place, or is to be withdrawn."""
    if moves:
        return Reason("draft_goes_on", say(_MOVES, successors=_list(ending.successors, told)))
    if not one.follows_place:
        return Reason("place_ends", say(_WITHDRAW_ENDING, place=_place(ending.place, told)))
    code, sentence = ("forms_name_it", _WITHDRAW_SIGNED) if one.submitted else ("place_ends", _WITHDRAW)
    return Reason(code, say(sentence, place=_place(ending.place, told)))


def signatory_ends(ending: Ending, name: str, told: Succession) -> Reason:
    """Say why an entitlement to sign ends."""
    return Reason("place_ends", say(_SIGNATORY, name=name, place=_place(ending.place, told)))


def place_recoded(touch: Touch, told: Succession) -> Reason:
    """Say which code a municipality gets."""
    return Reason("recoded", say(_RECODED, place=_place(touch.place, told), code=touch.new_atvk))


def restorable(touch: Touch, told: Succession) -> Reason:
    """Say why a right can be given back."""
    return Reason("taken_by_reform", say(_RESTORABLE, place=_place(touch.place, told)))


def person_left(*, now: bool) -> Reason:
    """Say that somebody is left with nothing: from the day of the order on, or `now` where it is dated earlier."""
    return Reason("person_without_rights", say(_PERSON_LEFT_NOW if now else _PERSON_LEFT))


def place_left(place: str, touch: Touch, told: Succession, *, now: bool) -> Reason:
    """Say that nobody is left in a place: from the day of the order on, or `now` where it is dated earlier."""
    said = _NEW_PLACE_LEFT if touch.founded else _PLACE_LEFT
    if now:
        said = _PLACE_LEFT_NOW
    return Reason("place_without_people", say(said, place=_place(place, told)))


def _place(key: str, told: Succession) -> FactText:
    return place_text(key, told.names)


def _list(keys: tuple[str, ...], told: Succession) -> FactText:
    """Name places one after the other; `;` keeps names with commas in them apart."""
    if not keys:
        return data("")
    listed = _place(keys[0], told)
    for key in keys[1:]:
        listed = say("%(before)s; %(next)s", before=listed, next=_place(key, told))
    return listed
