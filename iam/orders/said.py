"""What an order says, as facts, and the digest by which evidence and audit name it. Pure."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date

from iam.ids import MunicipalityId
from iam.orders.models import ChangeKind

__all__ = ["ENDING", "Change", "OrderSaid", "PartySaid", "digest_of"]

# The sources of these kinds end on the day before; those of the others go on.
ENDING = frozenset({ChangeKind.JOINED, ChangeKind.MERGED, ChangeKind.SPLIT, ChangeKind.TRANSFORMED, ChangeKind.CLOSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class PartySaid:
    """An institution by register number, or a municipality by our id, or by ATVK code while it has none.

    `founded_as` names a target that comes into being with the order.
    """

    reg_no: str | None = None
    municipality: MunicipalityId | None = None
    atvk: str | None = None
    founded_as: str | None = None

    def __post_init__(self) -> None:
        if (self.reg_no is None) == (self.municipality is None and self.atvk is None):
            raise ValueError("a party is an institution or a municipality")

    @property
    def is_institution(self) -> bool:
        """Whether it is an institution."""
        return self.reg_no is not None

    @property
    def key(self) -> str:
        """Return its key, as scopes are named; a municipality without an id by its code."""
        if self.reg_no is not None:
            return f"i-{self.reg_no}"
        return f"atvk-{self.atvk}" if self.municipality is None else f"m-{self.municipality}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change: what is done to the sources, and what comes of them."""

    kind: ChangeKind
    sources: tuple[PartySaid, ...]
    targets: tuple[PartySaid, ...] = ()
    new_name: str | None = None
    new_atvk: str | None = None

    @property
    def parties(self) -> tuple[PartySaid, ...]:
        """Everybody in it, the sources first."""
        return (*self.sources, *self.targets)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSaid:
    """An order as it is written: `effective` is the first day on which its changes hold."""

    reference: str
    legal_basis: str
    effective: date
    changes: tuple[Change, ...]


def digest_of(order: OrderSaid) -> str:
    """Digest what an order says (SHA-256, hex), so that evidence and audit name exactly what was approved.

    Written by hand, not by a codec: stored digests must come out the same for ever.
    """
    said = {
        "reference": order.reference,
        "legal_basis": order.legal_basis,
        "effective": order.effective.isoformat(),
        "changes": [
            {
                "kind": change.kind.value,
                "sources": [_named(party) for party in change.sources],
                "targets": [[_named(party), party.founded_as] for party in change.targets],
                "new_name": change.new_name,
                "new_atvk": change.new_atvk,
            }
            for change in order.changes
        ],
        "v": 1,
    }
    plain = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def _named(party: PartySaid) -> str:
    """Name it as the order does: a municipality named by its code has an id only once it is founded."""
    return party.key if party.atvk is None else f"atvk-{party.atvk}"
