"""One change by a reviewer to the version of a case that was on the screen: made once, or not at all.

Whoever acts on an outdated page is shown what happened meanwhile, and by whom; what they typed is kept for them. The
same form sent twice by the same person is one change.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import dropwhile

from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from iam.periods import riga_day
from workflows import clock
from workflows.application import repository
from workflows.application.errors import BadReference, ChangedMeanwhile, NoSuchApplication
from workflows.application.kinds.registry import kind_of
from workflows.application.models import Application
from workflows.application.states import OPEN
from workflows.application.tags import ApplicationTag
from workflows.application.views import Event, events_of, upload_view
from workflows.database import snapshot, transaction
from workflows.principal import Principal
from workflows.signed_forms.references import parse_reference
from workflows.web.http.errors import Problem
from workflows.web.http.forms import Posted, posted_before
from workflows.web.identity import kept_forms
from workflows.web.pages.reviewers.case_page import DECIDABLE, show_case, typed_in
from workflows.web.pages.reviewers.contexts import ReviewConflictPage
from workflows.web.site import site_of, words_of
from workflows.web.words.history import History, history_in_words
from workflows.web.words.kinds import names_of
from workflows.web.words.sections import catalogue_names
from workflows.web.words.vocabulary import STATES

__all__ = ["again", "case_called", "changed_meanwhile", "changing", "number_in"]

_DIGITS = 9


@contextmanager
def changing(
    request: Request, reference: str, form: Posted, principal: Principal
) -> Iterator[tuple[Session, Application, int]]:
    """Open one transaction for one change to the version that was seen.

    The same form sent twice is carried out once: the second time finds it done and says nothing. Where something else
    has happened meanwhile nothing is done, and what was typed is kept for the person.
    """
    site, seen = site_of(request), number_in(form.get("version"))
    try:
        with transaction(site.sessions) as session:
            yield session, case_called(session, reference, principal), seen
            kept_forms.drop(session, site.csrf, request, owner=principal.username)
    except ChangedMeanwhile:
        with transaction(site.sessions) as session:
            if _done_already(session, case_called(session, reference, principal), request, form, principal, seen):
                return
            kept_forms.keep(session, site.csrf, request, form.flat(), at=clock.now(), owner=principal.username)
        raise


_TAGS = {
    "claim": {ApplicationTag.CLAIMED},
    "release": {ApplicationTag.RELEASED},
    "hand-over": {ApplicationTag.HANDED_OVER},
    "confirm": {ApplicationTag.PART_CONFIRMED},
    "approve": {
        ApplicationTag.SIGNATORY_RECORDED,
        ApplicationTag.OTHER_NAME_EXPLAINED,
        ApplicationTag.APPROVED,
        ApplicationTag.APPROVAL_PROPOSED,
    },
    "refuse": {ApplicationTag.REFUSED},
    "ask": {ApplicationTag.MORE_REQUESTED},
}


def _done_already(
    session: Session, application: Application, request: Request, form: Posted, principal: Principal, seen: int
) -> bool:
    """Say whether all that happened since the page was opened is this very act, done by this very person."""
    verb = request.url.path.rpartition("/")[2]
    tags = _TAGS.get(form.get("decision") if verb == "decide" else verb, set())
    newer = [event for event in events_of(session, application) if _version_of(event) > seen]
    if not newer or any(event.actor != str(principal.actor) or event.tag not in tags for event in newer):
        return False
    if newer[-1].tag is ApplicationTag.APPROVAL_PROPOSED:
        return newer[-1].details.get("reason") == form.get("reason")
    if verb == "decide":
        return application.decisions[-1].reason == form.get("reason")
    if verb == "confirm":
        said, part = newer[-1].details, form.get("part")
        return (said.get("part"), said.get("how")) == (part, form.get(f"how.{part}"))
    return True


def case_called(session: Session, reference: str, principal: Principal) -> Application:
    """Find the case among those that may be seen; raises NoSuchApplication, whatever is wrong with the reference."""
    try:
        application = repository.case_by_reference(
            session, parse_reference(reference), sees=principal.sees, on=riga_day(clock.now())
        )
    except BadReference:
        raise NoSuchApplication from None
    if application is None:
        raise NoSuchApplication
    return application


def again(
    request: Request, reference: str, principal: Principal, form: Posted, *problems: Problem, tab: str = "data"
) -> Response:
    """Show the case with what is to be corrected and what was typed."""
    site = site_of(request)
    with transaction(site.sessions) as session:
        kept_forms.drop(session, site.csrf, request, owner=principal.username)
        application, typed = case_called(session, reference, principal), form.flat()
        return show_case(request, session, application, principal, tab=tab, problems=problems, values=typed)


def number_in(text: str) -> int:
    """Read a number that a page of ours put into its form; anything else was not sent by one (400)."""
    if not text.isdecimal() or len(text) > _DIGITS:
        raise HTTPException(400)
    return int(text)


def changed_meanwhile(request: Request, error: Exception) -> Response:
    """Show what happened since the page was opened, and what was typed; nothing was done."""
    site, words = site_of(request), words_of(request)
    seen = error.seen if isinstance(error, ChangedMeanwhile) else 0
    reference = request.path_params.get("reference", "")
    form = posted_before(request)
    with snapshot(site.sessions) as session:
        application = case_called(session, reference, request.state.principal)
        events = events_of(session, application)
        about = History(
            words,
            kind_of(application),
            names_of(words, application),
            catalogue_names(session, words, on=riga_day(clock.now())),
            [upload_view(upload) for upload in application.uploads],
            closed=application.state not in OPEN,
            staff=True,
        )
    # What a job noted after the first change carries no version, and came later all the same.
    newer = list(dropwhile(lambda event: _version_of(event) <= seen, events))
    return site.page(
        request,
        ReviewConflictPage(
            reference=application.reference,
            state=words(STATES[application.state][0]),
            events=history_in_words(about, newer or events[-1:]),
            typed=[] if form is None else typed_in(form.flat()),
            otherwise=application.version == seen,
            again=application.state in DECIDABLE and application.claimed_by in {None, request.state.principal.username},
        ),
        status=409,
        here=f"/review/{reference}",
    )


def _version_of(event: Event) -> int:
    version = event.details.get("version", 0)
    return version if isinstance(version, int) else 0
