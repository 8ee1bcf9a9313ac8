"""What is proposed, as facts that a page shows and a digest covers. Pure, and in no language.

A fact has a label and what it was and will be. Texts are catalogue sentences with what fills them in, or data as it is:
both people see the same facts, each in their language, and the digest is the same.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from workflows.i18n import Language, Words

__all__ = ["Fact", "FactText", "Json", "ProposalContent", "data", "digest", "on_day", "say"]

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FactText:
    """A text of a fact: data as it is, a day (ISO), or a sentence of the catalogue (its English id) with `params`.

    Data that has a name in English too brings it as `english`: a translation, which no digest covers.
    """

    text: str = ""
    day: str = ""
    message: str = ""
    params: Mapping[str, "FactText"] = field(default_factory=dict)
    english: str = ""

    def __bool__(self) -> bool:
        return bool(self.text or self.day or self.message)

    def in_words(self, words: Words) -> str:
        """Return the text in a language."""
        if self.day:
            return words.date(date.fromisoformat(self.day))
        if not self.message:
            return self.english if self.english and words.language is Language.EN else self.text
        return words(self.message, **{name: param.in_words(words) for name, param in self.params.items()})

    @classmethod
    def from_json(cls, kept: Json) -> "FactText":
        """Read what `dataclasses.asdict` made of one."""
        params = {name: cls.from_json(param) for name, param in kept["params"].items()}
        return cls(kept["text"], kept["day"], kept["message"], params, kept.get("english", ""))


def say(message: str, **params: "FactText | str") -> FactText:
    """Make a text of a sentence that `workflows.i18n.later` has marked; what is filled in is data unless it is said."""
    filled = {name: data(param) if isinstance(param, str) else param for name, param in params.items()}
    return FactText(message=message, params=filled)


def data(text: str, *, english: str = "") -> FactText:
    """Make a text of data, such as a name: the same in every language, unless it has one in English too."""
    return FactText(text=text, english=english)


def on_day(day: date) -> FactText:
    """Make a text of a day."""
    return FactText(day=day.isoformat())


_NOTHING = FactText()


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of what is proposed: how it was, if it changes something, and how it will be."""

    label: FactText
    will: FactText
    was: FactText = _NOTHING


@dataclass(frozen=True, slots=True)
class ProposalContent:
    """Everything a proposal changes. `count` is how many changes there are, as the second person counts them."""

    facts: tuple[Fact, ...]
    count: int

    def to_json(self) -> dict[str, Any]:
        """Return the shape that is kept; `from_json` is its inverse."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Json) -> "ProposalContent":
        """Read what `to_json` wrote."""
        return cls(
            tuple(Fact(*(FactText.from_json(one[name]) for name in ("label", "will", "was"))) for one in kept["facts"]),
            kept["count"],
        )


def digest(kind: str, subject: str, payload: Json, content: ProposalContent) -> str:
    """Digest exactly what is shown and what will be carried out (SHA-256, hex)."""
    said = {"kind": kind, "subject": subject, "payload": payload, "shown": _untranslated(content.to_json()), "v": 1}
    plain = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(plain.encode()).hexdigest()


def _untranslated(shown: object) -> object:
    """Leave the names in English out: whoever reads them reads the same facts."""
    if isinstance(shown, Mapping):
        return {name: _untranslated(value) for name, value in shown.items() if name != "english"}
    return [_untranslated(one) for one in shown] if isinstance(shown, (list, tuple)) else shown
