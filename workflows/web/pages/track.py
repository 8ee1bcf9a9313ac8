"""Follow an application: how it stands, what is to be done now, the documents to sign, and their uploading.

Who opens a mailed link sees the application in one party's eyes. Without a link nothing is shown, whether the number
exists or not.
"""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from iam.people.rules import mask
from workflows import clock
from workflows.application import links, uploads
from workflows.application.errors import BadReference, NoSuchApplication, NotNow
from workflows.application.kinds import DecisionKind
from workflows.application.models import Application, ApplicationForm, PartyLink
from workflows.application.references import parse_reference
from workflows.application.stated import Stated
from workflows.application.states import Part, Party, Standing, State
from workflows.database import transaction
from workflows.evidence import service as evidence
from workflows.evidence.models import Verification
from workflows.i18n import Words
from workflows.i18n import later as _
from workflows.web._door import door_of, words_of
from workflows.web._errors import Problem
from workflows.web._forms import PostedForm
from workflows.web._keys import key_for, remember
from workflows.web._verdicts import FileWords, Tone, reasons_in_words, standing_word, upload_in_words
from workflows.web.pages.apply import BASES, LEVELS

__all__ = ["PARTS", "STATES", "routes", "timeline"]

routes = APIRouter(include_in_schema=False)

PARTS = {Part.APPLICATION.value: _("Application"), Part.LETTER.value: _("Commitment letter")}

STATES = {
    State.DRAFT: (_("Draft"), Tone.PLAIN),
    State.AWAITING_SIGNATURES: (_("Waiting for signatures"), Tone.WAIT),
    State.IN_REVIEW: (_("Being decided"), Tone.WAIT),
    State.MORE_REQUESTED: (_("Something more is needed"), Tone.WAIT),
    State.APPROVED: (_("Approved"), Tone.OK),
    State.REFUSED: (_("Refused"), Tone.BAD),
    State.WITHDRAWN: (_("Withdrawn"), Tone.PLAIN),
    State.EXPIRED: (_("Expired"), Tone.PLAIN),
}

_ACCEPTING = frozenset({State.AWAITING_SIGNATURES, State.MORE_REQUESTED})
_MAY_SIGN = {
    Party.HEAD: frozenset({Part.APPLICATION}),
    Party.USER: frozenset({Part.LETTER}),
    Party.APPLICANT: frozenset(Part),
}
_FILE_NAMES = {Part.APPLICATION: "iesniegums", Part.LETTER: "saistibu-raksts"}


