"""A person's rights: where, since when and on what, and who ended which."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import Response

from iam import audit, readable
from iam.grants import service as grants
from iam.grants.models import Account
from iam.grants.rules import HeldGrant, RecordedEnd
from iam.grants.tags import GrantTag
from iam.ids import EvidenceId
from iam.people import service as people
from iam.people.rules import PersonalCode, mask
from iam.periods import riga_day
from workflows import clock
from workflows.application import repository
from workflows.application.kinds.registry import abouts, kind_of
from workflows.application.models import Application
from workflows.database import snapshot
from workflows.i18n import Words
from workflows.principal import Principal
from workflows.rights.projection import last_projection_failure
from workflows.staff import Role
from workflows.web.http.forms import PostedForm
from workflows.web.http.limits import LONGEST_SEARCH, too_long
from workflows.web.identity.access import SignedIn
from workflows.web.pages.reviewers.contexts import PeoplePage, PersonPage
from workflows.web.pages.reviewers.right_rows import RightRows
from workflows.web.site import site_of, words_of
from workflows.web.words.pending import TroubleWords, blocked_in_words, trouble_in_words
from workflows.web.words.vocabulary import STATES

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)


@routes.get("/people")
def ask_people(request: Request, principal: SignedIn) -> Response:
    """Ask whom to look for, and show whose account waits for somebody to act."""
    site, words = site_of(request), words_of(request)
    with snapshot(site.sessions) as session:
        blocked = [
            {
                "name": account.person.full_name,
                "username": account.username,
                "why": blocked_in_words(words, account),
            }
            for account in readable.blocked(session, sees=principal.sees, on=riga_day(clock.now()))
        ]
    return site.page(request, PeoplePage(values={"q": ""}, found=[], blocked=blocked))


@routes.post("/people")
def find_people(request: Request, form: PostedForm, principal: SignedIn) -> Response:
    """Find a person by words of a name or by the whole personal code.

    By POST, though nothing changes: a personal code must not stand in an address, which browsers and proxies keep.
    """
    site, q = site_of(request), form.get("q")
    if problems := too_long(words_of(request), form, q=LONGEST_SEARCH):
        return site.page(request, PeoplePage(values={"q": q}, found=[]), problems=problems)
    with snapshot(site.sessions) as session:
        found = [
            {
                "name": person.full_name,
                "codes": [mask(code) for code in people.codes_of(session, person.id)],
                "account": grants.account_of(session, person),
            }
            for person in (readable.people(session, q, sees=principal.sees, on=riga_day(clock.now())) if q else ())
        ]
    return site.page(request, PeoplePage(values={"q": q}, found=found))


@routes.get("/people/{username}")
def person(request: Request, username: str, principal: SignedIn) -> Response:
    """Show everything an account holds, held and will hold."""
    site, words, at = site_of(request), words_of(request), clock.now()
    with snapshot(site.sessions) as session:
        account = _account(session, username, principal)
        codes = people.codes_of(session, account.person_id)
        held = readable.history(session, account.id, sees=principal.sees, on=riga_day(at))
        shown, ends = RightRows(session, words, held), grants.ends_of(session, held)
        behind = repository.applications_behind(session, {one.evidence_id for one in held if one.evidence_id})
        rows = [
            {
                **shown.row(one, at),
                "ended": _ended(session, words, ends.get(one.period_id)),
                "reference": _reference(behind, one),
            }
            for one in held
        ]
        return site.page(
            request,
            PersonPage(
                account=account,
                name=account.person.full_name,
                codes=[mask(code) for code in codes],
                rows=sorted(rows, key=lambda row: (not row["now"], str(row["where"]))),
                pending=account.projection_pending,
                trouble=_trouble(session, words, account),
                cases=_cases(session, words, account, codes, principal),
                acts=Role.REVIEWER in principal.roles,
            ),
        )


def _ended(session: Session, words: Words, recorded: RecordedEnd | None) -> Mapping[str, str] | None:
    """Say who ended the right as it stands now, when, and on what; None for one that nobody ended."""
    if recorded is None:
        return None
    noted = audit.newest(session, tag=GrantTag.ENDED, subject=f"grant:{recorded.grant_id}", limit=1)
    reason = str(noted[0].details.get("reason") or "") if noted else ""
    return {"by": recorded.by.partition(":")[2] or recorded.by, "at": words.moment(recorded.at), "reason": reason}


def _reference(behind: Mapping[EvidenceId, Application], held: HeldGrant) -> str | None:
    application = None if held.evidence_id is None else behind.get(held.evidence_id)
    return None if application is None else application.reference


def _trouble(session: Session, words: Words, account: Account) -> TroubleWords:
    if not account.projection_pending:
        return TroubleWords()
    return trouble_in_words(words, account, last_projection_failure(session, account.id))


def _cases(
    session: Session, words: Words, account: Account, codes: Sequence[PersonalCode], principal: Principal
) -> list[dict[str, str]]:
    return [
        {
            "reference": one.reference,
            "kind": words(kind_of(one).texts.name),
            "applicant": one.applicant_name,
            "state": words(STATES[one.state][0]),
            "tone": STATES[one.state][1],
            "submitted": words.date(one.submitted_at) if one.submitted_at else "",
        }
        for one in repository.about_person(
            session,
            account.person_id,
            [code.written for code in codes],
            about=abouts(),
            sees=principal.sees,
            on=riga_day(clock.now()),
        )
    ]


def _account(session: Session, username: str, principal: Principal) -> Account:
    account = readable.account_called(session, username, sees=principal.sees, on=riga_day(clock.now()))
    if account is None:
        raise HTTPException(404)
    return account
