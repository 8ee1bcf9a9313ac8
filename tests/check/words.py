"""Comments are plain sentences of the field's words."""

import io
import re
import tokenize
from collections.abc import Iterator, Mapping

from tests.check.findings import ROOT

__all__ = ["comments", "dialect", "too_many", "words"]

MOST = 20
PACKAGES = ("signing", "iam", "workflows", "demo", "builders", "benchmarks", "tests")

# Directives to other programs are no sentences.
_DIRECTIVE = re.compile(r"^#\s*(?:noqa|type:|mypy:|pragma|fmt:|ruff:|!)|\bnoqa:.*?(?:-|$)|type: ignore\S*\s*#?")
_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZĀČĒĢĪĶĻŅŠŪŽ“\"'(0-9`])")

# Words of a dialect that a reader of the standards would stumble over, and the word to say instead.
DIALECT: Mapping[str, str] = {
    "cage": "“sandbox”",
    "clockwork": "“periodic jobs”",
    "draughtsm[ae]n": "“process that draws”",
    "hearsay": "whose statement it is",
    "hurry": "“due now”",
    "keycloakdoor": "“KeycloakClient”",
    "moody": "“scripted”",
    "settle_in": "“freeze_loaded_objects”",
    "somebody looks": "who reads what",
    "works? (?:it|them) out anew": "“computes again”",
}


def words() -> Iterator[str]:
    """No comment has a sentence of more than twenty words, and none of the words of DIALECT is said."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            text = path.read_text("utf-8")
            for line, comment in comments(text):
                yield from (f"{name}:{line}: {finding}" for finding in too_many(comment))
            if path.resolve() != ROOT / "tests" / "check" / "words.py":
                yield from (f"{name}:{line}: {finding}" for line, finding in dialect(text, DIALECT))


def comments(text: str) -> Iterator[tuple[int, str]]:
    """Yield each comment with the line it begins on; comments on lines of their own that follow each other are one."""
    begun, last, said = 0, -1, ""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        alone = not token.line[: token.start[1]].strip()
        what = _DIRECTIVE.sub("", token.string).lstrip("#").strip()
        if alone and token.start[0] == last + 1:
            said, last = f"{said} {what}", token.start[0]
            continue
        if said:
            yield begun, said
        begun, said = token.start[0], what
        last = token.start[0] if alone else -1
    if said:
        yield begun, said


def too_many(comment: str) -> Iterator[str]:
    """Name the sentences of a comment that have more words than a sentence may."""
    for sentence in _END.split(comment):
        if "──" in sentence:
            continue  # a drawn tree
        # Numbers, paragraphs and single letters are read at a glance.
        count = len([word for word in sentence.split() if re.search(r"[^\W\d_]{2}", word)])
        if count > MOST:
            yield f"a sentence of {count} words, {MOST} is the most: “{' '.join(sentence.split()[:6])} …”"


def dialect(text: str, instead: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Find words of a dialect, in names and sentences alike."""
    for number, line in enumerate(text.splitlines(), 1):
        for word, better in instead.items():
            if re.search(rf"(?<![^\W_]){word}(?![^\W_])", line, re.IGNORECASE):
                yield number, f"says “{word}”: say {better}"
