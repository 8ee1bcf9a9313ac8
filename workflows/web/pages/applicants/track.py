"""Follow an application: how it stands, what is to be done now, the documents to sign, and their uploading.

Who opens a mailed link sees the application in one party's eyes. Without a link nothing is shown, whether the number
exists or not.
"""

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from iam.audit import Door
from workflows import clock
from workflows.application import service
from workflows.application.deadlines import decided_within
from workflows.application.errors import BadReference, NoSuchApplication, NotNow
from workflows.application.kinds.kind import Kind
from workflows.application.kinds.registry import kind_of, required_of
from workflows.application.links import PartyLink
from workflows.application.models import Application
from workflows.application.states import OPEN
from workflows.application.tags import ApplicationTag
from workflows.application.views import Event, PartView, offered, progress_of
from workflows.database import snapshot, transaction
from workflows.evidence import quotas
from workflows.evidence import service as evidence
from workflows.evidence.names import short_name
from workflows.i18n import Words
from workflows.logging import mask
from workflows.signed_forms.models import RequiredDocument
from workflows.signed_forms.references import parse_reference
from workflows.signed_forms.states import Standing
from workflows.web.http.attachments import attachment
from workflows.web.http.errors import Problem
from workflows.web.http.forms import PostedFile, PostedForm
from workflows.web.http.limits import LONGEST_ADDRESS, text_problems, too_large, too_long
from workflows.web.http.rates import count_or_refuse, network_of
from workflows.web.identity.link_keys import key_for, remember
from workflows.web.pages.applicants.contexts import ClosedPage, PartWords, TrackAskPage, TrackLockedPage, TrackPage
from workflows.web.site import site_of, words_of
from workflows.web.words.kinds import event_word, names_of, stated_in_words
from workflows.web.words.verdicts import reasons_in_words, standing_word, upload_in_words
from workflows.web.words.vocabulary import STATES, Tone

__all__ = ["routes"]

routes = APIRouter(include_in_schema=False)

_MOST_LINKS = 20  # in ten minutes from one network: a whole school sits behind one address
_MOST_UPLOADS = 60  # in ten minutes from one network, for one application


@routes.get("/track")
def ask(request: Request) -> Response:
    """Ask for the reference number."""
    return site_of(request).page(request, TrackAskPage(values={"reference": ""}))


@routes.post("/track")
def asked(request: Request, form: PostedForm) -> Response:
    """Lead to the application, once the number is one at all."""
    typed = form.get("reference")
    try:
        return RedirectResponse(f"/track/{parse_reference(typed)}", status_code=303)
    except BadReference:
        words = words_of(request)
        sentence = (
            words("Check the number: it has 12 letters and digits, like 3HXM-97QA-KD6C")
            if typed
            else words("Enter the reference number")
        )
        return site_of(request).page(
            request, TrackAskPage(values={"reference": typed}), problems=(Problem("reference", sentence),)
        )


@routes.get("/track/{reference}")
def follow(request: Request, reference: str, key: str = "", same: int = 0) -> Response:
    """Show the application to whoever holds a link to it."""
    site = site_of(request)
    try:
        normal = parse_reference(reference)
    except BadReference:
        raise HTTPException(404) from None
    if key:
        with snapshot(site.sessions) as session:
            # A key that opens nothing must not replace one in the cookie that does.
            good = service.opens(session, normal, key)
            if not good and not service.opens(session, normal, key_for(site.cookies, request, normal) or ""):
                return _locked(request, session, normal, key)
        # Out of the address at once, and into this browser's keeping.
        response = RedirectResponse(f"/track/{normal}", status_code=303)
        site.remember_language(request, response)  # a mail's link opens in the mail's language
        if good:
            remember(site.cookies, response, normal, key)
        return response
    with snapshot(site.sessions) as session:
        try:
            link = _opened(request, session, normal)
        except NoSuchApplication:
            return _locked(request, session, normal, key_for(site.cookies, request, normal) or "")
        if request.headers.get("if-none-match") == _tag(link.application):
            return Response(status_code=304)  # our script, while a file is being judged (progress.mjs)
        return _standing(request, session, link, same=same)


