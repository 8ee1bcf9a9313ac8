"""Fill in an order field by field: what it is, then change by change; it ends in the same check as a file of orders.

    (1) overview  reference, legal basis, first day; every change with its buttons; check and record
    (2) kind      what is decided
    (3) change    to whom, found by search; what comes of it, or what it is called from then on

Each button sends the whole form; what it says is kept for this browser and login, and the next page shows it. So a
page can be loaded again, read in the other language and come back to after a login that expired.
"""

import re
from datetime import date
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from iam.orders import service as orders
from iam.orders.models import ChangeKind, Side
from iam.orders.rules import asked_for
from iam.periods import riga_day
from workflows import clock
from workflows.database import snapshot, transaction
from workflows.i18n import Words, later
from workflows.principal import Principal
from workflows.reorganisation.checking import checked
from workflows.reorganisation.faults import BadOrderFile, Fault
from workflows.reorganisation.order_form import HEAD, faults_of_change, order_of
from workflows.reorganisation.reading_lines import party_in
from workflows.reorganisation.words import KINDS, KINDS_EXPLAINED
from workflows.web.http.errors import Problem
from workflows.web.http.forms import PostedForm
from workflows.web.http.limits import text_problems
from workflows.web.identity import kept_forms
from workflows.web.identity.access import SignedIn
from workflows.web.pages.reviewers.found_places import found_places
from workflows.web.pages.reviewers.order_contexts import OrderChangePage, OrderFormPage, OrderKindPage
from workflows.web.pages.reviewers.order_draft import MOST_CHANGES, OrderDraft, capital, changes_shown
from workflows.web.site import TYPED, site_of, words_of
from workflows.written_days import NO_SUCH_DAY, BadDay, read_day

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)

_PAGE = "/reorganise/new"
_OVERVIEW, _KIND, _CHANGE = "", "kind", "change"
_NO_PROBLEMS: tuple[Problem, ...] = ()
_BUTTON = re.compile(r"(?P<act>[a-z]+)(?:-(?P<side>source|target))?(?:[-+](?P<what>.*))?")
_LONGEST_NAME = 300
_CALLED = {
    "reference": later("Number of the order"),
    "legal_basis": later("Legal basis"),
    "new_name": later("New name"),
    "found_name": later("Its name"),
}
# The field at which a fault is mended.
_FIELDS = {
    "sources.count": "source_q",
    "source.founded": "source_q",
    "targets.count": "target_q",
    "party.shape": "found_number",
    "target.unnamed": "found_name",
    "new_name.missing": "new_name",
    "new_atvk.missing": "new_code",
    "code.shape": "new_code",
    "reference.twice": "reference",
    "reference.known": "reference",
    "reference.applied": "reference",
}


@routes.get(_PAGE)
def show(request: Request, principal: SignedIn, step: str = _OVERVIEW) -> Response:
    """Show the page of a step with what was filled in so far; a form nobody began is empty."""
    site = site_of(request)
    values: dict[str, str] = getattr(request.state, "typed", {})
    if not values:
        with snapshot(site.sessions) as session:
            at, owner = clock.now(), principal.username
            values = kept_forms.find(session, site.csrf, request, page=_PAGE, owner=owner, at=at)
        step = values.get("step", step)
    return _page(request, principal, OrderDraft.read(values), step)


@routes.post(_PAGE)
def fill_in(request: Request, form: PostedForm, principal: SignedIn) -> Response:
    """Do what a button says: add, change or remove a change or a party, search, or check and record all of it."""
    draft, step, problems = OrderDraft.read(form.flat()), form.get("step"), _NO_PROBLEMS
    button = _BUTTON.fullmatch(form.get("do"))
    act, what = ("", "") if button is None else (button["act"], button["what"] or "")
    side = Side(button["side"]) if button and button["side"] else None
    words = words_of(request)
    if step == _KIND:
        problems, step = _choose_kind(words, draft, form.get("chosen"), act)
    elif step == _CHANGE and draft.writing is not None:
        problems, step = _write_change(words, draft, act, side, what)
    elif act == "add":
        draft.write(0)
        step = _KIND
        if len(draft.changes) >= MOST_CHANGES:
            problems, step = (Problem("add", _too_much(words)),), _OVERVIEW
    elif act == "change":
        draft.write(_number(what))
        step = _OVERVIEW if draft.writing is None else _CHANGE
    elif act == "remove":
        draft.changes = [one for place, one in enumerate(draft.changes, start=1) if place != _number(what)]
        step = _OVERVIEW
    else:
        return _record(request, draft, principal)
    if problems:
        return _page(request, principal, draft, step, *problems)
    return _next(request, draft, step, principal, at="target" if act == "found" else side or "")


