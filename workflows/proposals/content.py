"""What is proposed, as facts that a page shows and a digest covers. Pure, and in no language.

A fact has a label and what it was and will be. Texts are catalogue sentences with what fills them in, or data as it is:
both people see the same facts, each in their language, and the digest is the same.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from workflows.i18n import Words

__all__ = ["Content", "Fact", "Json", "Said", "data", "digest", "say"]

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """A text of a fact: a sentence of the catalogue (its English id) filled in with `params`, or data in `text`."""

    message: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    text: str = ""

    def __bool__(self) -> bool:
        return bool(self.message or self.text)

    def in_words(self, words: Words) -> str:
        """Return the text in a language."""
        return words(self.message, **self.params) if self.message else self.text


def say(message: str, **params: str) -> Said:
    """Make a text of a sentence that `workflows.i18n.later` has marked."""
    return Said(message=message, params=params)


def data(text: str) -> Said:
    """Make a text of data: a name, a date in ISO format."""
    return Said(text=text)


_NOTHING = Said()


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of what is proposed: how it was, if it changes something, and how it will be."""

    label: Said
    will: Said
    was: Said = _NOTHING


@dataclass(frozen=True, slots=True)
class Content:
    """Everything a proposal changes. `count` is how many changes there are, as the second person counts them."""

    facts: tuple[Fact, ...]
    count: int

    def to_json(self) -> dict[str, Any]:
        """Return the shape that is kept; `from_json` is its inverse."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Json) -> "Content":
        """Read what `to_json` wrote."""
        return cls(
            tuple(Fact(Said(**one["label"]), Said(**one["will"]), Said(**one["was"])) for one in kept["facts"]),
            kept["count"],
        )


def digest(kind: str, subject: str, payload: Json, content: Content) -> str:
    """Digest exactly what is shown and what will be carried out (SHA-256, hex)."""
    said = {"kind": kind, "subject": subject, "payload": payload, "shown": content.to_json(), "v": 1}
    plain = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(plain.encode()).hexdigest()
