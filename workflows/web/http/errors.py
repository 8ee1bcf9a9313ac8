"""From what went wrong to what a person reads: one table, no stack trace, a reference number.

Processes know no HTTP; what they raise is mapped to a status here and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from iam import errors as iam
from workflows.application import errors as application
from workflows.evidence.quotas import NoRoom, NoRoomForLooks, Quota, QuotaReached
from workflows.evidence.service import BytesGone, DocumentTooLarge, UnknownDocument
from workflows.i18n import later as _
from workflows.proposals import errors as proposals
from workflows.restoration import errors as restoration

__all__ = [
    "ANSWERS",
    "DEAD_DRAFT",
    "FREE_LATER",
    "NOT_OPENED",
    "NO_ROOM_FOR_LOOKS",
    "OWN",
    "PAGES",
    "REACHED",
    "TOO_OLD",
    "ErrorPage",
    "Problem",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct in a form: the field's id and a sentence that says how."""

    field: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What a person reads instead of the page they asked for."""

    title: str
    sentence: str
    next_step: str


PAGES = {
    400: ErrorPage(
        _("The form could not be read"),
        _(
            "It contains characters that cannot be stored, far more text than its fields allow, or an answer that is "
            "not offered."
        ),
        _("Go back, type the text again instead of pasting it, and send the form once more."),
    ),
    403: ErrorPage(
        _("Your role does not allow this"),
        _("You are signed in, but this page or act belongs to a role that you do not have, or no longer have."),
        _("What your role may do is listed on its own page. Ask a colleague who has the other role to do this."),
    ),
    404: ErrorPage(
        _("This page does not exist"),
        _("The address may be mistyped or cut off, or the link is no longer valid."),
        _("Check the address, or begin at the start page."),
    ),
    408: ErrorPage(
        _("The file came too slowly"),
        _("The connection was so slow that we stopped waiting. Nothing was kept of what had come."),
        _("Try again over a better connection, or with a smaller file."),
    ),
    409: ErrorPage(
        _("This can no longer be done"),
        _("Somebody has changed the matter in the meantime."),
        _("Open it again to see how it stands now."),
    ),
    410: ErrorPage(
        _("The file is no longer kept"),
        _("It proved nothing and was deleted some days after the check. Its name and what was found are still there."),
        _("If you need it, ask the sender to upload it again: we will recognise it as the same file."),
    ),
    413: ErrorPage(
        _("The file is too large"),
        _("One file may have at most %(limit)s MB. Nothing of it was kept; what you uploaded before is still there."),
        _("Save the document with smaller pictures or as a PDF, sign it again if it changes, and upload it."),
    ),
    429: ErrorPage(
        _("Too many requests"),
        _("So many requests came from your network within a short time that we have to pause."),
        _("Wait a few minutes and try again."),
    ),
    500: ErrorPage(
        _("Something failed on our side"),
        _("It is not your fault. What you had saved or uploaded before is kept."),
        _("Try again in a few minutes. If it happens again, write to us and tell us the number below."),
    ),
    503: ErrorPage(
        _("The service is not available just now"),
        _("A part of it is being restarted or maintained. What you had saved or uploaded before is kept."),
        _("Try again in a few minutes."),
    ),
}

PAGES[507] = ErrorPage(
    _("There is no room for new files just now"),
    _("What you just sent was not kept. Nothing sent before is lost, and applications are decided as usual."),
    _("Try again tomorrow. If it is urgent, write to the ministry: it can make room."),
)

# 415, a body of a kind our pages do not send, reads like one that cannot be parsed.
PAGES[415] = PAGES[400]

TOO_OLD = ErrorPage(
    _("The form was too old"),
    _(
        "Nothing was done. The form was opened too long ago, before you signed in or out, or in a browser that keeps "
        "no cookies."
    ),
    _("Open the page anew, fill in the form and send it. If this happens again, allow cookies for this site."),
)
NO_ROOM_FOR_LOOKS = ErrorPage(
    _("Too many files are being checked just now"),
    _("This file was not kept. Applications and what was uploaded to them are not touched by this."),
    _("Try again in a few minutes."),
)
REACHED: Mapping[Quota, ErrorPage] = {
    Quota.NETWORK: ErrorPage(
        _("Too much was uploaded from your network"),
        _(
            "We accept at most %(most)s an hour from one network. This file was not kept; what you uploaded before "
            "is still there."
        ),
        _("Upload it again after this time: %(when)s."),
    ),
    Quota.EVERYBODY: ErrorPage(
        _("Too much is being uploaded just now"),
        _(
            "We accept at most %(most)s an hour from everybody together. This file was not kept; what you uploaded "
            "before is still there."
        ),
        _("Upload it again after this time: %(when)s."),
    ),
    Quota.APPLICATION: ErrorPage(
        _("The application has no room for another file"),
        _(
            "The files of one application may have at most %(most)s together. This file was not kept; what you "
            "uploaded before is still there."
        ),
        _("Upload a smaller file, or write to the ministry."),
    ),
}
FREE_LATER = ErrorPage(
    REACHED[Quota.APPLICATION].title,
    REACHED[Quota.APPLICATION].sentence,
    _(
        "Upload a smaller file, or wait: files that proved nothing are deleted by themselves, the next one about "
        "this time: %(when)s."
    ),
)
DEAD_DRAFT = ErrorPage(
    _("This link is no longer valid"),
    _(
        "There is no form at this address: it was cut off or mistyped, or nobody continued the draft, and it was "
        "deleted when its time was over."
    ),
    _(
        "Open the address once more as you kept it. If the form was sent to be signed, "
        '<a class="govuk-link" href="/track">follow the application</a> by its number.'
    ),
)
NOT_OPENED = ErrorPage(
    _("The application is not open in this browser"),
    _("The browser was closed meanwhile, or your link is no longer valid. Nothing was kept of what you just sent."),
    _("Open the application anew, by the link in your e-mail, or have a new link sent to you."),
)
OWN = ErrorPage(
    _("You are named in this application"),
    _("Nothing was done: nobody decides about an application in which they are the user or the signatory."),
    _("Leave it to a colleague: give it back to the queue, or tell them its number."),
)

# The errors of processes and the status each is answered with. A test walks their trees: none may be missing.
ANSWERS: Mapping[type[Exception], int] = {
    application.NoSuchApplication: 404,
    application.BadReference: 404,
    application.NotNow: 409,
    application.NothingEnds: 409,
    application.Incomplete: 409,
    application.ChangedMeanwhile: 409,
    application.OwnApplication: 403,
    application.NotYours: 409,
    application.NoSuchColleague: 422,
    application.SignatoryNeeded: 409,
    application.CodeSentOften: 429,
    application.ReasonNeeded: 422,
    application.SecondPersonNeeded: 409,
    proposals.NoSuchProposal: 404,
    proposals.MayNotDecide: 403,
    proposals.NotTheProposer: 403,
    proposals.SignInAgain: 403,
    proposals.Miscounted: 422,
    proposals.ReasonMissing: 422,
    proposals.ProposalError: 409,
    restoration.NoSuchRequest: 404,
    restoration.OwnRequest: 403,
    restoration.ReasonMissing: 422,
    restoration.RestorationError: 409,
    iam.Unknown: 404,
    iam.Refused: 409,
    iam.CodeOfAnotherPerson: 409,
    iam.BadOrders: 409,
    iam.KeycloakTrouble: 503,
    DocumentTooLarge: 413,
    UnknownDocument: 404,
    BytesGone: 410,
    QuotaReached: 429,
    NoRoom: 507,
    NoRoomForLooks: 503,
}
