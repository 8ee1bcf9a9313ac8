"""One case: the document beside what was stated, certified and recorded, and the decision.

Acts are answered by 303 to the case; what an act objects to is said at its field.
"""

from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from iam.errors import AccountShut, DocumentUsed, SignatoryOverlaps
from iam.institutions.models import Capacity, SourceKind
from signing.model import Message
from workflows import clock
from workflows.application import service
from workflows.application.errors import (
    NotNow,
    ReasonNeeded,
    SignatoryNeeded,
)
from workflows.application.models import Application
from workflows.database import snapshot, transaction
from workflows.i18n import Words
from workflows.principal import Principal
from workflows.proposals.errors import AlreadyProposed
from workflows.signed_forms.messages import Reader as MessageReader
from workflows.signed_forms.messages import say
from workflows.web.http.errors import Problem
from workflows.web.http.forms import Posted, PostedForm
from workflows.web.http.limits import LONGEST_HOW, LONGEST_REASON, LONGEST_SOURCE, text_problems
from workflows.web.identity import kept_forms
from workflows.web.identity.access import SignedIn
from workflows.web.pages.reviewers.case_actions import case_called, changing, number_in
from workflows.web.pages.reviewers.case_page import show_case
from workflows.web.pages.reviewers.contexts import ReviewRefusePage
from workflows.web.pages.reviewers.reviewer import as_reviewer
from workflows.web.site import site_of, words_of
from workflows.web.words.dates import read_day

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)

_Choice = TypeVar("_Choice", bound=StrEnum)


@routes.get("/review/{reference}")
def case(request: Request, reference: str, principal: SignedIn, tab: str = "data") -> Response:
    """Show the case."""
    with snapshot(site_of(request).sessions) as session:
        application = case_called(session, reference, principal)
        typed = _typed_before(request, session, application, principal, tab)
        return show_case(request, session, application, principal, tab=tab, values=typed, kept=bool(typed))


@routes.post("/review/{reference}/claim")
def claim(request: Request, reference: str, form: PostedForm, principal: SignedIn) -> Response:
    """Take the case on."""
    with changing(request, reference, form, principal) as (session, application, seen):
        service.claim(session, application.id, seen=seen, by=as_reviewer(principal), at=clock.now())
    return _back(reference)


@routes.post("/review/{reference}/release")
def release(request: Request, reference: str, form: PostedForm, principal: SignedIn) -> Response:
    """Give the case back to the queue."""
    with changing(request, reference, form, principal) as (session, application, seen):
        service.release(session, application.id, seen=seen, by=as_reviewer(principal), at=clock.now())
    return _back(reference)


@routes.post("/review/{reference}/reveal")
def reveal(request: Request, reference: str, form: PostedForm, principal: SignedIn) -> Response:
    """Show a personal code in full, this once; that it was shown is recorded."""
    whose = form.get("whose")
    with transaction(site_of(request).sessions) as session:
        application = case_called(session, reference, principal)
        code = service.reveal(session, application, whose, by=as_reviewer(principal), at=clock.now())
        return show_case(request, session, application, principal, revealed={whose: code})


@routes.post("/review/{reference}/confirm")
def confirm(request: Request, reference: str, form: PostedForm, principal: SignedIn) -> Response:
    """Confirm a document that a machine could not decide about."""
    words = words_of(request)
    if problems := text_problems(words, form, how=LONGEST_HOW):
        return _again(request, reference, principal, form, *problems, tab="signatures")
    try:
        with changing(request, reference, form, principal) as (session, application, seen):
            service.confirm_part(
                session,
                application.id,
                _part(application, form.get("part")),
                upload_id=number_in(form.get("upload") or "0"),
                seen=seen,
                how=form.get("how"),
                by=as_reviewer(principal),
                at=clock.now(),
            )
    except ReasonNeeded:
        problem = Problem("how", words("Say how it is known who signed"))
        return _again(request, reference, principal, form, problem, tab="signatures")
    return _back(reference)


