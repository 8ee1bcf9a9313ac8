"""A reason's sentence, and what to do next, in English or Latvian."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signing.sentences import ALL
from signing.sentences.formatting import spoken
from signing.sentences.wording import current_wording

if TYPE_CHECKING:
    from signing.model import Message

__all__ = ["LANGUAGES", "known_codes", "next_step", "text"]

LANGUAGES = ("lv", "en")


class _Names(dict[str, str]):
    """A name the message does not carry is left out, never an error in front of a person."""

    def __missing__(self, key: str) -> str:
        return "…"


def known_codes() -> frozenset[str]:
    """Return every code that has its sentences."""
    return frozenset(ALL)


def text(message: Message, language: str) -> str:
    """Say the reason in "lv" or "en"; a code without a sentence is shown as it is.

    >>> from signing.model import Message
    >>> text(Message.of("reference.changed", file="letter.pdf"), "lv")
    'Parakstītais saturs „letter.pdf” pēc parakstīšanas ir mainīts.'
    >>> text(Message.of("ocsp.before-stamp", seconds=56242), "lv")
    'Izdevēja apstiprinājums sagatavots 16 stundas pirms laika zīmoga; tā tas mēdz būt.'
    """
    sentence = ALL.get(message.code)
    if sentence is None:
        return message.code
    return (sentence.lv if language == "lv" else sentence.en).format_map(_Names(spoken(message.params, language)))


def next_step(message: Message, language: str) -> str:
    """Say what to do next, in "lv" or "en"; "" for a code without a sentence.

    >>> from signing.model import Message
    >>> next_step(Message("document.empty"), "en")
    'Please send the signed file itself: .edoc, .asice or a signed .pdf.'
    """
    sentence = ALL.get(message.code)
    if sentence is None:
        return ""
    step = sentence.next.lv if language == "lv" else sentence.next.en
    return step.replace("{adviser}", current_wording().adviser(language))
