"""What a reviewer sees of a case: pictures of the pages, data, signatures, files, history, and what they may do now."""

from collections.abc import Mapping

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from iam.periods import riga_day
from workflows import clock, policy
from workflows.application import prefilled, service
from workflows.application.kinds.registry import facts_of, kind_of
from workflows.application.models import Application
from workflows.application.parties import signed_at
from workflows.application.queue import workdays
from workflows.application.review_views import CaseView
from workflows.application.states import ALL_SIGNED, OPEN, State
from workflows.application.tags import ApplicationTag
from workflows.evidence.names import short_name
from workflows.i18n import Words
from workflows.principal import Principal
from workflows.proposals import service as proposals
from workflows.rights.projection import last_projection_failure
from workflows.signed_forms.messages import Reader
from workflows.signed_forms.states import Standing
from workflows.staff import Role
from workflows.web.http.errors import Problem
from workflows.web.identity.access_table import sees_files
from workflows.web.pages.reviewers.case_pictures import files_to_read, pictures_of
from workflows.web.pages.reviewers.case_verdict import verdict_of
from workflows.web.pages.reviewers.contexts import ReviewCasePage
from workflows.web.pages.reviewers.reviewer import as_reviewer
from workflows.web.pages.reviewers.right_rows import RightRows
from workflows.web.site import site_of, typed_elsewhere, words_of
from workflows.web.words.dates import period_in_words
from workflows.web.words.history import History, history_in_words
from workflows.web.words.kinds import difference_in_words, names_of, stated_in_words
from workflows.web.words.pending import TroubleWords, trouble_in_words
from workflows.web.words.proposals import proposals_about
from workflows.web.words.rights import rights_word
from workflows.web.words.sections import catalogue_names
from workflows.web.words.verdicts import reasons_in_words, signatures_of, standing_word, upload_in_words
from workflows.web.words.vocabulary import (
    CAPACITIES,
    DECISIONS,
    SOURCE_KINDS,
    SOURCES,
    STATES,
)

__all__ = ["DECIDABLE", "show_case", "typed_in"]

DECIDABLE = frozenset({State.IN_REVIEW, State.MORE_REQUESTED})

# Fields of the decision's form: where one is to be corrected or was kept, the form stands open.
_OF_THE_DECISION = frozenset(
    {
        *("decision", "reason", "address", "address_reason", "name_reason"),
        *("capacity", "signs_since", "signs_until", "source_kind", "source"),
    }
)
# Those of them that are empty until somebody writes into them.
_WRITTEN = ("reason", "address_reason", "name_reason", "capacity", "signs_since", "signs_until", "source")
_TABS = ("data", "signatures", "files", "notes", "history")


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
    # Sections are named with rights alone, and without an account there are none.
    names = {} if view.account is None else catalogue_names(session, words, on=riga_day(clock.now()))
    closed = view.state not in OPEN
    outcome, presented = _outcome(session, words, application, view)
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
            rights_word=rights_word(words, view.given)[0],
            rights_tone=rights_word(words, view.given)[1],
            tab=tab if tab in _TABS else _TABS[0],
            verdict=verdict_of(words, application, view, called=called, to_read=files_to_read(application)),
            deciding=bool(_OF_THE_DECISION & {*(one.field for one in problems), *(values or {})})
            or any(typed_elsewhere(request).get(name) for name in _WRITTEN),
            stated=stated,
            kind=words(kind.texts.name),
            urgent=kind.urgent and view.state in ALL_SIGNED,
            others=[
                {
                    "reference": one.reference,
                    "kind": words(one.kind),
                    "institution": one.applicant_name,
                    "state": words(STATES[one.state][0]),
                    "tone": STATES[one.state][1],
                }
                for one in view.others
            ],
            outcome_heading=words(kind.texts.outcome) if kind.texts.outcome else "",
            outcome=outcome,
            presented=presented,
            approve=words(kind.texts.approve),
            proposed_text=words(kind.texts.proposed),
            filled_in=_filled_in(session, words, application),
            order_said=view.order_said.in_words(words),
            codes={
                **{role: person.personal_code for role, person in view.stated.people.items()},
                **(revealed or {}),
            },
            revealed=revealed or {},
            shown_of=", ".join(view.stated.people[role].name for role in revealed or {}),
            may_reveal=reviewer,
            parts=[
                {
                    "part": one.part,
                    "title": called.parts[one.part],
                    "word": standing_word(words, one.standing, closed=closed)[0],
                    "tone": standing_word(words, one.standing, closed=closed)[1],
                    "stated": one.signer_stated,
                    "signer": one.signer_name,
                    "signed_at": words.moment(one.signed_at) if one.signed_at else "",
                    "notes": reasons_in_words(words, one.notes, to=Reader.REVIEWER, closed=closed),
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
                    "days": period_in_words(words, one.since, one.until),
                    "source": f"{words(SOURCE_KINDS[one.source_kind])}: {one.source}",
                    "on_the_day": one.on_the_day,
                }
                for one in view.signatories
            ],
            files=[
                upload_in_words(words, one, one.report, names=called, to=Reader.REVIEWER, closed=closed)
                for one in reversed(view.uploads)
            ],
            pictures=pictures_of(session, words, application, sees_files=sees_files(principal) and not own),
            sees_files=sees_files(principal) and not own,
            history=history_in_words(
                History(words, kind, called, names, view.uploads, closed=closed, staff=True), view.history
            ),
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
            open=not closed,
            age=workdays(riga_day(view.in_review_at or view.submitted_at), riga_day(clock.now())),
            late=policy.on(session, clock.now()).decision_overdue,
            rights=_rights(session, words, view, names),
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
            otherwise=view.otherwise,
            capacities=[{"value": one.value, "text": words(said)} for one, said in CAPACITIES.items()],
            source_kinds=[{"value": one.value, "text": words(said)} for one, said in SOURCE_KINDS.items()],
            me=principal.username,
            reviewer=reviewer,
            colleagues=_colleagues(session, words, principal) if reviewer and mine and view.state in DECIDABLE else [],
            notes=[
                {"by": one.by, "when": words.moment(one.at), "text": one.text}
                for one in (service.notes_of(session, application) if tab == "notes" and not own else ())
            ],
            notes_written=sum(one.tag is ApplicationTag.NOTED for one in view.history),
            may_note=bool({Role.REVIEWER, Role.APPROVER} & principal.roles) and not own,
        ),
        problems=problems,
        here=f"/review/{view.reference}" if tab == _TABS[0] else f"/review/{view.reference}?tab={tab}",
    )


