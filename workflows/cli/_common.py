"""What the commands share: settings or a plain sentence, one transaction, who acts."""

import gc
import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Never

from pydantic import ValidationError
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from iam.audit import Actor, ActorKind
from workflows import database
from workflows.settings import PREFIX, Settings

__all__ = ["failure", "freeze_loaded_objects", "load_settings", "operator", "unit"]


def load_settings() -> Settings:
    """Read the settings; leave with one line for each that is wrong."""
    try:
        return Settings.load()
    except ValidationError as wrong:
        for fault in wrong.errors():
            name = ".".join(str(part) for part in fault["loc"])
            sys.stderr.write(f"{PREFIX}{name.upper()}: {fault['msg']}\n")
    except (OSError, ValueError) as wrong:  # a file named by VIIS_…_FILE
        sys.stderr.write(f"{wrong}\n")
    sys.stderr.write("See viis settings for every setting.\n")
    sys.exit(78)  # EX_CONFIG of sysexits.h


@contextmanager
def unit(settings: Settings) -> Iterator[Session]:
    """Open the command's one transaction; leave with a sentence when there is no database."""
    engine = database.engine(settings.database_url, pool_size=1, application="viis-command")
    try:
        with database.transaction(database.session_factory(engine)) as session:
            yield session
    except OperationalError as away:
        failure(f"The database does not answer: {str(away.orig).strip()}", status=69)  # EX_UNAVAILABLE
    finally:
        engine.dispose()


def operator() -> Actor:
    """Name whoever sits at the terminal: the account of the operating system."""
    return Actor(ActorKind.SYSTEM, f"viis@{getpass.getuser()}")


def freeze_loaded_objects() -> None:
    """Keep the garbage collector from what is loaded by now; a process that serves calls it before it begins.

    Otherwise a full collection stops all answers every few hundred requests: a quarter of a second on a small machine.
    """
    gc.collect()
    gc.freeze()


def failure(sentence: str, *, status: int = 1) -> Never:
    """Say why it did not work, and leave."""
    sys.stderr.write(f"{sentence}\n")
    sys.exit(status)
