"""What cannot become a verdict: the tree of errors, drawn before it is defined.

    SigningError
    ├── UnreadableDocument          these bytes cannot be judged, and this is why (code, params)
    │   ├── EmptyDocument           nothing in it
    │   ├── NotASignedDocument      readable, but of no kind that can hold a signature
    │   ├── EncryptedDocument       content hidden behind a password or an addressee's key
    │   ├── TooLarge                more entries, bytes or depth than are looked at; bombs end here
    │   ├── BrokenDocument          says it is of a kind and is not: damaged, ambiguous or hostile
    │   └── LegacyFormat            another kind a person has to look at, recognised by name
    ├── TrustUnavailable            no trusted list or anchor to judge against
    └── NotFetched                  a responder, list or CRL address gave no usable answer

Everything a signature can be guilty of is a verdict, never an error: a wrong signer, a changed file, a revoked
certificate. No error knows HTTP, and each survives pickling, because judging happens in another process.

An error outside this tree is a fault of the program or its machine: nothing is said of the file by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "BrokenDocument",
    "EmptyDocument",
    "EncryptedDocument",
    "LegacyFormat",
    "NotASignedDocument",
    "NotFetched",
    "SigningError",
    "TooLarge",
    "TrustUnavailable",
    "UnreadableDocument",
    "place_of",
]


class SigningError(Exception):
    """Root of the tree; `code` is stable and has its sentences in `signing.messages`."""

    def __init__(self, code: str, params: Mapping[str, str] | None = None) -> None:
        self.code = code
        self.params: dict[str, str] = dict(params or {})
        super().__init__(code, self.params)

    def __str__(self) -> str:
        details = ", ".join(f"{key}={value}" for key, value in self.params.items())
        return f"{self.code} ({details})" if details else self.code


def place_of(error: BaseException) -> str:
    """Name the kind of an error that is none of this tree, and the line it came from: "KeyError at signing.model:12".

    Its own words stay out: they may be a hostile document's.
    """
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    place = "" if at is None else f" at {at.tb_frame.f_globals.get('__name__', '?')}:{at.tb_lineno}"
    return f"{type(error).__name__}{place}"


class UnreadableDocument(SigningError):
    """These bytes cannot be judged."""


class EmptyDocument(UnreadableDocument):
    """The file has no bytes, or only blanks."""

    def __init__(self, code: str = "document.empty", params: Mapping[str, str] | None = None) -> None:
        super().__init__(code, params)


class NotASignedDocument(UnreadableDocument):
    """Readable, but of no kind that can hold a signature."""

    def __init__(self, code: str = "document.not-signed", params: Mapping[str, str] | None = None) -> None:
        super().__init__(code, params)


class EncryptedDocument(UnreadableDocument):
    """A password or an addressee's key hides the content."""

    def __init__(self, code: str = "document.encrypted", params: Mapping[str, str] | None = None) -> None:
        super().__init__(code, params)


class TooLarge(UnreadableDocument):
    """More entries, bytes or depth than are looked at."""


class BrokenDocument(UnreadableDocument):
    """Says it is of a kind and is not: damaged, ambiguous or hostile."""


class LegacyFormat(UnreadableDocument):
    """A kind of signed document, an older one mostly, that a person has to look at.

    >>> LegacyFormat.named("DDOC").params["format"]
    'DDOC'
    """

    @classmethod
    def named(cls, name: str) -> LegacyFormat:
        """Build it for the format's own name, e.g. "DDOC" or "eDoc 1.0"."""
        return cls("document.legacy-format", {"format": name})

    @classmethod
    def named_other(cls, name: str) -> LegacyFormat:
        """Build it for a format that is not old and is signed in a way of its own, by its name."""
        return cls("document.other-format", {"format": name})

    @property
    def format_name(self) -> str:
        """The format's own name."""
        return self.params.get("format", "")


class TrustUnavailable(SigningError):
    """No trusted list or anchor is at hand: nothing can be said of anybody's signature."""

    def __init__(self, code: str = "trust.unavailable", params: Mapping[str, str] | None = None) -> None:
        super().__init__(code, params)


class NotFetched(SigningError):
    """An address gave no usable answer within its bounds."""
