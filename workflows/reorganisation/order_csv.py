"""Read orders from CSV: one line a change; lines with the same reference are one order. Pure."""

from iam.orders.said import Change, PartySaid
from workflows.reorganisation.faults import Fault, fault
from workflows.reorganisation.order_table import Table, rows_of
from workflows.reorganisation.reading_lines import ATVK, Entry, Read, day_in, kind_in, party_in

__all__ = ["COLUMNS", "read_csv"]

COLUMNS = ("reference", "legal_basis", "effective", "change", "sources", "targets", "new_name", "new_code")
_OPTIONAL = frozenset({"targets", "new_name", "new_code"})
_BETWEEN = "|"


def read_csv(table: Table) -> Read:
    """Read the lines; columns may stand in any order, parties of one line apart from `|`."""
    read = Read()
    for line, said in rows_of(table, COLUMNS, _OPTIONAL, read.faults):
        before = len(read.faults)
        parties = [_parties(line, said[column], read.faults) for column in ("sources", "targets")]
        entry = _entry(line, said, (parties[0], parties[1]), read.faults)
        if entry is not None and len(read.faults) == before:
            read.entries.append(entry)
        else:
            read.lose(parties[1])
    return read


def _entry(
    line: int, said: dict[str, str], parties: tuple[tuple[PartySaid, ...], tuple[PartySaid, ...]], faults: list[Fault]
) -> Entry | None:
    faults += [fault(line, f"{column}.empty") for column in ("reference", "legal_basis") if not said[column]]
    effective = day_in(line, said["effective"], faults)
    kind = kind_in(line, said["change"], faults)
    code = said["new_code"] or None
    if code is not None and not ATVK.fullmatch(code):
        faults.append(fault(line, "code.shape", text=code))
    if effective is None or kind is None:
        return None
    change = Change(
        kind=kind,
        sources=parties[0],
        targets=parties[1],
        new_name=" ".join(said["new_name"].split()) or None,
        new_atvk=code,
    )
    return Entry(line, said["reference"], said["legal_basis"], effective, change)


def _parties(line: int, cell: str, faults: list[Fault]) -> tuple[PartySaid, ...]:
    named = [party_in(line, one, faults) for one in cell.split(_BETWEEN) if cell]
    return tuple(party for party in named if party is not None)
