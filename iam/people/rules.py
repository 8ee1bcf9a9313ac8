"""Personal codes and names: what is a code, how it is shown, and when two names are the same. Pure.

Sources: domain.md's "Personal codes and names"; the law on the register of natural persons (new codes since
2017-07-01); ETSI EN 319 412-1, clause 5.1.3, for the forms in certificates.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum

from iam.errors import BadCode, BadPersonalCode
from iam.letters import seen

__all__ = [
    "BadCode",
    "BadPersonalCode",
    "CodeKind",
    "NameMatch",
    "PersonalCode",
    "check_digit",
    "codes_in",
    "compare_names",
    "mask",
    "mask_codes_in",
    "parse_personal_code",
    "wholly_other",
]

_IN_TEXT = re.compile(r"(?<![\w+])[0-9]{6}(?:\s?[-\u2010-\u2015\u2212]\s?|\s)?[0-9]{5}(?!\w)")
_TELEPHONE = re.compile(r"371[26][0-9]{7}")
_LATVIAN = re.compile(r"[0-9]{6}-?[0-9]{5}")
_NAMED = re.compile(r"(?<!\w)(?P<kind>(?:PNO|PAS|IDC|TAX|TIN)[A-Z]{2}-)(?P<digits>[0-9A-Za-z./+-]{4,})")
_SEMANTICS = re.compile(r"(?P<kind>[A-Z]{3})(?P<country>[A-Z]{2})-(?P<digits>.+)")
_FOREIGN_DIGITS = re.compile(r"[0-9A-Z./+]{1,40}")
_WEIGHTS = (10, 5, 8, 4, 2, 1, 6, 3, 7, 9)
_CENTURIES = {"0": 1800, "1": 1900, "2": 2000}
_SHOWN = 4


class CodeKind(StrEnum):
    """Kinds of natural person identifier in a certificate's serialNumber (EN 319 412-1, clause 5.1.3)."""

    PNO = "PNO"  # national personal number; Latvia's personas kods
    PAS = "PAS"  # passport
    IDC = "IDC"  # identity card
    TAX = "TAX"  # tax number of a person, older form
    TIN = "TIN"  # tax identification number


@dataclass(frozen=True, slots=True)
class PersonalCode:
    """An identifier of a person: two are the same only if country, kind and digits all are.

    `digits` is in capitals, without hyphens and spaces. Printing it shows no digits but the last four.
    """

    country: str
    kind: CodeKind
    digits: str

    @property
    def written(self) -> str:
        """The code as a person writes it: DDMMYY-NNNNN for Latvia's, as in a certificate for others."""
        return f"{self.digits[:6]}-{self.digits[6:]}" if self.is_latvian else self.serial_number

    @property
    def serial_number(self) -> str:
        """The code as a certificate's serialNumber says it (EN 319 412-1)."""
        digits = f"{self.digits[:6]}-{self.digits[6:]}" if self.is_latvian else self.digits
        return f"{self.kind}{self.country}-{digits}"

    @property
    def is_latvian(self) -> bool:
        """Whether it is a personas kods."""
        return (self.country, self.kind) == ("LV", CodeKind.PNO)

    def __repr__(self) -> str:
        return f"<PersonalCode {mask(self)}>"

    __str__ = __repr__


def parse_personal_code(text: str, *, bare_means: str | None = "LV") -> PersonalCode:
    """Read a code as people type it or as a certificate says it.

    A form's field asks for a Latvian code, so a bare one is Latvian there (`bare_means="LV"`). A certificate's bare
    code says no country: give `bare_means=None`, and it is refused instead of guessed.

    >>> parse_personal_code("320000-12345").written
    '320000-12345'
    >>> parse_personal_code("PNOEE-38001085718").country
    'EE'

    Raises BadPersonalCode.
    """
    cleaned = unicodedata.normalize("NFKC", text).strip().upper().translate(_HYPHENS)
    if not cleaned:
        raise BadPersonalCode(BadCode.EMPTY)
    if said := _SEMANTICS.fullmatch(cleaned):
        if said["kind"] not in CodeKind.__members__:
            raise BadPersonalCode(BadCode.SHAPE)
        kind, country, rest = CodeKind(said["kind"]), said["country"], said["digits"]
    else:
        rest = cleaned
        if bare_means is None:
            raise BadPersonalCode(BadCode.COUNTRY_NOT_SAID if _LATVIAN.fullmatch(rest) else BadCode.SHAPE)
        kind, country = CodeKind.PNO, bare_means
    if (country, kind) == ("LV", CodeKind.PNO):
        return PersonalCode(country, kind, _latvian(rest))
    digits = "".join(rest.replace("-", "").split())
    if not _FOREIGN_DIGITS.fullmatch(digits):
        raise BadPersonalCode(BadCode.SHAPE)
    return PersonalCode(country, kind, digits)


