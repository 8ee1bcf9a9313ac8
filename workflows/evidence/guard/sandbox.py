"""How does a process give up what it does not need, for good?

Each restriction is asked of the kernel by itself. Where one is refused the others still hold; `Restrictions` says which
do, so that operators see it. None needs privileges.

- a network namespace of its own, with nothing in it, not even a loopback (in a user namespace, for ordinary users);
- Landlock: files under Python's own folders may be read, nothing else, nothing written; no TCP; no signals and no
  abstract sockets to processes outside (Linux 5.13, 6.7 and 6.12);
- limits on memory, processor time, open files, file sizes and core dumps;
- no new privileges, no debugger, death with the parent.

Numbers are those of Linux' user API headers (sched.h, prctl.h, landlock.h).
"""

import ctypes
import os
import resource
import signal
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["Restrictions", "die_with", "enter_sandbox", "limit"]

_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_PDEATHSIG, _DUMPABLE, _NO_NEW_PRIVS = 1, 4, 38
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_LANDLOCK_VERSION, _LANDLOCK_BENEATH = 1, 1
_READ = 0b1101  # execute, read file, read directory
# File rights by Landlock version: all are taken away, reading is given back under some folders.
_FILE_RIGHTS = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF, 5: 0xFFFF}
_TCP_SINCE, _SCOPES_SINCE = 4, 6

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Restrictions:
    """Which restrictions hold. `network` is the one that must: without it a document might reach other machines."""

    network: bool
    files: bool
    signals: bool

    def as_words(self) -> dict[str, bool]:
        """Return them for a frame."""
        return asdict(self)


def enter_sandbox(readable: Iterable[Path] = ()) -> Restrictions:
    """Confine this single-threaded process and all it will fork; `readable` folders stay readable beside Python's."""
    _prctl(_NO_NEW_PRIVS, 1)
    _prctl(_DUMPABLE, 0)
    own_network = _libc.unshare(_NEW_USER | _NEW_NET) == 0 or _libc.unshare(_NEW_NET) == 0
    version = int(_libc.syscall(_LANDLOCK_CREATE, None, 0, _LANDLOCK_VERSION))
    restricted = version > 0 and _restrict(version, [*_pythons_folders(), *readable])
    return Restrictions(network=own_network, files=restricted, signals=restricted and version >= _SCOPES_SINCE)


def limit(*, memory: int, seconds: float) -> None:
    """Bound this process: bytes of address space in all, seconds of processor time, few files, none written."""
    processor = max(1, round(seconds))
    for kind, wanted, spare in (
        (resource.RLIMIT_AS, memory, 0),
        # At the first limit SIGXCPU, which tells what happened; at the second SIGKILL, which tells nothing.
        (resource.RLIMIT_CPU, processor, 1),
        (resource.RLIMIT_NOFILE, 32, 0),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        _soft, hard = resource.getrlimit(kind)
        most = wanted + spare if hard == resource.RLIM_INFINITY else min(wanted + spare, hard)
        resource.setrlimit(kind, (min(wanted, most), most))
    # Counted for all processes of this user, so only a coarse limit, and none for root.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent, process number `parent`, ends."""
    _prctl(_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the wish was known
        os._exit(1)


def _restrict(version: int, readable: Iterable[Path]) -> bool:
    rights = _FILE_RIGHTS[min(version, max(_FILE_RIGHTS))]
    ruleset = struct.pack("QQQ", rights, 0b11, 0b11)
    size = 8 if version < _TCP_SINCE else 16 if version < _SCOPES_SINCE else 24
    rules = int(_libc.syscall(_LANDLOCK_CREATE, ruleset, size, 0))
    if rules < 0:
        return False
    try:
        for path in readable:
            _allow_reading(rules, path)
        return int(_libc.syscall(_LANDLOCK_RESTRICT, rules, 0)) == 0
    finally:
        os.close(rules)


def _allow_reading(rules: int, path: Path) -> None:
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there need not be readable
    try:
        # A rule for a single file may not name rights on directories.
        right = _READ if path.is_dir() else _READ & 0b101
        _libc.syscall(_LANDLOCK_ADD, rules, _LANDLOCK_BENEATH, struct.pack("=Qi", right, folder), 0)
    finally:
        os.close(folder)


def _pythons_folders() -> list[Path]:
    """Name what late imports and the C library read. Not `sys.path`: an editable install has `.env` beside the code."""
    here = Path(__file__).parents[2]
    ours = [here, here.with_name("signing")]
    python = [Path(prefix) / "lib" for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix}]
    system = [Path(name) for name in ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/share/zoneinfo")]
    files = [Path(name) for name in ("/etc/ld.so.cache", "/dev/null", "/dev/urandom")]
    return [*ours, *python, *system, *files]


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}")