@routes.post("/review/{reference}/decide")
def decide(request: Request, reference: str, form: PostedForm, principal: SignedIn) -> Response:
    """Approve, refuse or ask for more; a refusal is confirmed on a page of its own."""
    if form.get("decision") == "refuse" and form.get("confirmed") == "back":
        return _again(request, reference, principal, replace(form, values={**form.values, "decision": ()}))
    if form.get("decision") == "refuse" and form.get("confirmed") != "yes" and not _objections(request, form):
        return _ask_to_confirm(request, reference, form, principal)
    try:
        _decide(request, reference, form, principal)
    except _FormErrors as objected:
        return _again(request, reference, principal, form, *objected.problems)
    return _back(reference)


def _objections(request: Request, form: Posted) -> bool:
    """Say whether a refusal has something to correct, which is said before anything is confirmed."""
    reason = form.get("reason")
    return not reason.strip() or bool(text_problems(words_of(request), form, reason=LONGEST_REASON))


def _ask_to_confirm(request: Request, reference: str, form: Posted, principal: Principal) -> Response:
    """Show what would be refused and what the applicants would read."""
    with snapshot(site_of(request).sessions) as session:
        application = case_called(session, reference, principal)
        page = ReviewRefusePage(
            values=form.flat(),
            reference=application.reference,
            version=number_in(form.get("version")),
            user=application.user_name,
            institution=application.applicant_name,
            reason=form.get("reason"),
        )
    return site_of(request).page(request, page, here=f"/review/{application.reference}")


def _decide(request: Request, reference: str, form: Posted, principal: Principal) -> None:
    """Carry the decision out; raises _FormErrors with a sentence at the field for what a person can mend."""
    words = words_of(request)
    acts = {"approve": _approve, "refuse": _refuse, "ask": _ask}
    act = acts.get(form.get("decision"))
    if act is None:
        raise _FormErrors(Problem("decision", words("Choose what you decide")))
    if problems := text_problems(
        words, form, reason=LONGEST_REASON, source=LONGEST_SOURCE, address_reason=LONGEST_REASON
    ):
        raise _FormErrors(*problems)
    try:
        with changing(request, reference, form, principal) as (session, application, seen):
            act(request, session, application, seen, principal, form)
    except ReasonNeeded:
        raise _FormErrors(Problem("reason", words("Write the reason: the applicants read it"))) from None
    except AlreadyProposed:
        sentence = words("An approval of this application waits for a second person already")
        raise _FormErrors(Problem("decision", sentence)) from None
    except SignatoryNeeded:
        sentence = words("Record who may sign for the institution, on days that include the day of signing")
        raise _FormErrors(Problem("capacity", sentence)) from None
    except SignatoryOverlaps:
        sentence = words("The signer is recorded already for some of these days: choose days that do not overlap")
        raise _FormErrors(Problem("signs_since", sentence)) from None
    except AccountShut:
        sentence = words("The user's account was disabled by a person: no new right revives it")
        raise _FormErrors(Problem("decision", sentence)) from None
    except DocumentUsed:
        said = say(Message("form.used-before", {}), words.language.value, to=MessageReader.REVIEWER)
        raise _FormErrors(Problem("decision", f"{said.text} {said.next_step}")) from None
    except NotNow:
        sentence = words(
            "It cannot be approved as it stands: the last day asked for is over, the institution had closed by the "
            "first day, or a signature is still awaited. Ask for more, or refuse."
        )
        raise _FormErrors(Problem("decision", sentence)) from None


