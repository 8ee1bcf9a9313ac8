"""Who a certificate names: the semantics identifier of ETSI EN 319 412-1, compared, never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Identity"]

# EN 319 412-1 §5.1.3: three characters of type, two of country, a hyphen, the identifier. A national type of two
# characters, a colon and its country is not used in Latvia.
_SEMANTICS = re.compile(r"(?P<kind>[A-Z]{3})(?P<country>[A-Z]{2})-(?P<digits>.+)", re.DOTALL)
_BARE_LATVIAN_SHAPE = re.compile(r"\d{6}-?\d{5}")
_NATIONAL_KINDS = frozenset({"PNO", "PAS", "IDC", "TIN", "TAX"})


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as (kind, country, digits): two are the same person's code only if all three are equal.

    `kind` is "PNO", "PAS", "IDC", "TIN" …; `country` is ISO 3166 in capitals, "" when the certificate does not
    say one; `digits` has no hyphens or spaces and is in capitals.
    """

    kind: str
    country: str
    digits: str

    @classmethod
    def parse_serial_number(cls, text: str) -> Identity | None:
        """Read a subject's `serialNumber`; None when it names nobody by a code we know how to compare.

        A bare Latvian-looking code (certificates before 2017) keeps an empty country: its shape says nothing
        of the state that gave it.

        >>> Identity.parse_serial_number("PNOLV-010190-12345")
        Identity(kind='PNO', country='LV', digits='01019012345')
        >>> Identity.parse_serial_number("010190-12345")
        Identity(kind='PNO', country='', digits='01019012345')
        >>> Identity.parse_serial_number("a serial of the card") is None
        True
        """
        cleaned = text.strip().upper()
        if match := _SEMANTICS.fullmatch(cleaned):
            digits = _normalised(match["digits"])
            if match["kind"] in _NATIONAL_KINDS and digits:
                return cls(match["kind"], match["country"], digits)
            return None
        if _BARE_LATVIAN_SHAPE.fullmatch(cleaned):
            return cls("PNO", "", _normalised(cleaned))
        return None

    def masked(self) -> str:
        """For logs and lists: the kind and country, and the last four characters of the code."""
        return f"{self.kind}{self.country}-…{self.digits[-4:]}"


def _normalised(digits: str) -> str:
    return "".join(digits.replace("-", "").split())
