"""What a signed PDF shows beside a form of ours: facts from the cage, as the service reads them.

Pure: the service imports this without loading what reads PDFs. Excerpts carry no personal code in full.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import cast

__all__ = ["BESIDE", "DIFFERENCES", "MOST_DIFFERENCES", "Comparison", "Difference", "read_comparison"]

DIFFERENCES = frozenset({"pages", "page-size", "text", "picture", "attachment", "drawn-over", "covered"})
"""In what a file may differ from the form; each of them makes it another document."""
BESIDE = frozenset({"scripts", "fields", "layers", "links", "fonts", "spoken", "over-text", "repaired", "other-views"})
"""What leaves everything compared equal and may yet show, or be read out, differently in another program."""
MOST_DIFFERENCES = 20
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference; `page` counts from 1, 0 speaks of the whole file; `ours` and `theirs` are excerpts or counts."""

    what: str
    page: int = 0
    ours: str = ""
    theirs: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A file compared with one form, both by SHA-256; `likeness` is the share of common words, in thousandths."""

    file: str
    form: str
    differences: tuple[Difference, ...]
    beside: tuple[str, ...]
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
        return {**asdict(self), "differences": [asdict(one) for one in self.differences], "beside": list(self.beside)}


def read_comparison(said: object) -> Comparison:
    """Read what `to_json` wrote, taking nothing for granted. Raises ValueError."""
    match said:
        case {
            "file": str(file),
            "form": str(form),
            "differences": list(differences),
            "beside": list(beside),
            "likeness": int(likeness),
        } if set(beside) <= BESIDE and len(differences) <= MOST_DIFFERENCES:
            read = tuple(_difference(one) for one in differences)
            return Comparison(file[:64], form[:64], read, tuple(str(one) for one in beside), likeness)
        case _:
            raise ValueError("no comparison")


def _difference(said: object) -> Difference:
    match said:
        case {"what": str(what), "page": int(page), "ours": str(), "theirs": str()} if what in DIFFERENCES:
            words = cast("Mapping[str, str]", said)
            return Difference(what, page, words["ours"][:_LONGEST], words["theirs"][:_LONGEST])
        case _:
            raise ValueError("no difference")
