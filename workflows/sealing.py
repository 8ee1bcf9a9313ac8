"""How is something handed to a browser, or kept for it, so that nobody else can read or change it?

AES-256-GCM (NIST SP 800-38D) with a random nonce in front. The key is made from a secret and a purpose, so that what
was sealed for one purpose opens for no other. At most 2^32 seals a key (section 8.3): a key from a browser's own secret
seals a handful, the installation's a few million in its life.
"""

import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = ["BrokenSealError", "Sealer"]

_NONCE = 12  # bytes


class BrokenSealError(ValueError):
    """Not sealed with this key, for this purpose and this holder, or changed since."""


class Sealer:
    """Seals and opens bytes for one purpose, with a key made from one secret.

    >>> ours = Sealer("greeting", b"a secret")
    >>> ours.open(ours.seal(b"Labdien", holder="a visit"), holder="a visit")
    b'Labdien'
    >>> ours.open(ours.seal(b"Labdien", holder="a visit"), holder="another")
    Traceback (most recent call last):
    ...
    workflows.sealing.BrokenSealError: sealed otherwise, or changed since
    """

    def __init__(self, purpose: str, secret: bytes) -> None:
        self._cipher = AESGCM(hashlib.sha256(purpose.encode() + b"\0" + secret).digest())

    def seal(self, plain: bytes, *, holder: str = "") -> bytes:
        """Return the bytes sealed; only who names the same `holder` opens them."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, holder.encode())

    def open(self, sealed: bytes, *, holder: str = "") -> bytes:
        """Return what was sealed. Raises BrokenSealError."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], holder.encode())
        except (InvalidTag, ValueError) as broken:
            raise BrokenSealError("sealed otherwise, or changed since") from broken
