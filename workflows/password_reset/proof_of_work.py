"""The way without transcribing: the browser works for a second or two instead of the person (ALTCHA, version 2).

The same solution verifies as often as it is shown, so each is remembered once it was. A challenge is bound to the
visit it was made for: solutions cannot be gathered elsewhere and brought along.
"""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import cast

from altcha import Payload, create_challenge, verify_solution
from sqlalchemy.orm import Session

from workflows.password_reset.codes import spend_once

__all__ = ["LONGEST_SOLUTION", "ProofOfWork"]

LONGEST_SOLUTION = 4096

# PBKDF2 is native in every browser; 10,000 rounds take 2 to 4 ms. 200 to 400 of them take about a second on a desktop
# and a few on an old telephone. A program that wants a thousand answers pays a thousand times.
_ALGORITHM = "PBKDF2/SHA-256"
_ROUNDS = 10_000
_LEAST, _MOST = 200, 400
# Ten times that while limits are reached: a person waits half a minute at most, a flood pays tenfold.
_HEAVIER = 10


class ProofOfWork:
    """Sets and checks the work; `key` is the installation's secret."""

    def __init__(self, key: bytes) -> None:
        self._key = hashlib.sha256(b"viis reset proof of work\0" + key).digest()

    def challenge(self, visit: str, *, until: datetime, heavy: bool = False) -> dict[str, object]:
        """Make a challenge for this visit, as the browser's script takes it."""
        times = _HEAVIER if heavy else 1
        made = create_challenge(
            _ALGORITHM,
            _ROUNDS,
            counter=times * (_LEAST + secrets.randbelow(_MOST - _LEAST)),
            expires_at=until,
            data={"visit": _mark(visit), "times": str(times)},
            hmac_secret=self._key,
        )
        return cast("dict[str, object]", made.to_dict())

    def accept(self, session: Session, solution: str, visit: str, *, at: datetime, heavy: bool = False) -> bool:
        """Whether the work was done, for this visit, in time, as heavy as asked, and is shown for the first time."""
        if len(solution) > LONGEST_SOLUTION:
            return False
        try:
            payload = Payload.from_base64(solution)
            checked = verify_solution(payload, self._key)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
            return False
        if not checked.verified:
            return False
        # From here on the challenge is known to be ours, unchanged.
        parameters = payload.challenge.parameters
        until = datetime.fromtimestamp(parameters.expires_at or 0, UTC)
        said = parameters.data or {}
        if until <= at or said.get("visit") != _mark(visit) or (heavy and said.get("times") != str(_HEAVIER)):
            return False
        return spend_once(session, payload.challenge.signature or "", until=until + timedelta(minutes=1))


def _mark(visit: str) -> str:
    return hashlib.sha256(b"viis visit\0" + visit.encode()).hexdigest()[:32]