def _choose_kind(words: Words, draft: OrderDraft, chosen: str, act: str) -> tuple[tuple[Problem, ...], str]:
    if act == "back":
        draft.write(0)
        return (), _OVERVIEW
    if chosen not in set(ChangeKind):
        return (Problem("chosen", words("Choose what is decided")),), _KIND
    draft.of_kind(ChangeKind(chosen))
    return (), _CHANGE


def _write_change(
    words: Words, draft: OrderDraft, act: str, side: Side | None, what: str
) -> tuple[tuple[Problem, ...], str]:
    """Do what a button of the change's page says; the step that follows."""
    if act == "kind":
        return (), _KIND
    if act == "back":
        draft.write(0)
        return (), _OVERVIEW
    if act == "drop" and side is not None:
        draft.drop(side, _number(what))
    elif act == "add" and side is not None:
        draft.add(side, what)
        draft.typed[f"{side}_q"] = ""
    elif act in {"found", "save"}:
        problems = _found(words, draft, wanted=act == "found")
        if act == "save" and not problems:
            problems = _whole(words, draft)
            if not problems:
                draft.put_down()
                return (), _OVERVIEW
        return problems, _CHANGE
    return (), _CHANGE


def _found(words: Words, draft: OrderDraft, *, wanted: bool) -> tuple[Problem, ...]:
    """Name what does not exist yet by the number and the name that were typed, if any were."""
    number, name = (" ".join(draft.typed.get(one, "").split()) for one in ("found_number", "found_name"))
    if not wanted and not number and not name:
        return ()
    if problems := text_problems(words, {"found_name": name}, called=_CALLED, found_name=_LONGEST_NAME):
        return problems
    faults: list[Fault] = []
    if party_in(HEAD, f"{number.replace(' ', '')}={name}", faults) is None:
        return tuple(Problem(_FIELDS[one.code], one.said.in_words(words)) for one in faults)
    draft.add(Side.TARGET, f"{number.replace(' ', '')}={name}")
    draft.typed |= {"found_number": "", "found_name": ""}
    return ()


def _whole(words: Words, draft: OrderDraft) -> tuple[Problem, ...]:
    """Say what is missing in the change that is written, or does not belong to its kind."""
    if draft.writing is None:
        return ()
    draft.writing = draft.writing.fitted()
    problems = text_problems(words, {"new_name": draft.writing.new_name}, called=_CALLED, new_name=_LONGEST_NAME)
    faults = faults_of_change(draft.writing)
    return (*problems, *(Problem(_FIELDS.get(one.code, "source_q"), one.said.in_words(words)) for one in faults))


def _record(request: Request, draft: OrderDraft, principal: Principal) -> Response:
    """Check the order beside the register and the orders that wait, and record it (1)."""
    site, words = site_of(request), words_of(request)
    day, problems = _head(words, draft)
    if not draft.changes:
        problems = (*problems, Problem("add", words("Add at least one change")))
    reference, law = (" ".join(draft.head[name].split()) for name in ("reference", "legal_basis"))
    try:
        with transaction(site.sessions) as session:
            # Changes are looked at beside what is missing too, unless there is no day to look at.
            file = None if day is None else order_of(reference or "-", law or "-", day, draft.changes)
            said = None if file is None else checked(session, file, to_record=True)
            if not problems and said is not None:
                rows = orders.draft(session, said.orders, origin=principal.origin, at=clock.now())
                kept_forms.drop(session, site.csrf, request, owner=principal.username)
                return RedirectResponse(f"/reorganise/{rows[0].id}", status_code=303)
    except BadOrderFile as bad:
        problems = (*problems, *(_problem(words, one) for one in bad.faults))
    return _page(request, principal, draft, _OVERVIEW, *problems)


