"""What people read of an application of a kind on pages and in mails, where a kind does not say it otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflows.i18n import later

__all__ = ["Texts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Sentences that `workflows.i18n.later` has marked; those that stand here are true of every kind.

    `name` is what is applied with and `wish` says it to somebody who chooses what to apply for. `orders` are sentences
    of `places_ended` that the kind says otherwise, by their word. `differs` name what `Kind.differences` may tell of a
    person beside name and e-mail, by the word behind the role.
    """

    name: str
    wish: str
    sending: str = later(
        "We make the document and send each signer a link. After that the answers can no longer be changed, because "
        "people sign exactly these words."
    )
    send: str = later("Make the document and send the links")
    sent: str = later("The document is ready for signing")
    closed_answers: str = later(
        "The answers can no longer be changed: the document was made from them and sent to be signed."
    )
    received: str = later("Nothing. Everything has arrived; the ministry decides %(within)s and writes to you.")
    sign_several: str = later(
        "Read the documents, sign them together as one eDoc or each by itself, with your secure electronic signature "
        "and a time stamp, and upload what you signed here."
    )
    upload_hint: str = later("eDoc, ASiC-E or a signed PDF, at most %(limit)s MB.")
    withheld: str = later("It can be downloaded only by the link of whoever may read it whole.")
    approve: str = later("Approve")
    approved: str = later("The application has been approved.")
    approved_pending: str = later("The application has been approved. It takes effect in a moment.")
    approved_event: str = later("The application was approved")
    proposed: str = later("The approval was proposed; it is carried out once another person confirms it.")
    link_again: str = later(
        "You asked for a new link to your application. If it was not you, do nothing: the link came to you alone."
    )
    outcome: str = ""  # what stands above what an approval would do, on the case page; "" where it is not shown
    ends: str = later("The rights end on %(day)s, that day included.")
    stays: str = later("Rights given since the application was signed stay; to end them, send a new application.")
    ended_at_once: str = later(
        "The last day stated was over when the application was approved: the rights ended at once, on %(day)s."
    )
    begins: str = later("The rights begin on %(day)s.")
    orders: Mapping[str, str] = field(default_factory=dict)
    differs: Mapping[str, str] = field(default_factory=dict)
