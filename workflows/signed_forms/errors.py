"""What can go wrong with signed forms that is nobody's verdict.

    SignedFormsError
    ├── BadReference     not a reference number: a typing error
    ├── NoSuchLink       no link with that secret, or it has ended; says nothing about which
    ├── NotAwaited       no file, or not this one, is awaited now
    └── Unexplained      a person confirms a document and does not say how it is known

None of them knows HTTP.
"""

__all__ = ["BadReference", "NoSuchLink", "NotAwaited", "SignedFormsError", "Unexplained"]


class SignedFormsError(Exception):
    """Everything below."""


class BadReference(SignedFormsError):
    """Not a reference number at all."""


class NoSuchLink(SignedFormsError):
    """Nothing there, or not for whoever asks: strangers learn nothing about which of the two."""


class NotAwaited(SignedFormsError):
    """The file or the confirmation does not fit what is awaited."""


class Unexplained(SignedFormsError):
    """A confirmation says how it is known."""
