"""How much space do documents take, and how much is left? For `viis doctor` and for machines that watch.

PostgreSQL does not tell how full its disk is; where it runs on this machine, and lets us know where, the disk is asked.
"""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from workflows import policy
from workflows.evidence import quotas
from workflows.evidence.models import Held

__all__ = ["LEAST_FREE", "DiskSpace", "free_bytes", "measure"]

LEAST_FREE: Final = 2 * 1024**3
_FOLDER: Final = text(
    "SELECT CASE WHEN pg_has_role(current_user, 'pg_read_all_settings', 'USAGE')"
    " THEN current_setting('data_directory') END"
)


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """What is held and what may be, in bytes; `free` by the folder that was looked at."""

    database: int
    kept: int
    kept_most: int
    looked_at: int
    looked_at_most: int
    free: Mapping[str, int]


def measure(session: Session, *, at: datetime) -> DiskSpace:
    """Measure what is held, and what is free on the disks that can be seen."""
    numbers = policy.on(session, at)
    return DiskSpace(
        database=int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0),
        kept=quotas.held_bytes(session, Held.KEPT),
        kept_most=numbers.evidence_most,
        looked_at=quotas.held_bytes(session, Held.LOOKED_AT),
        looked_at_most=numbers.waiting_for_verdict,
        free=free_bytes(tempfile.gettempdir(), session.scalar(_FOLDER)),
    )


def free_bytes(*folders: str | None) -> Mapping[str, int]:
    """Say how much is free for each folder that is on this machine."""
    free: dict[str, int] = {}
    for folder in folders:
        if folder is not None and Path(folder).is_absolute():
            try:
                free[folder] = shutil.disk_usage(folder).free
            except OSError:
                continue  # another machine's folder, or not ours to look at
    return free
