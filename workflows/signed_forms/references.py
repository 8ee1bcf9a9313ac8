"""Reference numbers people can read out over the telephone, and links nobody can guess.

A reference is eleven random characters and a check character from an alphabet of 23 without look-alikes (no 0 O, 1 I
L, 2 Z, 5 S, 8 B, U V): 23^11 is some 2^49, so nobody meets another's by trying, and a link is needed besides. 23 is
prime, so the weighted sum finds every single wrong character and every two exchanged neighbours.
"""

import base64
import hashlib
import secrets

from workflows.signed_forms.errors import BadReference

__all__ = ["digest_of", "mailbox_mark", "new_reference", "new_token", "parse_reference"]

_ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
_RANDOM = 11
_TOKEN_BYTES = 32  # 256 bit


def new_reference() -> str:
    """Draw a reference, as it is stored and shown: three groups of four.

    >>> parse_reference(new_reference().lower().replace("-", " ")) != ""
    True
    """
    body = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM))
    return _grouped(body + _check(body))


def parse_reference(text: str) -> str:
    """Read a reference as people type it, with or without dashes and spaces; raises BadReference.

    >>> parse_reference("3333 3333 333")
    Traceback (most recent call last):
    ...
    workflows.signed_forms.errors.BadReference: not a reference number
    """
    typed = "".join(text.upper().replace("-", " ").split())
    known = len(typed) == _RANDOM + 1 and all(letter in _ALPHABET for letter in typed)
    if not known or _check(typed[:-1]) != typed[-1]:
        raise BadReference("not a reference number")
    return _grouped(typed)


def new_token(mark: str = "") -> tuple[str, str]:
    """Draw a link's secret: (what goes into the link, what is stored). It begins with the mark."""
    token = mark + secrets.token_urlsafe(_TOKEN_BYTES)
    return token, digest_of(token)


def digest_of(token: str) -> str:
    """Say what is stored of a link's secret. No salt: 256 random bits have nothing to look up."""
    return hashlib.sha256(token.encode()).hexdigest()


def mailbox_mark(reference: str, party: str, email: str) -> str:
    """Mark a party's mailbox, in letters of base64 for addresses (RFC 4648 §5): a digest, so it names nobody."""
    known = f"viis link mailbox\0{reference}\0{party}\0{email.strip().casefold()}".encode()
    return base64.urlsafe_b64encode(hashlib.sha256(known).digest()).decode().rstrip("=")


def _check(body: str) -> str:
    # Weights 2, 3, … 12 differ from each other and from 0 modulo 23.
    total = sum(weight * _ALPHABET.index(letter) for weight, letter in enumerate(body, start=2))
    return _ALPHABET[total % len(_ALPHABET)]


def _grouped(plain: str) -> str:
    return "-".join(plain[start : start + 4] for start in range(0, len(plain), 4))
