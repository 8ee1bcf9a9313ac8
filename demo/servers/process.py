"""How is a real server started, waited for, stopped, and found again after a crash?

One class for every process the demo and the tests start:

1. It runs in a session of its own, so that Ctrl-C reaches only the supervisor, which then stops the others in order.
2. It dies with its parent, however that dies (`_die_with_parent`).
3. It is recorded in its folder: process id, start time, boot id and a random mark in its environment. A later start
   ends a leftover process only if id, start time and boot agree, or if it carries the mark: another process with a
   reused id is never touched.
"""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

__all__ = ["ManagedProcess", "ProgramMissing", "ServerError", "ServerFailed", "free_port"]

# ServerError             a server of the demo is not available
# ├── ProgramMissing      a required program is not installed; the message says what to install
# └── ServerFailed        the server did not become ready, or ended; the message ends with its log


class ServerError(Exception):
    """A server of the demo or the tests is not available; the message is one sentence for a person."""


class ProgramMissing(ServerError):
    """A required program is not installed."""


class ServerFailed(ServerError):
    """A server did not become ready, or ended."""


_DIE_WITH_PARENT = Path(__file__).with_name("_die_with_parent.py")
_MARK = "VIIS_PART"
_POLL = 0.05  # seconds between two checks of a starting process
_LAST_WORDS = 15  # lines of log shown when it fails


def free_port() -> int:
    """A TCP port nobody listens on at 127.0.0.1 at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class _Record:
    """What identifies a started process beyond doubt, as kept in the part's folder."""

    pid: int
    began: str
    boot: str
    mark: str


class ManagedProcess:
    """One process of ours called `name`, with its log and record in `folder`.

    Call `start` from a thread that outlives it: for the kernel the starting thread is the parent.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        folder: Path,
        env: Mapping[str, str] | None = None,
        user: str | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        death_signal: signal.Signals = signal.SIGKILL,
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._command = list(command)
        self._folder = folder
        self._env = dict(os.environ if env is None else env)
        self._user = user
        self._stop_signal = stop_signal
        self._death_signal = death_signal
        self._record_file = folder / f"{name}.process.json"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while running."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def clean_leftover(self) -> tuple[int, ...]:
        """End the processes an earlier, killed run left under this name; return their ids."""
        record = self._read_record()
        if record is None:
            return ()
        leftovers = _processes_of(record)
        _end(leftovers)
        self._record_file.unlink(missing_ok=True)
        return tuple(process.pid for process in leftovers)

    def start(self) -> None:
        """Start the process; returns at once. Leftovers under the same name are ended first."""
        self.clean_leftover()
        self._folder.mkdir(parents=True, exist_ok=True)
        mark = secrets.token_hex(16)
        tether = [sys.executable, "-I", "-S", str(_DIE_WITH_PARENT), str(os.getpid()), str(int(self._death_signal))]
        if self.log.exists():  # the log of an earlier run, or of the one that just ended
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command, no shell
                [*tether, self._user or "", *self._command],
                env={**self._env, _MARK: mark},
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        record = _Record(self._process.pid, _began(self._process.pid), _boot(), mark)
        self._record_file.write_text(json.dumps(asdict(record)))

    def await_ready(self, answers: Callable[[], bool], *, within: float) -> None:
        """Return when `answers()` is true. Raises ServerFailed when the process ends or `within` seconds pass first."""
        if self._process is None:
            raise ServerFailed(f"{self.name} was not started.")
        waited = 0.0
        while not answers():
            try:
                status = self._process.wait(timeout=_POLL)
            except subprocess.TimeoutExpired:
                waited += _POLL
                if waited < within:
                    continue
                words = self.last_words()
                self.stop()
                raise ServerFailed(f"{self.name} did not answer within {within:.0f} s.\n{words}") from None
            raise ServerFailed(f"{self.name} ended with status {status} instead of starting.\n{self.last_words()}")

    def wait(self, timeout: float | None = None) -> int | None:
        """The exit status once the process ended, or None after `timeout` seconds."""
        if self._process is None:
            return None
        try:
            return self._process.wait(timeout=timeout)
        except subprocess.TimeoutExpired:
            return None

    def stop(self, *, patience: float = 10.0) -> None:
        """Ask the process to end, wait, and kill it and its descendants when it does not."""
        self._finish(self._stop_signal, patience)

    def kill(self) -> None:
        """End the process as a crash would (SIGKILL)."""
        self._finish(signal.SIGKILL, 0)

    def last_words(self) -> str:
        """The end of the log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-_LAST_WORDS:])

    def _finish(self, with_signal: signal.Signals, patience: float) -> None:
        if self._process is None:
            return
        record = self._read_record()
        if self._process.poll() is None:
            self._process.send_signal(with_signal)
            try:
                self._process.wait(timeout=patience)
            except subprocess.TimeoutExpired:
                self._process.kill()
        if record is not None:
            _end(_processes_of(record))
        self._process.wait()
        self._record_file.unlink(missing_ok=True)
        self._process = None

    def _read_record(self) -> _Record | None:
        try:
            return _Record(**json.loads(self._record_file.read_text()))
        except (OSError, ValueError, TypeError):  # never written, or torn by the crash itself
            return None


def _boot() -> str:
    """What tells this boot of the machine from any other: process ids start anew with each."""
    linux = Path("/proc/sys/kernel/random/boot_id")
    return linux.read_text().strip() if linux.exists() else str(int(psutil.boot_time()))


def _began(pid: int) -> str:
    """When a process began, exactly. Raises psutil.NoSuchProcess.

    On Linux in ticks since boot (proc(5), field 22 of stat), which setting the clock does not move.
    """
    if sys.platform != "linux":
        return str(psutil.Process(pid).create_time())
    try:
        said = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        raise psutil.NoSuchProcess(pid) from None
    return said.rpartition(")")[2].split()[19]  # the name, in brackets, may hold anything


def _processes_of(record: _Record) -> list[psutil.Process]:
    """The recorded process, if it is still the same one, and all that inherited its mark."""
    if record.boot != _boot():
        return []
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            itself = process.pid == record.pid and _began(process.pid) == record.began
            if itself or process.environ().get(_MARK) == record.mark:
                found.append(process)
        except psutil.Error:  # ended meanwhile, or of another user
            continue
    return found


def _end(processes: Sequence[psutil.Process]) -> None:
    """End these: SIGTERM first, then SIGKILL."""
    for process in processes:
        _send(process, signal.SIGTERM)
    _, stubborn = psutil.wait_procs(processes, timeout=5)
    for process in stubborn:
        _send(process, signal.SIGKILL)
    psutil.wait_procs(stubborn, timeout=5)


def _send(process: psutil.Process, what: signal.Signals) -> None:
    try:
        process.send_signal(what)
    except psutil.Error:
        return
