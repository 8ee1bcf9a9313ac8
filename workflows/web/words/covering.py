"""Cover the personal codes of a report's signers wherever they stand in a text, whatever country gave them.

`workflows.logging.mask` knows codes by their shape, which a foreign code need not have; here the codes are known.
"""

import re
from collections.abc import Callable, Iterator

from signing.model import Report
from workflows.logging import mask

__all__ = ["covering"]

_COVER = "******"
_SHORTEST = 4  # what is shorter is no code, and would cover letters of names


def covering(report: Report | None) -> Callable[[str], str]:
    """Return what covers codes in a text: those of the report's signers, and all that have a code's shape."""
    codes = set() if report is None else {code for code in _codes(report) if len(code) >= _SHORTEST}
    if not codes:
        return mask
    known = re.compile("|".join(re.escape(code) for code in sorted(codes, key=len, reverse=True)), re.IGNORECASE)
    return lambda text: mask(known.sub(_COVER, text))


def _codes(report: Report) -> Iterator[str]:
    for one in report.signatures:
        if one.signer is not None and one.signer.identity is not None:
            yield one.signer.identity.digits
            if one.particulars is not None:
                yield one.particulars.serial_number.strip().partition("-")[2] or one.particulars.serial_number.strip()
    for nested in report.nested:
        if nested.report is not None:
            yield from _codes(nested.report)
