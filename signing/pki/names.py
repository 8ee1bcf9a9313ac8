"""Whom does a distinguished name name, and when are two of them one name?"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from cryptography.x509.oid import NameOID

from signing.identity import Identity

if TYPE_CHECKING:
    from cryptography import x509 as pyca

__all__ = ["NameKey", "attribute_of", "identity_of", "name_key"]

# A name to compare by RFC 5280 §7.1: attribute order kept, case folded, spaces collapsed.
NameKey = tuple[tuple[str, str], ...]


def name_key(name: pyca.Name) -> NameKey:
    """Make a name comparable; two names that a person reads as the same give the same key.

    >>> from cryptography.x509 import Name
    >>> a = Name.from_rfc4514_string("CN=Demo  CA,C=LV")
    >>> name_key(a) == name_key(Name.from_rfc4514_string("CN=demo ca,C=lv"))
    True
    """
    return tuple(
        (attribute.oid.dotted_string, " ".join(unicodedata.normalize("NFKC", str(attribute.value)).casefold().split()))
        for attribute in name
    )


def attribute_of(name: pyca.Name, oid: pyca.ObjectIdentifier) -> str:
    """Give the first value of that kind without blanks around it; "" where there is none."""
    return next((str(one.value).strip() for one in name.get_attributes_for_oid(oid)), "")


def identity_of(subject: pyca.Name) -> Identity | None:
    """Read the one person the serialNumbers name: a number of a card beside a code is none, two codes name nobody."""
    numbers = (str(one.value) for one in subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER))
    named = {identity for number in numbers if (identity := Identity.parse_serial_number(number)) is not None}
    return named.pop() if len(named) == 1 else None
