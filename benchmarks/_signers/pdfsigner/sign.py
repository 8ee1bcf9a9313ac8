"""pdfsignerpy, a Rust program with a Python door."""

from __future__ import annotations

import sys
from pathlib import Path

import pdfsigner

sys.path.insert(0, str(Path(__file__).parents[1]))

from driver import Wish, drive

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
    )


if __name__ == "__main__":
    drive(sign)
