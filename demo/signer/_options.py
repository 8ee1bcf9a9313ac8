"""Options of a signature: its level and times, and for tests its defects."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from demo.pki import Answer

__all__ = ["Level", "SigningOptions", "Wrong"]

#: The stamp follows the claimed time by so much, and the OCSP answer the stamp. So nothing has to be warned of.
_A_MOMENT = timedelta(seconds=2)


class Level(StrEnum):
    """Baseline levels of EN 319 132-1 and EN 319 142-1."""

    B = "B"
    T = "T"
    LT = "LT"
    LTA = "LTA"

    @property
    def stamped(self) -> bool:
        """Has a signature time stamp."""
        return self is not Level.B

    @property
    def long_term(self) -> bool:
        """Holds revocation data."""
        return self in {Level.LT, Level.LTA}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """The defects of a signature, each independent of the others; none by default.

    `unit`: the time-stamping unit, `tsa-plain` (listed, not qualified) or `tsa-unlisted`. `ocsp`: the status the
    responder states. `ocsp_about`, `named`: key of another person whose certificate the OCSP answer is about, or whose
    digest SigningCertificate holds. `stamp_over`: what is stamped in place of the signature. `properties_unsigned`:
    no reference to SignedProperties. `digest`: a weak one for all of the signature.
    """

    unit: str = "tsa"
    ocsp: Answer = Answer.TRUE
    ocsp_about: str = ""
    named: str = ""
    stamp_over: bytes | None = None
    properties_unsigned: bool = False
    digest: str = "sha256"


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningOptions:
    """Level, times and properties of one signature; `at` is the claimed signing time.

    `certifies`, of a PDF alone: what its first signature allows to be done afterwards (1 nothing, 2 filling in).
    """

    at: datetime
    level: Level = Level.LT
    stamped_at: datetime | None = None
    ocsp_at: datetime | None = None
    role: str = ""
    certificate_version: int = 1
    covers: tuple[str, ...] | None = None
    certifies: int | None = None
    wrong: Wrong = field(default_factory=Wrong)

    @property
    def stamp_time(self) -> datetime:
        """When the stamp is made."""
        return self.stamped_at or self.at + _A_MOMENT

    @property
    def ocsp_time(self) -> datetime:
        """When the responder answers; Latvian software asks before it stamps (`ocsp_at`)."""
        return self.ocsp_at or self.stamp_time + _A_MOMENT
