"""What does the realm ask of names and addresses? Its user profile, read so that a form can ask the same first.

Of Keycloak's validators those are applied that can refuse a name or an address; the others leave both alone. A pattern
that Python cannot read is left to Keycloak.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

__all__ = ["DEFAULT", "EMAIL", "GIVEN_NAME", "SURNAME", "ProfileRefusal", "UserProfile", "read_profile"]

GIVEN_NAME, SURNAME, EMAIL = "firstName", "lastName", "email"

# PersonNameProhibitedCharactersValidator of Keycloak 26; it refuses control characters too.
_NOT_IN_NAMES = frozenset('<>&"\v$%!#?§;*~/\\|^=[]{}()')
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST_LOCAL = 64  # EmailValidationUtil; a realm may say otherwise


@dataclass(frozen=True, slots=True)
class ProfileRefusal:
    """One rule that a value breaks.

    `rule` is "too_short", "too_long" or "local_too_long" (by `number`), "letters" or "pattern".
    """

    attribute: str
    rule: str
    letters: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class UserProfile:
    """The validators of each attribute, by their Keycloak names."""

    validators: Mapping[str, Mapping[str, Mapping[str, object]]] = field(default_factory=dict)

    def refusals(self, values: Mapping[str, str]) -> tuple[ProfileRefusal, ...]:
        """Return every rule that the `values`, attribute to text, break."""
        return tuple(
            refusal
            for attribute, value in values.items()
            for validator, config in self.validators.get(attribute, {}).items()
            for refusal in _refused(attribute, value, validator, config)
        )


def _refused(attribute: str, value: str, validator: str, config: Mapping[str, object]) -> Iterator[ProfileRefusal]:
    match validator:
        case "length":
            least, most = _number(config.get("min")), _number(config.get("max"))
            if least is not None and len(value) < least:
                yield ProfileRefusal(attribute, "too_short", number=least)
            if most is not None and _java_length(value) > most:
                yield ProfileRefusal(attribute, "too_long", number=most)
        case "person-name-prohibited-characters":
            wrong = dict.fromkeys(one for one in value if one in _NOT_IN_NAMES or _CONTROL.match(one))
            if wrong:
                yield ProfileRefusal(attribute, "letters", letters="".join(wrong))
        case "email":
            most = _number(config.get("max-local-length")) or _LONGEST_LOCAL
            if len(value.rpartition("@")[0]) > most:
                yield ProfileRefusal(attribute, "local_too_long", number=most)
        case "pattern":
            if (pattern := _pattern(config.get("pattern"))) and not pattern.fullmatch(value):
                yield ProfileRefusal(attribute, "pattern")
        case _:
            return  # it refuses no name and no address


def _java_length(value: str) -> int:
    """Count as Keycloak counts: a code point beyond the first plane is two."""
    return len(value.encode("utf-16-le")) // 2


def _number(said: object) -> int | None:
    """Read a number, which the console writes as a number or as a text."""
    return int(said) if isinstance(said, int) or (isinstance(said, str) and said.isdecimal()) else None


def _pattern(said: object) -> re.Pattern[str] | None:
    try:
        return re.compile(str(said)) if said else None
    except re.error:
        return None


def read_profile(said: Mapping[str, object]) -> UserProfile:
    """Read what Keycloak answers at `users/profile`; raises ValueError for anything else."""
    attributes = said.get("attributes")
    if not isinstance(attributes, list):
        raise ValueError("no attributes in the user profile")  # noqa: TRY004 - an answer that cannot be read
    return UserProfile(
        {
            str(one["name"]): {
                str(name): config if isinstance(config, dict) else {}
                for name, config in (one.get("validations") or {}).items()
            }
            for one in attributes
            if isinstance(one, dict) and "name" in one
        }
    )


_OF_NAMES: Mapping[str, Mapping[str, object]] = {"length": {"max": 255}, "person-name-prohibited-characters": {}}
DEFAULT = UserProfile(
    {GIVEN_NAME: _OF_NAMES, SURNAME: _OF_NAMES, EMAIL: {"email": {}, "length": {"max": 255}}},
)
"""The profile of a new realm: what is asked while Keycloak cannot be."""
