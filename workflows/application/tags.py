"""The audit's words for applications. They are never renamed and never used for anything else."""

from iam.audit import AuditTag

__all__ = ["ApplicationTag"]


class ApplicationTag(AuditTag):
    """What is done to an application, and by it."""

    DRAFT_STARTED = "application:started"
    FILLED_IN = "application:filled_in"
    MAILBOX_SHOWN = "application:mailbox_shown"
    PLACE_ENDS = "application:place_ends"
    READDRESSED = "application:readdressed"
    ORDER_TAKEN_BACK = "application:order_taken_back"
    SUBMITTED = "application:submitted"
    UPLOADED = "application:uploaded"
    JUDGED = "application:judged"
    FILE_DROPPED = "application:file_dropped"
    PART_PROVEN = "application:part_proven"
    SENT_TO_REVIEW = "application:sent_to_review"
    CLAIMED = "application:claimed"
    RELEASED = "application:released"
    HANDED_OVER = "application:handed_over"
    NOTED = "application:noted"
    PART_CONFIRMED = "application:part_confirmed"
    SIGNATORY_RECORDED = "application:signatory_recorded"
    MORE_REQUESTED = "application:more_requested"
    ANSWERED = "application:answered"
    APPROVAL_PROPOSED = "application:approval_proposed"
    APPROVED = "application:approved"
    REFUSED = "application:refused"
    WITHDRAWN = "application:withdrawn"
    EXPIRED = "application:expired"
    CODE_REVEALED = "application:code_revealed"
    ADDRESS_KEPT = "application:address_kept"
    OTHER_NAME_EXPLAINED = "application:other_name_explained"
