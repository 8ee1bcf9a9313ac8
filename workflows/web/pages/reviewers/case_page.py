"""What a reviewer sees of a case: pictures of the pages, data, signatures, files, history, and what they may do now."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from iam.grants.models import EndCause
from iam.grants.tags import GrantTag
from iam.institutions import service as institutions
from iam.periods import riga_day
from workflows import clock, policy
from workflows.application import service
from workflows.application.kinds.kind import Kind
from workflows.application.kinds.registry import kind_of
from workflows.application.models import Application
from workflows.application.queue import workdays
from workflows.application.review_views import CaseView
from workflows.application.states import OPEN, DecisionKind, State
from workflows.application.views import Event
from workflows.evidence.models import DocumentPage
from workflows.evidence.names import short_name
from workflows.i18n import Words
from workflows.principal import Principal
from workflows.proposals import service as proposals
from workflows.rights.projection import last_projection_failure
from workflows.signed_forms.messages import Reader
from workflows.signed_forms.models import Upload
from workflows.signed_forms.states import Found, Standing
from workflows.staff import Role
from workflows.web.http.errors import Problem
from workflows.web.identity.access_table import sees_files
from workflows.web.pages.reviewers.contexts import Pictures, ReviewCasePage
from workflows.web.pages.reviewers.reviewer import as_reviewer
from workflows.web.site import site_of, words_of
from workflows.web.words.kinds import difference_in_words, event_word, names_of, stated_in_words
from workflows.web.words.pending import TroubleWords, trouble_in_words
from workflows.web.words.proposals import proposals_about
from workflows.web.words.sections import catalogue_names
from workflows.web.words.verdicts import reasons_in_words, signatures_of, standing_word, upload_in_words
from workflows.web.words.vocabulary import (
    CAPACITIES,
    CAUSES,
    DECISIONS,
    RIGHTS,
    SOURCE_KINDS,
    SOURCES,
    STATES,
)

__all__ = ["DECIDABLE", "history_in_words", "show_case", "typed_in"]

DECIDABLE = frozenset({State.IN_REVIEW, State.MORE_REQUESTED})

_TABS = ("data", "signatures", "files", "history")


def show_case(  # noqa: PLR0913 - all but the first four by name, each a thing to show
    request: Request,
    session: Session,
    application: Application,
    principal: Principal,
    *,
    tab: str = "data",
    problems: tuple[Problem, ...] = (),
    values: dict[str, str] | None = None,
    revealed: dict[str, str] | None = None,
    kept: bool = False,
) -> Response:
    """Answer with the case page; `values` are what was typed into its forms, `revealed` codes shown this once.

    `kept` says that the values come from a form that could not be carried out.
    """
    site, words = site_of(request), words_of(request)
    own = service.is_party(session, application, as_reviewer(principal))
    view = service.case_view(session, application.reference, sees=principal.sees, own=own, at=clock.now())
    mine = view.claimed_by in {None, principal.username}
    reviewer = Role.REVIEWER in principal.roles
    called, kind = names_of(words, application), kind_of(application)
    stated = stated_in_words(session, words, kind, view.stated)
    names = catalogue_names(session, words, on=riga_day(clock.now()))
    return site.page(
        request,
        ReviewCasePage(
            values=values or {},
            kept=kept,
            typed=typed_in(values or {}) if kept else [],
            view=view,
            state=view.state.value,
            state_word=words(STATES[view.state][0]),
            tone=STATES[view.state][1],
            tab=tab if tab in _TABS else _TABS[0],
            stated=stated,
            approve=words(kind.texts.approve),
            proposed_text=words(kind.texts.proposed),
            codes={
                **{role: person.personal_code for role, person in view.stated.people.items()},
                **(revealed or {}),
            },
            revealed=revealed or {},
            may_reveal=reviewer,
            parts=[
                {
                    "part": one.part,
                    "title": called.parts[one.part],
                    "word": standing_word(words, one.standing)[0],
                    "tone": standing_word(words, one.standing)[1],
                    "stated": one.signer_stated,
                    "signer": one.signer_name,
                    "signed_at": words.second(one.signed_at) if one.signed_at else "",
                    "notes": reasons_in_words(words, one.notes, to=Reader.REVIEWER),
                    "signature": _signature(words, view, one.part),
                    "candidates": [
                        {"value": str(upload.id), "text": upload.name}
                        for upload in view.uploads
                        if one.standing is Standing.NEEDS_PERSON
                        and upload.for_a_person(one.part)
                        and not upload.to_compare(one.part)
                    ],
                    "to_compare": [
                        {"address": f"/review/{view.reference}/compare/{upload.id}", "text": short_name(upload.name)}
                        for upload in view.uploads
                        if one.standing is Standing.NEEDS_PERSON and upload.to_compare(one.part)
                    ],
                }
                for one in view.parts
            ],
            differences=[
                {
                    "what": difference_in_words(words, kind, one.what),
                    "stated": one.stated,
                    "found": one.found,
                    "source": words(SOURCES.get(one.source, one.source)),
                }
                for one in view.differences
            ],
            signatories=[
                {
                    "name": one.name,
                    "capacity": words(CAPACITIES[one.capacity]),
                    "since": words.date(one.since) if one.since else "",
                    "until": words.date(one.until) if one.until else "",
                    "source": f"{words(SOURCE_KINDS[one.source_kind])}: {one.source}",
                    "on_the_day": one.on_the_day,
                }
                for one in view.signatories
            ],
            files=[
                upload_in_words(words, one, one.report, names=called, to=Reader.REVIEWER)
                for one in reversed(view.uploads)
            ],
            pictures=_pictures(session, words, application, sees_files=sees_files(principal) and not own),
            sees_files=sees_files(principal) and not own,
            history=history_in_words(words, kind, view.history, names=names),
            decisions=[
                {
                    "word": words(DECISIONS[one.kind]),
                    "reason": one.reason,
                    "when": words.moment(one.decided_at),
                    "by": " + ".join(filter(None, (one.decided_by, one.confirmed_by))),
                }
                for one in view.decisions
            ],
            trouble=_trouble(session, words, view),
            open=view.state in OPEN,
            age=workdays(riga_day(view.in_review_at or view.submitted_at), riga_day(clock.now())),
            late=policy.on(session, clock.now()).decision_overdue,
            held=_held(session, words, view, names),
            acts=reviewer and mine and not view.own and view.state in DECIDABLE,
            proposed=proposals_about(
                session, words, application.subject, sees=principal.sees, on=riga_day(clock.now())
            ),
            may_approve=view.state is State.IN_REVIEW
            and not proposals.waits(session, application.subject, at=clock.now())
            and all(one.standing is Standing.PROVEN for one in view.parts),
            needs_signatory=view.signatory_open,
            address=next(
                (one for one in view.differences if kind.takes_address and one.what == f"{kind.about}.email"), None
            ),
            capacities=[{"value": one.value, "text": words(said)} for one, said in CAPACITIES.items()],
            source_kinds=[{"value": one.value, "text": words(said)} for one, said in SOURCE_KINDS.items()],
            me=principal.username,
            reviewer=reviewer,
        ),
        problems=problems,
        here=f"/review/{view.reference}",
    )


def typed_in(values: Mapping[str, str]) -> list[str]:
    """Return the texts of their own that somebody typed into a form of the case, as the form that was sent has them."""
    return [text for name in ("source", "how", "reason") if (text := values.get(name, ""))]


def _held(session: Session, words: Words, view: CaseView, names: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {
            "section": names.get(one.section, one.section),
            "level": words(RIGHTS[one.level]),
            "place": institutions.scope_name(session, institutions.scope_by_code(session, one.scope))
            or words("The whole state"),
            "until": words.date(one.until) if one.until else "",
        }
        for one in view.held
    ]


def _trouble(session: Session, words: Words, view: CaseView) -> TroubleWords:
    if view.account is None or not view.account_pending:
        return TroubleWords()
    return trouble_in_words(words, view.account, last_projection_failure(session, view.account.id))


def _signature(words: Words, view: CaseView, part: str) -> object:
    if part not in view.proofs:
        return None
    report, signature = view.proofs[part]
    return signatures_of(words, report, to=Reader.REVIEWER)[report.signatures.index(signature)]


def _pictures(session: Session, words: Words, application: Application, *, sees_files: bool) -> list[Pictures]:
    """Return pictures of our forms and, for whoever is shown files as they came, of those a person must read."""
    forms = {one.sha256: names_of(words, application).parts[one.part] for one in application.documents if one.made}
    shown = [Pictures(title, sha256, _drawn(session, sha256), recorded=False) for sha256, title in forms.items()]
    asked = [one.decided_at for one in application.decisions if one.kind is DecisionKind.MORE_REQUESTED]
    for upload in application.uploads if sees_files else ():
        if upload.sha256 in forms or not _to_read(upload, max(asked, default=None)):
            continue
        if drawn := _drawn(session, upload.sha256):
            shown.append(Pictures(short_name(upload.name), upload.sha256, drawn, recorded=True))
    return shown


def _to_read(upload: Upload, asked_at: datetime | None) -> bool:
    """Say whether a person has to read the file: no machine settled it, or it answers what was asked for."""
    found = {Found(finding["standing"]) for finding in upload.findings}
    answers = asked_at is not None and upload.received_at >= asked_at
    return bool(found & {Found.NEEDS_PERSON, Found.ATTACHED}) or (answers and Found.PROVEN not in found)


def _drawn(session: Session, sha256: str) -> tuple[int, ...]:
    numbers = select(DocumentPage.number).where(DocumentPage.sha256 == sha256).order_by(DocumentPage.number)
    return tuple(session.scalars(numbers))


def history_in_words(
    words: Words, kind: Kind, events: Sequence[Event], *, names: Mapping[str, str]
) -> list[dict[str, str]]:
    """Put what happened into words; only staff are named. `names` says how sections are called."""
    return [
        {
            "when": words.second(event.at),
            "what": event_word(words, kind, event),
            "who": event.actor.partition(":")[2] if event.actor.startswith("staff:") else "",
            "how": _how(words, event, names),
        }
        for event in events
    ]


def _how(words: Words, event: Event, names: Mapping[str, str]) -> str:
    if event.tag is not GrantTag.ENDED:
        return str(event.details.get("how", ""))
    cause, day = event.details["cause"], event.details["last_day"]
    section = str(event.details["section"])
    said = [names.get(section, section)]
    said.append(
        words("last day %(day)s", day=words.date(day)) if isinstance(day, date) else words("before its first day")
    )
    if isinstance(cause, EndCause):
        said.append(words(CAUSES[cause]))
    return ", ".join(said)
