"""An order while it is filled in: all of it lies in the form, field by field, and goes from page to page with it."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from iam.orders.models import ChangeKind, Side
from workflows.i18n import Words
from workflows.reorganisation.order_form import ChangeFields
from workflows.reorganisation.resolving import known_names
from workflows.reorganisation.words import KINDS, place_text

__all__ = ["MOST_CHANGES", "ChangeShown", "OrderDraft", "capital", "changes_shown"]

MOST_CHANGES = 50
_HEAD = ("reference", "legal_basis", "effective")
_WRITTEN = ("new_name", "new_code")
_PARTIES = ("sources", "targets")


@dataclass(slots=True)
class OrderDraft:
    """What was filled in so far. `place` is the number of the change that is written anew, 0 for a further one."""

    head: dict[str, str]
    changes: list[ChangeFields]
    place: int = 0
    writing: ChangeFields | None = None
    typed: dict[str, str] = field(default_factory=dict)  # searches, and what is not added yet

    @classmethod
    def read(cls, values: Mapping[str, str]) -> "OrderDraft":
        """Read the fields of the form; what is none of ours is passed over."""
        numbered = (ChangeFields.read(values.get(f"change-{n}", "")) for n in range(1, MOST_CHANGES + 1))
        place = values.get("place", "")
        kind = values.get("kind", "")
        writing = None
        if kind in set(ChangeKind):
            sides = [_texts(values.get(side, "")) for side in _PARTIES]
            new = [" ".join(values.get(name, "").split()) for name in _WRITTEN]
            writing = ChangeFields(
                kind=ChangeKind(kind), sources=sides[0], targets=sides[1], new_name=new[0], new_code=new[1]
            )
        return cls(
            head={name: values.get(name, "") for name in _HEAD},
            changes=[one for one in numbered if one is not None],
            place=int(place) if re.fullmatch(r"[0-9]{1,2}", place) else 0,
            writing=writing,
            typed={name: values.get(name, "") for name in ("source_q", "target_q", "found_number", "found_name")},
        )

    def fields(self) -> dict[str, str]:
        """Return everything as fields of the form."""
        said = self.head | self.typed | {"place": str(self.place)}
        said |= {f"change-{number}": one.as_text() for number, one in enumerate(self.changes, start=1)}
        if self.writing is not None:
            said |= {"kind": self.writing.kind.value}
            said |= {side: json.dumps(getattr(self.writing, side), ensure_ascii=False) for side in _PARTIES}
            said |= {name: getattr(self.writing, name) for name in _WRITTEN}
        return said

    def hidden(self, *shown: str) -> list[tuple[str, str]]:
        """Return the fields that a page does not show."""
        return [(name, value) for name, value in self.fields().items() if name not in shown]

    def write(self, place: int) -> None:
        """Begin to write a change: the one that stands there, or a further one."""
        there = 0 < place <= len(self.changes)
        self.place, self.writing = (place, self.changes[place - 1]) if there else (0, None)
        self.typed = {}

    def of_kind(self, kind: ChangeKind) -> None:
        """Have the change that is written be of this kind; what was said of it stays."""
        self.writing = ChangeFields(kind=kind) if self.writing is None else replace(self.writing, kind=kind)

    def put_down(self) -> None:
        """Take the change that is written among those of the order."""
        if self.writing is None:
            return
        if self.place:
            self.changes[self.place - 1] = self.writing
        else:
            self.changes.append(self.writing)
        self.write(0)

    def add(self, side: Side, party: str) -> None:
        """Name a source or a target; one that is named already stays named once."""
        if self.writing is not None:
            self.writing = self.writing.naming(side, dict.fromkeys((*self.writing.of(side), party)))

    def drop(self, side: Side, number: int) -> None:
        """Name a source or a target no longer, counted from 1."""
        if self.writing is not None:
            named = [one for place, one in enumerate(self.writing.of(side), start=1) if place != number]
            self.writing = self.writing.naming(side, named)


@dataclass(frozen=True, slots=True)
class ChangeShown:
    """A change in words: the kind, its parties, what is new."""

    kind: str
    sources: Sequence[str]
    targets: Sequence[str]
    new_name: str
    new_code: str


def changes_shown(session: Session, words: Words, changes: Sequence[ChangeFields]) -> list[ChangeShown]:
    """Say changes in words, with the names of their parties."""
    parties = {text: party for one in changes for text, party in one.parties().items()}
    names = known_names(session, parties.values())
    said = {}
    for text, party in parties.items():
        named = place_text(party.key, names if party.founded_as is None else {party.key: party.founded_as})
        new = party.founded_as is not None
        said[text] = words("%(place)s, new", place=named.in_words(words)) if new else named.in_words(words)
    return [
        ChangeShown(
            capital(words(KINDS[one.kind])),
            [said.get(text, text) for text in one.sources],
            [said.get(text, text) for text in one.targets],
            one.new_name,
            one.new_code,
        )
        for one in changes
    ]


def capital(text: str) -> str:
    """Begin with a capital letter.

    >>> capital("čaklo darbs ABC")
    'Čaklo darbs ABC'
    """
    return text[:1].upper() + text[1:]


def _texts(written: str) -> tuple[str, ...]:
    try:
        said = json.loads(written)
    except ValueError:
        return ()
    return tuple(one for one in said if isinstance(one, str)) if isinstance(said, list) else ()
