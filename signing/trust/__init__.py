"""Whom do Europe's trusted lists vouch for, for what, and at which moment?"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from signing.trust.errors import SupersededList, UnreadableList, UnusableList, UnverifiedList
from signing.trust.model import Pointer, QualifierRule, Service, StatusPeriod, TrustedList
from signing.trust.reading import read_list
from signing.trust.store import ListState, TrustStore

if TYPE_CHECKING:
    from signing.trust.authenticity import verify_list
    from signing.trust.loading import load_lotl

__all__ = [
    "ListState",
    "Pointer",
    "QualifierRule",
    "Service",
    "StatusPeriod",
    "SupersededList",
    "TrustStore",
    "TrustedList",
    "UnreadableList",
    "UnusableList",
    "UnverifiedList",
    "load_lotl",
    "read_list",
    "verify_list",
]

_LATE = {"verify_list": "signing.trust.authenticity", "load_lotl": "signing.trust.loading"}


def __getattr__(name: str) -> object:
    """Load what verifies lists when it is first asked for.

    Its XML signature library takes a fifth of a second to import, and the command line takes lists as given.
    """
    if name in _LATE:
        return getattr(importlib.import_module(_LATE[name]), name)
    raise AttributeError(name)
