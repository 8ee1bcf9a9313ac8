"""Processes that others started, as tests look at them."""

import psutil


def children(pid: int | None = None) -> list[int]:
    """List the processes whose parent `pid` (this process without one) is now, whichever of its threads started them.

    Asked of every process: a list kept by thread (proc(5), children) is gone in mid-reading when its thread ends.
    """
    return [child.pid for child in psutil.Process(pid).children()]


def lives(pid: int) -> bool:
    """Say whether a process still does anything: one that ended and waits to be asked how does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
