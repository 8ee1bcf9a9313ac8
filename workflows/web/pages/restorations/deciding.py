"""What waits to be restored, and the page on which a reviewer decides: what was, is and will be, and one click.

The page carries a digest of what it shows. Whoever decides on an outdated one is shown the request as it stands now,
with what they typed, and nothing is done. The same form sent twice by the same person is one decision.
"""

from collections.abc import Mapping
from dataclasses import replace

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from iam import audit
from iam.errors import AccountShut, AlreadyHeld
from iam.grants import service as grants
from iam.periods import riga_day
from workflows import clock, policy
from workflows.database import snapshot, transaction
from workflows.i18n import Words
from workflows.i18n import later as _
from workflows.principal import Principal
from workflows.proposals import service as proposal_service
from workflows.proposals.errors import AlreadyProposed
from workflows.restoration import deciding, errors, repository
from workflows.restoration.models import RestorationRequest
from workflows.restoration.reading import verdict_on
from workflows.restoration.restoring import account_behind
from workflows.restoration.states import State
from workflows.restoration.tags import RestorationTag
from workflows.restoration.words import ANEW
from workflows.staff import Role
from workflows.web.http.errors import Problem
from workflows.web.http.forms import Posted, PostedForm
from workflows.web.http.limits import LONGEST_REASON, RowNumber, text_problems
from workflows.web.identity import kept_forms
from workflows.web.identity.access import SignedIn
from workflows.web.pages.kept import kept_of
from workflows.web.pages.restorations.contexts import RestorationPage, RestorationRefusePage, RestorationsPage
from workflows.web.pages.reviewers.reviewer import as_reviewer
from workflows.web.pages.reviewers.right_rows import RightRows
from workflows.web.site import site_of, words_of
from workflows.web.words.proposals import proposals_about
from workflows.web.words.restorations import RightRow, request_in_words, right_rows

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)

_RECENT = 20
# What the page says at the top, and with which status, when an act of the form cannot be done.
_SENTENCES: Mapping[type[Exception], tuple[str, int]] = {
    errors.NotWaiting: (_("Nothing was done: the request has been decided on meanwhile"), 409),
    errors.ShownOtherwise: (
        _("Nothing was done: what the page shows has changed meanwhile. Look at it once more and decide then"),
        409,
    ),
    errors.NothingToRestore: (_("There is nothing that could be restored: refuse the request"), 409),
    errors.OwnRequest: (_("This is about you: a colleague decides on it"), 403),
    AlreadyProposed: (_("Nothing was done: a proposal to restore waits for a second person already"), 409),
    AccountShut: (_("It cannot be restored: the account was disabled by a person"), 409),
    AlreadyHeld: (_("Nothing was done: the rights have changed meanwhile. Look at them once more"), 409),
}


@routes.get("/restorations")
def requests(request: Request, principal: SignedIn) -> Response:
    """List what waits for a decision, and what was decided lately."""
    site, words, today = site_of(request), words_of(request), riga_day(clock.now())
    with snapshot(site.sessions) as session:
        waiting = repository.shown(session, waiting=True, sees=principal.sees, on=today)
        recent = repository.shown(session, waiting=False, sees=principal.sees, on=today, limit=_RECENT)
        page = RestorationsPage(
            waiting=[request_in_words(words, one) for one in waiting],
            recent=[request_in_words(words, one) for one in recent],
        )
    return site.page(request, page)


@routes.get("/restorations/{number}")
def one(request: Request, number: RowNumber, principal: SignedIn) -> Response:
    """Show a request: what was, is and will be."""
    kept = kept_of(request, principal.username)
    return _page(request, number, principal, kept=kept)


@routes.post("/restorations/{number}/decide")
def decide(request: Request, number: RowNumber, form: PostedForm, principal: SignedIn) -> Response:
    """Restore, or refuse; a refusal is confirmed on a page of its own."""
    words = words_of(request)
    verb, confirmed = form.get("decision"), form.get("confirmed")
    if verb not in {"restore", "refuse"}:
        return _page(request, number, principal, Problem("decision", words("Choose what you decide")), typed=form)
    if verb == "refuse" and confirmed == "back":
        return _page(request, number, principal, typed=replace(form, values={**form.values, "decision": ()}))
    if problems := _reason_problems(words, form) if verb == "refuse" else ():
        return _page(request, number, principal, *problems, typed=form)
    if verb == "refuse" and confirmed != "yes":
        return _ask_to_confirm(request, number, form, principal)
    try:
        _act(request, number, form, principal, verb)
    except tuple(_SENTENCES) as refused:
        if not _done_already(request, number, principal, verb, refused):
            sentence, status = next(said for known, said in _SENTENCES.items() if isinstance(refused, known))
            problem = Problem("state", words(sentence))
            return _page(request, number, principal, problem, typed=form, status=status)
    return RedirectResponse(f"/restorations/{number}", status_code=303)


