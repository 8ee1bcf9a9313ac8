"""What every kind of order file is made of: entries, parties, days and kinds of change as people write them. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from iam.ids import MunicipalityId
from iam.orders.models import ChangeKind
from iam.orders.said import Change, PartySaid
from workflows.proposals.content import say
from workflows.reorganisation.faults import Fault, fault
from workflows.reorganisation.words import KINDS_TO_WRITE, LATVIAN

__all__ = ["ATVK", "Called", "Entry", "Read", "day_in", "kind_in", "party_in"]

ATVK = re.compile(r"[0-9]{7}")
_PARTY = re.compile(r"(?:i-)?(?P<number>[0-9]{10})|(?P<atvk>[0-9]{7})|m-(?P<municipality>[0-9]{1,18})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A change as a line says it, with the order it belongs to; `head` is the order's own line where it has one."""

    line: int
    reference: str
    legal_basis: str
    effective: date
    change: Change
    head: int | None = None


@dataclass(frozen=True, slots=True)
class Called:
    """What a line calls the municipality that has a code on the eve of an order."""

    line: int
    reference: str
    atvk: str
    name: str


@dataclass(slots=True)
class Read:
    """What was read so far: entries, faults, names of what is named by number or code, and what is lost.

    What lines call municipalities that there are is `called`.
    """

    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    names: Mapping[str, str] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    called: list[Called] = field(default_factory=list)

    def lose(self, parties: Iterable[PartySaid]) -> None:
        """Remember what a line at fault founds: other lines may name it."""
        self.lost.update(party.key for party in parties if party.founded_as is not None)


def party_in(line: int, text: str, faults: list[Fault]) -> PartySaid | None:
    """Read `number`, `code` or `m-id`, with `=name` behind it for what the order founds."""
    named, equals, name = (part.strip() for part in text.partition("="))
    said = _PARTY.fullmatch(named)
    if said is None:
        faults.append(fault(line, "party.shape", text=named))
        return None
    if equals and not name:
        faults.append(fault(line, "target.unnamed"))
        return None
    municipality = said["municipality"]
    if municipality is not None and name:
        faults.append(fault(line, "party.own_number", text=named))
        return None
    return PartySaid(
        reg_no=said["number"],
        atvk=said["atvk"],
        municipality=None if municipality is None else MunicipalityId(int(municipality)),
        founded_as=" ".join(name.split()) or None,
    )


def day_in(line: int, text: str, faults: list[Fault]) -> date | None:
    """Read a day as ISO 8601 writes it."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    faults.append(fault(line, "effective", text=text))
    return None


def kind_in(line: int, text: str, faults: list[Fault]) -> ChangeKind | None:
    """Read a kind of change, by its English word or by the form a Latvian order names."""
    wanted = " ".join(unicodedata.normalize("NFC", text).split()).casefold()
    if wanted in LATVIAN:
        return LATVIAN[wanted]
    try:
        return ChangeKind(wanted)
    except ValueError:
        faults.append(fault(line, "change.unknown", text=text, kinds=say(KINDS_TO_WRITE)))
        return None
