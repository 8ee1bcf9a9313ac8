"""The form of a decision, read whole: what is decided and on what, and everything in it that is to be corrected.

All is said at once: nobody corrects one field only to be told of the next.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

from starlette.exceptions import HTTPException

from iam.institutions.models import Capacity, SourceKind
from workflows.application import service
from workflows.i18n import Words
from workflows.web.http.errors import Problem
from workflows.web.http.forms import Posted
from workflows.web.http.limits import LONGEST_REASON, LONGEST_SOURCE, text_problems
from workflows.written_days import BadDay, read_day

__all__ = ["DECIDED", "DecisionForm", "read_decision"]

DECIDED = frozenset({"approve", "refuse", "ask"})

_FURTHEST_SIGNING = timedelta(days=10 * 366)

_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """What the form says. `signatory` is None where nobody is to be recorded, or it cannot be read.

    `presented` is the digest of what stood on the page as what an approval would do.
    """

    decision: str
    reason: str
    signatory: service.NewSignatory | None
    keep_address: str
    other_name: str
    presented: str
    problems: tuple[Problem, ...]


def read_decision(words: Words, form: Posted, *, sign_day: date | None, otherwise: bool = False) -> DecisionForm:
    """Read the form; `sign_day` is the day on which somebody signed whose right to do so is not recorded, else None.

    `otherwise` says that somebody is stated by a wholly other name than the code's, which approving has to explain.
    What no page of ours sends is refused (400).
    """
    decision = form.get("decision")
    problems = list(
        text_problems(
            words,
            form,
            reason=LONGEST_REASON,
            source=LONGEST_SOURCE,
            address_reason=LONGEST_REASON,
            name_reason=LONGEST_REASON,
        )
    )
    signatory, keep_address = None, ""
    if decision not in DECIDED:
        problems.insert(0, Problem("decision", words("Choose what you decide")))
    elif decision == "approve":
        keep_address = _why_kept(words, form, problems)
        if sign_day is not None:
            signatory = _signatory(words, form, sign_day, problems)
        if otherwise and not form.get("name_reason"):
            problems.append(Problem("name_reason", words("Say why it is the same person though the name is another")))
    elif not form.get("reason"):
        problems.append(Problem("reason", words("Write the reason: the applicants will read it")))
    return DecisionForm(
        decision=decision,
        reason=form.get("reason"),
        signatory=signatory,
        keep_address=keep_address,
        other_name=form.get("name_reason"),
        presented=form.get("presented"),
        problems=tuple(problems),
    )


def _why_kept(words: Words, form: Posted, problems: list[Problem]) -> str:
    """Read why the account keeps its address; "" where the signed one is taken over."""
    reason = form.get("address_reason")
    match form.get("address"):
        case "" | "take":
            return ""
        case "keep":
            if not reason:
                problems.append(Problem("address_reason", words("Say why the address stays as it is")))
            return reason
        case _:
            raise HTTPException(400)


def _signatory(words: Words, form: Posted, sign_day: date, problems: list[Problem]) -> service.NewSignatory | None:
    """Read who may sign, on which days and where that is known from."""
    capacity, source = form.get("capacity"), form.get("source")
    if not capacity:
        problems.append(Problem("capacity", words("Choose as what they sign for the institution")))
    days = {name: _day(words, form, name, problems) for name in ("signs_since", "signs_until")}
    if not source:
        problems.append(Problem("source", words("Enter where the right to sign is known from")))
    since, until = days["signs_since"], days["signs_until"]
    said = {"day": words.date(sign_day)}
    if since is not None and until is not None and until < since:
        problems.append(Problem("signs_until", words("The last day cannot be before the first")))
    elif since is not None and since > sign_day:
        sentence = words("It was signed on %(day)s: the right to sign has to begin on that day or before", **said)
        problems.append(Problem("signs_since", sentence))
    elif until is not None and until < sign_day:
        sentence = words("It was signed on %(day)s: the right to sign has to last until that day or longer", **said)
        problems.append(Problem("signs_until", sentence))
    elif until is not None and until > (furthest := sign_day + _FURTHEST_SIGNING):
        sentence = words(
            "The last day can be %(day)s at the latest: check the year, or leave it empty where there is no last day",
            day=words.date(furthest),
        )
        problems.append(Problem("signs_until", sentence))
    source_kind = _one_of(SourceKind, form.get("source_kind") or SourceKind.OTHER.value)
    if not capacity or not source:
        return None
    return service.NewSignatory(_one_of(Capacity, capacity), since, until, source, source_kind)


def _day(words: Words, form: Posted, name: str, problems: list[Problem]) -> date | None:
    try:
        return read_day(form.get(name))
    except BadDay as bad:
        problems.append(Problem(name, words(bad.sentence)))
        return None


def _one_of(choices: type[_Choice], text: str) -> _Choice:
    """Read one of the values that a page of ours offers; any other was not sent by one (400)."""
    try:
        return choices(text)
    except ValueError:
        raise HTTPException(400) from None
