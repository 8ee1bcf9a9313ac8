"""What can come of asking a guard, and how is its answer read? Nothing in it is believed: a document may speak.

Read by hand: the shapes are few, and the process that writes them must not load a library for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from signing import Report
from workflows.evidence.guard.comparison import Comparison, read_comparison
from workflows.evidence.guard.frames import Frame
from workflows.evidence.guard_processes import Anomaly

__all__ = [
    "Compared",
    "CouldNotBeJudged",
    "Judgement",
    "PageImages",
    "Unreadable",
    "read_compared",
    "read_judgement",
    "read_pages",
]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """These bytes are nothing that could be judged; `code` and `params` are signing's, with sentences there."""

    code: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CouldNotBeJudged:
    """No verdict came of it: `reason` is "timed-out", "out-of-memory", "crashed", "failed" or "no-trust"."""

    reason: str
    detail: str = ""


Judgement: TypeAlias = Report | Unreadable | CouldNotBeJudged


@dataclass(frozen=True, slots=True)
class PageImages:
    """The pages of a PDF as PNG; `pages` counts all of them, pictures may be fewer."""

    pages: int
    pictures: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """A PDF beside forms of ours, one comparison each; `references` are numbers found in it, also packed ones."""

    comparisons: tuple[Comparison, ...]
    references: tuple[str, ...]


def read_judgement(answer: Frame) -> Judgement:
    """Read a judgement, taking nothing for granted: the guard's output is untrusted. Raises Anomaly."""
    match answer.words:
        case {"outcome": "report", "report": dict(report)}:
            try:
                return Report.from_json(report)
            except (ValueError, TypeError) as error:
                raise Anomaly("crashed", "the report is none") from error
        case {"outcome": "unreadable", "code": str(code), "params": dict(params)}:
            return Unreadable(code[:200], {str(key)[:200]: str(value)[:1000] for key, value in params.items()})
        case {"outcome": "no-trust"}:
            return CouldNotBeJudged("no-trust")
        case {"outcome": "fault", "detail": str(detail)}:
            return CouldNotBeJudged("failed", detail[:500])
        case _:
            raise Anomaly("crashed", "no outcome")


def read_pages(answer: Frame) -> PageImages | Unreadable:
    """Read the pictures of pages. Raises Anomaly."""
    match answer.words:
        case {"pages": int(pages)} if all(blob.startswith(b"\x89PNG\r\n\x1a\n") for blob in answer.blobs):
            return PageImages(pages, answer.blobs)
        case {"unreadable": str(why)}:
            return Unreadable("document.pages-unreadable", {"why": why[:200]})
        case _:
            raise Anomaly("crashed", "no pages")


def read_compared(answer: Frame, digests: Sequence[str]) -> Compared:
    """Read comparisons of the file with the forms that `digests` names, the file first. Raises Anomaly."""
    file, *forms = digests
    match answer.words:
        case {"references": list(references), **rest}:
            mentioned = tuple(str(one)[:14] for one in references[:50])
        case _:
            raise Anomaly("crashed", "no comparison")
    match rest:
        case {"compared": list(compared)}:
            try:
                comparisons = tuple(read_comparison(one) for one in compared)
            except ValueError as error:
                raise Anomaly("crashed", "the comparison is none") from error
            # What was compared is for us to say: the child's words may be the document's.
            if [(one.file, one.form) for one in comparisons] != [(file, form) for form in forms]:
                raise Anomaly("crashed", "compared something else")
            return Compared(comparisons, mentioned)
        case {"incomparable": str()}:
            return Compared((), mentioned)
        case _:
            raise Anomaly("crashed", "no comparison")
