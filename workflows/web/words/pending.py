"""What does staff read while Keycloak does not show an account as it is?"""

from dataclasses import dataclass

from iam.grants.models import Account
from iam.keycloak.projection import ProjectionOutcome
from workflows.i18n import Words
from workflows.i18n import later as _
from workflows.jobs import LastFailure
from workflows.web.words.trouble import keycloak_trouble

__all__ = ["TroubleWords", "blocked_in_words", "trouble_in_words"]

# What a person has to do before the next attempt can succeed.
_BLOCKED = {
    ProjectionOutcome.EMAIL_TAKEN: _(
        "Another account in Keycloak has the same e-mail address. Rights are written all the same; the address is not, "
        "until one of the two is corrected."
    ),
    ProjectionOutcome.USERNAME_TAKEN: _(
        "Keycloak has an account of this name that this service did not make, and does not touch. Its administrator "
        "has to rename or delete it."
    ),
    ProjectionOutcome.REFUSED: _(
        "Keycloak refuses the name or the address. If the name is wrong, correct it here; if it is right, Keycloak's "
        "administrator has to allow it."
    ),
}


@dataclass(frozen=True, slots=True)
class TroubleWords:
    """Why an account is pending, as far as known: what is not known is empty. `code` names the last fault."""

    sentence: str = ""
    tried: str = ""
    last: str = ""
    next: str = ""
    fault: str = ""
    code: str = ""


def blocked_in_words(words: Words, account: Account) -> str:
    """Say what a person has to do before the account can be shown; "" when nothing is known to block it."""
    blocked = _BLOCKED.get(ProjectionOutcome(account.projection_outcome)) if account.projection_outcome else None
    return words(blocked) if blocked else ""


def trouble_in_words(words: Words, account: Account, trouble: LastFailure | None) -> TroubleWords:
    """Say why it is pending: a sentence, how often it was tried, when it is tried next, and what went wrong."""
    sentence = blocked_in_words(words, account)
    if trouble is None:
        return TroubleWords(sentence)
    fault, code = keycloak_trouble(words, trouble.error)
    return TroubleWords(
        sentence,
        tried=words.plural("%(n)s attempt so far", "%(n)s attempts so far", trouble.attempts),
        last=words.second(trouble.at),
        next=words.second(trouble.next_at) if trouble.next_at is not None else "",
        fault=fault,
        code=code,
    )
