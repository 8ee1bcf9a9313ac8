"""Fill in an application: find the institution, answer group by group, check, submit.

The draft lives on the server from the first answer on; its secret stands in the address, which people may keep to go
on later. Nothing here is signed yet and everything may be changed.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from iam.audit import Door
from iam.periods import riga_day
from workflows import clock
from workflows.application import drafts, links, repository, submission
from workflows.application.deadlines import decided_within
from workflows.application.errors import Incomplete
from workflows.application.fields import FieldError
from workflows.application.kinds.grant.kind import GRANT, as_grant
from workflows.application.kinds.grant.rules import GROUPS
from workflows.application.kinds.kind import Review
from workflows.application.kinds.registry import facts_of
from workflows.application.models import Application
from workflows.application.parties import parties_of
from workflows.application.states import State
from workflows.database import transaction
from workflows.i18n import Words
from workflows.web.http.errors import Problem
from workflows.web.http.forms import PostedForm
from workflows.web.http.limits import LONGEST_SEARCH, label_of, too_long
from workflows.web.http.rates import count_or_refuse
from workflows.web.identity.link_keys import remember
from workflows.web.pages.applicants.apply_groups import group_page_of, search_places
from workflows.web.pages.applicants.contexts import (
    ApplyCheckPage,
    ApplyDonePage,
    ApplyInstitutionPage,
    ApplyOverviewPage,
    ClosedPage,
)
from workflows.web.site import language_of, site_of, words_of
from workflows.web.words.sections import section_names
from workflows.web.words.vocabulary import BASES, LEVELS
from workflows.web.words.vocabulary import GROUPS as TITLES

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)

_MOST_HITS = 20
# In ten minutes from one network. Each submission mails two addresses that nobody has proved to be theirs.
_MOST_DRAFTS = 600
_MOST_SUBMITTED = 300


@routes.get("/apply")
def begin(request: Request, q: str = "") -> Response:
    """Find the institution: the first answer, before there is a draft."""
    return _search_page(request, None, q)


@routes.post("/apply")
def begin_with(request: Request, form: PostedForm) -> Response:
    """Begin a draft with the institution that was chosen."""
    site, at = site_of(request), clock.now()
    _count(request, "draft", most=_MOST_DRAFTS)
    with site.sessions.begin() as session:
        draft = drafts.start_draft(session, language=language_of(request).value, door=Door.WEB, at=at)
        checked = drafts.save_group(session, draft.application, "institution", {"place": form.get("place")}, at=at)
        if not checked:
            session.rollback()
            return _search_page(request, None, form.get("q"), problems=_problems(words_of(request), checked.errors))
    return RedirectResponse(f"/apply/{draft.token}/head", status_code=303)


@routes.get("/apply/{token}")
def overview(request: Request, token: str) -> Response:
    """Show how far the draft is; what has been submitted is followed, not filled in."""
    with _draft(request, token) as (session, application):
        if application.state is not State.DRAFT:
            return _submitted(request, application, token)
        review = _review(request, session, application)
        tasks = [
            {"title": TITLES[name], "href": f"/apply/{token}/{name}", "done": name not in review.errors}
            for name in GROUPS
        ]
        return site_of(request).page(
            request,
            ApplyOverviewPage(
                tasks=tasks,
                ready=review.stated is not None,
                token=token,
                draft_address=_address(request, token),
                kept_until=application.expires_at,
            ),
        )


@routes.get("/apply/{token}/check")
def check(request: Request, token: str) -> Response:
    """Show all answers together before they become documents."""
    with _draft(request, token) as (session, application):
        if application.state is not State.DRAFT:
            return _submitted(request, application, token)
        review = _review(request, session, application)
        if review.stated is None:
            return RedirectResponse(f"/apply/{token}", status_code=303)
        stated = as_grant(review.stated)
        return site_of(request).page(
            request,
            ApplyCheckPage(
                stated=stated,
                token=token,
                levels=LEVELS,
                bases=BASES,
                section_names=section_names(session, words_of(request), stated),
                open_already=repository.open_like(session, application),
            ),
        )


@routes.get("/apply/{token}/done")
def done(request: Request, token: str) -> Response:
    """Confirm: the reference, what happens next and by when."""
    with _draft(request, token) as (session, application):
        if application.submitted_at is None or application.stated is None:
            return RedirectResponse(f"/apply/{token}", status_code=303)
        if application.kind != GRANT.name:
            return _submitted(request, application, token)
        stated = as_grant(facts_of(application))
        response = site_of(request).page(
            request,
            ApplyDonePage(
                reference=application.reference,
                emails=[email for _party, email in parties_of(application)],
                same=stated.head_is_user,
                head=stated.head.name,
                user=stated.user.name,
                kept_until=application.expires_at,
                decided_within=decided_within(session, words_of(request), at=clock.now()),
            ),
        )
    remember(site_of(request).cookies, response, application.reference, token)
    return response


@routes.get("/apply/{token}/institution")
def institution(request: Request, token: str, q: str = "") -> Response:
    """Change the institution of a draft."""
    with _draft(request, token) as (_session, application):
        if application.state is not State.DRAFT:
            return _submitted(request, application, token)
    return _search_page(request, token, q)


@routes.get("/apply/{token}/{group}")
def group_page(request: Request, token: str, group: str) -> Response:
    """Show one group as it was saved."""
    with _draft(request, token) as (session, application):
        if group not in GROUPS:
            raise HTTPException(404)
        if application.state is not State.DRAFT:
            return _submitted(request, application, token)
        return _group(request, session, application, token, group, application.answers.get(group, {}), ())


@routes.post("/apply/{token}/{group}")
def save_group(request: Request, token: str, group: str, form: PostedForm) -> Response:
    """Save one group and go on with the next; what was wrong is said at its field and kept as typed."""
    at = clock.now()
    # Asked before the draft is held: Keycloak may take its time.
    profile = site_of(request).user_profile.at(at)
    with _draft(request, token, to_change=True) as (session, application):
        if group not in GROUPS:
            raise HTTPException(404)
        if application.state is not State.DRAFT:
            return _too_late(request, application, token)
        checked = drafts.save_group(session, application, group, form.flat(), profile=profile, at=at)
        if not checked:
            problems = _problems(words_of(request), checked.errors)
            if group == "institution":
                return _search_page(request, token, form.get("q"), problems=problems)
            return _group(request, session, application, token, group, checked.answers, problems)
        left = drafts.check_answers(session, application, profile=profile, at=at).errors
    # Whoever came from the check goes back to it; otherwise on to what is still open.
    following = next((name for name in GROUPS[GROUPS.index(group) :] if name in left), "check")
    return RedirectResponse(f"/apply/{token}/{following}", status_code=303)


@routes.post("/apply/{token}")
def submit(request: Request, token: str, form: PostedForm) -> Response:
    """Make the two documents and send head and user their links."""
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


def _count(request: Request, what: str, *, most: int) -> None:
    """Count or refuse, in a transaction of its own: the count is held until its end, and neighbours would wait."""
    with transaction(site_of(request).sessions) as session:
        count_or_refuse(session, request, what, most=most, at=clock.now())


@contextmanager
def _draft(request: Request, token: str, *, to_change: bool = False) -> Iterator[tuple[Session, Application]]:
    """Open the draft in one transaction; raises NoSuchApplication, and 404 for a draft these pages cannot fill in.

    A draft `to_change` is held until then: of two clicks on one button the second sees what the first has done.
    """
    with transaction(site_of(request).sessions) as session:
        application = links.open_draft(session, token)
        if application.state is State.DRAFT and application.kind != GRANT.name:
            raise HTTPException(404)  # the form of another kind has pages of its own, if any
        yield session, repository.locked(session, application.id) if to_change else application


def _review(request: Request, session: Session, application: Application) -> Review:
    at = clock.now()
    return drafts.check_answers(session, application, profile=site_of(request).user_profile.at(at), at=at)


def _address(request: Request, token: str) -> str:
    return links.draft_address(site_of(request).settings.base_url, token)


def _problems(words: Words, errors: tuple[FieldError, ...]) -> tuple[Problem, ...]:
    return tuple(Problem(one.field, words(one.text, field=label_of(words, one.field), **one.params)) for one in errors)


def _group(
    request: Request,
    session: Session,
    application: Application,
    token: str,
    group: str,
    answers: Mapping[str, object],
    problems: tuple[Problem, ...],
) -> Response:
    words = words_of(request)
    page = group_page_of(
        session, words, application, group, answers, token=token, draft_address=_address(request, token)
    )
    page = replace(page, open_already=repository.open_like(session, application), kept_until=application.expires_at)
    return site_of(request).page(request, page, problems=problems)


def _search_page(request: Request, token: str | None, query: str, *, problems: tuple[Problem, ...] = ()) -> Response:
    site, words, today = site_of(request), words_of(request), riga_day(clock.now())
    if request.method == "GET" and "q" in request.query_params and not query.strip():
        problems = (Problem("q", words("Write part of the name, the number or the municipality")),)
    problems += too_long(words, {"q": query}, q=LONGEST_SEARCH)
    with site.sessions() as session:
        found = search_places(session, words, query[:LONGEST_SEARCH], on=today, most=_MOST_HITS)
        chosen = ""
        if token is not None:
            saved = links.open_draft(session, token).answers.get("institution", {})
            chosen = str(saved.get("place", ""))
    return site.page(
        request,
        ApplyInstitutionPage(
            q=query,
            places=found,
            most=len(found) >= _MOST_HITS,
            action=f"/apply/{token}/institution" if token else "/apply",
            back=f"/apply/{token}" if token else "/",
            values={"place": chosen},
            step=1,
            steps=len(GROUPS),
        ),
        problems=problems,
    )


def _too_late(request: Request, application: Application, token: str) -> Response:
    """Say that the answers are signed words now, and lead to the application."""
    words = words_of(request)
    response = site_of(request).page(
        request,
        ClosedPage(
            title=words("This application has been submitted"),
            sentences=(
                words("The answers can no longer be changed: the documents were made from them and sent to be signed."),
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


def _submitted(request: Request, application: Application, token: str) -> Response:
    """Lead from a draft's address to where the submitted application is followed."""
    response = RedirectResponse(f"/track/{application.reference}", status_code=303)
    remember(site_of(request).cookies, response, application.reference, token)
    return response