def _filled_in(session: Session, words: Words, application: Application) -> Mapping[str, str] | None:
    """Name the order because of which the application was filled in, with its page."""
    order = prefilled.because_of(session, application)
    if order is None:
        return None
    said = words(
        "%(reference)s, %(law)s, from %(day)s",
        reference=order.reference,
        law=order.legal_basis,
        day=words.date(order.effective),
    )
    return {"text": said, "address": f"/reorganise/{order.id}"}


def _colleagues(session: Session, words: Words, principal: Principal) -> list[dict[str, str]]:
    """Offer whom the case can be handed over to; nothing where there is nobody."""
    others = service.colleagues_of(session, as_reviewer(principal))
    named = [{"value": one.username, "text": f"{one.name} ({one.username})"} for one in others]
    return [{"value": "", "text": words("Choose")}, *named] if named else []


def _outcome(
    session: Session, words: Words, application: Application, view: CaseView
) -> tuple[list[dict[str, str]], str]:
    """Say what approving would do now, where the kind has that shown, and give the digest of it."""
    kind = kind_of(application)
    if not kind.texts.outcome or view.state not in OPEN:
        return [], ""
    presented = kind.presented(
        session,
        facts_of(application),
        view.account,
        signed_at=signed_at(application),
        keep_address="",
        at=clock.now(),
    )
    # Where nothing would change, the last fact says so.
    changes = [one for one in presented.facts if one.was] or presented.facts[-1:]
    rows = [
        {"label": one.label.in_words(words), "was": one.was.in_words(words), "will": one.will.in_words(words)}
        for one in changes
    ]
    return rows, presented.digest


def typed_in(values: Mapping[str, str]) -> list[str]:
    """Return the texts of their own that somebody typed into a form of the case, as the form that was sent has them."""
    wanted = ("source", "how", "reason", "address_reason", "name_reason", "note")
    return [text for name, text in values.items() if text and name.partition(".")[0] in wanted]


def _rights(session: Session, words: Words, view: CaseView, sections: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """List the person's rights by how they stand today; what is empty is not said, but that nothing is held now is."""
    found = [(words("Held now"), view.rights.held)]
    found += [
        (title, rights)
        for title, rights in ((words("Begin later"), view.rights.later), (words("Over"), view.rights.over))
        if rights
    ]
    shown = RightRows(session, words, (one for _, rights in found for one in rights), sections)
    return [(title, [shown.line(one) for one in rights]) for title, rights in found]


def _trouble(session: Session, words: Words, view: CaseView) -> TroubleWords:
    if view.account is None or not view.account_pending:
        return TroubleWords()
    return trouble_in_words(words, view.account, last_projection_failure(session, view.account.id))


def _signature(words: Words, view: CaseView, part: str) -> object:
    if part not in view.proofs:
        return None
    report, signature = view.proofs[part]
    return signatures_of(words, report, to=Reader.REVIEWER)[report.signatures.index(signature)]
