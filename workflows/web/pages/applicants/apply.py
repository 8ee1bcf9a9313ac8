"""Fill in an application of any kind: step by step, check, submit. What is asked, the kind says (`kinds.filling`).

The draft lives on the server from the first answer on; its secret stands in the address, which people may keep to go
on later. Nothing here is signed yet and everything may be changed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from iam.audit import Door
from iam.periods import riga_day
from workflows import clock
from workflows.application import drafts, links, prefilled, repository, submission
from workflows.application.deadlines import decided_within
from workflows.application.errors import Incomplete
from workflows.application.facts import StatedFacts
from workflows.application.fields import CheckedGroup, FieldError
from workflows.application.kinds.filling import Card, PlaceSearch
from workflows.application.kinds.kind import Kind, Review
from workflows.application.kinds.registry import all_kinds, facts_of, kind_of, named
from workflows.application.models import Application
from workflows.application.states import State
from workflows.database import transaction
from workflows.i18n import Words
from workflows.web.http.errors import Problem
from workflows.web.http.forms import Posted, PostedForm
from workflows.web.http.limits import label_of
from workflows.web.http.rates import count_or_refuse
from workflows.web.identity.link_keys import remember
from workflows.web.pages.applicants.apply_steps import (
    Filling,
    beginning,
    called,
    going_on,
    order_said,
    searched_for,
    step_page_of,
)
from workflows.web.pages.applicants.contexts import (
    ApplyCheckPage,
    ApplyChoosePage,
    ApplyDonePage,
    ApplyOverviewPage,
    CardWords,
    ClosedPage,
)
from workflows.web.site import language_of, site_of, words_of
from workflows.web.templating import Page
from workflows.web.words.kinds import rows_in_words

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)

# In ten minutes from one network. Each submission mails addresses that nobody has proved to be theirs.
_MOST_DRAFTS = 600
_MOST_SUBMITTED = 300


@routes.get("/apply")
def begin(request: Request, kind: str = "", q: str = "") -> Response:
    """Show the first step, before there is a draft; or ask what to apply for, where that is not said."""
    site = site_of(request)
    if not kind and "q" not in request.query_params and len(all_kinds()) > 1:
        return site.page(request, ApplyChoosePage(kinds=all_kinds()))
    filling = beginning(_kind(kind))
    with site.sessions() as session:
        page = step_page_of(request, session, filling, filling.steps[0], {}, query=q, others=len(all_kinds()) > 1)
    return site.page(request, page, problems=searched_for(request))


@routes.post("/apply")
def begin_with(request: Request, form: PostedForm) -> Response:
    """Begin a draft with the answers to the first step."""
    site, at = site_of(request), clock.now()
    kind = _kind(form.get("kind"))
    profile = site.user_profile.at(at)
    _count(request, "draft", most=_MOST_DRAFTS)
    first = beginning(kind).steps[0]
    with site.sessions.begin() as session:
        draft = drafts.start_draft(session, kind=kind.name, language=language_of(request).value, door=Door.WEB, at=at)
        checked = drafts.save_group(session, draft.application, first, form.flat(), profile=profile, at=at)
        if checked:
            following = _following(request, session, going_on(draft.application, draft.token), first)
            return RedirectResponse(f"/apply/{draft.token}/{following}", status_code=303)
        session.rollback()  # nothing was answered yet: no draft is begun
    return _first_again(request, kind, form, checked)


def _first_again(request: Request, kind: Kind, form: Posted, checked: CheckedGroup) -> Response:
    """Show the first step with what was typed and what is wrong with it."""
    filling, query = beginning(kind), form.get("q")
    with site_of(request).sessions() as session:
        page = step_page_of(
            request,
            session,
            filling,
            filling.steps[0],
            checked.answers,
            query=query,
            others=len(all_kinds()) > 1,
        )
    here = f"/apply?kind={kind.name}&q={quote(query)}" if query else f"/apply?kind={kind.name}"
    problems = _problems(words_of(request), checked.errors, page)
    return site_of(request).page(request, page, problems=problems, here=here)


@routes.get("/apply/{token}")
def overview(request: Request, token: str) -> Response:
    """Show how far the draft is; what has been submitted is followed, not filled in."""
    with transaction(site_of(request).sessions) as session:
        application, opens = prefilled.behind(session, token)
        if not opens:
            # It opened a draft until the mailbox was shown.
            return RedirectResponse(f"/apply/{token}/mailbox", status_code=303)
        if application.state is not State.DRAFT:
            return _submitted(request, session, application, token)
        review, filling = _review(request, session, application), going_on(application, token)
        tasks = [
            {"title": step.title, "href": f"{filling.address}/{step.name}", "done": step.name not in review.errors}
            for step in filling.kind.steps(filling.answers)
        ]
        return site_of(request).page(
            request,
            ApplyOverviewPage(
                tasks=tasks,
                ready=review.stated is not None,
                draft=filling.address,
                draft_address=links.draft_address(site_of(request).settings.base_url, token),
                kept_until=application.expires_at,
                order_said=order_said(session, words_of(request), application),
                known=prefilled.known_of(session, application, at=clock.now()),
            ),
        )


@routes.get("/apply/{token}/check")
def check(request: Request, token: str) -> Response:
    """Show all answers together before they become documents."""
    with _draft(request, token) as (session, application):
        if application.state is not State.DRAFT:
            return _submitted(request, session, application, token)
        review = _review(request, session, application)
        if review.stated is None:
            return RedirectResponse(f"/apply/{token}", status_code=303)
        words, filling = words_of(request), going_on(application, token)
        return site_of(request).page(
            request,
            ApplyCheckPage(
                cards=_cards(session, words, filling, review.stated),
                draft=filling.address,
                sending=words(filling.kind.texts.sending),
                send=words(filling.kind.texts.send),
                open_already=drafts.open_already(session, application),
            ),
        )


@routes.get("/apply/{token}/done")
def done(request: Request, token: str) -> Response:
    """Confirm: the reference, what happens next and by when."""
    with _draft(request, token) as (session, application):
        if application.submitted_at is None or application.stated is None:
            return RedirectResponse(f"/apply/{token}", status_code=303)
        words, kind = words_of(request), kind_of(application)
        within = decided_within(session, words, at=clock.now())
        response = site_of(request).page(
            request,
            ApplyDonePage(
                reference=application.reference,
                sent=words(kind.texts.sent),
                next_steps=[one.in_words(words) for one in kind.next_steps(facts_of(application), within=within)],
                kept_until=application.expires_at,
            ),
        )
    remember(site_of(request).cookies, response, application.reference, token)
    return response


@routes.get("/apply/{token}/{step}")
def step_page(request: Request, token: str, step: str, q: str = "") -> Response:
    """Show one step as it was saved."""
    with _draft(request, token) as (session, application):
        if application.state is not State.DRAFT:
            return _submitted(request, session, application, token)
        filling = going_on(application, token)
        if step not in filling.steps:
            raise HTTPException(404)
        page = step_page_of(request, session, filling, step, application.answers.get(step, {}), query=q)
        return site_of(request).page(request, page, problems=searched_for(request))


@routes.post("/apply/{token}/{step}")
def save_step(request: Request, token: str, step: str, form: PostedForm) -> Response:
    """Save one step and go on with the next; what was wrong is said at its field and kept as typed."""
    at = clock.now()
    # Asked before the draft is held: Keycloak may take its time.
    profile = site_of(request).user_profile.at(at)
    with _draft(request, token, to_change=True) as (session, application):
        if application.state is not State.DRAFT:
            return _too_late(request, application, token)
        if step not in going_on(application, token).steps:
            raise HTTPException(404)
        checked = drafts.save_group(session, application, step, form.flat(), profile=profile, at=at)
        filling = going_on(application, token)
        if not checked:
            page = step_page_of(request, session, filling, step, checked.answers, query=form.get("q"))
            return site_of(request).page(request, page, problems=_problems(words_of(request), checked.errors, page))
        following = _following(request, session, filling, step)
    return RedirectResponse(f"/apply/{token}/{following}", status_code=303)


@routes.post("/apply/{token}")
def submit(request: Request, token: str, form: PostedForm) -> Response:
    """Make the documents and send each signer a link."""
    del form
    site = site_of(request)
    _count(request, "submit", most=_MOST_SUBMITTED)
    profile = site.user_profile.at(clock.now())
    with _draft(request, token, to_change=True) as (session, application):
        if application.state is State.DRAFT:
            try:
                submission.submit(
                    session,
                    application,
                    profile=profile,
                    base_url=site.settings.base_url,
                    door=Door.WEB,
                    at=clock.now(),
                )
            except Incomplete:
                return _too_early(request, token)
    return RedirectResponse(f"/apply/{token}/done", status_code=303)


def _kind(name: str) -> Kind:
    """Find the kind that is applied with, the first one where none is named; 404 for one there is not."""
    try:
        return named(name) if name else all_kinds()[0]
    except LookupError:
        raise HTTPException(404) from None


def _count(request: Request, what: str, *, most: int) -> None:
    """Count or refuse, in a transaction of its own: the count is held until its end, and neighbours would wait."""
    with transaction(site_of(request).sessions) as session:
        count_or_refuse(session, request, what, most=most, at=clock.now())


@contextmanager
def _draft(request: Request, token: str, *, to_change: bool = False) -> Iterator[tuple[Session, Application]]:
    """Open the draft in one transaction; raises NoSuchApplication.

    A draft `to_change` is held until then: of two clicks on one button the second sees what the first has done.
    """
    with transaction(site_of(request).sessions) as session:
        application = links.open_draft(session, token)
        yield session, repository.locked(session, application.id) if to_change else application


def _review(request: Request, session: Session, application: Application) -> Review:
    at = clock.now()
    return drafts.check_answers(session, application, profile=site_of(request).user_profile.at(at), at=at)


def _following(request: Request, session: Session, filling: Filling, step: str) -> str:
    """Say where to go on: whoever came from the check goes back to it, otherwise on to what is still open."""
    if filling.application is None:
        return step
    left = _review(request, session, filling.application).errors
    return next((name for name in filling.steps[filling.steps.index(step) :] if name in left), "check")


def _cards(session: Session, words: Words, filling: Filling, facts: StatedFacts) -> list[CardWords]:
    return [
        CardWords(
            heading=card.heading.in_words(words),
            change=f"{filling.address}/{card.step}{_found_again(session, words, filling, card, facts)}",
            lines=[line.in_words(words) for line in card.lines],
            person=card.person,
            rows=rows_in_words(words, card.rows),
            others=[(f"{filling.address}/{step}", text.in_words(words)) for step, text in card.others],
        )
        for card in filling.kind.cards(session, facts, language=words.language)
    ]


def _found_again(session: Session, words: Words, filling: Filling, card: Card, facts: StatedFacts) -> str:
    """Have the search that changes the place find the place as it is."""
    today = riga_day(clock.now())
    asked = filling.kind.step_page(session, card.step, filling.answers, language=words.language, on=today)
    if not any(isinstance(field, PlaceSearch) for field in asked.fields):
        return ""
    return f"?q={quote(facts.applicant.searched_by)}"


def _problems(words: Words, errors: tuple[FieldError, ...], page: Page) -> tuple[Problem, ...]:
    names = called(words, page)
    return tuple(
        Problem(one.field, words(one.text, field=names.get(one.field) or label_of(words, one.field), **one.params))
        for one in errors
    )


def _too_late(request: Request, application: Application, token: str) -> Response:
    """Say that the answers are signed words now, and lead to the application."""
    words = words_of(request)
    response = site_of(request).page(
        request,
        ClosedPage(
            title=words("This application has been submitted"),
            sentences=(
                words(kind_of(application).texts.closed_answers),
                words("If something in them is wrong, sign nothing and fill in a new application."),
            ),
            address=f"/track/{application.reference}",
            leads_to=words("Open the application"),
        ),
        status=409,
        here=f"/track/{application.reference}",
    )
    remember(site_of(request).cookies, response, application.reference, token)
    return response


def _too_early(request: Request, token: str) -> Response:
    """Say that something is still to fill in, and lead to what."""
    words = words_of(request)
    return site_of(request).page(
        request,
        ClosedPage(
            title=words("Something is still to be filled in"),
            sentences=(
                words("The documents can be made when every part of the form is filled in. What you wrote is kept."),
            ),
            address=f"/apply/{token}",
            leads_to=words("See what is missing"),
        ),
        status=409,
        here=f"/apply/{token}",
    )


def _submitted(request: Request, session: Session, application: Application, token: str) -> Response:
    """Lead from a draft's address to where the submitted application is followed; say why it ended as a draft."""
    if application.submitted_at is None:
        words = words_of(request)
        said = order_said(session, words, application) or words("Nobody went on with it, so it was deleted.")
        page = ClosedPage(
            title=words("This application is closed"),
            sentences=(said,),
            address="/apply",
            leads_to=words("Fill in an application"),
        )
        return site_of(request).page(request, page, status=410, here=f"/apply/{token}")
    response = RedirectResponse(f"/track/{application.reference}", status_code=303)
    remember(site_of(request).cookies, response, application.reference, token)
    return response