@routes.post("/track/{reference}/link")
def link_again(request: Request, reference: str, form: PostedForm) -> Response:
    """Mail a new link to whoever has lost theirs; the same answer whether anything was mailed.

    With the `mark` of a link that opens nothing it goes to the mailbox of that link, else to the address typed.
    """
    site, words, at = site_of(request), words_of(request), clock.now()
    try:
        normal = parse_reference(reference)
    except BadReference:
        raise HTTPException(404) from None
    email, mark = form.get("email"), service.mark_of(form.get("mark"))
    if not mark and "@" not in email:
        problem = Problem("email", words("Enter an e-mail address, like name@school.lv"))
        page = TrackLockedPage(reference=normal, values={"email": email})
        return site.page(request, page, problems=(problem,), here=f"/track/{normal}")
    if not mark and (problems := too_long(words, {"email": email}, email=LONGEST_ADDRESS)):
        page = TrackLockedPage(reference=normal, values={"email": email})
        return site.page(request, page, problems=problems, here=f"/track/{normal}")
    with transaction(site.sessions) as session:
        count_or_refuse(session, request, "link", most=_MOST_LINKS, at=at)
        if mark:
            service.ask_for_same_mailbox(session, normal, mark)
        else:
            service.ask_for_link(session, normal, email)
    page = TrackLockedPage(reference=normal, asked="same" if mark else "address", values={"email": ""})
    return site.page(request, page, here=f"/track/{normal}")


@routes.get("/track/{reference}/{part}.pdf")
def document(request: Request, reference: str, part: str) -> Response:
    """Hand out a document that is to be signed, byte for byte as we made it, to a party who may read all of it."""
    site = site_of(request)
    with snapshot(site.sessions) as session:
        link = _opened(request, session, reference)
        if part not in offered(link.application, link.party):
            raise NoSuchApplication  # as if there were none: it names another person's code
        form = _form(link, part)
        names = {one.part: one.file_name for one in required_of(link.application)}
        name = f"{names[part]}-{form.request.reference}.pdf"
        content = evidence.read(session, form.sha256)
    return Response(content, media_type="application/pdf", headers=attachment(name))


@routes.post("/track/{reference}/upload")
def upload(request: Request, reference: str, form: PostedFile) -> Response:
    """Keep the file and have it judged; the result is read on the status page."""
    site, words = site_of(request), words_of(request)
    file = form.files.get("file")
    with transaction(site.sessions) as session:
        # Counted apart: the count is held until its transaction's end, and a large file is long in coming in.
        known = _opened(request, session, reference).application
        count_or_refuse(session, request, f"upload {known.reference}", most=_MOST_UPLOADS, at=clock.now())
    if file is not None and file.size and not too_large(words, file, limit=site.settings.upload_max_mb):
        with transaction(site.sessions) as session:
            quotas.count(session, quotas.Use.APPLICATION, network_of(request), file.size, at=clock.now())
    try:
        with transaction(site.sessions) as session:
            link = _opened(request, session, reference)
            problem = _nothing_in(words, file) or too_large(words, file, limit=site.settings.upload_max_mb)
            if problem is not None or file is None:
                return _standing(request, session, link, problems=(problem,) if problem else ())
            received = service.upload(
                session,
                link.application,
                file.file,
                name=file.filename or "?",
                party=link.party,
                door=Door.WEB,
                at=clock.now(),
            )
            again = f"?same={received.upload.id}" if received.again else ""
            # No fragment: a browser without JavaScript would not renew the page then.
            target = f"/track/{link.application.reference}{again}"
    except NotNow:
        return _not_awaited(request, reference)
    return RedirectResponse(target, status_code=303)


@routes.post("/track/{reference}/answer")
def answer(request: Request, reference: str, form: PostedForm) -> Response:
    """Keep an answer in words to what the ministry asked."""
    site, words, at = site_of(request), words_of(request), clock.now()
    said = form.get("answer")
    try:
        with transaction(site.sessions) as session:
            link = _opened(request, session, reference)
            problems = text_problems(words, {"answer": said}, answer=service.LONGEST_ANSWER)
            if not said:
                problems = (Problem("answer", words("Write the answer")),)
            if problems:
                return _standing(request, session, link, problems=problems, answer=said)
            service.answer(
                session,
                link.application,
                said,
                party=link.party,
                door=Door.WEB,
                base_url=site.settings.base_url,
                at=at,
            )
            target = f"/track/{link.application.reference}"
    except NotNow:
        return _not_awaited(request, reference)
    return RedirectResponse(target, status_code=303)


