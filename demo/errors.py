"""Which errors can signing with the demo raise?

DemoError                 a sentence for the person at the keyboard
├── UnknownPerson         no such person in the demo
├── MissingFile           a file to sign is not there
├── NotAPdf               PDF asked for, something else given
├── NotAContainer         a container to sign again is none
└── PkiMissing            no demo PKI has been built in that folder
"""

from pathlib import Path

__all__ = ["DemoError", "MissingFile", "NotAContainer", "NotAPdf", "PkiMissing", "UnknownPerson"]


class DemoError(Exception):
    """A sentence for the person at the keyboard."""


class UnknownPerson(DemoError):
    """No such person in the demo; says who there is."""

    def __init__(self, key: str, *, known: tuple[str, ...]) -> None:
        super().__init__(f"There is no demo person “{key}”. There are: {', '.join(known)}.")


class MissingFile(DemoError):
    """A file to sign is not there, or is a folder."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"There is no file {path}.")


class NotAPdf(DemoError):
    """PDF asked for, something else given."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not a PDF; sign it with --format edoc or asice.")


class NotAContainer(DemoError):
    """A container to sign again is none."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not an ASiC-E container.")


class PkiMissing(DemoError):
    """No demo PKI has been built in that folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"There is no demo PKI in {folder}; `make run` builds one.")
