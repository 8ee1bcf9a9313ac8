"""The signatures of a case in two lines, above the decision: nobody decides without a word about them.

The first line says what they are worth and what is missing; the second who signed what, for whom.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from workflows.application.kinds.registry import required_of
from workflows.application.models import Application
from workflows.application.review_views import CaseView
from workflows.application.states import OPEN, SIGNATORY_NOTES, State
from workflows.application.views import PartView
from workflows.i18n import Words
from workflows.signed_forms.states import Standing
from workflows.web.words.kinds import Names
from workflows.web.words.vocabulary import SIGNED

__all__ = ["Verdict", "verdict_of"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the signatures say: a word with its tone, what is missing or to be looked at, and who signed what."""

    word: str
    tone: str
    missing: Sequence[str]
    signed: Sequence[str]


def verdict_of(
    words: Words, application: Application, view: CaseView, *, called: Names, to_read: Sequence[str]
) -> Verdict | None:
    """Say it of an open case, None of a closed one; `to_read` names the files that a person has to read."""
    if view.state not in OPEN:
        return None
    word, tone = SIGNED[view.signed]
    for_applicant = {one.part: one.represents for one in required_of(application)}
    return Verdict(
        words(word),
        tone,
        missing=_missing(words, view, called, to_read),
        signed=[
            _signed(words, one, called.parts[one.part], view.stated.applicant.name if for_applicant[one.part] else "")
            for one in view.parts
        ],
    )


def _missing(words: Words, view: CaseView, called: Names, to_read: Sequence[str]) -> list[str]:
    said = []
    if view.state is State.MORE_REQUESTED and view.expires_at is not None:
        said.append(words("An answer from the applicants is awaited until %(day)s.", day=words.date(view.expires_at)))
    for part in view.parts:
        title = called.parts[part.part]
        if part.standing is Standing.NEEDS_PERSON:
            said.append(words("%(document)s: to be read and confirmed by a person.", document=title))
        elif part.standing is not Standing.PROVEN:
            said.append(words("%(document)s: the signature is missing.", document=title))
        elif any(note.code not in SIGNATORY_NOTES for note in part.notes):
            said.append(words("%(document)s: something needs a closer look.", document=title))
    if view.signatory_open:
        said.append(words("The right to sign for the institution is not recorded."))
    if view.differences:
        said.append(words.plural("%(n)s thing differs.", "%(n)s things differ.", len(view.differences)))
    if to_read:
        said.append(words("To be read: %(files)s.", files=", ".join(to_read)))
    return said


def _signed(words: Words, part: PartView, title: str, institution: str) -> str:
    if part.standing is not Standing.PROVEN or part.signed_at is None:
        return words("%(document)s: to be signed by %(name)s", document=title, name=part.signer_stated)
    said = {"document": title, "name": part.signer_name or part.signer_stated, "day": words.date(part.signed_at)}
    if institution:
        return words("%(document)s: signed by %(name)s for %(place)s, %(day)s", place=institution, **said)
    return words("%(document)s: signed by %(name)s in their own name, %(day)s", **said)
