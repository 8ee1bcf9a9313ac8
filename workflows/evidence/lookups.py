"""How do we ask other servers for what the guard may not ask for itself?

`signing.online.client` does it, with its bounds; the settings say which private addresses may be asked (the demo's
loopback).
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache, partial

from signing import RevocationNeed
from signing.online.client import Client
from workflows.settings import Settings

__all__ = ["fetcher", "list_fetcher"]

_REVOCATION_SECONDS = 10.0
_LIST_SECONDS = 60.0


def fetcher(settings: Settings, *, at: datetime) -> Callable[[RevocationNeed], bytes]:
    """Return what gets OCSP answers and CRLs at the present moment `at`; it raises NotFetched.

    What it got for one document serves the next while it is good (`signing.online.cache`).
    """
    return partial(_client(settings.private_addresses_allowed, _REVOCATION_SECONDS).fulfil, at=at)


def list_fetcher(settings: Settings) -> Callable[[str], bytes]:
    """Return what gets trusted lists; it raises NotFetched."""
    return _client(settings.private_addresses_allowed, _LIST_SECONDS).get


@cache
def _client(private_allowed: tuple[str, ...], seconds: float) -> Client:
    # Kept: reading the system's certificates takes longer than judging a letter.
    return Client(private_allowed=private_allowed, seconds=seconds, user_agent="viis")