def _not_awaited(request: Request, reference: str) -> Response:
    """Say that the file came when nothing was asked for, and lead back to how the application stands."""
    site, words = site_of(request), words_of(request)
    with snapshot(site.sessions) as session:
        application = _opened(request, session, reference).application
        open_ = application.state in OPEN
    return site.page(
        request,
        ClosedPage(
            title=words("No file is awaited now"),
            sentences=(
                words(
                    "Everything needed is here already, and the application is being decided. This file was not kept."
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


def _nothing_in(words: Words, file: UploadFile | None) -> Problem | None:
    if file is None or not file.filename:
        return Problem("file", words("Choose the signed file first"))
    if file.size == 0:
        return Problem(
            "file",
            words("The file “%(name)s” is empty: save the signed document again", name=short_name(file.filename)),
        )
    return None


def _locked(request: Request, session: Session, reference: str, key: str) -> Response:
    """Say that the number alone opens nothing, or that this `key` does not, and offer a new link."""
    page = TrackLockedPage(
        reference=reference,
        dead=bool(key),
        ended=bool(key) and service.has_ended(session, reference, key),
        mark=service.mark_of(key),
        values={"email": ""},
    )
    return site_of(request).page(request, page, status=403, here=f"/track/{reference}")


def _opened(request: Request, session: Session, reference: str) -> PartyLink:
    """Find the link this browser holds; raises NoSuchApplication, whatever is wrong."""
    try:
        normal = parse_reference(reference)
    except BadReference:
        raise NoSuchApplication from None
    return service.open_link(session, normal, key_for(site_of(request).cookies, request, normal) or "")


def _tag(application: Application) -> str:
    """Give the entity tag (RFC 9110 §8.8.3) of what the page shows; every attempt at judging makes a new one."""
    return f'W/"{progress_of(application)}"'


def _form(link: PartyLink, part: str) -> RequiredDocument:
    try:
        document = link.application.document(part)
    except KeyError:
        raise NoSuchApplication from None
    if document.made is None:
        raise NoSuchApplication
    return document


def _standing(
    request: Request,
    session: Session,
    link: PartyLink,
    *,
    problems: tuple[Problem, ...] = (),
    same: int = 0,
    answer: str = "",
) -> Response:
    site, words = site_of(request), words_of(request)
    view = service.tracking_view(session, link.application, link.party)
    reports = evidence.reports(session, (one.verification_id for one in view.uploads))
    called = names_of(words, link.application)
    kind = kind_of(link.application)
    stated, texts = stated_in_words(session, words, kind, view.stated), kind.texts
    files = [
        upload_in_words(words, one, reports.get(one.verification_id), names=called) for one in reversed(view.uploads)
    ]
    parts = [_part(words, part, title=called.parts[part.part], mine=part.part in view.mine) for part in view.parts]
    word, tone = STATES[view.state]
    last = view.decisions[-1] if view.decisions else None
    return site.page(
        request,
        TrackPage(
            view=view,
            values={"answer": answer},
            state=view.state.value,
            word=words(word),
            tone=tone,
            stated=stated,
            received=words(texts.received, within=decided_within(session, words, at=clock.now())),
            approved=words(texts.approved_pending if view.account_pending else texts.approved),
            withheld=words(texts.withheld),
            sign_several=words(texts.sign_several),
            upload_hint=words(texts.upload_hint, limit=site.settings.upload_max_mb),
            mine_to_sign=view.signs,
            parts=parts,
            files=files,
            checking=any(file.checking for file in files),
            mine_open=[part for part in parts if part.mine and part.tone != Tone.OK],
            others_open=[part for part in parts if not part.mine and part.tone != Tone.OK],
            reason=last.reason if last and last.kind.value == view.state.value else "",
            timeline=[(words.moment(event.at), _happened(words, kind, event)) for event in view.timeline],
            limit=site.settings.upload_max_mb,
            same=next((file.name for file in files if file.id == same), ""),
        ),
        problems=problems,
        here=f"/track/{view.reference}",
    )


def _happened(words: Words, kind: Kind, event: Event) -> str:
    answered = str(event.details.get("how", "")) if event.tag is ApplicationTag.ANSWERED else ""
    said = event_word(words, kind, event)
    return f"{said}: {mask(answered)}" if answered else said


def _part(words: Words, part: PartView, *, title: str, mine: bool) -> PartWords:
    word, tone = standing_word(words, part.standing)
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
        reasons=reasons_in_words(words, part.notes) if part.standing is Standing.NEEDS_PERSON else (),
    )
