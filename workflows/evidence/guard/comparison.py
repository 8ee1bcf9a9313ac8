"""How a signed PDF differs from a form of ours: facts from the guard, as the service reads and keeps them.

Pure: the service imports this without loading what reads PDFs, a guard without loading a library of codecs. Excerpts
carry no personal code in full.
"""

import hashlib
import json
from dataclasses import dataclass

from signing.model import Message

__all__ = ["Comparison", "Excerpt", "read_comparison"]

_MOST = 60
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The words of one page that only one side has, shortened."""

    page: int
    missing: str
    added: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A file compared with one form, both by SHA-256.

    `differences` make it another document: text, pages, pictures, attached data, something drawn over a page. What is
    in `told` leaves all of that equal and may yet show, or be read out, differently in another program. `likeness` is
    the share of the form's words that the file has, in thousandths.
    """

    file: str
    form: str
    differences: tuple[Message, ...]
    told: tuple[Message, ...]
    words: tuple[Excerpt, ...]
    likeness: int

    @property
    def same(self) -> bool:
        """Whether text, attached data and the pictures of all pages are those of the form."""
        return not self.differences

    @property
    def digest(self) -> str:
        """Name everything said here, by SHA-256 of its canonical JSON: what a person confirms is bound to it."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    def to_json(self) -> dict[str, object]:
        """Encode for the database and for a frame."""
        return {
            "file": self.file,
            "form": self.form,
            "differences": [_said(one) for one in self.differences],
            "told": [_said(one) for one in self.told],
            "words": [{"page": one.page, "missing": one.missing, "added": one.added} for one in self.words],
            "likeness": self.likeness,
        }


def _said(message: Message) -> dict[str, object]:
    return {"code": message.code, "params": dict(message.params)}


def read_comparison(said: object) -> Comparison:
    """Read what `to_json` wrote, taking nothing for granted: the guard's output is untrusted. Raises ValueError."""
    match said:
        case {
            "file": str(file),
            "form": str(form),
            "differences": list(differences),
            "told": list(told),
            "words": list(words),
            "likeness": int(likeness),
        } if max(len(differences), len(told), len(words)) <= _MOST:
            return Comparison(
                file[:64],
                form[:64],
                tuple(_message(one) for one in differences),
                tuple(_message(one) for one in told),
                tuple(_words(one) for one in words),
                likeness,
            )
        case _:
            raise ValueError("no comparison")


def _message(said: object) -> Message:
    match said:
        case {"code": str(code), "params": dict(params)} if len(params) <= _MOST:
            return Message(
                code[:_LONGEST], {str(key)[:_LONGEST]: str(value)[:_LONGEST] for key, value in params.items()}
            )
        case _:
            raise ValueError("no message")


def _words(said: object) -> Excerpt:
    match said:
        case {"page": int(page), "missing": str(missing), "added": str(added)}:
            return Excerpt(page, missing[:_LONGEST], added[:_LONGEST])
        case _:
            raise ValueError("no words")
