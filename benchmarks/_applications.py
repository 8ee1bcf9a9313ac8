"""Applicants for benchmarks: as many as needed, each with an application of their own (`filed`)."""

from builders.iam.codes import invented_code
from demo.pki import Person

__all__ = ["invented"]

_SYLLABLES = ("ba", "do", "ga", "ki", "la", "me", "ni", "po", "ru", "sa", "ta", "vi")


def invented(number: int) -> Person:
    """Make an invented person without a certificate, another one for each number."""
    name = "".join(_SYLLABLES[number // 12**place % 12] for place in range(4))
    return Person(
        key=f"bench{number}",
        given_name="Ance",
        surname=name.capitalize() + "ne",
        code=invented_code(f"bench {number}").written,
        purpose="measured with",
    )
