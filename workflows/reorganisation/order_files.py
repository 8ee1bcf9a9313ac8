"""Read a file of orders: CSV, TOML, or a mapping of municipalities. Pure: bytes in, orders with their lines out.

    (1) every byte is a letter (`order_text`)
    (2) what kind of file it is: by its header, never by its name
    (3) every line says a change (`order_csv`, `order_toml`, `reform_mapping`)
    (4) lines of one order agree, and no line says the same as another

What is wrong is named with its line, all of it at once. Whether the numbers are known is asked of the register later.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from iam.orders.said import OrderSaid
from workflows.reorganisation.faults import BadOrderFile, Fault, fault
from workflows.reorganisation.order_csv import COLUMNS, read_csv
from workflows.reorganisation.order_table import table_in
from workflows.reorganisation.order_text import control_in, text_of
from workflows.reorganisation.order_toml import read_toml
from workflows.reorganisation.reading_lines import Called, Entry, Read
from workflows.reorganisation.reform_mapping import ATR, MAPPED, MappingOrder, is_mapping, read_mapping
from workflows.reorganisation.toml_sections import looks_like_toml
from workflows.reorganisation.words import LATVIAN_COLUMNS
from workflows.written_days import EARLIEST, LATEST

__all__ = ["OrderFile", "UnreadableOrders", "read_orders"]

_LONGEST = 300  # characters of a reference, a legal basis or a name, as fields of the form have them


@dataclass(frozen=True, slots=True)
class OrderFile:
    """The orders of a file. `lines` has the line of each change by reference and position, of the order at 0.

    `names` are those the file gives to what it names by number or code. `lost` are keys of what lines at fault found,
    `called` what lines call municipalities that there are.
    """

    orders: tuple[OrderSaid, ...]
    lines: Mapping[tuple[str, int], int]
    names: Mapping[str, str] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()
    called: tuple[Called, ...] = ()


class UnreadableOrders(BadOrderFile):
    """Lines of a file cannot be read, or contradict each other; `readable` is what the others say."""

    def __init__(self, faults: Iterable[Fault], readable: OrderFile) -> None:
        super().__init__(faults)
        self.readable = readable


def read_orders(content: bytes, *, mapping: MappingOrder = ATR) -> OrderFile:
    """Read a whole file; `mapping` is the order that a mapping of municipalities stands for.

    Raises UnreadableOrders, naming every line at fault, with what the others say; BadOrderFile where none can be read.
    """
    text = text_of(content)
    if looks_like_toml(text):
        read = read_toml(text)
    else:
        table = table_in(text, {*COLUMNS, *MAPPED}, LATVIAN_COLUMNS)
        read = read_mapping(table, mapping) if is_mapping(table) else read_csv(table)
    faults = [*read.faults, *_contradictions(read.entries)]
    if not read.entries and not faults:
        faults = [fault(1, "file.empty")]
    if faults:
        wrong = {one.line for one in faults}
        read.entries = [entry for entry in read.entries if entry.line not in wrong]
        raise UnreadableOrders(faults, _together(read))
    return _together(read)


def _contradictions(entries: Iterable[Entry]) -> Iterable[Fault]:
    first: dict[str, Entry] = {}
    said: dict[object, int] = {}
    for entry in entries:
        founded = (party.founded_as or "" for party in entry.change.parties)
        texts = (entry.reference, entry.legal_basis, entry.change.new_name or "", *founded)
        if (control := control_in(entry.line, "".join(texts))) is not None:
            yield control
        if max(map(len, texts)) > _LONGEST:
            yield fault(entry.line, "value.long")
        if not EARLIEST <= entry.effective <= LATEST:
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
    return OrderFile(tuple(orders), lines, {**founded, **read.names}, frozenset(read.lost), tuple(read.called))
