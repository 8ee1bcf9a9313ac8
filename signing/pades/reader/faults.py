"""Which errors speak of the file, and which of our program?

pyHanko's reader says `PdfError` of much that is wrong with a file, and stumbles over the rest: a number where its lines
expect a dictionary ends as AttributeError, a missing entry as KeyError, a number that is none as ValueError. Such an
error speaks of the file when a library's lines raise it. Our own lines check a value first and raise `Malformed`. Any
other error of theirs, a plain ValueError or ZeroDivisionError too, is a bug; so is one of a kind that no file can
cause. A bug goes through, and the document could not be judged. Fuzzing found the kinds named below
(`benchmarks.mutants`).
"""

from __future__ import annotations

import functools
import re
import struct
import sys
import zlib
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError

from signing.errors import BrokenDocument, SigningError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Malformed", "attempted", "guarded", "is_of_the_file", "said", "value_of", "whole"]

_P = ParamSpec("_P")
_R = TypeVar("_R")

_LIBRARIES: Final = frozenset({"pyhanko", "pyhanko_certvalidator", "asn1crypto", "cryptography"})
# ArithmeticError: decimal.InvalidOperation of a number that is none. NotImplementedError: a filter or predictor that
# pyHanko does not decode.
_IN_LIBRARIES: Final = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    NotImplementedError,
    EOFError,
    struct.error,
    zlib.error,
)
_OBJECT: Final = re.compile(r"<[\w.]*?(\w+) object at 0x[0-9a-f]+>")
_LONGEST: Final = 300


class Malformed(ValueError):
    """A value of the file is of another type than ISO 32000 says."""


def is_of_the_file(error: Exception) -> bool:
    """Whether the error says that the file is damaged, and not that our program or its machine is."""
    if isinstance(error, PdfError | Malformed):
        return True
    if isinstance(error, RecursionError):
        return _recurs_in_a_library(error)
    return isinstance(error, _IN_LIBRARIES) and _LIBRARIES.issuperset(_packages(error)[-1:] or [""])


def _recurs_in_a_library(error: Exception) -> bool:
    """Whether most calls are a library's: values nested in values. The last call of them may be one of ours."""
    return any(name in _LIBRARIES for name, _ in Counter(_packages(error)).most_common(1))


def _packages(error: Exception) -> list[str]:
    """Name the package of each call down to the line that raised, without Python's own modules."""
    found, traceback = [], error.__traceback__
    while traceback is not None:
        found.append(str(traceback.tb_frame.f_globals.get("__name__", "")).partition(".")[0])
        traceback = traceback.tb_next
    return [name for name in found if name not in sys.stdlib_module_names]


def said(error: Exception) -> str:
    """Give the words of an error, the same for the same file: objects of Python's in them lose their addresses."""
    return _OBJECT.sub(r"\1", str(error))


def guarded(call: Callable[_P, _R]) -> Callable[_P, _R]:
    """Turn every error that speaks of the file into `BrokenDocument`; others go through."""

    @functools.wraps(call)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return call(*args, **kwargs)
        except SigningError:
            raise
        except Exception as error:
            if not is_of_the_file(error):
                raise
            reason = f"{type(error).__name__}: {said(error)}"
            raise BrokenDocument("pdf.damaged", {"error": reason[:_LONGEST]}) from error

    return run


def attempted(call: Callable[[], _R]) -> _R | None:
    """Call; give None where the file is too broken for it."""
    try:
        return call()
    except SigningError:
        raise
    except Exception as error:
        if not is_of_the_file(error):
            raise
        return None


def value_of(dictionary: Any, key: str, default: Any = None) -> Any:  # noqa: ANN401 - pyHanko has no types
    """Look a key up and follow what it refers to; a plain `get` would give the reference.

    Arrays and strings have no entries. Raises `Malformed` for anything else that is no dictionary.
    """
    if isinstance(dictionary, list | str | bytes):
        return default
    if not isinstance(dictionary, generic.DictionaryObject):
        raise Malformed(f"{key} of something that is no dictionary")
    return dictionary[key] if key in dictionary else default  # noqa: SIM401 - see above


def whole(value: Any) -> int:  # noqa: ANN401 - as above
    """Read a whole number; raises `Malformed`."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise Malformed("no whole number") from None
