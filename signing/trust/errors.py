"""Why is a trusted list not used?

    TrustUnavailable (signing.errors)
    └── UnusableList            this list cannot be used, and this is why (code, params)
        ├── UnreadableList      no trusted list of a version we know, or too large
        ├── UnverifiedList      not signed as a whole by one of the announced signers
        └── SupersededList      older than the one accepted last: a rollback

An outdated list is not an error: staleness is a state, reported with every verdict.
"""

from __future__ import annotations

from signing.errors import TrustUnavailable

__all__ = ["SupersededList", "UnreadableList", "UnusableList", "UnverifiedList"]


class UnusableList(TrustUnavailable):
    """A trusted list that cannot be used."""


class UnreadableList(UnusableList):
    """No trusted list of a version we know, or larger than any honest one."""


class UnverifiedList(UnusableList):
    """Not signed as a whole by one of the announced signers."""


class SupersededList(UnusableList):
    """Older than the list accepted last."""
