"""Cut TOML into sections by their headers, each read by itself: a fault then stands in its line and hides no other.

Only headers of bare keys are looked for, as orders have them; text over several lines may hold what looks like one.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workflows.reorganisation.faults import Fault, fault

__all__ = ["Section", "looks_like_toml", "sections_of"]

_LOOKS = re.compile(r"""\s*(?!(?i:sep=))(?:\[|(?:[A-Za-z0-9_.-]+|"[^"]*"|'[^']*')\s*=)""")
_HEADER = re.compile(
    r"[ \t]*(?P<open>\[{1,2})[ \t]*(?P<name>[A-Za-z_][\w. \t-]*?)[ \t]*(?P<close>\]{1,2})[ \t]*", re.ASCII
)
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_TOKEN = re.compile(r"""\"{3}|'{3}|"(?:[^"\\\n]++|\\.)*+"?|'[^'\n]*'?|#[^\n]*""")
_ENDS = {
    '"""': re.compile(r'(?:[^"\\]++|\\.|"(?!""))*+"{3,5}', re.DOTALL),
    "'''": re.compile(r"(?:[^']++|'(?!''))*+'{3,5}"),
}
_AT_LINE = re.compile(r"\(at line (?P<line>[0-9]+), column [0-9]+\)")
_MOST_DOTS = 50  # in a line, apart from texts: the library takes the square of a key's parts
_TWICE = ("Cannot overwrite", "Cannot mutate", "Duplicate inline")
_EFFECTIVE = re.compile(r"\s*effective\s*=\s*(?P<day>.*?)\s*(?:#.*)?")


@dataclass(frozen=True, slots=True)
class Section:
    """A header and what stands under it, None where that cannot be read; `line` is the header's.

    What stands before the first header has no name.
    """

    line: int
    name: str
    values: Mapping[str, object] | None


def looks_like_toml(text: str) -> bool:
    """Say whether the first line that is neither blank nor a comment is a header or gives a key its value."""
    lines = (line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#"))
    return _LOOKS.match(next(lines, "[")) is not None


def sections_of(text: str, faults: list[Fault]) -> Iterator[Section]:
    """Yield the sections; a fault for each that cannot be read."""
    lines, bare = text.split("\n"), _without_texts(text).split("\n")
    headers = [(at, found) for at, line in enumerate(bare) if (found := _HEADER.fullmatch(line)) is not None]
    first = headers[0][0] if headers else len(lines)
    before = _read(0, lines[:first], bare[:first], faults)
    if before:
        yield Section(1 + min(at for at, line in enumerate(bare) if line.strip()), "", before)
    ends = [*(at for at, _ in headers[1:]), len(lines)]
    for (at, found), end in zip(headers, ends, strict=False):
        name = _DOT.sub(".", found["name"])
        if (found["open"], found["close"]) != ("[[", "]]"):
            faults.append(fault(at + 1, "toml.brackets", name=name))
        yield Section(at + 1, name, _read(at + 1, lines[at + 1 : end], bare[at + 1 : end], faults))


def _without_texts(text: str) -> str:
    """Blank out texts and comments, character by character but for the ends of lines."""
    parts, at = [], 0
    ends = dict(_ENDS)
    while (found := _TOKEN.search(text, at)) is not None:
        parts.append(text[at : found.start()])
        at, opening = found.end(), found.group()
        if opening in ends:
            closed = ends[opening].match(text, at)
            if closed is None:  # none that begins later has an end either
                del ends[opening]
            else:
                at = closed.end()
        blank = " " if opening.startswith("#") else '"'
        parts.append("\n".join(blank * len(one) for one in text[found.start() : at].split("\n")))
    return "".join([*parts, text[at:]])


def _read(before: int, lines: list[str], bare: list[str], faults: list[Fault]) -> Mapping[str, object] | None:
    """Read the lines of a section, `before` of which are above it."""
    dotted = [fault(before + number, "toml") for number, line in enumerate(bare, 1) if line.count(".") > _MOST_DOTS]
    if dotted:
        faults += dotted
        return None
    try:
        return tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError as broken:
        faults.append(_syntax(before, lines, str(broken)))
    except (ValueError, RecursionError):  # a number of thousands of digits, brackets in thousands of brackets
        faults.append(fault(before + 1, "toml"))
    return None


def _syntax(before: int, lines: list[str], why: str) -> Fault:
    """Name the line; what the library says of it is English, and of its grammar."""
    found = _AT_LINE.search(why)
    last = max((number for number, line in enumerate(lines, 1) if line.strip()), default=1)
    number = int(found["line"]) if found is not None else last
    if any(said in why for said in _TWICE):
        return fault(before + number, "toml.twice")
    if (day := _EFFECTIVE.fullmatch(lines[number - 1])) is not None:
        return fault(before + number, "effective", text=day["day"])
    return fault(before + number, "toml")
