"""Become the given command, perhaps as another user, but never outlive the process that started it.

Run as a script: `python _tether.py PARENT_PID SIGNAL USER COMMAND…` (an empty USER stays who we are). On Linux the
kernel is asked (prctl(2), PR_SET_PDEATHSIG) to send SIGNAL when the parent dies, however it dies; the request survives
the exec, but not a change of user, so that comes first. Elsewhere than on Linux nothing is asked, and a parent killed
with SIGKILL leaves leftovers, which the next start cleans up.
"""

import ctypes
import os
import pwd
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Tie this process to its parent and replace it with the command. Does not return."""
    parent, signal, user, *command = arguments
    if user:
        entry = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal), 0, 0, 0)
    if os.getppid() != int(parent):  # it died before we asked: nobody would ever stop us
        sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606 - the command is the caller's own argument list, no shell wanted


if __name__ == "__main__":
    main(sys.argv[1:])
