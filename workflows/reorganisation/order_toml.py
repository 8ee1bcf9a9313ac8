"""Read orders from TOML: a section `[[order]]` with sections `[[order.change]]`. Pure.

TOML's reader tells no lines, so the line of a section is that of its header; texts over several lines are refused.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime

from iam.orders.said import Change, PartySaid
from workflows.reorganisation.faults import Fault, fault
from workflows.reorganisation.reading_lines import ATVK, Entry, Read, kind_in, party_in

__all__ = ["read_toml"]

_HEADER = re.compile(r"\s*\[\[\s*(?P<name>order(?:\s*\.\s*change)?)\s*\]\]\s*(?:#.*)?")
_AT_LINE = re.compile(r"\(at line (?P<line>[0-9]+), column [0-9]+\)|\(at end of document\)")
_ORDER = frozenset({"reference", "legal_basis", "effective", "change"})
_CHANGE = frozenset({"kind", "sources", "targets", "new_name", "new_code"})
_PARTY = frozenset({"number", "name"})


def read_toml(text: str) -> Read:
    """Read the sections; a party is a number or code as text, or `{number = "…", name = "…"}` for what is founded."""
    read = Read()
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        read.faults.append(_syntax(text, str(broken)))
        return read
    except (ValueError, RecursionError):  # a number of thousands of digits, brackets in thousands of brackets
        read.faults.append(fault(1, "toml.sections"))
        return read
    orders = _sections(said)
    lines = _header_lines(text)
    wanted = ["order" if change is None else "order.change" for _, change in orders]
    if [name for name, _ in lines] != wanted or set(said) - {"order"}:
        read.faults.append(fault(1, "toml.sections"))
        return read
    at = iter(line for _, line in lines)
    of: tuple[str, str, date] | None = None
    head = 0
    for order, change in orders:
        line = next(at)
        if change is None:
            of, head = _order(line, order, read.faults), line
        else:
            sources, targets = (_parties(line, change, side, read.faults) for side in ("sources", "targets"))
            found = _change(line, change, sources, targets, read.faults)
            if found is not None and of is not None:
                read.entries.append(Entry(line, *of, found, head))
            else:
                read.lose(targets)
    return read


def _sections(said: Mapping[str, object]) -> list[tuple[Mapping[str, object], Mapping[str, object] | None]]:
    """List orders, each followed by its changes, as their headers stand in the file."""
    found: list[tuple[Mapping[str, object], Mapping[str, object] | None]] = []
    for order in _tables(said.get("order")):
        found.append((order, None))
        found += [(order, change) for change in _tables(order.get("change"))]
    return found


def _tables(value: object) -> list[Mapping[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _header_lines(text: str) -> list[tuple[str, int]]:
    headers = ((number, _HEADER.fullmatch(line)) for number, line in enumerate(text.splitlines(), start=1))
    return [("".join(found["name"].split()), number) for number, found in headers if found is not None]


def _order(line: int, order: Mapping[str, object], faults: list[Fault]) -> tuple[str, str, date] | None:
    before = len(faults)
    faults += _unknown(line, order, _ORDER)
    reference, legal_basis = (_text(line, order, key, faults).strip() for key in ("reference", "legal_basis"))
    for key, value in (("reference", reference), ("legal_basis", legal_basis)):
        if not value and len(faults) == before:
            faults.append(fault(line, f"{key}.empty"))
    effective = order.get("effective", "")
    if not isinstance(effective, date) or isinstance(effective, datetime):
        faults.append(fault(line, "effective", text=str(effective)))
        return None
    if not _tables(order.get("change")):
        faults.append(fault(line, "changes.none"))
    return (reference, legal_basis, effective) if len(faults) == before else None


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
    if kind is None or any(one.line == line for one in faults):
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


def _syntax(text: str, why: str) -> Fault:
    found = _AT_LINE.search(why)
    line = int(found["line"]) if found is not None and found["line"] else max(len(text.splitlines()), 1)
    return fault(line, "toml", why=_AT_LINE.sub("", why).strip())
