"""What do we write to people, and did it leave?

A mail is a row in the transaction that wants it: no commit, no mail. A job hands it to the mail server, tries again
where that may help, and the row says what became of it: queued, sent, or failed with the reason.
"""

from workflows.mail.addresses import BadAddress, as_kept, mailbox_of, parse_address
from workflows.mail.message import page_of
from workflows.mail.models import Mail, MailState
from workflows.mail.rendering import UnknownTemplate, render
from workflows.mail.service import give_up, queue, send_again, together, written_to

__all__ = [
    "BadAddress",
    "Mail",
    "MailState",
    "UnknownTemplate",
    "as_kept",
    "give_up",
    "mailbox_of",
    "page_of",
    "parse_address",
    "queue",
    "render",
    "send_again",
    "together",
    "written_to",
]
