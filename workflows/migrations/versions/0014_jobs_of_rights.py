"""Jobs that bring rights to Keycloak are called by the room they moved to; those that wait go with them."""

from alembic import op
from sqlalchemy import text

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_MOVED = {"application.project": "rights.project", "application.follow_due": "rights.follow_due"}


def upgrade() -> None:
    for before, now in _MOVED.items():
        _rename(before, now)


def downgrade() -> None:
    for before, now in _MOVED.items():
        _rename(now, before)


def _rename(before: str, now: str) -> None:
    names = {"before": before, "now": now}
    connection = op.get_bind()
    connection.execute(text("UPDATE procrastinate_jobs SET task_name = :now WHERE task_name = :before"), names)
    connection.execute(
        text("UPDATE procrastinate_periodic_defers SET task_name = :now WHERE task_name = :before"), names
    )
