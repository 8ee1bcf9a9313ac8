"""How often is a statement compiled in tests? Once a process, as in the service, whose engines live as long as it does.

Each test has a database of its own and so several engines; each of these would compile anew what all the others did.
"""

from collections.abc import MutableMapping
from typing import Any

from sqlalchemy import Compiled, Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.util import LRUCache

_MANY = 3_000  # more than all tests together have different ones

_compiled: MutableMapping[Any, Compiled] = LRUCache(_MANY)


class SharingDialect(PGDialect_psycopg):
    """psycopg's own dialect; each takes what another compiled, since all speak alike to the same kind of server."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        """Give the engine what all share (SQLAlchemy's hook for dialects)."""
        engine._compiled_cache = _compiled


registry.register("postgresql.psycopg", __name__, SharingDialect.__name__)
