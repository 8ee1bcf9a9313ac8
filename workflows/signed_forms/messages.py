"""What the findings about a signed form say to people: in Latvian and English, with what to do next.

Signature-level reasons have their sentences in `signing.messages`; the reasons that speak of a form have theirs in
`sentences`. Codes are stable: they are kept with every upload. `name`, `file`, `day` are filled in.

Applicants read what they can do; a reviewer reads what is left to look at, or what the applicant was told to do;
a visitor of the check page, where nothing is kept or looked at, reads nothing that promises it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

from signing.messages import next_step, text
from signing.sentences.formatting import spoken
from signing.sentences.sentence import NOTHING, PERSON_LOOKS, SIGN_AGAIN, SIGN_UNCHANGED, WAIT
from signing.sentences.wording import using_wording
from workflows.signed_forms.sentences import AFTERWARDS, FOR_REVIEWERS, SENTENCES, current
from workflows.wording import VIIS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signing.model import Message

__all__ = ["Reader", "Said", "is_remark", "say", "say_all"]

_PLACE = re.compile(r"\{([a-z]+)\}")


class Reader(StrEnum):
    """Who reads a reason."""

    APPLICANT = "applicant"
    REVIEWER = "reviewer"
    VISITOR = "visitor"


@dataclass(frozen=True, slots=True)
class Said:
    """A reason in words: what is so, and what to do next (may be empty); `technical` is for a help desk."""

    text: str
    next_step: str
    technical: str = ""


_CHECK_AGAIN = ("Pārbaudiet failu vēlreiz pēc dažām minūtēm.", "Check the file again in a few minutes.")
_STAFF_WOULD_LOOK = (
    "Ja šo failu iesniegsiet, to apskatīs darbinieks.",
    "If you hand this file in, a member of staff will look at it.",
)
_LOOK = ("Apskatiet to pirms lēmuma.", "Look at it before you decide.")

# They say that something is wrong, not what: beside a reason that does, they say nothing more.
_HEADLINES = frozenset({"signature.not-valid", "signature.undecided", "qualification.none", "stamp.none-valid"})

# They say how to sign a form again: nobody has to read it twice in other words.
_SAY_HOW_TO_SIGN_AGAIN = frozenset({"form.content-differs", "form.more-than-signed"})
_SIGN_AGAIN = frozenset(said for step in (SIGN_AGAIN, SIGN_UNCHANGED) for said in (step.en, step.lv))

# Reasons that say nothing new beside another one: they follow from it, or only seem to hold because of it.
_FOLLOWS_FROM = {
    "ocsp.after-expiry": ("certificate.expired",),
    "chain.not-found": ("qualification.undetermined",),  # without lists nobody's issuer is found
    "qualification.undetermined": ("certificate.", "ocsp."),  # open is the certificate, not what the lists say
}


@using_wording(VIIS)
def say(message: Message, language: str, *, to: Reader = Reader.APPLICANT) -> Said:
    """Put a reason into words, kept under whatever code; codes that are not ours go to `signing.messages`."""
    message = replace(message, code=current(message.code))
    sentences = SENTENCES.get(message.code)
    if sentences is None:
        said = Said(text(message, language), next_step(message, language))
    else:
        params = spoken(message.params, language)
        so, then = (sentences.en, sentences.en_next) if language == "en" else (sentences.lv, sentences.lv_next)
        # Names come from certificates of strangers: they are filled in as text, never read as a pattern.
        said = Said(_fill(so, params), _fill(then, params))
    match to:
        case Reader.APPLICANT:
            step = said.next_step
        case Reader.REVIEWER:
            step = _for_reviewer(message.code, said.next_step, language)
        case Reader.VISITOR:
            step = _for_visitor(said.next_step, language)
        case _:
            assert_never(to)
    return replace(said, next_step=step, technical=_technical(message))


def say_all(
    messages: Iterable[Message], language: str, *, to: Reader = Reader.APPLICANT, closed: bool = False
) -> tuple[Said, ...]:
    """Put reasons into words: what tells something first, nothing twice, and each thing to do once.

    Where the matter is `closed` nobody is told what is to come.
    """
    known = [replace(message, code=current(message.code)) for message in messages]
    given = [one for one in known if not closed or any(AFTERWARDS.get(one.code, (one.code,)))]
    telling = [message for message in given if message.code not in _HEADLINES and not _follows(message, given)]
    kept = telling or given[:1]
    said: list[Said] = []
    steps: set[str] = set()
    told_how = any(message.code in _SAY_HOW_TO_SIGN_AGAIN for message in kept)
    for message in kept:
        one = _afterwards(message, language, to) if closed else say(message, language, to=to)
        if told_how and next_step(message, language) in _SIGN_AGAIN:
            one = replace(one, next_step="")
        if one.text not in {other.text for other in said}:
            said.append(replace(one, next_step="") if one.next_step in steps else one)
            steps.add(one.next_step)
    return tuple(said)


def _afterwards(message: Message, language: str, to: Reader) -> Said:
    """Say what is still true once the matter is closed; nothing is to be done about it."""
    said = replace(say(message, language, to=to), next_step="")
    if message.code not in AFTERWARDS:
        return said
    return replace(said, text=_fill(AFTERWARDS[message.code][language == "en"], spoken(message.params, language)))


def _follows(message: Message, given: Iterable[Message]) -> bool:
    causes = _FOLLOWS_FROM.get(message.code, ())
    return any(other.code.startswith(cause) for other in given for cause in causes)


def is_remark(message: Message) -> bool:
    """Say whether nobody has to do anything about it: it belongs with what is technical."""
    return current(message.code) not in SENTENCES and next_step(message, "en") == NOTHING.en


def _for_reviewer(code: str, step: str, language: str) -> str:
    english = language == "en"
    if code in FOR_REVIEWERS:
        return FOR_REVIEWERS[code][english]
    if step in {NOTHING.en, NOTHING.lv}:
        return ""
    if step in {PERSON_LOOKS.en, PERSON_LOOKS.lv}:
        return _LOOK[english]
    if not step or step in {WAIT.en, WAIT.lv}:
        return step
    return f"The applicant reads: “{step}”" if english else f"Pieteicējam teikts: „{step}”"


def _for_visitor(step: str, language: str) -> str:
    if step in {WAIT.en, WAIT.lv}:
        step = _CHECK_AGAIN[language == "en"]
    elif step in {PERSON_LOOKS.en, PERSON_LOOKS.lv}:
        step = _STAFF_WOULD_LOOK[language == "en"]
    return step


def _technical(message: Message) -> str:
    """Name the reason as machines and help desks do. A person's name is not needed for that."""
    said = ", ".join(f"{key}={value}" for key, value in sorted(message.params.items()) if value and key != "name")
    return f"{message.code} ({said})" if said else message.code


def _fill(sentence: str, params: dict[str, str]) -> str:
    return _PLACE.sub(lambda place: params.get(place[1], ""), sentence)
