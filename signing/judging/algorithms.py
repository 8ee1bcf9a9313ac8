"""Which algorithms could be relied on until when: ETSI TS 119 312 as dated data.

A signature is judged by what was sound at the time it provably existed, so each entry is the last day on which a
proof of existence still counts. Sources: TS 119 312 v1.4.3 and v1.5.1 (tables 2 to 6), SOG-IS Agreed Cryptographic
Mechanisms; for what had lapsed before, the dates of TS 102 176-1; for EdDSA v2.1.1, the first to agree on it, and with
it the SHAKE256 that RFC 8419 binds to Ed448. No date: no end is announced. What is not named was never agreed on.

`SIVA` is another such table, for reports under SiVa's policies alone: validation policy document of SiVa 3, section
"Cryptographic algorithm constraints", and the key sizes of the constraints it is run with. It knows no dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from signing.pki.keys import KeyFacts, Scheme

__all__ = ["SIVA", "TABLES", "TS_119_312", "AlgorithmTable", "sound_until", "too_weak"]

_HASHES: dict[str, date | None] = {
    "md5": date(2005, 8, 1),
    "sha1": date(2012, 8, 1),
    "sha224": date(2026, 1, 1),
    "sha256": None,
    "sha384": None,
    "sha512": None,
    "sha3-224": date(2026, 1, 1),
    "sha3-256": None,
    "sha3-384": None,
    "sha3-512": None,
    "shake256": None,
}
# By kind of key: sizes from the largest to the smallest, each with its last day.
_KEYS: dict[str, tuple[tuple[int, date | None], ...]] = {
    "rsa": ((3000, None), (1900, date(2029, 1, 1)), (1024, date(2010, 1, 1)), (768, date(2005, 8, 1))),
    "dsa": ((3072, None), (2048, date(2029, 1, 1)), (1024, date(2010, 1, 1))),
    "ec": ((256, None), (224, date(2021, 1, 1)), (192, date(2010, 1, 1)), (160, date(2008, 1, 1))),
    "ed25519": ((0, None),),
    "ed448": ((0, None),),
}
_NEVER = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class AlgorithmTable:
    """The last day of each hash, and of each kind of key by size; None where no end is announced."""

    name: str
    hashes: Mapping[str, date | None]
    keys: Mapping[str, tuple[tuple[int, date | None], ...]]


TS_119_312 = AlgorithmTable("ts-119-312", MappingProxyType(_HASHES), MappingProxyType(_KEYS))
# SHA-1 and SHA-224 have no end date, RSA starts at 1,024 bits; SiVa's constraints refuse curves below 256 bits.
SIVA = AlgorithmTable(
    "siva",
    MappingProxyType({**_HASHES, "sha1": None, "sha224": None, "sha3-224": None}),
    MappingProxyType({**_KEYS, "rsa": ((1024, None),), "ec": ((256, None),)}),
)
TABLES = MappingProxyType({one.name: one for one in (TS_119_312, SIVA)})


def sound_until(*, hash_names: Iterable[str], keys: Iterable[KeyFacts]) -> date | None:
    """Return the last day on which all of these together were sound; None when no end is announced.

    >>> sound_until(hash_names=["sha256", "sha1"], keys=[])
    datetime.date(2012, 8, 1)
    """
    ends = [_HASHES.get(name, _NEVER) for name in hash_names if name]
    ends += [_key_end(key) for key in keys]
    dated = [end for end in ends if end is not None]
    return min(dated) if dated else None


def _key_end(key: KeyFacts, table: AlgorithmTable = TS_119_312) -> date | None:
    return next((end for size, end in table.keys.get(key.kind, ()) if key.bits >= size), _NEVER)


def too_weak(
    scheme: Scheme | None,
    key: KeyFacts,
    moment: datetime,
    *,
    hash_names: Iterable[str] = (),
    table: AlgorithmTable = TS_119_312,
) -> str:
    """Name what could no longer be relied on at that moment; "" when all of it could.

    >>> from signing.pki.keys import KeyFacts, Scheme, SchemeKind
    >>> rsa = KeyFacts("rsa", 2048)
    >>> too_weak(Scheme(SchemeKind.RSA, "sha1"), rsa, datetime(2020, 1, 1, tzinfo=UTC))
    'sha1'
    >>> too_weak(Scheme(SchemeKind.RSA, "sha256"), rsa, datetime(2020, 1, 1, tzinfo=UTC))
    ''
    """
    used = [name for name in (scheme.hash_name if scheme else "", *hash_names) if name]
    if scheme is not None and scheme.mgf_hash_name:
        used.append(scheme.mgf_hash_name)
    for name in used:
        if _past(table.hashes.get(name, _NEVER), moment):
            return name
    return f"{key.kind} {key.bits}" if _past(_key_end(key, table), moment) else ""


def _past(end: date | None, moment: datetime) -> bool:
    return end is not None and moment >= datetime.combine(end, time(), UTC) + timedelta(days=1)
