"""Where alembic meets our database: `workflows.migrating.migrate` hands in the open connection.

There is no offline mode and no alembic.ini: the one way to migrate is `viis migrate`.
"""

from alembic import context
from sqlalchemy import Connection, MetaData

_given = context.config.attributes
_connection = _given["connection"]
_metadata = _given.get("metadata")

if not isinstance(_connection, Connection):
    raise TypeError("migrations run through workflows.migrating.migrate(url)")

context.configure(
    connection=_connection,
    # Only a comparison of models and schema (a test) hands in metadata; migrations are written by hand.
    target_metadata=_metadata if isinstance(_metadata, MetaData) else None,
    compare_type=True,
    # Procrastinate's tables come with its own schema and have no models of ours.
    include_name=lambda name, kind, _parents: kind != "table" or not (name or "").startswith("procrastinate_"),
)

# The caller's transaction holds everything: a migration that fails half-way leaves nothing behind.
context.run_migrations()
