"""Read orders from TOML: a section `[[order]]` with sections `[[order.change]]`. Pure.

TOML's reader tells no lines, so the line of a value is that of the header above it.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import zip_longest

from iam.orders.said import Change, PartySaid
from workflows.reorganisation.faults import Fault, fault
from workflows.reorganisation.reading_lines import ATVK, Entry, Read, day_in, kind_in, party_in
from workflows.reorganisation.toml_sections import sections_of

__all__ = ["read_toml"]

_ORDER_NAME, _CHANGE_NAME = "order", "order.change"
_ORDER = frozenset({"reference", "legal_basis", "effective"})
_CHANGE = frozenset({"kind", "sources", "targets", "new_name", "new_code"})
_PARTY = frozenset({"number", "name"})


def read_toml(text: str) -> Read:
    """Read the sections; a party is a number or code as text, or `{number = "…", name = "…"}` for what is founded."""
    read = Read()
    sections = list(sections_of(text, read.faults))
    of: tuple[str, str, date] | None = None
    head = 0
    for section, after in zip_longest(sections, sections[1:]):
        line, values, faults = section.line, section.values, list[Fault]()
        if section.name == _ORDER_NAME:
            of, head = None if values is None else _order(line, values, faults), line
            if after is None or after.name != _CHANGE_NAME:
                faults.append(fault(line, "changes.none"))
        elif section.name != _CHANGE_NAME or not head:
            of, head = None, line
            faults.append(fault(line, "toml.sections"))
        elif values is not None:
            sources, targets = (_parties(line, values, side, faults) for side in ("sources", "targets"))
            found = _change(line, values, sources, targets, faults)
            if found is not None and of is not None:
                read.entries.append(Entry(line, *of, found, head))
            else:
                read.lose(targets)
        read.faults += faults
    return read


def _order(line: int, order: Mapping[str, object], faults: list[Fault]) -> tuple[str, str, date] | None:
    faults += _unknown(line, order, _ORDER)
    reference, legal_basis = (_text(line, order, key, faults).strip() for key in ("reference", "legal_basis"))
    for key, value in (("reference", reference), ("legal_basis", legal_basis)):
        if not value and not faults:
            faults.append(fault(line, f"{key}.empty"))
    effective = order.get("effective", "")
    day = effective if type(effective) is date else day_in(line, str(effective), faults)
    return (reference, legal_basis, day) if day is not None and not faults else None


def _change(
    line: int,
    change: Mapping[str, object],
    sources: tuple[PartySaid, ...],
    targets: tuple[PartySaid, ...],
    faults: list[Fault],
) -> Change | None:
    faults += _unknown(line, change, _CHANGE)
    kind = kind_in(line, _text(line, change, "kind", faults), faults)
    name, code = _text(line, change, "new_name", faults), _text(line, change, "new_code", faults)
    if code and not ATVK.fullmatch(code):
        faults.append(fault(line, "code.shape", text=code))
    if kind is None or faults:
        return None
    new_name = " ".join(name.split()) or None
    return Change(kind=kind, sources=sources, targets=targets, new_name=new_name, new_atvk=code or None)


def _parties(line: int, change: Mapping[str, object], key: str, faults: list[Fault]) -> tuple[PartySaid, ...]:
    value = change.get(key, [])
    if not isinstance(value, list):
        faults.append(fault(line, "toml.type", key=key))
        return ()
    found = []
    for one in value:
        if isinstance(one, dict):
            faults += _unknown(line, one, _PARTY)
            text = f"{_text(line, one, 'number', faults)}={_text(line, one, 'name', faults)}"
        elif isinstance(one, str):
            text = one
        else:
            faults.append(fault(line, "toml.type", key=key))
            continue
        party = party_in(line, text, faults)
        if party is not None:
            found.append(party)
    return tuple(found)


def _text(line: int, of: Mapping[str, object], key: str, faults: list[Fault]) -> str:
    value = of.get(key, "")
    if isinstance(value, str):
        return value
    faults.append(fault(line, "toml.type", key=key))
    return ""


def _unknown(line: int, of: Mapping[str, object], known: frozenset[str]) -> Iterator[Fault]:
    for key in of:
        if key not in known:
            yield fault(line, "toml.key", key=key)
