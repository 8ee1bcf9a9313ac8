"""What is wrong in a file of orders: each fault with its line, in no language until it is shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from iam.orders.rules import OrderProblem
from workflows.i18n import Words, later
from workflows.proposals.content import FactText, say
from workflows.reorganisation.words import KINDS, place_text, way_text

__all__ = ["BadOrderFile", "Fault", "fault", "faults_of", "sentence_of", "unknown_place"]

_FAULTS: Mapping[str, str] = {
    # the file
    "file.empty": later("There is no order in the file."),
    "file.workbook": later("The file is a workbook (%(kind)s). Save its sheet as “CSV UTF-8” and choose that file."),
    "file.document": later(
        "The file is no table (%(kind)s). Write the orders as CSV or TOML, or fill them in on the page."
    ),
    "encoding.utf16": later("The file is written in UTF-16 and cannot be read. Save it as UTF-8 and try again."),
    "encoding": later("Byte %(byte)s of the line is not UTF-8. Save the file as UTF-8 and try again."),
    "header.missing": later("The header lacks the columns %(columns)s."),
    "header.unknown": later("The header has columns that are not known: %(columns)s."),
    "header.twice": later("The header names these columns twice: %(columns)s."),
    "columns": later("The line has %(n)s columns; the header has %(wanted)s."),
    "csv": later("The quotation marks do not close properly."),
    "control": later("The line has a character that cannot be read: %(character)s."),
    "value.long": later("The line has a text of more than 300 characters, or its quotation marks do not close."),
    "toml": later(
        "The line cannot be read. Write names, numbers and codes in quotation marks, "
        "several of them in square brackets, and days without: effective = 2026-09-01."
    ),
    "toml.twice": later("Something is said twice here."),
    "toml.brackets": later("Write [[%(name)s]], with two brackets on each side."),
    "toml.sections": later("Write each order as a section [[order]] and each of its changes as [[order.change]]."),
    "toml.key": later("“%(key)s” is not known here."),
    "toml.type": later(
        "“%(key)s” is not written as it should be: names, numbers and codes stand in quotation marks, "
        "several of them in square brackets."
    ),
    "line.twice": later("The line says the same as line %(other)s."),
    # what a line says
    "reference.empty": later("The order has no reference."),
    "legal_basis.empty": later("The order has no legal basis."),
    "changes.none": later("The order changes nothing."),
    "order.two_bases": later("The order has another legal basis in line %(other)s."),
    "order.two_days": later("The order takes effect on another day in line %(other)s."),
    "effective": later("“%(text)s” is not a day. Write it as 2026-09-01."),
    "effective.far": later("%(text)s is no day on which an order takes effect: years go from 1900 to 2199."),
    "change.unknown": later("“%(text)s” is not a kind of change. These are: %(kinds)s."),
    "party.shape": later(
        "“%(text)s” names nobody: an institution has a number of ten digits, a municipality a code of seven."
    ),
    "party.own_number": later("“%(text)s” is our own number: what is founded is named by its code."),
    "code.shape": later("“%(text)s” is not a code of seven digits."),
    "changed": later("“%(text)s” says neither yes nor no."),
    "extent": later("“%(text)s” says neither whole nor part."),
    # what lines say together, and beside what is recorded
    "mapping.contradicts": later("Line %(other)s says the opposite of the same municipality."),
    "mapping.two_names": later("The code %(code)s is called otherwise in line %(other)s: “%(name)s”."),
    "mapping.goes_on_in_part": later(
        "A municipality that goes on is named whole. Write “yes” under “changed” where it is split and ends."
    ),
    "mapping.called_otherwise": later("The code %(code)s is that of %(party)s, not of “%(name)s”."),
    "source.founded": later("What is changed is there before the order; only what comes of it can be new."),
    "target.unnamed": later("What is new needs a name."),
    "party.twice": later("%(party)s is named twice."),
    "parties.mixed": later("Institutions and municipalities do not come of one another."),
    "kind.institutions": later("This kind of change is made of institutions only: %(kind)s."),
    "kind.municipalities": later("This kind of change is made of municipalities only: %(kind)s."),
    "new_name.missing": later("The new name is missing (%(kind)s)."),
    "new_name.unwanted": later("A change of this kind has no new name (%(kind)s)."),
    "new_atvk.missing": later("The new code is missing (%(kind)s)."),
    "new_atvk.unwanted": later("A change of this kind has no new code (%(kind)s)."),
    "reference.twice": later("Two orders have this reference."),
    "reference.known": later("An order with this reference is recorded and in force already."),
    "reference.applying": later("An order with this reference is being carried out."),
    "reference.applied": later("The order was applied already."),
    "reference.undoing": later("An order with this reference is being undone. Record it again once that is done."),
    "founded.exists": later("%(party)s exists already, or is founded twice."),
    "founded.nowhere": later(
        "What is new would lie in a municipality that has no one successor: %(party)s, last day %(day)s. Let it begin"
        " by that day; or record it once the register says where the institution lies that it comes of."
    ),
    "founded.nowhere_by": later(
        "What is new would lie in a municipality that ends by the order %(by)s without one successor: %(party)s, last"
        " day %(day)s. Let it begin by that day; or record it once the register says where the institution lies that"
        " it comes of."
    ),
    "party.unknown": later("%(party)s is not known."),
    "party.not_yet": later("%(party)s exists only from %(day)s on."),
    "party.ended": later("%(party)s ended on %(day)s."),
    "party.ended_by": later("%(party)s ended on %(day)s by the order %(by)s."),
    "party.undone": later("%(party)s goes with the order %(by)s, which is being undone."),
    "source.ends_twice": later("%(party)s ends by the order %(by)s too."),
    "source.ends": later("%(party)s ends on this day by the order %(by)s: it gets no new name, code or branch then."),
    "target.ends": later(
        "%(party)s ends on this day by the order %(by)s: nothing goes over into it. Name what comes of it."
    ),
    "renamed.twice": later("%(party)s is renamed on this day by the order %(by)s too."),
    "recoded.twice": later("%(party)s gets a code on this day by the order %(by)s too."),
    "new_name.same": later("%(party)s is called that already."),
    "new_atvk.same": later("%(party)s has the code %(code)s already."),
    "code.taken": later("The code %(code)s is that of another on %(day)s: %(party)s."),
    "code.given": later("The code %(code)s is given to another by the order %(by)s: %(party)s."),
    "code.freed_later": later(
        "The code %(code)s becomes free by the order %(by)s, which is carried out after this one on the same day. "
        "Write both changes into one order."
    ),
    "circle": later("The changes run in a circle: %(around)s."),
    "circle.orders": later("The changes of several orders run in a circle: %(around)s (%(orders)s)."),
}
_REPEATED = 150  # characters: all columns of a table fit
_BESIDE = later("This contradicts the recorded order %(order)s: %(fault)s")
# By side and by how many there may be; whatever their number, `n` stands alone.
_TOO_FEW: Mapping[tuple[str, str], str] = {
    ("sources", "1"): later("At least one has to be changed; named: %(n)s (%(kind)s)."),
    ("sources", "2"): later("At least two have to be changed; named: %(n)s (%(kind)s)."),
    ("targets", "1"): later("At least one has to come of it; named: %(n)s (%(kind)s)."),
    ("targets", "2"): later("At least two have to come of it; named: %(n)s (%(kind)s)."),
}
_TOO_MANY: Mapping[tuple[str, str], str] = {
    ("sources", "1"): later("Only one can be changed; named: %(n)s (%(kind)s)."),
    ("targets", "0"): later("Nothing can come of it; named: %(n)s (%(kind)s)."),
    ("targets", "1"): later("Only one can come of it; named: %(n)s (%(kind)s)."),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a line, counted from 1 with the header: a stable code, and the sentence for it."""

    line: int
    code: str
    said: FactText

    def in_words(self, words: Words) -> str:
        """Return the line and what is wrong with it, in a language."""
        return words("Line %(line)s: %(fault)s", line=self.line, fault=self.said.in_words(words))