def _reason_problems(words: Words, form: Posted) -> tuple[Problem, ...]:
    """Say what is wrong with the reason of a refusal."""
    missing = () if form.get("reason") else (Problem("reason", words("Write the reason: the user reads it")),)
    return (*missing, *text_problems(words, form, reason=LONGEST_REASON))


def _act(request: Request, number: int, form: Posted, principal: Principal, verb: str) -> None:
    site, at, by = site_of(request), clock.now(), as_reviewer(principal)
    with transaction(site.sessions) as session:
        repository.numbered(session, number, sees=principal.sees, on=riga_day(at))
        base_url, seen = site.settings.base_url, form.get("seen")
        if verb == "restore":
            deciding.restore_or_propose(session, number, seen=seen, by=by, base_url=base_url, at=at)
        else:
            reason = form.get("reason")
            deciding.refuse(session, number, seen=seen, reason=reason, by=by, base_url=base_url, at=at)
        kept_forms.drop(session, site.csrf, request, owner=principal.username)


def _done_already(request: Request, number: int, principal: Principal, verb: str, refused: Exception) -> bool:
    """Say whether this very decision was made by this very person: the form was sent twice."""
    at = clock.now()
    with snapshot(site_of(request).sessions) as session:
        found = repository.numbered(session, number, sees=principal.sees, on=riga_day(at))
        if isinstance(refused, AlreadyProposed):
            return deciding.proposed_by(session, refused.proposal_id) == principal.username
        ended = {"restore": State.RESTORED, "refuse": State.REFUSED}[verb]
        return (found.state, found.decided_by) == (ended, principal.username)


def _ask_to_confirm(request: Request, number: int, form: Posted, principal: Principal) -> Response:
    """Show what would be refused and what its holder would read."""
    words = words_of(request)
    with snapshot(site_of(request).sessions) as session:
        found = repository.numbered(session, number, sees=principal.sees, on=riga_day(clock.now()))
        page = RestorationRefusePage(
            values=form.flat(),
            one=request_in_words(words, found),
            seen=form.get("seen"),
            reason=form.get("reason"),
            anew=words(ANEW),
        )
    return site_of(request).page(request, page, here=f"/restorations/{number}")


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
    today = riga_day(at)
    with snapshot(site.sessions) as session:
        found = repository.numbered(session, number, sees=principal.sees, on=today)
        proposals = proposals_about(session, words, found.subject, sees=principal.sees, on=today)
        waits = found.state is State.IN_REVIEW
        party = deciding.is_party(session, found, as_reviewer(principal))
        rows = _rows(session, words, found) if waits else []
        proposed = proposal_service.waits(session, found.subject, at=at)
        page = RestorationPage(
            values=(kept or {}) if typed is None else typed.flat(),
            one=request_in_words(words, found),
            rows=rows,
            restored=_restored(session, words, found),
            proposals=proposals,
            kept=[text for text in (kept or {}).values() if text],
            seen=deciding.seen_now(session, found, at=at) if waits else "",
            party=waits and party,
            may_decide=waits and Role.REVIEWER in principal.roles and not party,
            may_restore=any(row.comes_back for row in rows) and not proposed,
            by_two=policy.on(session, at).four_eyes_wide_scope,
        )
    return site.page(request, page, status=status, problems=problems, here=f"/restorations/{number}")


def _rows(session: Session, words: Words, found: RestorationRequest) -> list[RightRow]:
    today = riga_day(clock.now())
    return right_rows(session, words, verdict_on(session, account_behind(found).id, on=today), on=today)


def _restored(session: Session, words: Words, found: RestorationRequest) -> list[str]:
    """Say which rights came back by this request, with their days as known now."""
    noted = audit.newest(session, tag=RestorationTag.RESTORED, subject=found.subject, limit=1)
    given = noted[0].details.get("grants") if noted else None
    ids = set(given) if isinstance(given, list) else set()
    back = [held for held in grants.history(session, account_behind(found).id) if held.id in ids]
    said = RightRows(session, words, back)
    return [said.line(held) for held in back]
