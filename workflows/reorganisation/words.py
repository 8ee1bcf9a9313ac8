"""What changes are called, and how a place is named where it is not shown on a page of its own."""

from collections.abc import Mapping, Sequence

from iam.orders.models import ChangeKind
from iam.orders.states import OrderState
from workflows.i18n import later
from workflows.proposals.content import FactText, data, say

__all__ = [
    "KINDS",
    "KINDS_EXPLAINED",
    "KINDS_TO_WRITE",
    "LATVIAN",
    "LATVIAN_COLUMNS",
    "ORDER_STATES",
    "place_text",
    "way_text",
]

KINDS: Mapping[str, str] = {
    ChangeKind.JOINED: later("joined to another"),
    ChangeKind.MERGED: later("merged into one"),
    ChangeKind.SPLIT: later("split"),
    ChangeKind.PART_SPLIT_OFF: later("part split off"),
    ChangeKind.TRANSFORMED: later("transformed, under a new number"),
    ChangeKind.CLOSED: later("closed"),
    ChangeKind.BRANCH_CREATED: later("branch created"),
    ChangeKind.RENAMED: later("renamed"),
    ChangeKind.RECODED: later("new code"),
}

KINDS_EXPLAINED: Mapping[str, str] = {
    ChangeKind.JOINED: later("It ends and goes over into one that goes on. Its rights end."),
    ChangeKind.MERGED: later("Two or more end, and one comes of them, mostly a new one. Their rights end."),
    ChangeKind.SPLIT: later("It ends, and two or more come of it. Its rights end; none of them takes them over."),
    ChangeKind.PART_SPLIT_OFF: later("It goes on and gives a part away. Rights stay."),
    ChangeKind.TRANSFORMED: later("The institution ends, and one under a new number comes of it. Its rights end."),
    ChangeKind.CLOSED: later("It ends, and nothing comes of it. Its rights end."),
    ChangeKind.BRANCH_CREATED: later("The institution goes on and has a new branch. Rights stay."),
    ChangeKind.RENAMED: later("It goes on under another name. Rights stay."),
    ChangeKind.RECODED: later("The municipality goes on under another ATVK code. Rights stay."),
}

ORDER_STATES: Mapping[OrderState, str] = {
    OrderState.DRAFTED: later("recorded"),
    OrderState.APPROVED: later("approved"),
    OrderState.APPLYING: later("being carried out"),
    OrderState.APPLIED: later("carried out"),
    OrderState.UNDOING: later("being undone"),
    OrderState.UNDONE: later("undone"),
    OrderState.REPEALED: later("repealed"),
}

LATVIAN: Mapping[str, ChangeKind] = {
    "pievienošana": ChangeKind.JOINED,
    "apvienošana": ChangeKind.MERGED,
    "sadalīšana": ChangeKind.SPLIT,
    "nodalīšana": ChangeKind.PART_SPLIT_OFF,
    "pārveidošana": ChangeKind.TRANSFORMED,
    "likvidācija": ChangeKind.CLOSED,
    "filiāle": ChangeKind.BRANCH_CREATED,
    "pārdēvēšana": ChangeKind.RENAMED,
    "koda maiņa": ChangeKind.RECODED,
}
"""What files may call a change beside its English word: the forms as Latvian orders name them."""

LATVIAN_COLUMNS: Mapping[str, str] = {
    "numurs": "reference",
    "juridiskais pamats": "legal_basis",
    "stājas spēkā": "effective",
    "izmaiņas veids": "change",
    "kas mainās": "sources",
    "kas izveidojas": "targets",
    "jaunais nosaukums": "new_name",
    "jaunais kods": "new_code",
}
"""What headers of tables may call a column beside its English name."""

KINDS_TO_WRITE = later("joined, merged, split, part_split_off, transformed, closed, branch_created, renamed, recoded")
"""All words for a change, as readers of a language write them into files."""


_LONGEST_WAY = 12


def place_text(key: str, names: Mapping[str, str]) -> FactText:
    """Name a place by its key, with its name where one is known."""
    kind, _, number = key.partition("-")
    name = names.get(key, "")
    if kind == "i":
        if name:
            return say(later("%(name)s (number %(number)s)"), name=name, number=number)
        return say(later("The institution %(number)s"), number=number)
    if kind == "atvk":
        if name:
            return say(later("%(name)s (code %(number)s)"), name=name, number=number)
        return say(later("The municipality with the code %(number)s"), number=number)
    return data(name) if name else say(later("The municipality no. %(number)s"), number=number)


def way_text(keys: Sequence[str], names: Mapping[str, str]) -> FactText:
    """Name places by their keys, each leading into the next; of a long way the beginning and the end."""
    places = [place_text(key, names) for key in keys]
    if len(places) > _LONGEST_WAY:
        places = [*places[: _LONGEST_WAY - 1], data("…"), places[-1]]
    way = places[0]
    for place in places[1:]:
        way = say("%(before)s → %(next)s", before=way, next=place)
    return way
