"""What is sealed opens for its holder and its purpose, whole, and for nothing else."""

import hashlib

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from workflows.sealing import BrokenSealError, Sealer

SEALED = Sealer("purpose", b"secret").seal(b"text", holder="visit")


def test_two_seals_of_the_same_differ() -> None:
    assert Sealer("purpose", b"secret").seal(b"text") != Sealer("purpose", b"secret").seal(b"text")


@pytest.mark.parametrize(
    ("sealer", "sealed", "holder"),
    [
        (Sealer("another", b"secret"), SEALED, "visit"),
        (Sealer("purpose", b"another"), SEALED, "visit"),
        (Sealer("purpose", b"secret"), SEALED, "another"),
        (Sealer("purpose", b"secret"), SEALED, ""),
        (Sealer("purpose", b"secret"), SEALED[:-1], "visit"),
        (Sealer("purpose", b"secret"), SEALED[:-1] + bytes([SEALED[-1] ^ 1]), "visit"),
        (Sealer("purpose", b"secret"), b"", "visit"),
        (Sealer("purpose", b"secret"), b"short", "visit"),
    ],
    # A seal differs each time it is made: a name taken from it would differ between two workers.
    ids=["purpose", "secret", "holder", "no holder", "cut", "changed", "empty", "short"],
)
def test_what_was_sealed_otherwise_or_changed_does_not_open(sealer: Sealer, sealed: bytes, holder: str) -> None:
    with pytest.raises(BrokenSealError):
        sealer.open(sealed, holder=holder)


def test_what_was_sealed_before_still_opens() -> None:
    """Sessions and kept forms outlive a new version of the program."""
    key = hashlib.sha256(b"viis web session: refresh token\0" + b"token").digest()
    sealed = bytes(12) + AESGCM(key).encrypt(bytes(12), b"refresh", None)
    assert Sealer("viis web session: refresh token", b"token").open(sealed) == b"refresh"
