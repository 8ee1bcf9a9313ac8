"""What is a good enough password, and whom does a typed name mean? Pure: nothing is asked of anybody here.

The numbers (length, classes of characters, history) are Keycloak's policy, where an administrator dates and changes
them; here stands what Keycloak cannot know: that a password must not hold its owner's name, username or "viis".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from iam.letters import fold, seen

__all__ = [
    "LONGEST_PASSWORD",
    "ByEmail",
    "ByUsername",
    "Nobody",
    "PasswordFault",
    "Rule",
    "Sought",
    "objections",
    "read_policy",
    "refused_by_keycloak",
    "sought",
    "tightened",
]

LONGEST_PASSWORD = 256  # hashing a megabyte would be an attack on ourselves

_SHORTEST_PART = 3
_LONGEST_NAME = 254
_RULE = re.compile(r"\s*(\w+)\s*(?:\(([^)]*)\))?\s*")

# Keycloak's words, in a policy and in a refusal, and ours for both.
_IN_POLICY = {
    "length": "min_length",
    "maxLength": "max_length",
    "digits": "min_digits",
    "lowerCase": "min_lower",
    "upperCase": "min_upper",
    "specialChars": "min_special",
    "notUsername": "not_username",
    "notContainsUsername": "not_username",
    "notEmail": "not_email",
    "passwordHistory": "history",
    "passwordBlacklist": "common",
    "regexPattern": "pattern",
}
_IN_REFUSAL = {
    "invalidPasswordMinLengthMessage": "min_length",
    "invalidPasswordMaxLengthMessage": "max_length",
    "invalidPasswordMinDigitsMessage": "min_digits",
    "invalidPasswordMinLowerCaseCharsMessage": "min_lower",
    "invalidPasswordMinUpperCaseCharsMessage": "min_upper",
    "invalidPasswordMinSpecialCharsMessage": "min_special",
    "invalidPasswordNotUsernameMessage": "not_username",
    "invalidPasswordNotContainsUsernameMessage": "not_username",
    "invalidPasswordNotEmailMessage": "not_email",
    "invalidPasswordHistoryMessage": "history",
    "invalidPasswordBlacklistedMessage": "common",
    "invalidPasswordRegexPatternMessage": "pattern",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of Keycloak's policy: our word for it, and its number where it has one."""

    code: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class PasswordFault:
    """Why a password is not taken."""

    code: str
    number: int | None = None


def read_policy(policy: str) -> tuple[Rule, ...]:
    """Read what Keycloak calls `passwordPolicy`; rules that are not about the password's text (hashing) are left out.

    >>> read_policy("length(12) and notUsername(undefined) and hashIterations(5)")
    (Rule(code='min_length', number=12), Rule(code='not_username', number=None))
    """
    rules = []
    for part in policy.split(" and "):
        found = _RULE.fullmatch(part)
        code = _IN_POLICY.get(found.group(1)) if found else None
        if found is None or code is None:
            continue
        value = found.group(2) or ""
        rules.append(Rule(code, int(value) if value.isdecimal() else None))
    return tuple(dict.fromkeys(rules))


def objections(password: str, *, names: Iterable[str], rules: tuple[Rule, ...]) -> tuple[PasswordFault, ...]:
    """List everything we object to; `names` are the owner's username, given name and surname.

    Of `rules` only the length and the policy's kinds of characters are checked here, so that they are named together
    with our own objections. Keycloak has the last word.
    """
    if not password:
        return (PasswordFault("empty"),)
    found = []
    minimum = next((rule.number for rule in rules if rule.code == "min_length"), None)
    visible = seen(password[:LONGEST_PASSWORD])
    # Keycloak counts what nobody sees or can type again.
    hidden = len("".join(password[:LONGEST_PASSWORD].split())) - len("".join(visible.split()))
    if not visible:
        found.append(PasswordFault("unseen"))
    if minimum is not None and len(password) - hidden < minimum:
        found.append(PasswordFault("min_length", minimum))
    if len(password) > LONGEST_PASSWORD:
        found.append(PasswordFault("max_length", LONGEST_PASSWORD))
    classes = next((rule.number for rule in rules if rule.code == "min_classes"), None)
    if classes is not None and _kinds(visible) < classes:
        found.append(PasswordFault("min_classes", classes))
    plain = fold(password[:LONGEST_PASSWORD])
    parts = {part for name in names for part in re.split(r"[\W\d_]+", fold(name)) if len(part) >= _SHORTEST_PART}
    if any(part in plain for part in parts):
        found.append(PasswordFault("names_owner"))
    if "viis" in plain:
        found.append(PasswordFault("names_viis"))
    return tuple(found)


def _kinds(text: str) -> int:
    """Count the kinds of characters: small letters, capital letters, digits, all others."""
    small, capital = any(map(str.islower, text)), any(map(str.isupper, text))
    digit = any(map(str.isdecimal, text))
    other = any(not (one.islower() or one.isupper() or one.isdecimal()) for one in text)
    return small + capital + digit + other


def tightened(rules: tuple[Rule, ...], *, length: int, classes: int) -> tuple[Rule, ...]:
    """Add the policy's least length and its kinds of characters to Keycloak's rules; the stricter length holds.

    >>> tightened((Rule("min_length", 8), Rule("common")), length=12, classes=0)
    (Rule(code='min_length', number=12), Rule(code='common', number=None))
    """
    longest = max([length, *(rule.number or 0 for rule in rules if rule.code == "min_length")])
    others = tuple(rule for rule in rules if rule.code != "min_length")
    mixed = (Rule("min_classes", classes),) if classes > 1 else ()
    return (Rule("min_length", longest), *mixed, *others)


def refused_by_keycloak(reason: str, rules: tuple[Rule, ...]) -> PasswordFault:
    """Say Keycloak's refusal in our words, with the number its policy gives."""
    code = _IN_REFUSAL.get(reason, "other")
    return PasswordFault(code, next((rule.number for rule in rules if rule.code == code), None))


@dataclass(frozen=True, slots=True)
class ByUsername:
    """A username was typed: a link is wanted."""

    username: str


@dataclass(frozen=True, slots=True)
class ByEmail:
    """A work e-mail was typed: the username is wanted."""

    email: str


@dataclass(frozen=True, slots=True)
class Nobody:
    """Nobody can be called so."""


Sought: TypeAlias = ByUsername | ByEmail | Nobody


def sought(typed: str) -> Sought:
    r"""Say whom the typed text means. Spaces around it and capital letters do not matter.

    Letters that only look the same are other letters: everything outside ASCII names nobody (lower() alone would turn
    the Kelvin sign into a k).

    >>> sought(" Anna.Liepa "), sought("\N{CYRILLIC SMALL LETTER A}nna.liepa"), sought("Anna@Skola.example")
    (ByUsername(username='anna.liepa'), Nobody(), ByEmail(email='anna@skola.example'))
    """
    given = typed.strip()
    if not given or len(given) > _LONGEST_NAME or not given.isascii() or not given.isprintable():
        return Nobody()
    plain = given.lower()
    return ByEmail(plain) if "@" in plain else ByUsername(plain)
