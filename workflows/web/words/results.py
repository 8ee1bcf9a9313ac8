"""What did judging a file come to, in a word and in one sentence?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from workflows.evidence.models import Verification, VerificationOutcome
from workflows.i18n import Words
from workflows.web.words.verdicts import SignatureWords
from workflows.web.words.vocabulary import Tone

__all__ = ["Result", "result_of"]

_WORST_FIRST = (Tone.BAD, Tone.WAIT, Tone.PLAIN, Tone.OK)


@dataclass(frozen=True, slots=True)
class Result:
    """What judging a file came to: a word, its tone, and one sentence."""

    word: str
    tone: str
    sentence: str


def result_of(words: Words, verification: Verification, signatures: Sequence[SignatureWords]) -> Result:
    """Say what the worst of the signatures is worth, or why nothing is said of any."""
    if verification.outcome == VerificationOutcome.COULD_NOT_BE_JUDGED:
        return Result(words("not checked"), Tone.WAIT, words("The file could not be checked just now."))
    if verification.outcome == VerificationOutcome.UNREADABLE:
        said = words("There is no signed document in this file that could be checked.")
        return Result(words("no signed document"), Tone.BAD, said)
    worst = min(signatures, key=lambda one: _WORST_FIRST.index(one.tone), default=None)
    if worst is None:
        return Result(words("no signature"), Tone.BAD, words("There is no signature in this file."))
    return Result(worst.word.lower(), worst.tone, _verdict(words, signatures))


def _verdict(words: Words, signatures: Sequence[SignatureWords]) -> str:
    valid = sum(one.tone == Tone.OK for one in signatures)
    if valid == len(signatures):
        return words.plural(
            "The file holds one signature, and it is valid.",
            "The file holds %(n)s signatures, and all of them are valid.",
            valid,
        )
    found = Counter(one.word.lower() for one in signatures)
    said = ", ".join(f"{word}: {count}" for word, count in found.items())
    if len(signatures) == 1:
        return words("The file holds one signature: %(found)s.", found=signatures[0].word.lower())
    return words.plural(
        "The file holds %(n)s signature (%(found)s).",
        "The file holds %(n)s signatures (%(found)s).",
        len(signatures),
        found=said,
    )