@dataclass(frozen=True, slots=True)
class PartWords:
    """One of the two documents: whose signature, and how far."""

    part: Part
    title: str
    signer: str
    word: str
    tone: str
    signed: str
    mine: bool
    reasons: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, for the timeline."""

    at: datetime
    when: str
    what: str


@routes.get("/track")
def ask(request: Request) -> Response:
    """Ask for the reference number."""
    return door_of(request).page(request, "track_ask.html", values={"reference": ""})


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
        return door_of(request).page(
            request, "track_ask.html", problems=(Problem("reference", sentence),), values={"reference": typed}
        )


@routes.get("/track/{reference}")
def follow(request: Request, reference: str, key: str = "", same: int = 0) -> Response:
    """Show the application to whoever holds a link to it."""
    door = door_of(request)
    try:
        normal = parse_reference(reference)
    except BadReference:
        raise HTTPException(404) from None
    if key:
        # Out of the address at once, and into this browser's keeping.
        response = RedirectResponse(f"/track/{normal}", status_code=303)
        remember(door.cookies, response, normal, key)
        return response
    with transaction(door.sessions) as session:
        try:
            link = _opened(request, session, normal)
        except NoSuchApplication:
            return door.page(request, "track_locked.html", status=403, reference=normal)
        return _standing(request, session, link, same=same)


@routes.get("/track/{reference}/{part}.pdf")
def document(request: Request, reference: str, part: Part) -> Response:
    """Hand out the document that is to be signed, byte for byte as we made it."""
    door = door_of(request)
    with transaction(door.sessions) as session:
        form = _form(_opened(request, session, reference), part)
        name = f"{_FILE_NAMES[part]}-{form.application.reference}.pdf"
        content = evidence.read(session, form.sha256)
    return Response(
        content, media_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@routes.post("/track/{reference}/upload")
def upload(request: Request, reference: str, form: PostedForm) -> Response:
    """Keep the file and have it judged; the result is read on the status page."""
    door, words = door_of(request), words_of(request)
    file = form.files.get("file")
    with transaction(door.sessions) as session:
        link = _opened(request, session, reference)
        problem = _nothing_in(words, file)
        if problem is not None or file is None:
            return _standing(request, session, link, problems=(problem,) if problem else ())
        received = uploads.upload(
            session,
            link.application,
            file.file,
            name=file.filename or "?",
            party=link.party,
            at=clock.now(),
        )
        again = f"?same={received.upload.id}" if received.again else ""
        target = f"/track/{link.application.reference}{again}#file-{received.upload.id}"
    return RedirectResponse(target, status_code=303)


def _nothing_in(words: Words, file: UploadFile | None) -> Problem | None:
    if file is None or not file.filename:
        return Problem("file", words("Choose the signed file first"))
    if file.size == 0:
        return Problem(
            "file", words("The file “%(name)s” is empty: save the signed document again", name=file.filename)
        )
    return None


def _opened(request: Request, session: Session, reference: str) -> PartyLink:
    """Find the link this browser holds; raises NoSuchApplication, whatever is wrong."""
    try:
        normal = parse_reference(reference)
    except BadReference:
        raise NoSuchApplication from None
    return links.open_link(session, normal, key_for(door_of(request).cookies, request, normal) or "")


def _form(link: PartyLink, part: Part) -> ApplicationForm:
    try:
        return link.application.form(part)
    except KeyError:
        raise NoSuchApplication from None


def _standing(
    request: Request, session: Session, link: PartyLink, *, problems: tuple[Problem, ...] = (), same: int = 0
) -> Response:
    door, words, application = door_of(request), words_of(request), link.application
    if application.stated is None:
        raise NotNow("not submitted yet")
    stated = Stated.from_json(application.stated)
    files = files_of(session, words, application)
    mine = frozenset(Part) if application.head_is_user else _MAY_SIGN[link.party]
    parts = [_part(words, application, stated, part, mine) for part in Part]
    word, tone = STATES[application.state]
    asked = next(
        (d for d in reversed(application.decisions) if d.kind in {DecisionKind.MORE_REQUESTED, DecisionKind.REFUSED}),
        None,
    )
    return door.page(
        request,
        "track.html",
        problems=problems,
        application=application,
        state=application.state.value,
        word=words(word),
        tone=tone,
        stated=stated,
        codes={"head": mask(stated.head.personal_code), "user": mask(stated.user.personal_code)},
        levels=LEVELS,
        bases=BASES,
        parts=parts,
        files=files,
        checking=any(file.checking for file in files),
        accepting=application.state in _ACCEPTING,
        mine_open=[part for part in parts if part.mine and part.tone != Tone.OK],
        others_open=[part for part in parts if not part.mine and part.tone != Tone.OK],
        reason=asked.reason if asked and application.state.value == asked.kind.value else "",
        timeline=timeline(words, application),
        limit=door.settings.upload_max_mb,
        same=next((file.name for file in files if file.id == same), ""),
    )


def files_of(session: Session, words: Words, application: Application) -> list[FileWords]:
    """Return every uploaded file in words, the newest first."""
    found = []
    for one in sorted(application.uploads, key=lambda upload: upload.id, reverse=True):
        verification = session.get(Verification, one.verification_id) if one.verification_id else None
        found.append(upload_in_words(words, one, verification, PARTS))
    return found


def _part(words: Words, application: Application, stated: Stated, part: Part, mine: frozenset[Part]) -> PartWords:
    form = application.form(part)
    word, tone = standing_word(words, form.standing)
    signed = ""
    if form.standing is Standing.PROVEN and form.signed_at is not None:
        signed = words("Signed by %(name)s, %(when)s", name=form.signer_name or "", when=words.second(form.signed_at))
        word = words("Signed")
    return PartWords(
        part=part,
        title=words(PARTS[part.value]),
        signer=stated.head.name if part is Part.APPLICATION else stated.user.name,
        word=word,
        tone=tone,
        signed=signed,
        mine=part in mine,
        reasons=reasons_in_words(words, form.notes),
    )


def timeline(words: Words, application: Application) -> list[Event]:
    """Return what happened, in order."""
    happened: list[tuple[datetime, str]] = []
    if application.submitted_at is not None:
        happened.append((application.submitted_at, words("The documents were made and the links sent")))
    for form in application.forms:
        if form.standing is Standing.PROVEN and form.signed_at is not None:
            what = words(
                "%(document)s: signed by %(name)s",
                document=words(PARTS[form.part.value]),
                name=form.signer_name or "",
            )
            happened.append((form.signed_at, what))
    if application.in_review_at is not None:
        happened.append((application.in_review_at, words("Handed over to be decided")))
    happened += [(decision.decided_at, words(_DECISIONS[decision.kind])) for decision in application.decisions]
    return [Event(at, words.moment(at), what) for at, what in sorted(happened, key=lambda event: event[0])]


_DECISIONS = {
    DecisionKind.APPROVED: _("The rights were granted"),
    DecisionKind.REFUSED: _("The application was refused"),
    DecisionKind.MORE_REQUESTED: _("Something more was asked for"),
}