class BadOrderFile(Exception):
    """A file of orders cannot be used. `faults` has everything that is wrong with it, by line; nothing was taken."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(_each_once(faults), key=lambda one: (one.line, one.code)))
        super().__init__("; ".join(f"line {one.line}: {one.code}" for one in self.faults))


def _each_once(faults: Iterable[Fault]) -> Iterable[Fault]:
    """Return them without repetition: a line of two parties may have the same fault twice."""
    return {(one.line, one.code, repr(one.said)): one for one in faults}.values()


def fault(line: int, code: str, /, **params: str | FactText) -> Fault:
    """Make the fault of a line; of what the line says, no more is repeated than a person reads."""
    said = {name: _shortened(one) if isinstance(one, str) else one for name, one in params.items()}
    return Fault(line, code, say(_FAULTS[code], **said))


def _shortened(text: str) -> str:
    return text if len(text) <= _REPEATED else f"{text[:_REPEATED]}…"


def faults_of(
    problems: Iterable[OrderProblem], lines: Mapping[tuple[str, int], int], names: Mapping[str, str]
) -> list[Fault]:
    """Say in which line each problem of `iam.orders.rules` stands; `lines` are those of changes, and of orders at 0.

    What these lines make wrong in an order that is recorded stands in the line that does, with the reference of that.
    """
    found = []
    for one in problems:
        line = lines.get((one.reference, one.position))
        beside = None if one.beside is None else lines.get(one.beside)
        if line is None and one.code == "circle":
            continue  # each circle has a line of ours, where it is told
        told = _fault_of(one, line or beside or 1, names)
        said = told.said if line else say(_BESIDE, order=one.reference, fault=told.said)
        found.append(Fault(told.line, told.code, said))
    return found


def sentence_of(problem: OrderProblem, names: Mapping[str, str]) -> FactText:
    """Return the sentence for a problem of `iam.orders.rules`."""
    return _fault_of(problem, 1, names).said


def unknown_place(key: str) -> FactText:
    """Return the sentence for a place that is not recorded."""
    return say(_FAULTS["party.unknown"], party=place_text(key, {}))


def _fault_of(problem: OrderProblem, line: int, names: Mapping[str, str]) -> Fault:
    params: dict[str, str | FactText] = dict(problem.params)
    code = problem.code
    if "kind" in params:
        params["kind"] = say(KINDS[str(params["kind"])])
    if "party" in params:
        params["party"] = place_text(str(params["party"]), names)
    if "day" in params:
        params["day"] = FactText(day=str(params["day"]))
    if code.endswith("s.count"):
        few = int(str(params["n"])) < int(str(params["least"]))
        side = code.partition(".")[0]
        said = _TOO_FEW[side, str(params["least"])] if few else _TOO_MANY[side, str(params["most"])]
        return Fault(line, code, say(said, **params))
    if code == "circle":
        params["around"] = way_text(str(params["around"]).split(" → "), names)
        said = _FAULTS["circle.orders" if "; " in str(params["orders"]) else "circle"]
        return Fault(line, code, say(said, **params))
    if code in {"party.ended", "founded.nowhere"} and params.get("by"):
        return Fault(line, code, say(_FAULTS[f"{code}_by"], **params))
    return Fault(line, code, say(_FAULTS[code], **params))
