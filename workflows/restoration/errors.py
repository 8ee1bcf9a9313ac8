"""What can go wrong with a request to restore rights.

    RestorationError
    ├── NoSuchRequest        nothing under that number
    ├── NotWaiting           it has been decided, or is not confirmed yet
    ├── ShownOtherwise       what was on the page is not what would be decided now
    ├── NothingToRestore     there is nothing that could be given back
    ├── OwnRequest           whoever decides is a party
    └── ReasonMissing        a refusal says why

None of them knows HTTP.
"""

__all__ = [
    "NoSuchRequest",
    "NotWaiting",
    "NothingToRestore",
    "OwnRequest",
    "ReasonMissing",
    "RestorationError",
    "ShownOtherwise",
]


class RestorationError(Exception):
    """Everything below."""


class NoSuchRequest(RestorationError):
    """Nothing under that number."""


class NotWaiting(RestorationError):
    """It does not wait for a decision."""


class ShownOtherwise(RestorationError):
    """What was on the page is not what would be decided now."""


class NothingToRestore(RestorationError):
    """There is nothing that could be given back."""


class OwnRequest(RestorationError):
    """Nobody decides on what is about themselves."""


class ReasonMissing(RestorationError):
    """A refusal says why."""
