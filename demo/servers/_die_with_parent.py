"""Become the given command, perhaps as another user, but never outlive the process that started it.

Run as a script: `python _die_with_parent.py PARENT_PID SIGNAL USER COMMAND…`; an empty USER means the current user.
On Linux the kernel sends SIGNAL when the parent dies, however it dies (prctl(2), PR_SET_PDEATHSIG). The request
survives the exec, but not a change of user, so the user is changed first. Elsewhere nothing is asked: a parent killed
with SIGKILL leaves processes behind, which the next start ends.
"""

import ctypes
import os
import pwd
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Ask for SIGNAL at the parent's death, then exec the command. Does not return."""
    parent, signal, user, *command = arguments
    if user:
        entry = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal), 0, 0, 0)
    if os.getppid() != int(parent):  # the parent died before prctl: nothing would stop this process
        sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606 - the command is the caller's own argument list, no shell wanted


if __name__ == "__main__":
    main(sys.argv[1:])
