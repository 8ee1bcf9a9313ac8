"""The page of one step of a form, as its kind describes it, with what was saved or typed in its fields."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session
from starlette.requests import Request

from iam import letters
from iam.institutions import service as institutions
from iam.institutions.service import MunicipalityHit
from iam.periods import riga_day
from workflows import clock
from workflows.application import drafts, links, places_ended, prefilled
from workflows.application.fields import Answers
from workflows.application.kinds.filling import Choice, Field, Input, LongText, PlaceSearch, Text
from workflows.application.kinds.kind import Kind
from workflows.application.kinds.registry import all_kinds, kind_of
from workflows.application.models import Application
from workflows.application.places import STATE
from workflows.i18n import Words
from workflows.web.http.errors import Problem
from workflows.web.http.limits import LONGEST_SEARCH, too_long
from workflows.web.pages.applicants.contexts import ApplyPlacePage, ApplyStepPage, FoundPlace
from workflows.web.site import site_of, typed_elsewhere, words_of
from workflows.web.templating import Page
from workflows.written_days import BadDay, read_day

__all__ = ["Filling", "beginning", "called", "going_on", "order_said", "searched_for", "step_page_of"]

_MOST_HITS = 20
_SAVED_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Filling:
    """A form that is being filled in: its kind, the answers so far, and the draft unless nothing is answered yet."""

    kind: Kind
    answers: Mapping[str, Answers]
    application: Application | None = None
    token: str = ""

    @property
    def steps(self) -> tuple[str, ...]:
        """The names of its steps, in order."""
        return tuple(step.name for step in self.kind.steps(self.answers))

    @property
    def address(self) -> str:
        """Where the draft is shown."""
        return f"/apply/{self.token}"


def beginning(kind: Kind) -> Filling:
    """Begin with the first step of a kind."""
    return Filling(kind, {})


def going_on(application: Application, token: str) -> Filling:
    """Go on with a draft."""
    return Filling(kind_of(application), application.answers, application, token)


def searched_for(request: Request) -> tuple[Problem, ...]:
    """Object to a search for nothing, or for far too much."""
    words, asked = words_of(request), request.query_params
    # Who changes the language on this page sends its search along, begun or not.
    if request.method == "GET" and "q" in asked and "lang" not in asked and not asked["q"].strip():
        return (Problem("q", words("Write part of the name, the number or the municipality")),)
    return too_long(words, {"q": request.query_params.get("q", "")}, q=LONGEST_SEARCH)


def step_page_of(
    request: Request,
    session: Session,
    filling: Filling,
    step: str,
    answers: Mapping[str, object],
    *,
    query: str = "",
    others: bool = False,
) -> Page:
    """Return the page of the step with these answers in its fields; `others`: there are other kinds to choose from."""
    words, today = words_of(request), riga_day(clock.now())
    # What was just typed decides with what was saved which fields there are: nothing typed is without its field.
    typed = {
        name: value
        for name, value in {**answers, **typed_elsewhere(request)}.items()
        if isinstance(value, str | list | tuple)
    }
    told = {**filling.answers, step: {**filling.answers.get(step, {}), **typed}}
    asked = filling.kind.step_page(session, step, told, language=words.language, on=today)
    begun, position = filling.application is not None, filling.steps.index(step)
    before = filling.steps[position - 1] if position else ""
    name, heading = words(filling.kind.texts.name), asked.heading.in_words(words)
    # The first kind is meant where none is named: its addresses are those of before there were others.
    kind = "" if begun or filling.kind is all_kinds()[0] else filling.kind.name
    action = f"{filling.address}/{step}" if begun else "/apply"
    match asked.fields:
        case (PlaceSearch(field),):
            towns = institutions.municipalities(session, on=today)
            found = _search(session, words, query, towns, on=today)
            return ApplyPlacePage(
                application=name,
                heading=heading,
                field=field,
                q=query,
                places=found,
                examples=institutions.search_examples(session, towns, on=today),
                most=len(found) >= _MOST_HITS,
                values={field: str(answers.get(field, ""))},
                action=action,
                kind=kind,
                back=_back(filling, before, others=others),
                step=position + 1,
                steps=len(filling.steps),
            )
        case fields:
            return ApplyStepPage(
                application=name,
                heading=heading,
                lead=asked.lead.in_words(words),
                fields=fields,
                values=_shown(words, fields, answers),
                action=action,
                kind=kind,
                back=_back(filling, before, others=others),
                step=position + 1,
                steps=len(filling.steps),
                draft_address=_kept_at(request, filling) if begun else "",
                kept_until=None if filling.application is None else filling.application.expires_at,
                open_already=filling.application is not None and drafts.open_already(session, filling.application),
                order_said=order_said(session, words, filling.application),
                known=_known(session, filling, step),
                draft=filling.address if begun else "",
            )


def order_said(session: Session, words: Words, application: Application | None) -> str:
    """Say what an order about institutions means for a draft; "" where none does."""
    return "" if application is None else places_ended.said_of(session, application).in_words(words)


def _known(session: Session, filling: Filling, step: str) -> prefilled.Known | None:
    """Say what is known of the person whom the step asks about, where it was filled in for them."""
    if filling.application is None or step != filling.kind.about:
        return None
    return prefilled.known_of(session, filling.application, at=clock.now())


def called(words: Words, page: Page) -> dict[str, str]:
    """Say what the page calls its fields, for sentences that name one."""
    fields = page.fields if isinstance(page, ApplyStepPage) else ()
    lines: list[Text | LongText] = [*_lines(fields), *(one for one in fields if isinstance(one, LongText))]
    return {one.name: one.label.in_words(words) for one in lines}


def _back(filling: Filling, before: str, *, others: bool) -> str:
    if filling.application is None:
        return "/apply" if others else "/"
    return f"{filling.address}/{before}" if before else filling.address


def _kept_at(request: Request, filling: Filling) -> str:
    return links.draft_address(site_of(request).settings.base_url, filling.token)


def _shown(words: Words, fields: Sequence[Field], answers: Mapping[str, object]) -> dict[str, str]:
    """Return saved answers as the fields show them: days as people write them, lists a line each."""
    days = {one.name for one in _lines(fields) if one.input is Input.DAY}
    shown: dict[str, str] = {}
    for name, value in answers.items():
        if isinstance(value, list):
            shown[name] = "\n".join(str(one).removeprefix("i-") for one in value)
        else:
            shown[name] = _day_shown(words, str(value)) if name in days else str(value)
    return shown


def _day_shown(words: Words, text: str) -> str:
    """Return a saved day as people write it; what was typed and is no day stays as it was typed."""
    if not _SAVED_DAY.fullmatch(text):
        return text
    try:
        day = read_day(text)
    except BadDay:
        return text
    return text if day is None else words.date(day)


def _lines(fields: Sequence[Field]) -> Iterator[Text]:
    for field in fields:
        if isinstance(field, Text):
            yield field
        elif isinstance(field, Choice):
            yield from (line for option in field.options for line in option.fields)


def _search(
    session: Session, words: Words, query: str, towns: Sequence[MunicipalityHit], *, on: date
) -> list[FoundPlace]:
    """Find the ministry, then `towns` of the day, then institutions that exist on it: there are few of the first."""
    wanted = letters.search_words(query[:LONGEST_SEARCH])
    if not wanted:
        return []
    # The ministry applies for rights in the whole state, or in any institution; two people decide on it.
    asked_for_state = all(word in letters.fold(STATE.name) for word in wanted)
    found = [FoundPlace("s", STATE.name, words("The whole state"))] if asked_for_state else []
    found += [
        FoundPlace(f"m-{hit.id}", hit.name, words("Municipality"))
        for hit in towns
        if all(word in letters.fold(hit.name) for word in wanted)
    ]
    for school in institutions.search(session, query[:LONGEST_SEARCH], limit=_MOST_HITS, on=on):
        if school.closed is None or school.closed >= on:
            hint = words(
                "No %(number)s, %(municipality)s", number=school.reg_no, municipality=school.municipality or ""
            )
            if school.former_name:
                former = words("formerly %(name)s", name=school.former_name)
                hint += f" · {former}"
            found.append(FoundPlace(f"i-{school.reg_no}", school.name, hint))
    return found
