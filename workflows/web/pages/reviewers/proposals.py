"""What waits for a second person, and the page on which that person confirms or refuses it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from iam.errors import Refused, SignatoryOutlasts
from iam.periods import riga_day
from workflows import clock, policy
from workflows.application.errors import NothingEnds, NotNow, SignatoryNeeded
from workflows.database import snapshot, transaction
from workflows.i18n import Words
from workflows.i18n import later as _
from workflows.principal import Principal
from workflows.proposals import errors, repository, service
from workflows.proposals.content import ProposalContent
from workflows.proposals.kinds import changed_sentence, kind_called
from workflows.proposals.service import SecondPerson
from workflows.proposals.states import State
from workflows.reorganisation.errors import Hindered, OverCap
from workflows.staff import Role
from workflows.web.http.errors import Problem
from workflows.web.http.forms import Posted, PostedForm
from workflows.web.http.limits import LONGEST_REASON, RowNumber, text_problems
from workflows.web.identity import kept_forms, sessions
from workflows.web.identity.access import SignedIn
from workflows.web.pages.kept import kept_of
from workflows.web.pages.reviewers.contexts import ProposalPage, ProposalsPage
from workflows.web.site import site_of, words_of
from workflows.web.words.proposals import row_of

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)

_RECENT = 20
_LONGEST_COUNT = 9
# What the page says at the top, and at which field, when an act of the form cannot be done.
_SENTENCES: Mapping[type[Exception], tuple[str, str]] = {
    errors.SamePerson: ("decision", _("You proposed this yourself: another person confirms or refuses it")),
    errors.IsParty: ("decision", _("This is about you: another person confirms or refuses it")),
    errors.NotApprover: ("decision", _("Only an approver confirms or refuses a proposal")),
    errors.NotTheProposer: ("withdraw_reason", _("Only whoever proposed this can withdraw it")),
    errors.SignInAgain: (
        "decision",
        _("Sign in again before you confirm: your last sign-in was too long ago"),
    ),
    errors.SeenOtherwise: ("decision", _("The page was not that of this proposal. Read it again and confirm then")),
    errors.Miscounted: ("count", _("The number is not that of the changes: count them and type how many there are")),
    errors.RestsOnChanged: ("decision", _("What the proposal rests on has changed: it cannot be confirmed any more")),
    errors.ReasonMissing: ("reason", _("Write the reason")),
    NothingEnds: (
        "decision",
        _("Nothing would end by it any more: the rights are over. Refuse it"),
    ),
    NotNow: (
        "decision",
        _("It cannot be carried out as things stand now: the days asked for are over, or a place has closed"),
    ),
    SignatoryNeeded: (
        "decision",
        _("It cannot be carried out: nobody is recorded any more who could sign on that day"),
    ),
    Hindered: (
        "decision",
        _("It cannot be carried out as the register and the other orders stand now. %(wrong)s"),
    ),
    OverCap: (
        "decision",
        _("It cannot be carried out: rights of more people would end than the policy allows at once by now"),
    ),
    SignatoryOutlasts: (
        "decision",
        _("It cannot be carried out: somebody would sign for the institution longer than it exists. Refuse it"),
    ),
    Refused: ("decision", _("It cannot be carried out: the account was disabled, or a document was used before")),
}


@routes.get("/proposals")
def proposals(request: Request, principal: SignedIn) -> Response:
    """List what waits for a second person, and what was decided lately."""
    site, words, today = site_of(request), words_of(request), riga_day(clock.now())
    with snapshot(site.sessions) as session:
        waiting = repository.waiting(session, sees=principal.sees, on=today)
        recent = repository.recent(session, limit=_RECENT, sees=principal.sees, on=today)
        page = ProposalsPage(
            waiting=[row_of(words, one) for one in waiting],
            recent=[row_of(words, one) for one in recent],
            me=principal.username,
        )
    return site.page(request, page)


@routes.get("/proposals/{number}")
def proposal(request: Request, number: RowNumber, principal: SignedIn) -> Response:
    """Show what is proposed, before and after, and what may be done about it."""
    kept = kept_of(request, principal.username)
    return _page(request, number, principal, kept=kept)


@routes.post("/proposals/{number}/decide")
def decide(request: Request, number: RowNumber, form: PostedForm, principal: SignedIn) -> Response:
    """Confirm or refuse a proposal."""
    words = words_of(request)
    verb = form.get("decision")
    if verb not in {"confirm", "refuse"}:
        return _page(request, number, principal, Problem("decision", words("Choose what you decide")), typed=form)
    if problems := text_problems(words, form, reason=LONGEST_REASON):
        return _page(request, number, principal, *problems, typed=form)
    try:
        with _acting(request, principal) as (session, second):
            if verb == "confirm":
                typed = form.get("count")
                service.confirm(
                    session,
                    number,
                    seen=form.get("seen"),
                    count=int(typed) if typed.isdecimal() and len(typed) <= _LONGEST_COUNT else None,
                    by=second,
                    base_url=site_of(request).settings.base_url,
                    at=clock.now(),
                )
            else:
                service.refuse(session, number, reason=form.get("reason"), by=second, at=clock.now())
            _forget(request, session, principal)
    except errors.NotOpen:
        return _ended(request, number, principal)
    except tuple(_SENTENCES) as refused:
        return _page(request, number, principal, _problem(words, refused), typed=form)
    return RedirectResponse(f"/proposals/{number}", status_code=303)


@routes.post("/proposals/{number}/withdraw")
def withdraw(request: Request, number: RowNumber, form: PostedForm, principal: SignedIn) -> Response:
    """Withdraw what one has proposed oneself."""
    words = words_of(request)
    if problems := text_problems(words, form, withdraw_reason=LONGEST_REASON):
        return _page(request, number, principal, *problems, typed=form)
    try:
        with transaction(site_of(request).sessions) as session:
            reason = form.get("withdraw_reason")
            service.withdraw(session, number, reason=reason, by=principal.username, at=clock.now())
            _forget(request, session, principal)
    except errors.NotOpen:
        return _ended(request, number, principal)
    except errors.ReasonMissing:
        return _page(request, number, principal, Problem("withdraw_reason", words("Write the reason")), typed=form)
    except errors.NotTheProposer as refused:
        return _page(request, number, principal, _problem(words, refused), typed=form)
    return RedirectResponse(f"/proposals/{number}", status_code=303)


@contextmanager
def _acting(request: Request, principal: Principal) -> Iterator[tuple[Session, SecondPerson]]:
    """Open one transaction for an act of the second person, with the moment they last proved who they are."""
    site = site_of(request)
    token = site.cookies.get(request, "session") or ""
    with transaction(site.sessions) as session:
        yield session, SecondPerson(principal.username, sessions.authenticated_at(session, token))


def _forget(request: Request, session: Session, principal: Principal) -> None:
    """Drop what had been kept of the form that has now been carried out."""
    kept_forms.drop(session, site_of(request).csrf, request, owner=principal.username)


def _ended(request: Request, number: int, principal: Principal) -> Response:
    """Answer an act that came too late: done by this very person, or by somebody else meanwhile."""
    with snapshot(site_of(request).sessions) as session:
        found = service.proposal_numbered(session, number, sees=principal.sees, on=riga_day(clock.now()))
        if found.ended_by == principal.username:
            return RedirectResponse(f"/proposals/{number}", status_code=303)
    words = words_of(request)
    problem = Problem("state", words("Nothing was done: this has been decided meanwhile, or its time is over"))
    return _page(request, number, principal, problem, status=409)


def _problem(words: Words, refused: Exception) -> Problem:
    field, sentence = next(said for known, said in _SENTENCES.items() if isinstance(refused, known))
    if isinstance(refused, Hindered):
        return Problem(field, words(sentence, wrong=" ".join(one.in_words(words) for one in refused.said)))
    return Problem(field, words(sentence))


def _page(
    request: Request,
    number: int,
    principal: Principal,
    *problems: Problem,
    typed: Posted | None = None,
    kept: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    site, words, at = site_of(request), words_of(request), clock.now()
    with snapshot(site.sessions) as session:
        found = service.proposal_numbered(session, number, sees=principal.sees, on=riga_day(at))
        kind = kind_called(found.kind)
        waits = found.state is State.PROPOSED
        changed = service.changes_since(session, found, at=at) if waits else ()
        token = site.cookies.get(request, "session") or ""
        fresh_for = policy.on(session, at).fresh_sign_in
        signed_in = sessions.authenticated_at(session, token)
        party = principal.username in {*found.parties, *kind.parties(session, found.subject, found.payload)}
        own = principal.username == found.proposed_by
        page = ProposalPage(
            values=(kept or {}) if typed is None else typed.flat(),
            one=row_of(words, found),
            kept=[text for text in (kept or {}).values() if text],
            facts=[
                {
                    "label": fact.label.in_words(words),
                    "was": fact.was.in_words(words),
                    "will": fact.will.in_words(words),
                }
                for fact in ProposalContent.from_json(found.shown).facts
            ],
            about=kind.address(session, found.subject),
            digest=found.seen_digest,
            counted=kind.counted,
            counts=words(kind.counts),
            opens=words(kind.opens),
            confirming=words(kind.confirming),
            changed=[words(changed_sentence(kind, name)) for name in changed],
            own=own,
            party=party,
            may_decide=waits and Role.APPROVER in principal.roles and not own and not party,
            may_confirm=not changed and found.expires_at > at,
            fresh=signed_in is not None and at - signed_in <= fresh_for,
            minutes=int(fresh_for.total_seconds() // 60),
        )
    return site.page(request, page, status=status, problems=problems, here=f"/proposals/{number}")
