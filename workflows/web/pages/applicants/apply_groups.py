"""The page of one group of the form, as it was saved or typed; and the places a search for the institution finds."""

import re
from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from iam import letters
from iam.institutions import service as institutions
from iam.periods import riga_day
from workflows import clock
from workflows.application.kinds.grant.rules import GROUPS
from workflows.application.models import Application
from workflows.application.places import place
from workflows.i18n import Words
from workflows.web.pages.applicants.contexts import (
    ApplyDatesPage,
    ApplyHeadPage,
    ApplyScopePage,
    ApplyUserPage,
    ApplyWhyPage,
    FoundPlace,
    GroupPage,
)
from workflows.web.words.sections import catalogue_names
from workflows.web.words.vocabulary import BASES, LEVELS

__all__ = ["group_page_of", "search_places"]


def group_page_of(
    session: Session,
    words: Words,
    application: Application,
    group: str,
    answers: Mapping[str, object],
    *,
    token: str,
    draft_address: str,
) -> GroupPage:
    """Return the page of the group with these answers in its fields."""
    today, address = riga_day(clock.now()), draft_address
    before = GROUPS.index(group)
    step, steps = before + 1, len(GROUPS)
    values = _shown(words, answers)
    back = f"/apply/{token}/{GROUPS[before - 1]}" if before else f"/apply/{token}"
    match group:
        case "head":
            code = str(application.answers.get("institution", {}).get("place", "s"))
            name = place(session, code, on=today).name
            return ApplyHeadPage(
                values=values, back=back, step=step, steps=steps, draft_address=address, institution=name
            )
        case "user":
            head = application.answers.get("head", {})
            name = f"{head.get('given_name', '')} {head.get('surname', '')}".strip()
            return ApplyUserPage(
                values=values, back=back, step=step, steps=steps, draft_address=address, head_name=name
            )
        case "scope":
            sections = [
                {"code": code, "name": name} for code, name in catalogue_names(session, words, on=today).items()
            ]
            return ApplyScopePage(
                values=values,
                back=back,
                step=step,
                steps=steps,
                draft_address=address,
                sections=sections,
                levels=LEVELS,
            )
        case "dates":
            example = words.date(today)
            return ApplyDatesPage(
                values=values, back=back, step=step, steps=steps, draft_address=address, example=example
            )
        case _:
            return ApplyWhyPage(values=values, back=back, step=step, steps=steps, draft_address=address, bases=BASES)


def _shown(words: Words, answers: Mapping[str, object]) -> dict[str, str]:
    """Return saved answers as the fields show them: days as people write them, lists a line each."""
    shown: dict[str, str] = {}
    for name, value in answers.items():
        if isinstance(value, list):
            shown[name] = "\n".join(str(one).removeprefix("i-") for one in value)
        elif name in {"since", "until"} and re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)):
            shown[name] = words.date(date.fromisoformat(str(value)))
        else:
            shown[name] = str(value)
    return shown


def search_places(session: Session, words: Words, query: str, *, on: date, most: int) -> list[FoundPlace]:
    """Find the ministry, then municipalities, then institutions that exist on the day: there are few of the first."""
    wanted = letters.search_words(query)
    if not wanted:
        return []
    # The ministry applies for rights in the whole state, or in any institution; two people decide on it.
    state = place(session, "s", on=on)
    asked_for_state = all(word in letters.fold(state.name) for word in wanted)
    found = [FoundPlace("s", state.name, words("The whole state"))] if asked_for_state else []
    found += [
        FoundPlace(f"m-{hit.id}", hit.name, words("Municipality"))
        for hit in institutions.municipalities(session, on=on)
        if all(word in letters.fold(hit.name) for word in wanted)
    ]
    for school in institutions.search(session, query, limit=most, on=on):
        if school.closed is None or school.closed >= on:
            hint = words(
                "No %(number)s, %(municipality)s", number=school.reg_no, municipality=school.municipality or ""
            )
            if school.former_name:
                hint += f" · {words('formerly %(name)s', name=school.former_name)}"
            found.append(FoundPlace(f"i-{school.reg_no}", school.name, hint))
    return found
