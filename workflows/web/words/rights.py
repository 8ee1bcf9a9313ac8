"""How the rights given on an application stand today, in words: what was granted once may have ended since."""

from typing import assert_never

from workflows.i18n import Words
from workflows.i18n import later as _
from workflows.rights.today import RightsStanding, RightsToday
from workflows.web.words.vocabulary import Tone

__all__ = ["rights_sentences", "rights_word"]

_WORDS = {
    RightsStanding.LATER: (_("The rights begin later"), Tone.WAIT),
    RightsStanding.HELD: (_("The rights are in force"), Tone.OK),
    RightsStanding.PARTLY: (_("Some of the rights have ended"), Tone.PLAIN),
    RightsStanding.OVER: (_("All the rights have ended"), Tone.PLAIN),
}
_SENT = _("The user has been sent the username by e-mail.")
_WILL_BE = _("The user receives the username by e-mail and sets a password there.")
_ON_THE_FIRST_DAY = _("On the first day the user receives the username by e-mail, and sets a password there.")
_BEING_MADE = _("The account is being made ready; the user then receives the username by e-mail.")


def rights_word(words: Words, rights: RightsToday) -> tuple[str, str]:
    """Return the words for rights given together, and their tone; "" where none were given."""
    word, tone = _WORDS.get(rights.standing, ("", Tone.PLAIN))
    return (words(word) if word else ""), tone


def rights_sentences(words: Words, rights: RightsToday, *, pending: bool, told: bool) -> list[str]:
    """Say to the applicants what became of the rights given on their application; nothing where none were.

    `pending`: Keycloak does not show the account yet; `told`: the user has been mailed the username.
    """
    first, last = rights.first_day, rights.last_day
    match rights.standing:
        case RightsStanding.NONE:
            return []
        case RightsStanding.LATER if first is not None:
            begins = words("The rights begin on %(day)s.", day=words.date(first))
            return [begins, words(_SENT if told else _ON_THE_FIRST_DAY)]
        case RightsStanding.LATER | RightsStanding.HELD:
            return [words("The rights are in force."), words(_BEING_MADE if pending else _SENT if told else _WILL_BE)]
        case RightsStanding.PARTLY:
            return [
                words("Some of the rights given on this application have ended; the others stand."),
                words("Which ones ended, and when, is shown below under “What has happened”."),
            ]
        case RightsStanding.OVER:
            ended = (
                words("All the rights given on this application were taken back before they began.")
                if last is None
                else words(
                    "All the rights given on this application have ended; the last day was %(day)s.",
                    day=words.date(last),
                )
            )
            return [ended, words("If they are still needed, send a new application.")]
        case _:
            assert_never(rights.standing)
