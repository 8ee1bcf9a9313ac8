"""To whom does a request belong, and what is done when a file was judged?

Each process that has documents signed registers one owner. Signed forms ask it who must sign and whether files are
accepted, and tell it what happened, in the same transaction and with the owner's own row held.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from iam.audit import Origin
    from workflows.signed_forms.models import RequiredDocument, SigningRequest, Upload
    from workflows.signed_forms.signers import Signer

__all__ = ["Asked", "Owner", "UploadJudged", "owner_of", "register"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the owner knows beside a file.

    `signers`: who must sign, by part. `last_end`: the moment at which the last right of the person concerned was over,
    None where a signature made before it is no replay. `made_at`: when the forms were made.
    """

    signers: Mapping[str, Signer]
    last_end: datetime | None = None
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadJudged:
    """A result of judging that is news; `proven` are the documents it has just proven.

    `usable` says that it was not refused: it proves something, or a person reads it.
    `retried` says that it was not the first attempt.
    """

    upload: Upload
    proven: tuple[RequiredDocument, ...]
    usable: bool
    retried: bool


class Owner(Protocol):
    """A process that has documents signed."""

    def hold(self, session: Session, request: SigningRequest) -> None:
        """Hold the owner's row, read anew, until the transaction ends."""

    def accepts(self, session: Session, request: SigningRequest) -> bool:
        """Say whether files are accepted now; the row is held."""

    def asked(self, session: Session, request: SigningRequest, *, at: datetime) -> Asked:
        """Say who must sign, and what else is known beside a file."""

    def received(self, session: Session, upload: Upload, *, again: bool, origin: Origin, at: datetime) -> None:
        """Note that a file has come, or is to be judged again; the row is held."""

    def judged(self, session: Session, judged: UploadJudged, *, base_url: str, at: datetime) -> None:
        """Follow a result that is news; the row is held."""

    def dropped(self, session: Session, upload: Upload, *, at: datetime) -> None:
        """Note that the bytes of a file were dropped."""

    def pictures_wanted(self, session: Session, request: SigningRequest) -> bool:
        """Say whether a person will look at pages of the documents."""

    def codes_stated(self, session: Session, request: SigningRequest) -> tuple[str, ...]:
        """Give the personal codes that stand on the forms: pictures of these do not show them."""


_OWNERS: dict[str, Owner] = {}


def register(name: str, owner: Owner) -> None:
    """Register an owner under the name its requests carry. Raises ValueError for a name that is taken."""
    known = _OWNERS.setdefault(name, owner)
    if type(known) is not type(owner):
        raise ValueError(f"requests of {name!r} belong to {type(known).__name__}")


def owner_of(request: SigningRequest) -> Owner:
    """Give the owner of a request. Raises LookupError where the process is not loaded."""
    try:
        return _OWNERS[request.owner]
    except KeyError:
        raise LookupError(f"nobody is registered for requests of {request.owner!r}") from None
