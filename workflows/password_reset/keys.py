"""What does a mailed link hold, and how is it found again?

Two secrets open the same link: 256 random bits in the address, and a code of 16 characters for whoever has no
JavaScript or got an address cut short on its way. Of both only digests are kept.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass

__all__ = ["CODE_ALPHABET", "CODE_LENGTH", "Key", "digest_of", "new_key"]

# No I, O, 0 and 1: what can be mistaken for another is not there at all. 32 letters, so 16 of them are 80 bits.
CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 16

_GROUP = 4
_BYTES = 32
_CODE = re.compile(f"[{CODE_ALPHABET}]{{{CODE_LENGTH}}}")
_BETWEEN = re.compile(r"[\s\u2010-\u2015-]")
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Key:
    """Both secrets of one link, for its mail; they exist nowhere else."""

    secret: str
    code: str

    @property
    def grouped(self) -> str:
        """The code as people read it, in groups of four."""
        return "-".join(self.code[at : at + _GROUP] for at in range(0, CODE_LENGTH, _GROUP))


def new_key() -> Key:
    """Make the secrets of a new link."""
    return Key(
        secret=secrets.token_urlsafe(_BYTES),
        code="".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)),
    )


def digest_of(said: str) -> str:
    """Give the digest under which a secret is kept. A typed code counts with spaces, dashes and small letters too.

    >>> digest_of("abcd efgh-jklm npqr") == digest_of("ABCDEFGHJKLMNPQR")
    True
    """
    short = said[:_LONGEST]
    code = _BETWEEN.sub("", short).upper()
    return hashlib.sha256((code if _CODE.fullmatch(code) else short).encode("utf-8", "surrogatepass")).hexdigest()
