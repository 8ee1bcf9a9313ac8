"""One case: the document beside what was stated, certified and recorded, and the decision.

Acts are answered by 303 to the case; what an act objects to is said at its field.
"""

from dataclasses import replace

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from iam.errors import AccountShut, DocumentUsed, SignatoryOutlasts, SignatoryOverlaps
from signing.model import Message
from workflows import clock
from workflows.application import service
from workflows.application.errors import (
    NothingEnds,
    NotNow,
    ReasonNeeded,
    SignatoryNeeded,
)
from workflows.application.kinds.registry import facts_of
from workflows.application.models import Application
from workflows.application.other_names import named_otherwise
from workflows.application.parties import all_known
from workflows.database import snapshot, transaction
from workflows.i18n import Words
from workflows.principal import Principal
from workflows.proposals.errors import AlreadyProposed
from workflows.signed_forms.messages import Reader as MessageReader
from workflows.signed_forms.messages import say
from workflows.web.http.errors import Problem
from workflows.web.http.forms import Posted, PostedForm
from workflows.web.http.limits import LONGEST_HOW, text_problems
from workflows.web.identity import kept_forms
from workflows.web.identity.access import SignedIn
from workflows.web.pages.reviewers.case_actions import again, case_called, changing, number_in
from workflows.web.pages.reviewers.case_page import show_case
from workflows.web.pages.reviewers.contexts import ReviewRefusePage
from workflows.web.pages.reviewers.decision_form import DECIDED, DecisionForm, read_decision
from workflows.web.pages.reviewers.reviewer import as_reviewer
from workflows.web.site import site_of, words_of

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)


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
    words, part = words_of(request), form.get("part")
    how = f"how.{part}"  # the page has such a form for each document
    if problems := text_problems(words, form, called=None, **{how: LONGEST_HOW}):
        return again(request, reference, principal, form, *problems, tab="signatures")
    try:
        with changing(request, reference, form, principal) as (session, application, seen):
            service.confirm_part(
                session,
                application.id,
                _part(application, part),
                upload_id=number_in(form.get(f"upload.{part}") or "0"),
                seen=seen,
                how=form.get(how),
                by=as_reviewer(principal),
                at=clock.now(),
            )
    except ReasonNeeded:
        problem = Problem(how, words("Say how it was established who signed"))
        return again(request, reference, principal, form, problem, tab="signatures")
    return _back(reference)


@routes.post("/review/{reference}/decide")
def decide(request: Request, reference: str, form: PostedForm, principal: SignedIn) -> Response:
    """Approve, refuse or ask for more; a refusal is confirmed on a page of its own."""
    refuses, confirmed = form.get("decision") == "refuse", form.get("confirmed")
    if refuses and confirmed == "back":
        return again(request, reference, principal, replace(form, values={**form.values, "decision": ()}))
    if refuses and confirmed != "yes" and not read_decision(words_of(request), form, sign_day=None).problems:
        return _ask_to_confirm(request, reference, form, principal)
    try:
        _decide(request, reference, form, principal)
    except _FormErrors as objected:
        return again(request, reference, principal, form, *objected.problems)
    return _back(reference)


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
    try:
        with changing(request, reference, form, principal) as (session, application, seen):
            said = read_decision(
                words,
                form,
                sign_day=service.unrecorded_signing(session, application),
                otherwise=application.stated is not None and bool(_named_otherwise(session, application)),
            )
            # On an outdated page nothing is corrected: the act itself says that the case has changed.
            if said.problems and (application.version == seen or said.decision not in DECIDED):
                raise _FormErrors(*said.problems)
            _ACTS[said.decision](request, session, application, seen, principal, said)
    except ReasonNeeded:
        raise _FormErrors(Problem("reason", words("Write the reason: the applicants will read it"))) from None
    except AlreadyProposed:
        sentence = words("An approval of this application waits for a second person already")
        raise _FormErrors(Problem("decision", sentence)) from None
    except (SignatoryNeeded, SignatoryOverlaps, SignatoryOutlasts) as wrong:
        raise _FormErrors(_about_signing(words, wrong)) from None
    except AccountShut:
        sentence = words("The user's account was disabled by a person: no new right revives it")
        raise _FormErrors(Problem("decision", sentence)) from None
    except DocumentUsed:
        told = say(Message("form.used-before", {}), words.language.value, to=MessageReader.REVIEWER)
        raise _FormErrors(Problem("decision", f"{told.text} {told.next_step}")) from None
    except NothingEnds:
        sentence = words(
            "Nothing would end: the rights are over already, were given since, or there never were any. Refuse, or ask."
        )
        raise _FormErrors(Problem("decision", sentence)) from None
    except NotNow:
        sentence = words(
            "It cannot be approved as it stands: the last day asked for is over, the institution had closed by the "
            "first day, or a signature is still awaited. Ask for more, or refuse."
        )
        raise _FormErrors(Problem("decision", sentence)) from None


def _about_signing(words: Words, wrong: SignatoryNeeded | SignatoryOverlaps | SignatoryOutlasts) -> Problem:
    """Say what is wrong with who may sign, at the field that mends it."""
    match wrong:
        case SignatoryNeeded():
            sentence = words("Record who may sign for the institution, for days that include the day of signing")
            return Problem("capacity", sentence)
        case SignatoryOverlaps():
            sentence = words("The signer is recorded already for some of these days: choose days that do not overlap")
            return Problem("signs_since", sentence)
        case SignatoryOutlasts():
            day = words.date(wrong.last_day)
            sentence = words("The institution ends on %(day)s: enter that day or an earlier one", day=day)
            return Problem("signs_until", sentence)


class _FormErrors(Exception):
    """A decision's form has something to correct."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*(problem.field for problem in problems))
        self.problems = problems


def _approve(
    request: Request, session: Session, application: Application, seen: int, principal: Principal, said: DecisionForm
) -> None:
    service.approve_or_propose(
        session,
        application.id,
        seen=seen,
        by=as_reviewer(principal),
        base_url=site_of(request).settings.base_url,
        at=clock.now(),
        signatory=said.signatory,
        reason=said.reason,
        keep_address=said.keep_address,
        other_name=said.other_name,
        presented=said.presented,
    )


def _refuse(
    request: Request, session: Session, application: Application, seen: int, principal: Principal, said: DecisionForm
) -> None:
    service.refuse(
        session,
        application.id,
        seen=seen,
        reason=said.reason,
        by=as_reviewer(principal),
        base_url=site_of(request).settings.base_url,
        at=clock.now(),
    )


def _ask(
    request: Request, session: Session, application: Application, seen: int, principal: Principal, said: DecisionForm
) -> None:
    service.ask_more(
        session,
        application.id,
        seen=seen,
        reason=said.reason,
        by=as_reviewer(principal),
        base_url=site_of(request).settings.base_url,
        at=clock.now(),
    )


def _named_otherwise(session: Session, application: Application) -> tuple[str, ...]:
    facts = facts_of(application)
    return named_otherwise(facts, all_known(session, facts))


_ACTS = {"approve": _approve, "refuse": _refuse, "ask": _ask}


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


def _back(reference: str) -> Response:
    return RedirectResponse(f"/review/{reference}", status_code=303)