def _head(words: Words, draft: OrderDraft) -> tuple[date | None, tuple[Problem, ...]]:
    problems = []
    if not draft.head["reference"].strip():
        problems.append(Problem("reference", words("Write the number of the order")))
    if not draft.head["legal_basis"].strip():
        problems.append(Problem("legal_basis", words("Write on what the order rests")))
    try:
        day, wrong = read_day(draft.head["effective"]), NO_SUCH_DAY
    except BadDay as bad:
        day, wrong = None, bad.sentence
    if day is None:
        problems.append(Problem("effective", words(wrong)))
    limits = {"reference": _LONGEST_NAME, "legal_basis": _LONGEST_NAME}
    return day, (*problems, *text_problems(words, draft.head, called=_CALLED, **limits))


def _problem(words: Words, one: Fault) -> Problem:
    """Say a fault by the field, or by the number of the change, in which it stands."""
    sentence = one.said.in_words(words)
    if one.line == HEAD:
        return Problem(_FIELDS.get(one.code, "reference"), sentence)
    number = one.line - HEAD
    return Problem(f"change-{number}", words("Change %(number)s: %(fault)s", number=number, fault=sentence))


def _next(request: Request, draft: OrderDraft, step: str, principal: Principal, *, at: str) -> Response:
    """Keep what is filled in and lead to the page of the step, so that it can be loaded again."""
    site = site_of(request)
    with transaction(site.sessions) as session:
        kept_forms.drop(session, site.csrf, request, owner=principal.username)
        values = draft.fields() | {"step": step}
        kept = kept_forms.keep_typed(session, site.csrf, request, values, path=_PAGE, at=clock.now())
    if not kept:
        return _page(request, principal, draft, step, Problem("add", _too_much(words_of(request))))
    query = urlencode({TYPED: "1", "step": step})
    return RedirectResponse(f"{_PAGE}?{query}{at and f'#{at}'}", status_code=303)


def _page(request: Request, principal: Principal, draft: OrderDraft, step: str, *problems: Problem) -> Response:
    site, words = site_of(request), words_of(request)
    here = f"{_PAGE}?{urlencode({'step': step})}"
    if step == _KIND:
        kinds = [
            {"value": one.value, "text": capital(words(KINDS[one])), "hint": words(KINDS_EXPLAINED[one])}
            for one in ChangeKind
        ]
        chosen = draft.writing.kind.value if draft.writing else ""
        kind_page = OrderKindPage(values={"chosen": chosen}, kinds=kinds, hidden=draft.hidden())
        return site.page(request, kind_page, problems=problems, here=here)
    with snapshot(site.sessions) as session:
        if step == _CHANGE and draft.writing is not None:
            asked, today = asked_for(draft.writing.kind), riga_day(clock.now())
            named = {*draft.writing.sources, *draft.writing.targets}
            found = {
                side: [one for one in found_places(session, words, sought, principal, today) if one[0] not in named]
                for side in Side
                if (sought := draft.typed.get(f"{side}_q", "").strip())
            }
            (shown,) = changes_shown(session, words, [draft.writing])
            fields = ("source_q", "target_q", "found_number", "found_name", "new_name", "new_code")
            change_page = OrderChangePage(
                values=draft.fields(),
                shown=shown,
                explained=words(KINDS_EXPLAINED[draft.writing.kind]),
                asked=asked,
                found=found,
                place=draft.place or len(draft.changes) + 1,
                hidden=draft.hidden(*fields),
            )
            return site.page(request, change_page, problems=problems, here=here)
        overview = OrderFormPage(
            values=draft.head,
            changes=changes_shown(session, words, draft.changes),
            hidden=draft.hidden("reference", "legal_basis", "effective"),
        )
    return site.page(request, overview, problems=problems, here=_PAGE)


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text) else 0


def _too_much(words: Words) -> str:
    return words("That is more than this form holds: record it from a file")