def _latvian(text: str) -> str:
    compact = "".join(text.split())
    if not _LATVIAN.fullmatch(compact):
        raise BadPersonalCode(BadCode.SHAPE)
    digits = compact.replace("-", "")
    if digits[0] == "3" and digits[1] >= "2":
        # Since 2017-07-01: 32 to 39 lead, the rest is random. It has no date and no check digit to verify.
        return digits
    if digits[6] not in _CENTURIES:
        raise BadPersonalCode(BadCode.CENTURY)
    try:
        date(_CENTURIES[digits[6]] + int(digits[4:6]), int(digits[2:4]), int(digits[:2]))
    except ValueError:
        raise BadPersonalCode(BadCode.DATE) from None
    if check_digit(digits[:10]) != digits[10]:
        raise BadPersonalCode(BadCode.CHECK_DIGIT)
    return digits


def check_digit(first_ten: str) -> str:
    """Return the last digit of an old personal code, from the ten before it."""
    total = 1 + sum(int(digit) * weight for digit, weight in zip(first_ten, _WEIGHTS, strict=True))
    return str(total % 11 % 10)


def codes_in(text: str) -> tuple[str, ...]:
    """Return the Latvian personal codes that stand in a text, as written there; a telephone number is none.

    >>> codes_in("aizstāj Annu (320000-12345), tel. +37120000000, reģistra Nr. 4113900001")
    ('320000-12345',)
    """
    return tuple(found.group() for found in _IN_TEXT.finditer(text) if _is_code(found.group()))


def _is_code(text: str) -> bool:
    try:
        parse_personal_code("".join(one for one in text if one.isdecimal()))
    except BadPersonalCode:
        return False
    return not _TELEPHONE.fullmatch(text)


def mask(code: PersonalCode | str) -> str:
    """Show of a code only its last four digits; of a short foreign one nothing.

    >>> mask("320000-12345")
    '******-*2345'
    >>> mask(PersonalCode("EE", CodeKind.PNO, "38001085718"))
    'PNOEE-*******5718'
    """
    if isinstance(code, str):
        digits = "".join(code.replace("-", "").split())
        hidden = _hidden(digits)
        return f"{hidden[:6]}-{hidden[6:]}" if _LATVIAN.fullmatch(digits) else hidden
    return mask(code.digits) if code.is_latvian else f"{code.kind}{code.country}-{_hidden(code.digits)}"


def mask_codes_in(text: str) -> str:
    """Mask the personal codes in a text: Latvian ones, and any as certificates name it (EN 319 412-1, clause 5.1.3).

    >>> mask_codes_in("Anna (320000-12345), tel. 37120000000, paraksts PNOEE-38001085718")
    'Anna (******-*2345), tel. 37120000000, paraksts PNOEE-*******5718'
    """
    named = _NAMED.sub(lambda found: found["kind"] + _hidden(found["digits"]), text)
    return _IN_TEXT.sub(lambda found: mask(found.group()) if _is_code(found.group()) else found.group(), named)


def _hidden(digits: str) -> str:
    # Half a code stays hidden at least, however short it is.
    shown = digits[-_SHOWN:] if len(digits) >= 2 * _SHOWN else ""
    return "*" * (len(digits) - len(shown)) + shown


class NameMatch(Enum):
    """How two names compare. Even SAME accepts nobody: the code decides, the name may only say "look at this"."""

    SAME = "same"
    FOLDED = "folded"  # the same without Latvian diacritics
    DIFFERENT = "different"


_HYPHENS = {ord(dash): "-" for dash in "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"}
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc", "'"))
_DIACRITICS = str.maketrans("āčēģīķļņšūž", "acegiklnsuz")
_AROUND_HYPHEN = re.compile(r"\s*-\s*")


def compare_names(stated: str, certificate: str) -> NameMatch:
    """Compare two full names, in any order of their parts.

    >>> compare_names("Bērziņa Anna", "ANNA BĒRZIŅA")
    <NameMatch.SAME: 'same'>
    >>> compare_names("Anna Berzina", "ANNA BĒRZIŅA")
    <NameMatch.FOLDED: 'folded'>
    """
    one, other = _tokens(stated), _tokens(certificate)
    if not one or not other:
        return NameMatch.DIFFERENT
    if one == other:
        return NameMatch.SAME
    folded_one = {token.translate(_DIACRITICS) for token in one}
    folded_other = {token.translate(_DIACRITICS) for token in other}
    return NameMatch.FOLDED if folded_one == folded_other else NameMatch.DIFFERENT


def wholly_other(one: str, other: str) -> bool:
    """Say whether two full names share no part: whoever changed a surname keeps the given name, and is not meant.

    >>> wholly_other("Anna Bērziņa", "Anna Liepa"), wholly_other("Anna Berzina", "Bērziņa-Liepa Ilze")
    (False, False)
    >>> wholly_other("Anna Bērziņa", "Jānis Kalns")
    True
    """
    return not _parts(one) & _parts(other)


def _parts(name: str) -> frozenset[str]:
    return frozenset(part for token in _tokens(name) for part in token.translate(_DIACRITICS).split("-") if part)


def _tokens(name: str) -> frozenset[str]:
    # NFKC_Casefold (UAX #31): what is not seen is no part of a name.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen(name)).casefold())
    folded = folded.translate(_HYPHENS).translate(_APOSTROPHES)
    return frozenset(_AROUND_HYPHEN.sub("-", folded).split())
