"""Which personal codes do tests and benchmarks invent?"""

from hashlib import sha256

from iam.people.rules import CodeKind, PersonalCode, check_digit

__all__ = ["invented_code"]


def invented_code(seed: object, *, old: bool = False) -> PersonalCode:
    """Invent a valid Latvian code for tests and benchmarks, the same for the same seed.

    An old one belongs to somebody born on a day of the 1800s, so that it can be nobody's today.
    """
    number = int.from_bytes(sha256(repr(seed).encode()).digest()[:8])
    if not old:
        return PersonalCode("LV", CodeKind.PNO, f"32{number % 10**9:09d}")
    day, month, year, serial = number % 28 + 1, number // 28 % 12 + 1, number // 336 % 100, number // 33_600 % 1000
    first_ten = f"{day:02d}{month:02d}{year:02d}0{serial:03d}"
    return PersonalCode("LV", CodeKind.PNO, first_ten + check_digit(first_ten))
