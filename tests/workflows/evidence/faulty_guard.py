"""The real guard, but for a reader with the bug its document names. For tests alone."""

from typing import NoReturn

from signing import verification
from workflows.evidence.guard.judge import judge, remember_trust
from workflows.evidence.guard.server import serve

_BUGS = {b"bug": AttributeError, b"memory": MemoryError, b"recursion": RecursionError}


def _read(document: bytes, **_: object) -> NoReturn:
    raise _BUGS[document]("what a hostile document says")


if __name__ == "__main__":
    setattr(verification, "read_document", _read)  # noqa: B010 - the bug
    serve(judge, remember=remember_trust)
