"""Rules of passwords, and objections to one, in words."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from workflows.i18n import Words
from workflows.password_reset.rules import PasswordFault, Rule, read_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["PasswordRules", "objection_in_words", "rules_in_words"]

_KEPT = timedelta(minutes=1)


class PasswordRules:
    """The realm's rules, asked for anew once a minute: a change is told soon, and Keycloak refuses by it at once."""

    def __init__(self, ask: "Callable[[], str]") -> None:
        self._ask = ask
        # One value, so that threads need no lock: at worst two of them ask.
        self._known: tuple[datetime, tuple[Rule, ...]] | None = None

    def at(self, at: datetime) -> tuple[Rule, ...]:
        """Return the rules; raises KeycloakTrouble when they have to be asked for and Keycloak does not answer."""
        known = self._known
        if known is None or not known[0] <= at < known[0] + _KEPT:
            known = self._known = (at, read_policy(self._ask()))
        return known[1]


def rules_in_words(words: Words, rules: tuple[Rule, ...]) -> tuple[str, ...]:
    """Say what a password must be, as the ends of sentences that begin "The password …"."""
    said = [sentence for rule in rules if (sentence := _rule(words, rule)) is not None]
    # Ours, which Keycloak does not know; its own rule about the username is said with them.
    return (*dict.fromkeys(said), words("must not contain your name, your username or the word “viis”"))


def _rule(words: Words, rule: Rule) -> str | None:
    n = rule.number or 1
    counted: Mapping[str, Callable[[], str]] = {
        "min_length": lambda: words.plural(
            "must have at least %(n)s character", "must have at least %(n)s characters", n
        ),
        "min_digits": lambda: words.plural(
            "must contain at least %(n)s digit", "must contain at least %(n)s digits", n
        ),
        "min_lower": lambda: words.plural(
            "must contain at least %(n)s small letter", "must contain at least %(n)s small letters", n
        ),
        "min_upper": lambda: words.plural(
            "must contain at least %(n)s capital letter", "must contain at least %(n)s capital letters", n
        ),
        "min_special": lambda: words.plural(
            "must contain at least %(n)s special character", "must contain at least %(n)s special characters", n
        ),
        "min_classes": lambda: words.plural(
            "must mix at least %(n)s kind of characters: small letters, capital letters, digits, others",
            "must mix at least %(n)s kinds of characters: small letters, capital letters, digits, others",
            n,
        ),
        "common": lambda: words("must not be a commonly used one"),
        "not_email": lambda: words("must not be your e-mail address"),
        "history": lambda: words("must differ from your last passwords"),
        "pattern": lambda: words("must fit the pattern set by the ministry"),
    }
    say = counted.get(rule.code)
    return None if say is None else say()


def objection_in_words(words: Words, objection: PasswordFault) -> str:
    """Say why a password is not taken, and what to do."""
    n = objection.number or 1
    sentences: Mapping[str, Callable[[], str]] = {
        "empty": lambda: words("Enter the new password"),
        "unseen": lambda: words("The password has no visible characters: choose another"),
        "min_length": lambda: words.plural(
            "The password is too short: it needs at least %(n)s character",
            "The password is too short: it needs at least %(n)s characters",
            n,
        ),
        "max_length": lambda: words.plural(
            "The password is too long: it may have at most %(n)s character",
            "The password is too long: it may have at most %(n)s characters",
            n,
        ),
        "min_digits": lambda: words.plural(
            "The password needs at least %(n)s digit", "The password needs at least %(n)s digits", n
        ),
        "min_lower": lambda: words.plural(
            "The password needs at least %(n)s small letter", "The password needs at least %(n)s small letters", n
        ),
        "min_upper": lambda: words.plural(
            "The password needs at least %(n)s capital letter", "The password needs at least %(n)s capital letters", n
        ),
        "min_special": lambda: words.plural(
            "The password needs at least %(n)s special character",
            "The password needs at least %(n)s special characters",
            n,
        ),
        "min_classes": lambda: words.plural(
            "The password needs at least %(n)s kind of characters: small letters, capital letters, digits, others",
            "The password needs at least %(n)s kinds of characters: small letters, capital letters, digits, others",
            n,
        ),
        "common": lambda: words("The password is among the commonly used ones: choose another"),
        "not_username": lambda: words("The password contains your name or username: choose another"),
        "names_owner": lambda: words("The password contains your name or username: choose another"),
        "names_viis": lambda: words("The password contains the word “viis”: choose another"),
        "not_email": lambda: words("The password is your e-mail address: choose another"),
        "history": lambda: words("The password is one you had before: choose another"),
    }
    say = sentences.get(objection.code)
    return words("The password does not fit the rules of the ministry: choose another") if say is None else say()
