"""Read a file of orders: CSV, TOML, or a mapping of municipalities. Pure: bytes in, orders with their lines out.

    (1) every byte is a letter
    (2) what kind of file it is: by its header, never by its name
    (3) every line says a change (`order_csv`, `order_toml`, `reform_mapping`)
    (4) lines of one order agree, and no line says the same as another

What is wrong is named with its line, all of it at once. Whether the numbers are known is asked of the register later.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from iam.orders.said import OrderSaid
from workflows.reorganisation.faults import BadOrderFile, Fault, fault
from workflows.reorganisation.order_csv import looks_like_csv, read_csv
from workflows.reorganisation.order_toml import read_toml
from workflows.reorganisation.reading_lines import Entry, Read
from workflows.reorganisation.reform_mapping import ATR, MappingOrder, looks_like_mapping, read_mapping

__all__ = ["OrderFile", "UnreadableOrders", "read_orders"]

_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # no text has them, and no database takes NUL


@dataclass(frozen=True, slots=True)
class OrderFile:
    """The orders of a file. `lines` has the line of each change by reference and position, of the order at 0.

    `names` are those the file gives to what it names by number or code. `lost` are keys of what lines at fault found.
    """

    orders: tuple[OrderSaid, ...]
    lines: Mapping[tuple[str, int], int]
    names: Mapping[str, str] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()


class UnreadableOrders(BadOrderFile):
    """Lines of a file cannot be read, or contradict each other; `readable` is what the others say."""

    def __init__(self, faults: Iterable[Fault], readable: OrderFile) -> None:
        super().__init__(faults)
        self.readable = readable


def read_orders(content: bytes, *, mapping: MappingOrder = ATR) -> OrderFile:
    """Read a whole file; `mapping` is the order that a mapping of municipalities stands for.

    Raises UnreadableOrders, naming every line at fault, with what the others say; BadOrderFile where none can be read.
    """
    text = _decoded(content)
    if looks_like_mapping(text):
        read = read_mapping(text, mapping)
    elif looks_like_csv(text):
        read = read_csv(text)
    else:
        read = read_toml(text)
    faults = [*read.faults, *_contradictions(read.entries)]
    if not read.entries and not faults:
        faults = [fault(1, "file.empty")]
    if faults:
        wrong = {one.line for one in faults}
        read.entries = [entry for entry in read.entries if entry.line not in wrong]
        raise UnreadableOrders(faults, _together(read))
    return _together(read)


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadOrderFile((fault(1, "encoding.utf16"),))
    faults = []
    for line, part in enumerate(content.split(b"\n"), start=1):
        try:
            part.decode("utf-8")
        except UnicodeDecodeError as broken:
            faults.append(fault(line, "encoding", byte=str(broken.start + 1)))
    if faults:
        raise BadOrderFile(faults)
    text = content.decode("utf-8-sig")
    lines = enumerate(text.split("\n"), start=1)
    if found := [one for number, line in lines if (one := _control(number, line)) is not None]:
        raise BadOrderFile(found)
    return text


def _control(line: int, text: str) -> Fault | None:
    found = _CONTROL.search(text)
    return None if found is None else fault(line, "control", character=f"U+{ord(found.group()):04X}")


def _contradictions(entries: Iterable[Entry]) -> Iterable[Fault]:
    first: dict[str, Entry] = {}
    said: dict[object, int] = {}
    for entry in entries:
        founded = (party.founded_as or "" for party in entry.change.parties)
        text = "".join((entry.reference, entry.legal_basis, entry.change.new_name or "", *founded))
        if (control := _control(entry.line, text)) is not None:
            yield control
        if not _FIRST_YEAR <= entry.effective.year <= _LAST_YEAR:
            yield fault(entry.line, "effective.far", text=entry.effective.isoformat())
        before = first.setdefault(entry.reference, entry)
        if entry.legal_basis != before.legal_basis:
            yield fault(entry.line, "order.two_bases", other=str(before.line))
        if entry.effective != before.effective:
            yield fault(entry.line, "order.two_days", other=str(before.line))
        same = said.setdefault((entry.reference, entry.change), entry.line)
        if same != entry.line:
            yield fault(entry.line, "line.twice", other=str(same))


def _together(read: Read) -> OrderFile:
    by_reference: dict[str, list[Entry]] = {}
    for entry in read.entries:
        by_reference.setdefault(entry.reference, []).append(entry)
    orders, lines = [], {}
    for reference, entries in by_reference.items():
        orders.append(
            OrderSaid(
                reference=reference,
                legal_basis=entries[0].legal_basis,
                effective=entries[0].effective,
                changes=tuple(entry.change for entry in entries),
            )
        )
        lines[reference, 0] = entries[0].head or entries[0].line
        lines |= {(reference, position): entry.line for position, entry in enumerate(entries, start=1)}
    founded = {
        party.key: party.founded_as
        for entry in read.entries
        for party in entry.change.targets
        if party.founded_as is not None
    }
    return OrderFile(tuple(orders), lines, {**founded, **read.names}, frozenset(read.lost))
