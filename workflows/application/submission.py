"""Turn a complete draft into the forms to be signed.

    (1) everything is checked once more, as of now;
    (2) their PDFs are made, outside any lock;
    (3) the very bytes are kept as evidence: a signed file is compared with them;
    (4) the application takes its state, and from here on what it states stays;
    (5) every signer gets a link of their own.

One transaction: a crash leaves the draft as it was, and nobody a mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from iam import letters
from iam.institutions import service as institutions
from iam.keycloak.profile import DEFAULT, UserProfile
from iam.periods import riga_day
from workflows import policy
from workflows.application import events, notices, repository
from workflows.application.drafts import check_answers
from workflows.application.errors import Incomplete
from workflows.application.kinds.registry import kind_of
from workflows.application.parties import of_applicant, parties_of
from workflows.application.states import OPEN, ApplicationEvent, Party, after
from workflows.application.tags import ApplicationTag
from workflows.jobs import Retry, Run, defer, job
from workflows.signed_forms import links, requests
from workflows.signed_forms.repository import linked_after

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from iam.audit import Door
    from workflows.application.facts import StatedFacts
    from workflows.application.models import Application

__all__ = ["Submitted", "ask_for_link", "ask_for_same_mailbox", "link_again", "submit"]

_LINK_AGAIN = "application.link_again"
_JUST_SENT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Submitted:
    """A submitted application and a tracking link for whoever filled it in."""

    application: Application
    token: str


def submit(
    session: Session,
    application: Application,
    *,
    profile: UserProfile = DEFAULT,
    base_url: str,
    door: Door,
    at: datetime,
) -> Submitted:
    """Submit a draft (the procedure above). Raises Incomplete, NotNow."""
    state = after(application.state, ApplicationEvent.SUBMITTED)
    review = check_answers(session, application, profile=profile, at=at)  # (1)
    if review.stated is None:
        raise Incomplete(review.errors)
    stated, kind = review.stated, kind_of(application)
    needed = kind.documents(stated)
    made = kind.make(application.reference, stated, at=at)  # (2)
    edition = kind.edition(riga_day(at))
    for one, pdf in zip(needed, made, strict=True):  # (3)
        document = requests.require(application.signing, one.part, signer=one.party, ways=one.ways)
        name = f"{one.file_name}-{application.reference}.pdf"
        requests.attach(session, document, pdf, name=name, edition=edition, at=at)
    _state(session, application, stated, edition, at)  # (4)
    application.state = state
    session.flush()
    events.record(
        session,
        application,
        ApplicationTag.SUBMITTED,
        origin=of_applicant(application, door),
        at=at,
        details={"reference": application.reference, "edition": application.edition or ""},
    )
    notices.ask_to_sign(session, application, base_url=base_url, at=at)  # (5)
    return Submitted(application, links.mint(session, application.signing, Party.APPLICANT, email="", at=at))


def ask_for_link(session: Session, reference: str, email: str) -> None:
    """Have a new link mailed to a party who has lost theirs, at the address the application states for them.

    The same work whoever is meant, if anybody: the number and somebody's address alone open nothing, and tell nothing,
    by time neither. A job looks; what was typed is handed to it as a digest.
    """
    defer(session, _LINK_AGAIN, reference=reference, asked=_asked(reference, email))


def ask_for_same_mailbox(session: Session, reference: str, mark: str) -> None:
    """Have a new link mailed to the mailbox that a link which opens nothing was mailed to: its `mark_of` tells which.

    The same work whoever is meant, if anybody.
    """
    defer(session, _LINK_AGAIN, reference=reference, asked="", mark=mark)


@job(_LINK_AGAIN, queue="default", retry=Retry(times=5, first=timedelta(seconds=5)))
def link_again(run: Run, *, reference: str, asked: str, mark: str = "") -> None:
    """Mail the link that was asked for, if the address is a party's or the mark that of a mailed link."""
    with run.transaction() as session:
        if run.once(session, "mailed"):
            _send_again(session, reference, asked, mark, base_url=run.settings.base_url, at=run.at)


def _asked(reference: str, email: str) -> str:
    return sha256(f"viis link again\0{reference}\0{email.strip().casefold()}".encode()).hexdigest()


def _send_again(session: Session, reference: str, asked: str, mark: str, *, base_url: str, at: datetime) -> None:
    application = repository.application_by_reference(session, reference)
    if application is None or application.stated is None:
        return
    ended = application.decided_at or application.changed_at
    if application.state not in OPEN and at > ended + policy.on(session, at).ended_application_shown:
        return
    for party, email in _meant(session, application, asked, mark):
        # A button pressed twice is one wish: a link that is just leaving is the one asked for.
        held = repository.locked(session, application.id)
        since = max(held.submitted_at or at, at - _JUST_SENT)
        if not linked_after(session, application.request_id, party, since):
            notices.link_again(session, application, party, email, base_url=base_url, at=at)


def _meant(session: Session, application: Application, asked: str, mark: str) -> tuple[tuple[str, str], ...]:
    """Say which party is to have a new link, and at which address."""
    if mark:
        link = links.sent_under(session, application.signing, mark)
        return () if link is None else ((link.party, link.email),)
    stated = parties_of(application)
    return tuple((party, email) for party, email in stated if _asked(application.reference, email) == asked)


def _state(session: Session, application: Application, stated: StatedFacts, edition: str, at: datetime) -> None:
    application.stated = stated.to_json()
    application.edition = edition
    application.submitted_at = application.changed_at = at
    application.expires_at = at + policy.on(session, at).draft_kept
    application.scope_id = institutions.scope_by_code(session, stated.applicant.scope_code).id
    kind = kind_of(application)
    signs_for_applicant = next((one.person for one in kind.documents(stated) if one.represents), "")
    head, user = stated.people.get(signs_for_applicant), stated.people[kind.about]
    application.applicant_name = stated.applicant.name
    application.applicant_code = stated.applicant.code
    application.municipality = stated.applicant.municipality
    application.head_name = "" if head is None else head.name
    application.user_name = user.name
    application.search_key = letters.fold(
        " ".join(
            (
                application.reference.replace("-", ""),
                stated.applicant.name,
                stated.applicant.code,
                stated.applicant.municipality,
                *dict.fromkeys(person.name for person in stated.people.values()),
            )
        )
    )
