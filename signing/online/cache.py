"""Which answers that were fetched may serve again? Documents come together, and their signers' CRLs are the same.

An answer is served a second time only where asking again could tell nothing that matters:

    (1) to a signature that existed when the answer was fetched: a certificate revoked since cannot touch it, and one
        revoked before would stand in it;
    (2) from the very address it came from: another one, named by somebody's certificate, cannot speak for it;
    (3) until its own nextUpdate and an hour at most; one without nextUpdate says that newer is always to be had
        (RFC 6960 §4.2.2.1), so it is not kept.

It is bounded in number and in bytes, and shared by threads. Time is an argument.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from signing.pki.revocation import read_crl, read_ocsp

if TYPE_CHECKING:
    from datetime import datetime

    from signing.model import RevocationNeed

__all__ = ["Cache", "next_update"]

_LONGEST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: bytes
    fetched: datetime
    until: datetime


class Cache:
    """Answers by address and request; those least asked for go first."""

    def __init__(self, *, most: int = 512, most_bytes: int = 48 * 1024 * 1024, longest: timedelta = _LONGEST) -> None:
        self._most, self._most_bytes, self._longest = most, most_bytes, longest
        self._kept: OrderedDict[tuple[str, str, str], _Kept] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def find(self, need: RevocationNeed, *, at: datetime) -> bytes | None:
        """Return an answer that still serves this need at the moment `at`."""
        key = _key(need)
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                return None
            if not kept.fetched <= at < kept.until:
                self._forget(key)
                return None
            if need.since is None or need.since > kept.fetched:
                return None
            self._kept.move_to_end(key)
            return kept.answer

    def keep(self, need: RevocationNeed, answer: bytes, *, at: datetime) -> None:
        """Remember an answer fetched at `at`, if it says how long it is good for."""
        promised = next_update(need.kind, answer)
        if promised is None or len(answer) > self._most_bytes:
            return
        kept = _Kept(answer, at, min(promised, at + self._longest))
        if kept.until <= at:
            return
        key = _key(need)
        with self._lock:
            self._forget(key)
            self._kept[key] = kept
            self._bytes += len(answer)
            while len(self._kept) > self._most or self._bytes > self._most_bytes:
                self._forget(next(iter(self._kept)))

    def _forget(self, key: tuple[str, str, str]) -> None:
        gone = self._kept.pop(key, None)
        if gone is not None:
            self._bytes -= len(gone.answer)


def next_update(kind: str, answer: bytes) -> datetime | None:
    """Return when newer is promised; None when it is not said, or the answer cannot be read."""
    if kind != "ocsp":
        crl = read_crl(answer)
        return crl.next_update if crl is not None else None
    read = read_ocsp(answer)
    said = [one.next_update for one in read.singles] if read is not None else []
    known = [one for one in said if one is not None]
    return min(known) if known and len(known) == len(said) else None


def _key(need: RevocationNeed) -> tuple[str, str, str]:
    return need.kind, need.url, hashlib.sha256(need.request).hexdigest()
