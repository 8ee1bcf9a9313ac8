"""Which functions of pyHanko are replaced, and which of its private names are used?

    replaced
    generic.read_hex_string_from_stream    long contents are passed over                          (`tokens`)
    generic.NameObject.read_from_stream    names are octets                                       (`tokens`)
    xref.parse_xref_stream                 /Index is bounded; unknown types of entries are free   (`xref_streams`)

    used, although private
    PdfFileReader._historical_resolver_cache                                                      (`revisions`)
    HistoricalResolver._load_reverse_xref_cache, _get_usages_of_ref, _subsume_object              (`revisions`)
    TrailerDictionary._trailer_revisions                                                          (`encryption`)

pyHanko offers no other way in: it looks its own functions up by these names. Another version may have others, so only
the version that was read and tested is accepted. `signing.pades` also holds two of its packages back at import.
"""

from __future__ import annotations

import logging
from typing import Final

from pyhanko.pdf_utils import generic, xref
from pyhanko.version import __version__

from signing.pades.reader.tokens import read_hex_string, read_name
from signing.pades.reader.xref_streams import read_entries

__all__ = ["TESTED_VERSION", "apply_patches"]

TESTED_VERSION: Final = "0.38.0"


def apply_patches() -> None:
    """Replace them; raises `RuntimeError` for a version of pyHanko that was not tested."""
    if __version__ != TESTED_VERSION:
        raise RuntimeError(f"the PDF reader is made for pyHanko {TESTED_VERSION}, and {__version__} is installed")
    generic.read_hex_string_from_stream = read_hex_string
    generic.NameObject.read_from_stream = staticmethod(read_name)  # type: ignore[method-assign] # see above
    xref.parse_xref_stream = read_entries
    # What pyHanko warns about becomes a fact of ours or nothing at all.
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
