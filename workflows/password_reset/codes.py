"""Is somebody there who can read or hear? A code that lives in the form, not in a table, until it is answered.

The page carries the code sealed (AES-GCM under the installation's key, bound to the browser's visit), so that looking
at the page writes nothing and any web process can draw or speak it. Only an answer is written down: its tries, and
that it is spent.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Final

from sqlalchemy import Integer, Table, bindparam
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from iam.base import Base
from workflows.password_reset.models import SeenCode
from workflows.sealing import Sealer

__all__ = ["ALPHABET", "Answered", "BadToken", "OpenedCode", "Seals", "answer", "spend_once"]

# Letters that stay distinct when they are tilted and struck through. Look-alikes are left out: I1, O0Q, S5, Z2,
# B8, G6, UV, JWY. So are 4 and F, misread as A and E, and 9, which a person takes for a small g.
ALPHABET = "ABCDEHKLMNPRSTVXZ367"

# Of the table and built once, like the statements of `limits`.
_SEEN: Final[Table] = Base.metadata.tables[SeenCode.__tablename__]
_SPENT: Final = (
    insert(_SEEN)
    .values(digest=bindparam("digest"), tries=0, spent=True, until=bindparam("until"))
    .on_conflict_do_update(
        index_elements=["digest"],
        set_={"spent": True},
        where=~_SEEN.c.spent & (_SEEN.c.tries < bindparam("allowed", type_=Integer)),
    )
    .returning(_SEEN.c.digest)
)
_TRIED: Final = (
    insert(_SEEN)
    .values(digest=bindparam("digest"), tries=1, spent=False, until=bindparam("until"))
    .on_conflict_do_update(index_elements=["digest"], set_={"tries": _SEEN.c.tries + 1})
    .returning(_SEEN.c.tries, _SEEN.c.spent)
)

_STAMP = 8


class BadToken(ValueError):
    """Not a code of ours, or of another visit."""


@dataclass(frozen=True, slots=True)
class OpenedCode:
    """A code as its picture shows it. `seed` makes its picture and sound the same at every look."""

    text: str
    until: datetime
    digest: str
    seed: int


class Seals:
    """Seals and opens codes; `key` is the installation's secret."""

    def __init__(self, key: bytes) -> None:
        self._sealer = Sealer("viis reset code", key)
        self._seeds = hashlib.sha256(b"viis reset picture\0" + key).digest()

    def new(self, visit: str, *, length: int, until: datetime) -> str:
        """Make up a code of `length` characters for this visit and return it sealed, fit for an address."""
        text = "".join(secrets.choice(ALPHABET) for _ in range(length))
        return self.seal(text, visit, until=until)

    def seal(self, text: str, visit: str, *, until: datetime) -> str:
        """Seal this code; for tests that must know it."""
        sealed = self._sealer.seal(int(until.timestamp()).to_bytes(_STAMP, "big") + text.encode(), holder=visit)
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, token: str, visit: str) -> OpenedCode:
        """Open a sealed code; raises BadToken for a forged one and for one of another visit."""
        try:
            sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            plain = self._sealer.open(sealed, holder=visit)
        except ValueError as bad:
            raise BadToken("not a code of this visit") from bad
        return OpenedCode(
            text=plain[_STAMP:].decode(),
            until=datetime.fromtimestamp(int.from_bytes(plain[:_STAMP], "big"), UTC),
            digest=hashlib.sha256(sealed).hexdigest(),
            seed=int.from_bytes(hmac.digest(self._seeds, sealed, hashlib.sha256), "big"),
        )


class Answered(Enum):
    """What an answer to a code was."""

    RIGHT = auto()
    WRONG = auto()  # the same code may be tried again
    OVER = auto()  # too late, answered before, or tried too often: a new code


def answer(session: Session, code: OpenedCode, typed: str, *, tries: int, at: datetime) -> Answered:
    """Judge an answer and write it down; of two right ones at the same moment one counts."""
    if code.until <= at:
        return Answered.OVER
    seen = {"digest": code.digest, "until": code.until}
    # Compared as bytes and in constant time. Only capitals exist, so small letters are the same ones; those outside
    # ASCII stay what they are (bytes.upper).
    if hmac.compare_digest(code.text.encode(), typed.encode("utf-8", "surrogatepass").upper()):
        taken = session.execute(_SPENT, seen | {"allowed": tries}).one_or_none()
        return Answered.OVER if taken is None else Answered.RIGHT
    tried = session.execute(_TRIED, seen).one()
    return Answered.OVER if tried.spent or tried.tries >= tries else Answered.WRONG


def spend_once(session: Session, what: str, *, until: datetime) -> bool:
    """Whether `what` (a proof of work) is shown for the first time; remembered until it would have ended anyway."""
    digest = hashlib.sha256(what.encode("utf-8", "surrogatepass")).hexdigest()
    first = session.execute(
        insert(_SEEN)
        .values(digest=digest, tries=0, spent=True, until=until + timedelta(minutes=1))
        .on_conflict_do_nothing()
        .returning(_SEEN.c.digest)
    )
    return first.one_or_none() is not None
