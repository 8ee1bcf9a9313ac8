"""Read an order that was filled in field by field. Pure: text in, the order out, as a file of one order would be.

    (1) the change that is being written: is anything missing in it, of its kind
    (2) all changes with reference, legal basis and day: one order, whose lines are its fields

What is wrong beside the register is named as for a file: line 1 is the order, each change has a line of its own.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

from iam.orders.models import ChangeKind, Side
from iam.orders.rules import Register, asked_for, problems
from iam.orders.said import Change, OrderSaid, PartySaid
from workflows.reorganisation.faults import Fault, fault, faults_of
from workflows.reorganisation.order_files import OrderFile
from workflows.reorganisation.reading_lines import ATVK, party_in

__all__ = ["HEAD", "ChangeFields", "faults_of_change", "order_of"]

HEAD = 1
"""The line of reference, legal basis and day; the first change has the next one."""

_BESIDE_OTHERS = frozenset({"party.unknown", "founded.exists"})
_ANY_DAY = date(2000, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFields:
    """A change as its fields say it: parties as files name them, with `=` and the name of what is new."""

    kind: ChangeKind
    sources: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    new_name: str = ""
    new_code: str = ""

    def as_text(self) -> str:
        """Write it as one field of a form."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> "ChangeFields | None":
        """Read what `as_text` wrote; None for anything else."""
        try:
            said = json.loads(text)
            sides = [tuple(one for one in said[side] if isinstance(one, str)) for side in ("sources", "targets")]
            return cls(
                kind=ChangeKind(said["kind"]),
                sources=sides[0],
                targets=sides[1],
                new_name=str(said["new_name"]),
                new_code=str(said["new_code"]),
            )
        except (ValueError, TypeError, KeyError):
            return None

    def naming(self, side: Side, named: Iterable[str]) -> "ChangeFields":
        """Return it with these sources, or these targets."""
        return replace(self, sources=tuple(named)) if side is Side.SOURCE else replace(self, targets=tuple(named))

    def of(self, side: Side) -> tuple[str, ...]:
        """Return the sources, or the targets."""
        return self.sources if side is Side.SOURCE else self.targets

    def fitted(self) -> "ChangeFields":
        """Return it without what its kind does not ask for: it is left over from another kind."""
        asked = asked_for(self.kind)
        return replace(
            self,
            targets=self.targets if asked.targets else (),
            new_name=self.new_name if asked.new_name else "",
            new_code=self.new_code if asked.new_atvk else "",
        )

    def parties(self) -> dict[str, PartySaid]:
        """Return the parties that are named properly, by their text."""
        read = ((text, party_in(HEAD, text, [])) for text in (*self.sources, *self.targets))
        return {text: party for text, party in read if party is not None}


def faults_of_change(fields: ChangeFields) -> list[Fault]:
    """Say what is wrong with one change by itself, whatever the register says (1)."""
    faults: list[Fault] = []
    change = _change(fields, HEAD, faults)
    if change is None:
        return faults
    order = OrderSaid(reference="1", legal_basis="1", effective=_ANY_DAY, changes=(change,))
    found = [one for one in problems((order,), Register({})) if one.code not in _BESIDE_OTHERS]
    return [*faults, *faults_of(found, {("1", 0): HEAD, ("1", 1): HEAD}, {})]


def order_of(reference: str, legal_basis: str, effective: date, changes: Sequence[ChangeFields]) -> OrderFile:
    """Put an order together (2). Its changes were looked at one by one: `faults_of_change` found nothing."""
    said = tuple(_readable(changes))
    lines = {(reference, 0): HEAD} | {(reference, number): HEAD + number for number in range(1, len(said) + 1)}
    founded = {party.key: party.founded_as for one in said for party in one.targets if party.founded_as is not None}
    return OrderFile(
        (OrderSaid(reference=reference, legal_basis=legal_basis, effective=effective, changes=said),), lines, founded
    )


def _readable(changes: Sequence[ChangeFields]) -> Iterator[Change]:
    for fields in changes:
        change = _change(fields, HEAD, [])
        if change is not None:
            yield change


def _change(fields: ChangeFields, line: int, faults: list[Fault]) -> Change | None:
    sides = [[party_in(line, text, faults) for text in side] for side in (fields.sources, fields.targets)]
    if fields.new_code and not ATVK.fullmatch(fields.new_code):
        faults.append(fault(line, "code.shape", text=fields.new_code))
    if faults:
        return None
    return Change(
        kind=fields.kind,
        sources=tuple(party for party in sides[0] if party is not None),
        targets=tuple(party for party in sides[1] if party is not None),
        new_name=fields.new_name or None,
        new_atvk=fields.new_code or None,
    )
