"""Follow an application: how it stands, what is to be done now, the documents to sign, and their uploading.

Who opens a mailed link sees the application in one party's eyes. Without a link nothing is shown, whether the number
exists or not.
"""

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from iam.audit import Door
from workflows import clock
from workflows.application import service
from workflows.application.errors import BadReference, NoSuchApplication, NotNow
from workflows.application.kinds.registry import required_of
from workflows.application.links import PartyLink
from workflows.application.models import Application
from workflows.application.views import offered, progress_of
from workflows.database import snapshot, transaction
from workflows.evidence import quotas
from workflows.evidence import service as evidence
from workflows.signed_forms.models import RequiredDocument
from workflows.signed_forms.references import parse_reference
from workflows.web.http.attachments import attachment
from workflows.web.http.errors import Problem
from workflows.web.http.forms import PostedFile, PostedForm
from workflows.web.http.limits import LONGEST_ADDRESS, too_large, too_long
from workflows.web.http.rates import count_or_refuse, network_of
from workflows.web.identity.link_keys import key_for, remember
from workflows.web.pages.applicants.contexts import TrackAskPage, TrackLockedPage
from workflows.web.pages.applicants.tracked import not_awaited, nothing_in, opened, standing
from workflows.web.site import site_of, words_of

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
            link = opened(request, session, normal)
        except NoSuchApplication:
            return _locked(request, session, normal, key_for(site.cookies, request, normal) or "")
        if request.headers.get("if-none-match") == _tag(link.application):
            return Response(status_code=304)  # our script, while a file is being judged (progress.mjs)
        return standing(request, session, link, same=same)


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
        link = opened(request, session, reference)
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
    file = form.file("file")
    with transaction(site.sessions) as session:
        # Counted apart: the count is held until its transaction's end, and a large file is long in coming in.
        known = opened(request, session, reference).application
        count_or_refuse(session, request, f"upload {known.reference}", most=_MOST_UPLOADS, at=clock.now())
    if file is not None and file.size and not too_large(words, file, limit=site.settings.upload_max_mb):
        with transaction(site.sessions) as session:
            quotas.count(session, quotas.Use.APPLICATION, network_of(request), file.size, at=clock.now())
    try:
        with transaction(site.sessions) as session:
            link = opened(request, session, reference)
            problem = nothing_in(words, file) or too_large(words, file, limit=site.settings.upload_max_mb)
            if problem is not None or file is None:
                return standing(request, session, link, problems=(problem,) if problem else ())
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
        return not_awaited(request, reference)
    return RedirectResponse(target, status_code=303)


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
