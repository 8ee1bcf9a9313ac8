"""Which functions of pyHanko are replaced? All of them at one call, and only in the version they were read in.

    tokens           names are octets; names and hexadecimal strings are read in one go
    xref_streams     /Index is bounded; an entry of an unknown type makes its object null
    logging          pyHanko's warnings are silenced: what matters in them becomes a fact

Two more things rest on the same version. `revisions` overrides private methods of pyHanko's reader by inheritance, and
`lazy_packages` keeps the initialiser of `pyhanko.sign` from running, before anything imports from there.
"""

from __future__ import annotations

import logging
from typing import Final

from pyhanko.version import __version__

from signing.pades.reader import tokens, xref_streams

__all__ = ["PYHANKO", "apply_patches"]

PYHANKO: Final = "0.38.0"


def apply_patches(installed: str = __version__) -> None:
    """Replace pyHanko's functions by ours; a second call changes nothing.

    Raises `ImportError` for another version: a function that was renamed there would be replaced without effect.
    """
    if installed != PYHANKO:
        raise ImportError(f"pyHanko {installed} is installed; its patches were written for {PYHANKO}")
    tokens.replace_token_readers()
    xref_streams.replace_xref_stream_parser()
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