class _FormErrors(Exception):
    """A decision's form has something to correct."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*(problem.field for problem in problems))
        self.problems = problems


def _approve(
    request: Request, session: Session, application: Application, seen: int, principal: Principal, form: Posted
) -> None:
    service.approve_or_propose(
        session,
        application.id,
        seen=seen,
        by=as_reviewer(principal),
        base_url=site_of(request).settings.base_url,
        at=clock.now(),
        signatory=_signatory(words_of(request), form),
        reason=form.get("reason"),
        keep_address=_why_kept(words_of(request), form),
    )


def _refuse(
    request: Request, session: Session, application: Application, seen: int, principal: Principal, form: Posted
) -> None:
    service.refuse(
        session,
        application.id,
        seen=seen,
        reason=form.get("reason"),
        by=as_reviewer(principal),
        base_url=site_of(request).settings.base_url,
        at=clock.now(),
    )


def _ask(
    request: Request, session: Session, application: Application, seen: int, principal: Principal, form: Posted
) -> None:
    service.ask_more(
        session,
        application.id,
        seen=seen,
        reason=form.get("reason"),
        by=as_reviewer(principal),
        base_url=site_of(request).settings.base_url,
        at=clock.now(),
    )


def _why_kept(words: Words, form: Posted) -> str:
    """Read why the account keeps its address; "" where the signed one is taken over."""
    match form.get("address"):
        case "" | "take":
            return ""
        case "keep" if reason := form.get("address_reason"):
            return reason
        case "keep":
            raise _FormErrors(Problem("address_reason", words("Write why the address stays as it is")))
        case _:
            raise HTTPException(400)


def _signatory(words: Words, form: Posted) -> service.NewSignatory | None:
    """Read who may sign, as far as it was filled in; raises _FormErrors for what does not fit."""
    if not form.get("capacity"):
        return None
    problems = []
    days = {}
    for name in ("signs_since", "signs_until"):
        try:
            days[name] = read_day(form.get(name))
        except ValueError:
            problems.append(Problem(name, words("Enter a real date, like 01.12.2026.")))
    if not form.get("source"):
        problems.append(Problem("source", words("Write where the right to sign is known from")))
    since, until = days.get("signs_since"), days.get("signs_until")
    if since is not None and until is not None and until < since:
        problems.append(Problem("signs_until", words("The last day cannot be before the first")))
    if problems:
        raise _FormErrors(*problems)
    return service.NewSignatory(
        capacity=_one_of(Capacity, form.get("capacity")),
        since=since,
        until=until,
        source=form.get("source"),
        source_kind=_one_of(SourceKind, form.get("source_kind") or SourceKind.OTHER.value),
    )


def _typed_before(
    request: Request, session: Session, application: Application, principal: Principal, tab: str
) -> dict[str, str]:
    """Return what this person had typed into the forms of this page when they could not be carried out."""
    site, page = site_of(request), f"/review/{application.reference}"
    pages = (page, f"{page}?tab=signatures") if tab == "signatures" else (page,)
    return {
        name: value
        for one in pages
        for name, value in kept_forms.find(
            session, site.csrf, request, page=one, owner=principal.username, at=clock.now()
        ).items()
    }


def _part(application: Application, text: str) -> str:
    """Read which document is meant; any other was not sent by a page of ours (400)."""
    if text not in {one.part for one in application.documents}:
        raise HTTPException(400)
    return text


def _one_of(choices: type[_Choice], text: str) -> _Choice:
    """Read one of the values that a page of ours offers; any other was not sent by one (400)."""
    try:
        return choices(text)
    except ValueError:
        raise HTTPException(400) from None


def _back(reference: str) -> Response:
    return RedirectResponse(f"/review/{reference}", status_code=303)


def _again(
    request: Request, reference: str, principal: Principal, form: Posted, *problems: Problem, tab: str = "data"
) -> Response:
    """Show the case with what is to be corrected and what was typed."""
    site = site_of(request)
    with transaction(site.sessions) as session:
        kept_forms.drop(session, site.csrf, request, owner=principal.username)
        application, typed = case_called(session, reference, principal), form.flat()
        return show_case(request, session, application, principal, tab=tab, problems=problems, values=typed)
