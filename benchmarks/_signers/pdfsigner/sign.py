"""pdfsignerpy, a Rust program with a Python door."""

from __future__ import annotations

import pdfsigner  # type: ignore[import-not-found] # in an environment of its own

from benchmarks._signers.driver import Wish, drive

_LEVELS = {"B": "bb", "T": "bt", "LT": "blt", "LTA": "blta"}


def sign(wish: Wish) -> None:
    """Sign at the level wished for."""
    pdfsigner.sign_pdf(
        str(wish.source),
        str(wish.result),
        str(wish.key),
        "demo",
        reason="Parakstu",
        level=_LEVELS[wish.level],
        tsa_url=wish.stamps if wish.level != "B" else None,
        signtext="Parakstu" if wish.visible else None,
        x=wish.left,
    )


if __name__ == "__main__":
    drive(sign)
