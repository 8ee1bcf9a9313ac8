"""What do I hold, where, until when, on which document, and what of mine is not decided yet?"""

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import Response

from iam import readable
from iam.people import service as people
from iam.periods import riga_day
from workflows import clock
from workflows.application import repository
from workflows.application.kinds.registry import abouts, kind_of
from workflows.database import snapshot
from workflows.i18n import Words
from workflows.principal import Principal
from workflows.web.identity.access import SignedIn
from workflows.web.pages.holders.contexts import MyRightsPage
from workflows.web.pages.reviewers.right_rows import RightRows
from workflows.web.site import site_of, words_of
from workflows.web.words.vocabulary import STATES

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)


@routes.get("/my")
def my_rights(request: Request, principal: SignedIn) -> Response:
    """Show the holder of an account their own rights and applications."""
    site, words, at = site_of(request), words_of(request), clock.now()
    with snapshot(site.sessions) as session:
        account = readable.account_called(session, principal.username, sees=principal.sees, on=riga_day(at))
        if account is None:
            raise HTTPException(404)
        held = [
            one
            for one in readable.history(session, account.id, sees=principal.sees, on=riga_day(at))
            if one.account_id == principal.account_id
        ]
        behind = repository.applications_behind(session, {one.evidence_id for one in held if one.evidence_id})
        shown = RightRows(session, words, held)
        rows = []
        for one in held:
            application = None if one.evidence_id is None else behind.get(one.evidence_id)
            decided = None if application is None else application.decided_at
            rows.append(
                {
                    **shown.row(one, at),
                    "reference": None if application is None else application.reference,
                    "decided": words.date(decided) if decided else "",
                }
            )
        rows.sort(key=lambda row: (not row["now"], str(row["where"])))
        return site.page(
            request,
            MyRightsPage(
                account=account,
                rows=[row for row in rows if row["now"] or row["open"]],
                over=[row for row in rows if not (row["now"] or row["open"])],
                pending=account.projection_pending,
                waiting=_waiting(session, words, principal),
                system=site.settings.login_url,
            ),
        )


def _waiting(session: Session, words: Words, principal: Principal) -> list[dict[str, object]]:
    if principal.person_id is None:
        return []
    codes = [code.written for code in people.codes_of(session, principal.person_id)]
    return [
        {
            "reference": one.reference,
            "kind": words(kind_of(one).texts.name),
            "applicant": one.applicant_name,
            "state": words(STATES[one.state][0]),
            "tone": STATES[one.state][1],
            "submitted": words.date(one.submitted_at) if one.submitted_at else "",
        }
        for one in repository.undecided_about(session, codes, about=abouts())
    ]
