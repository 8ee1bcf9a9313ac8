"""poppler's pdfsig with keys in an NSS database of its own."""

from __future__ import annotations

import subprocess
from tempfile import TemporaryDirectory

from benchmarks._signers.driver import Wish, drive


def _do(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - by name
    if done.returncode != 0:
        raise RuntimeError(done.stderr or done.stdout)


def sign(wish: Wish) -> None:
    """Put the key into a new database, trust its root, sign."""
    with TemporaryDirectory() as folder:
        database = f"sql:{folder}"
        _do("certutil", "-N", "-d", database, "--empty-password")
        _do("pk12util", "-i", str(wish.key), "-d", database, "-W", "demo", "-K", "")
        root = wish.key.parent / "root.pem"
        _do("certutil", "-A", "-d", database, "-n", "root", "-t", "C,C,C", "-i", str(root))
        who = ["-nssdir", database, "-nss-pwd", "", "-nick", wish.key.stem]
        # pdfsig shows every signature it makes.
        _do("pdfsig", str(wish.source), str(wish.result), "-add-signature", *who, "-reason", "Parakstu")


if __name__ == "__main__":
    drive(sign)
