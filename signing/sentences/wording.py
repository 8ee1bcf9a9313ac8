"""By whose clock does a service speak, whom does it send to for help, and how does it call its policies?

By itself the library speaks of UTC and of nobody in particular. `using_wording` holds for what is said inside it, in
that thread or task alone.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PLAIN", "Wording", "current_wording", "using_wording"]


@dataclass(frozen=True, slots=True)
class Wording:
    """`adviser_en` and `adviser_lv` follow "ask" and "jautājiet", the latter in the dative.

    `policy_url` names policies of the service in reports for machines; `{name}` stands for the policy's name.
    """

    zone: tzinfo = UTC
    adviser_en: str = "whoever advises you on electronic documents"
    adviser_lv: str = "tam, kas jums palīdz ar elektroniskajiem dokumentiem"
    policy_url: str = "urn:signing:policy:{name}"

    def adviser(self, language: str) -> str:
        """Name the adviser in "lv" or "en"."""
        return self.adviser_lv if language == "lv" else self.adviser_en


PLAIN: Final = Wording()
_current: ContextVar[Wording] = ContextVar("wording", default=PLAIN)


def current_wording() -> Wording:
    """Give the wording that holds here."""
    return _current.get()


@contextmanager
def using_wording(wording: Wording) -> Iterator[None]:
    """Have sentences speak so inside the block, or inside the function it decorates."""
    token = _current.set(wording)
    try:
        yield
    finally:
        _current.reset(token)
