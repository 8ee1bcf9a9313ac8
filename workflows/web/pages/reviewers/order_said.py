"""What recorded orders say, change by change, with the pages of the places they name. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from iam.orders.said import OrderSaid, PartySaid
from workflows.i18n import Words
from workflows.reorganisation.words import KINDS, place_text

__all__ = ["SaidChange", "place_address", "said_changes"]

Named = tuple[str, str | None]  # a name, and the address of its page where it is recorded


@dataclass(frozen=True, slots=True)
class SaidChange:
    """One change: of which order, what is done, to whom, what comes of it; `became` is a new name or code."""

    order: str
    kind: str
    sources: Sequence[Named]
    targets: Sequence[Named]
    became: str


def said_changes(words: Words, orders: Iterable[OrderSaid], names: Mapping[str, str]) -> list[SaidChange]:
    """Say every change of the orders; `names` are those of recorded places, by key."""
    return [
        SaidChange(
            order.reference,
            words(KINDS[change.kind]),
            [_named(words, party, names) for party in change.sources],
            [_named(words, party, names) for party in change.targets],
            change.new_name or change.new_atvk or "",
        )
        for order in orders
        for change in order.changes
    ]


def _named(words: Words, party: PartySaid, names: Mapping[str, str]) -> Named:
    key = party.key
    known = names if key in names or party.founded_as is None else {key: party.founded_as}
    return place_text(key, known).in_words(words), place_address(key, names)


def place_address(key: str, names: Mapping[str, str]) -> str | None:
    """Return the address of the page of a place, if it is recorded: then it is among `names`."""
    return f"/institutions/{key.removeprefix('i-')}" if key in names else None
