"""Weak algorithms under SiVa's rules and under the standard's: what the first let pass the second do not."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from benchmarks._variants.kind import Variant, VariantKind
from builders.signing import edits
from builders.signing.other_keys import NOTE, identity, long_term, xades
from demo.pki import person
from demo.signer import Level, Wrong, sign_asice, sign_edoc
from signing.judging.algorithms import SIVA, TS_119_312

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

    from benchmarks._variants.environment import Environment

__all__ = ["KINDS"]

_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_SIZES = (1024, 1152, 1280, 1408, 1536, 1664, 1792, 1888)
_LEVELS = (Level.LT, Level.LTA)
_HASHES = {"sha256": hashes.SHA256(), "sha512": hashes.SHA512()}
_SIGNERS = ("head", "user", "seal")
_TWICE = (SIVA.name, TS_119_312.name)


def _with_rsa(environment: Environment, bits: int, name: str) -> bytes:
    key = rsa.generate_private_key(65537, bits)
    who = identity(environment.pki, key.public_key())

    def sign(data: bytes) -> bytes:
        return key.sign(data, padding.PKCS1v15(), _HASHES[name])

    return long_term(environment.pki, xades(environment.pki, who, f"{_MORE}rsa-{name}", sign), who)


def _with_curve(environment: Environment, curve: ec.EllipticCurve) -> bytes:
    key = ec.generate_private_key(curve)
    who = identity(environment.pki, key.public_key())
    width = (curve.key_size + 7) // 8

    def sign(data: bytes) -> bytes:
        r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(width, "big") + s.to_bytes(width, "big")

    return long_term(environment.pki, xades(environment.pki, who, f"{_MORE}ecdsa-sha256", sign), who)


def _judged_twice(name: str, content: bytes) -> Iterator[Variant]:
    """Honest by SiVa's rules, and by the standard's the same file may not pass."""
    for table in _TWICE:
        reason = "" if table == SIVA.name else "algorithm.too-weak"
        yield Variant(f"{name} by {table}", content, honest=table == SIVA.name, reason=reason, algorithms=table)


def _short_keys(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    """Make RSA keys from 1,024 bits, curves that are too short anywhere, and files changed afterwards."""
    for number, (bits, name) in enumerate(product(_SIZES, _HASHES)):
        made = _with_rsa(environment, bits, name)
        yield from _judged_twice(f"rsa {bits} {name}", made)
        changed = edits.replaced(made, NOTE[0], NOTE[1] + bytes([65 + dice.randrange(26)]))
        yield Variant(f"rsa {bits} {name} changed", changed, honest=False, algorithms=SIVA.name)
        if number % 4 == 0:
            for curve in (ec.SECP224R1(), ec.SECP192R1()):
                short = _with_curve(environment, curve)
                yield Variant(f"{curve.name} {number}", short, honest=False, algorithms=SIVA.name)


def _old_hashes(environment: Environment, dice: random.Random) -> Iterator[Variant]:
    """Make SHA-1 signatures of every level and signer, and files changed afterwards."""
    makers: tuple[Callable[..., bytes], ...] = (sign_edoc, sign_asice)
    for number, (level, signer, make) in enumerate(product(_LEVELS, _SIGNERS, makers)):
        made = make(
            [NOTE],
            person=person(signer),
            pki=environment.pki,
            at=environment.pki.epoch,
            level=level,
            wrong=Wrong(digest="sha1"),
        )
        name = f"sha1 {level} {signer} {number}"
        yield from _judged_twice(name, made)
        changed = edits.replaced(made, NOTE[0], NOTE[1] + bytes([65 + dice.randrange(26)]))
        yield Variant(f"{name} changed", changed, honest=False, algorithms=SIVA.name)
        renamed = edits.pack((f"x{one}" if one == NOTE[0] else one, content) for one, content in edits.entries_of(made))
        yield Variant(f"{name} renamed", renamed, honest=False, algorithms=SIVA.name)
        added = edits.added(made, "more.txt", b"unsigned")
        yield Variant(f"{name} with another file", added, honest=False, algorithms=SIVA.name)


KINDS: tuple[VariantKind, ...] = (
    VariantKind("siva-short-keys", _short_keys),
    VariantKind("siva-old-hashes", _old_hashes),
)
