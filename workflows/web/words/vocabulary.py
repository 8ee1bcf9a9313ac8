"""The words of the domain as pages say them: stable codes in, sentences of the catalogue out (docs/glossary.md)."""

from iam.grants.models import EndCause, EvidenceKind, Level
from iam.grants.tags import GrantTag
from iam.institutions.models import Capacity, SourceKind
from workflows.application.queue import Signed
from workflows.application.states import DecisionKind, State
from workflows.application.tags import ApplicationTag
from workflows.i18n import later as _

__all__ = [
    "CAPACITIES",
    "CAUSES",
    "DECISIONS",
    "DIFFERENCES",
    "EVENTS",
    "EVIDENCE",
    "RIGHTS",
    "SIGNED",
    "SIGNED_CLOSED",
    "SOURCES",
    "SOURCE_KINDS",
    "STATES",
    "Tone",
]


class Tone:
    """The colour that repeats a word; never the only sign."""

    OK = "ok"
    BAD = "bad"
    WAIT = "wait"
    PLAIN = "plain"


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

EVENTS: dict[ApplicationTag | GrantTag, str] = {
    ApplicationTag.DRAFT_STARTED: _("Draft begun"),
    ApplicationTag.FILLED_IN: _("Filled in with what is known, because an order ends rights"),
    ApplicationTag.MAILBOX_SHOWN: _("The mailbox was shown to be the user's"),
    ApplicationTag.PLACE_ENDS: _("An institution named in it ends"),
    ApplicationTag.READDRESSED: _("It goes on for another institution"),
    ApplicationTag.ORDER_TAKEN_BACK: _("The order does not hold"),
    ApplicationTag.SUBMITTED: _("The documents were made and the links sent"),
    ApplicationTag.UPLOADED: _("A file was uploaded"),
    ApplicationTag.JUDGED: _("A file was checked"),
    ApplicationTag.FILE_DROPPED: _("A file that proved nothing was deleted; its name and verdict stay"),
    ApplicationTag.PART_PROVEN: _("A signature was accepted"),
    ApplicationTag.SENT_TO_REVIEW: _("Handed over to be decided"),
    ApplicationTag.CLAIMED: _("Taken on by a reviewer"),
    ApplicationTag.RELEASED: _("Given back to the queue"),
    ApplicationTag.HANDED_OVER: _("Handed over to a colleague"),
    ApplicationTag.NOTED: _("A note for colleagues was written"),
    ApplicationTag.PART_CONFIRMED: _("A document was confirmed by a person"),
    ApplicationTag.SIGNATORY_RECORDED: _("The right to sign was recorded"),
    ApplicationTag.MORE_REQUESTED: _("Something more was asked for"),
    ApplicationTag.ANSWERED: _("What was asked for has arrived"),
    ApplicationTag.APPROVAL_PROPOSED: _("The approval waits for a second person"),
    ApplicationTag.APPROVED: _("The application was approved"),
    ApplicationTag.REFUSED: _("The application was refused"),
    ApplicationTag.WITHDRAWN: _("The application was withdrawn"),
    ApplicationTag.EXPIRED: _("The time allowed has passed"),
    ApplicationTag.ADDRESS_KEPT: _("The account kept its e-mail though another one was signed"),
    ApplicationTag.OTHER_NAME_EXPLAINED: _("Another name than the code's was explained"),
    ApplicationTag.CODE_REVEALED: _("A personal code was shown in full"),
    GrantTag.ENDED: _("A right given on this application was ended"),
}

DECISIONS = {
    DecisionKind.APPROVED: _("Approved"),
    DecisionKind.REFUSED: _("Refused"),
    DecisionKind.MORE_REQUESTED: _("Something more was asked for"),
}

SIGNED = {
    Signed.CLEAN: (_("Everything checked"), Tone.OK),
    Signed.NOTED: (_("Signed, needs a closer look"), Tone.WAIT),
    Signed.SIGNATORY: (_("Right to sign to be confirmed"), Tone.WAIT),
    Signed.PERSON: (_("To be read by a person"), Tone.WAIT),
    Signed.AWAITED: (_("Signatures awaited"), Tone.PLAIN),
}

# Once an application is closed nothing is awaited and nobody will read anything.
SIGNED_CLOSED = {
    **SIGNED,
    Signed.NOTED: (_("Signed"), Tone.PLAIN),
    Signed.PERSON: (_("Not confirmed"), Tone.PLAIN),
    Signed.AWAITED: (_("Not all signed"), Tone.PLAIN),
}

CAPACITIES = {
    Capacity.HEAD: _("Head"),
    Capacity.ACTING_HEAD: _("Acting head"),
    Capacity.POWER_OF_ATTORNEY: _("By power of attorney"),
}

SOURCE_KINDS = {
    SourceKind.REGISTER: _("Register extract"),
    SourceKind.ORDER: _("Order"),
    SourceKind.POWER_OF_ATTORNEY: _("Power of attorney"),
    SourceKind.APPLICATION: _("An application"),
    SourceKind.IMPORT: _("Imported list"),
    SourceKind.OTHER: _("Other"),
}

DIFFERENCES = {
    "head.name": _("Name of the head"),
    "user.name": _("Name of the user"),
    "user.email": _("E-mail of the user"),
    "signatory": _("Right to sign"),
}

SOURCES = {"certificate": _("certificate"), "register": _("people known to the service"), "account": _("account")}

RIGHTS = {Level.VIEW: _("view"), Level.EDIT: _("edit")}

CAUSES = {
    EndCause.APPLICATION: _("application"),
    EndCause.HEAD: _("ended by the head"),
    EndCause.IZM: _("ended by the ministry"),
    EndCause.EMPLOYMENT_ENDED: _("employment ended"),
    EndCause.REORGANISATION: _("reorganisation"),
    EndCause.REFORM: _("reform"),
    EndCause.REPLACED: _("replaced by another right"),
    EndCause.ERROR: _("given in error"),
}

EVIDENCE = {
    EvidenceKind.SIGNED_PAIR: _("signed application and commitment letter"),
    EvidenceKind.PAPER_SEEN_BY_TWO: _("paper, seen by two"),
    EvidenceKind.RESTORATION: _("restored after the reform"),
    EvidenceKind.TAKEN_OVER: _("taken over"),
    EvidenceKind.SIGNED_APPLICATION: _("signed application"),
    EvidenceKind.ORDER: _("order"),
    EvidenceKind.ORDER_UNDONE: _("order undone"),
}
