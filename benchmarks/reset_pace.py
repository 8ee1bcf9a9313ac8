"""Asking for a password link: the same pace for usernames that exist and ones that do not, under load (`_pace`).

`python -m benchmarks.reset_pace 1000` takes fewer samples.
"""

from benchmarks._pace import measure

if __name__ == "__main__":
    measure("reset_pace", "/reset")
