"""What the pages on which people fill in an application ask and show, as data: a kind says it, the web lays it out.

Texts are catalogue sentences or data (`proposals.content.FactText`), so that a kind knows no page and every page of
every kind works alike: by keyboard, without a script, in both languages.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from workflows.proposals.content import FactText

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workflows.application.facts import StatedPerson

__all__ = [
    "NOTHING",
    "Alike",
    "Card",
    "Choice",
    "ChoiceTable",
    "Field",
    "Input",
    "LongText",
    "Option",
    "PlaceSearch",
    "Row",
    "Shown",
    "Step",
    "StepPage",
    "Text",
]

NOTHING = FactText()


class Input(StrEnum):
    """What a line of text holds; a name is never corrected by a dictionary, a day is shown as people write it."""

    TEXT = "text"
    NAME = "name"
    CODE = "code"
    EMAIL = "email"
    PHONE = "phone"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Text:
    """One line."""

    shape: ClassVar[str] = "text"

    name: str
    label: FactText
    hint: FactText = NOTHING
    input: Input = Input.TEXT


@dataclass(frozen=True, slots=True)
class LongText:
    """Several lines; a list of answers is shown a line each."""

    shape: ClassVar[str] = "long_text"

    name: str
    label: FactText
    hint: FactText = NOTHING
    rows: int = 4


@dataclass(frozen=True, slots=True)
class Option:
    """One of several; its `fields` are asked for only when it is chosen."""

    value: str
    label: FactText
    hint: FactText = NOTHING
    fields: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several options."""

    shape: ClassVar[str] = "choice"

    name: str
    legend: FactText
    options: tuple[Option, ...]
    hint: FactText = NOTHING


@dataclass(frozen=True, slots=True)
class ChoiceTable:
    """The same options for every row; what is wrong with all of it is said at `name`, with one row at the row's."""

    shape: ClassVar[str] = "choice_table"

    name: str
    legend: FactText
    rows: tuple[tuple[str, FactText], ...]
    options: tuple[Option, ...]
    hint: FactText = NOTHING


@dataclass(frozen=True, slots=True)
class PlaceSearch:
    """An institution, a municipality or the state, found by a search. It is alone on its page."""

    shape: ClassVar[str] = "place_search"

    name: str


Field: TypeAlias = Text | LongText | Choice | ChoiceTable | PlaceSearch


@dataclass(frozen=True, slots=True)
class Step:
    """One page of the form. `name` stands in its address and is never renamed; `title` is marked by `later`."""

    name: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPage:
    """What a step asks now, with what was answered before."""

    heading: FactText
    fields: tuple[Field, ...]
    lead: FactText = NOTHING


@dataclass(frozen=True, slots=True)
class Row:
    """A label, and one value or a list of them."""

    label: FactText
    values: tuple[FactText, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A part of the check page, with the step that changes it, and others by name and text of their link."""

    heading: FactText
    step: str
    lines: tuple[FactText, ...] = ()
    person: StatedPerson | None = None
    rows: tuple[Row, ...] = ()
    others: tuple[tuple[str, FactText], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What pages show of a submitted application beside who applies: `people` by role, a remark, and `rows`."""

    people: tuple[str, ...]
    rows: tuple[Row, ...]
    heading: FactText
    remark: FactText = NOTHING


@dataclass(frozen=True, slots=True)
class Alike:
    """What a second application for the same thing would share: the place, and code and e-mail of people by role.

    What is "" is not compared.
    """

    place_code: str
    people: Mapping[str, tuple[str, str]]
