"""What another server said, for a page: a sentence of ours and a code; never the text of an exception."""

import re

from workflows.i18n import Words
from workflows.i18n import later as _

__all__ = ["keycloak_trouble", "mail_trouble"]

_FAULTS = {
    "KeycloakUnavailable": ("keycloak.unavailable", _("Keycloak did not answer.")),
    "KeycloakTrouble": ("keycloak.trouble", _("Keycloak answered with an error of its own.")),
    "KeycloakRefused": ("keycloak.refused", _("Keycloak understood and refused.")),
    "Blocked": ("keycloak.refused", _("Keycloak understood and refused.")),
}
_UNKNOWN = ("job.failed", _("The attempt broke off; whoever runs the service finds why in its log."))

# A reply's code, and the enhanced one after it (RFC 5321 §4.2, RFC 3463 §2).
_REPLY = re.compile(r"(?P<code>[2-5][0-9]{2})(?: (?P<enhanced>[245]\.[0-9]{1,3}\.[0-9]{1,3}))?(?![0-9])")


def keycloak_trouble(words: Words, error: str) -> tuple[str, str]:
    """Return a sentence and a code for the error a job kept as `module.Class: text`; the text stays in the log."""
    code, sentence = _FAULTS.get(error.partition(":")[0].rpartition(".")[2], _UNKNOWN)
    return words(sentence), code


def mail_trouble(words: Words, reason: str | None) -> str:
    """Say why a mail was not taken, with the codes of the mail server's reply; "" where nothing went wrong."""
    if not reason:
        return ""
    reply = _REPLY.match(reason)
    if reply is None:
        return words("The mail server could not be reached.")
    codes = " ".join(filter(None, reply.groups()))
    if reply["code"].startswith("5"):
        return words("The mail server refused the e-mail for good (%(codes)s).", codes=codes)
    return words("The mail server has not accepted the e-mail yet (%(codes)s).", codes=codes)
