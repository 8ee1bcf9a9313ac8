"""Correct a person's name: it was typed wrongly, changed, or Keycloak refuses it."""

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from iam import readable
from iam.grants import service as grants
from iam.grants.models import Account
from iam.periods import riga_day
from workflows import clock
from workflows.application.fields import Group, refused_by
from workflows.database import snapshot, transaction
from workflows.i18n import later
from workflows.principal import Principal
from workflows.rights.projection import follow
from workflows.web.http.errors import Problem
from workflows.web.http.forms import PostedForm
from workflows.web.http.limits import LONGEST_REASON, label_of, text_problems
from workflows.web.identity import kept_forms
from workflows.web.identity.access import SignedIn
from workflows.web.pages.kept import kept_of
from workflows.web.pages.reviewers.contexts import CorrectNamePage
from workflows.web.site import site_of, words_of

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)

_CALLED = {"reason": later("What this rests on")}


@routes.get("/people/{username}/name")
def ask_name(request: Request, username: str, principal: SignedIn) -> Response:
    """Ask for the name as it should be, and on what that rests."""
    typed = kept_of(request, principal.username)
    return _page(request, username, principal, values=typed or None, kept=bool(typed))


@routes.post("/people/{username}/name")
def correct(request: Request, username: str, form: PostedForm, principal: SignedIn) -> Response:
    """Record the name; whatever Keycloak was refused is tried again at once."""
    site, words, at = site_of(request), words_of(request), clock.now()
    group = Group({"given_name": form.get("given_name"), "surname": form.get("surname")})
    group.name("given_name", later("Enter the given name"))
    group.name("surname", later("Enter the surname"))
    told = {one.field for one in group.errors}
    refused = [one for one in refused_by(site.user_profile.at(at), group.answers) if one.field not in told]
    problems = [
        Problem(one.field, words(one.text, field=label_of(words, one.field), **one.params))
        for one in (*group.errors, *refused)
    ]
    if not form.get("reason"):
        problems.append(Problem("reason", words("Enter what this rests on")))
    problems += text_problems(words, form, called=_CALLED, reason=LONGEST_REASON)
    if problems:
        return _page(request, username, principal, tuple(problems), form.flat())
    with transaction(site.sessions) as session:
        account = _account(session, username, principal)
        grants.rename_holder(
            session,
            account,
            given_name=str(group.answers["given_name"]),
            surname=str(group.answers["surname"]),
            reason=form.get("reason"),
            origin=principal.origin,
            at=at,
        )
        # Though the name be the same: whoever sends the form wants it tried again.
        if account.projection_pending:
            follow(session, account.id)
        kept_forms.drop(session, site.csrf, request, owner=principal.username)
    return RedirectResponse(f"/people/{username}", status_code=303)


def _page(
    request: Request,
    username: str,
    principal: Principal,
    problems: tuple[Problem, ...] = (),
    values: dict[str, str] | None = None,
    *,
    kept: bool = False,
) -> Response:
    site = site_of(request)
    with snapshot(site.sessions) as session:
        account = _account(session, username, principal)
        person = account.person
        present = {"given_name": person.given_name, "surname": person.surname}
        page = CorrectNamePage(
            values=present if values is None else values, account=account, name=person.full_name, kept=kept
        )
        return site.page(request, page, problems=problems)


def _account(session: Session, username: str, principal: Principal) -> Account:
    account = readable.account_called(session, username, sees=principal.sees, on=riga_day(clock.now()))
    if account is None:
        raise HTTPException(404)
    return account
