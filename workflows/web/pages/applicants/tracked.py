"""How an application stands in one party's eyes: the page that following, uploading and answering lead back to."""

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.datastructures import UploadFile
from starlette.responses import Response

from iam.grants.tags import GrantTag
from iam.periods import riga_day
from workflows import clock
from workflows.application import service
from workflows.application.deadlines import decided_within
from workflows.application.errors import BadReference, NoSuchApplication
from workflows.application.kinds.registry import facts_of, kind_of
from workflows.application.links import PartyLink
from workflows.application.models import Application
from workflows.application.states import OPEN
from workflows.application.views import PartView, TrackingView
from workflows.database import snapshot
from workflows.evidence import service as evidence
from workflows.evidence.names import short_name
from workflows.i18n import Words
from workflows.signed_forms.references import parse_reference
from workflows.signed_forms.states import Standing
from workflows.web.http.errors import Problem
from workflows.web.http.forms import MOST_FILES
from workflows.web.identity.link_keys import key_for
from workflows.web.pages.applicants.contexts import ClosedPage, PartWords, TrackPage
from workflows.web.site import site_of, words_of
from workflows.web.words.history import History, history_in_words
from workflows.web.words.kinds import names_of, stated_in_words
from workflows.web.words.rights import rights_sentences, rights_word
from workflows.web.words.sections import catalogue_names
from workflows.web.words.verdicts import old_refusals, reasons_in_words, standing_word, upload_in_words
from workflows.web.words.vocabulary import STATES, Tone

__all__ = ["not_awaited", "nothing_in", "opened", "standing"]


def opened(request: Request, session: Session, reference: str) -> PartyLink:
    """Find the link this browser holds; raises NoSuchApplication, whatever is wrong."""
    try:
        normal = parse_reference(reference)
    except BadReference:
        raise NoSuchApplication from None
    return service.open_link(session, normal, key_for(site_of(request).cookies, request, normal) or "")


def not_awaited(request: Request, reference: str) -> Response:
    """Say that the file came when nothing was asked for, and lead back to how the application stands."""
    site, words = site_of(request), words_of(request)
    with snapshot(site.sessions) as session:
        application = opened(request, session, reference).application
        open_ = application.state in OPEN
    return site.page(
        request,
        ClosedPage(
            title=words("No file is awaited now"),
            sentences=(
                words(
                    "Everything needed has already arrived, and the application is being decided. This file was not "
                    "kept."
                )
                if open_
                else words("The application is closed. This file was not kept."),
                words("If the ministry needs something more, it writes to you, and you can upload it then.")
                if open_
                else words("If the rights are still needed, send a new application."),
            ),
            address=f"/track/{application.reference}",
            leads_to=words("Open the application"),
        ),
        status=409,
        here=f"/track/{application.reference}",
    )


def nothing_in(words: Words, file: UploadFile | None) -> Problem | None:
    """Say that no file was chosen, or an empty one; None where one was."""
    if file is None or not file.filename:
        return Problem("file", words("Choose the signed file first"))
    if file.size == 0:
        return Problem(
            "file",
            words("The file “%(name)s” is empty: save the signed document again", name=short_name(file.filename)),
        )
    return None


def standing(
    request: Request,
    session: Session,
    link: PartyLink,
    *,
    problems: tuple[Problem, ...] = (),
    same: int = 0,
    answer: str = "",
    status: int = 200,
) -> Response:
    """Answer with the page; `same` is the number of a file that was there already, `answer` what was typed.

    `status` as for `Site.page`.
    """
    site, words = site_of(request), words_of(request)
    view = service.tracking_view(session, link.application, link.party, at=clock.now())
    reports = evidence.reports(session, (one.verification_id for one in view.uploads))
    called, closed = names_of(words, link.application), view.state not in OPEN
    kind = kind_of(link.application)
    stated, texts = stated_in_words(session, words, kind, view.stated), kind.texts
    files = [
        upload_in_words(words, one, reports.get(one.verification_id), names=called, closed=closed)
        for one in reversed(view.uploads)
    ]
    old = old_refusals(view.uploads)
    parts = [
        _part(words, part, title=called.parts[part.part], mine=part.part in view.mine, closed=closed)
        for part in view.parts
    ]
    word, tone = STATES[view.state]
    ended = any(event.tag is GrantTag.ENDED for event in view.timeline)
    sections = catalogue_names(session, words, on=riga_day(clock.now())) if ended else {}
    happened = History(words, kind, called, sections, view.uploads, closed=closed, staff=False)
    last = view.decisions[-1] if view.decisions else None
    return site.page(
        request,
        TrackPage(
            view=view,
            values={"answer": answer or view.answer_draft},
            state=view.state.value,
            word=words(word),
            tone=tone,
            stated=stated,
            received=words(texts.received, within=decided_within(session, words, at=clock.now())),
            withheld=words(texts.withheld),
            sign_several=words(texts.sign_several),
            upload_hint=words(texts.upload_hint, limit=site.settings.upload_max_mb),
            mine_to_sign=view.signs,
            parts=parts,
            files=[file for file in files if file.id not in old],
            old_files=[file for file in files if file.id in old],
            rights_word=rights_word(words, view.rights),
            outcome=rights_sentences(words, view.rights, pending=view.account_pending, told=view.user_told)
            or [_approved(words, link.application, view)],
            closed=closed,
            checking=any(file.checking for file in files),
            mine_open=[part for part in parts if part.mine and part.tone != Tone.OK],
            others_open=[part for part in parts if not part.mine and part.tone != Tone.OK],
            reason=last.reason if last and last.kind.value == view.state.value else "",
            timeline=history_in_words(happened, view.timeline),
            limit=site.settings.upload_max_mb,
            most_files=MOST_FILES,
            answering=[file for file in files if file.id in view.answering],
            same=next((file.name for file in files if file.id == same), ""),
            order_said=view.order_said.in_words(words),
        ),
        problems=problems,
        status=status,
        here=f"/track/{view.reference}",
    )


def _approved(words: Words, application: Application, view: TrackingView) -> str:
    """Say what an approval that gave no rights did."""
    texts = kind_of(application).texts
    decided = riga_day(view.decisions[-1].decided_at) if view.decisions else None
    if decided is not None and kind_of(application).ends_at_once(facts_of(application), on=decided):
        return words(texts.ended_at_once, day=words.date(decided))
    return words(texts.approved_pending if view.account_pending else texts.approved)


def _part(words: Words, part: PartView, *, title: str, mine: bool, closed: bool) -> PartWords:
    word, tone = standing_word(words, part.standing, closed=closed)
    signed = ""
    if part.standing is Standing.PROVEN and part.signed_at is not None:
        word = words("Signed")
        signed = words("Signed by %(name)s, %(when)s", name=part.signer_name or "", when=words.moment(part.signed_at))
    return PartWords(
        part=part.part,
        title=title,
        signer=part.signer_stated,
        word=word,
        tone=tone,
        signed=signed,
        mine=mine,
        # What only a reviewer can settle is not the applicant's to read as a fault of theirs.
        reasons=reasons_in_words(words, part.notes) if part.standing is Standing.NEEDS_PERSON and not closed else (),
    )
