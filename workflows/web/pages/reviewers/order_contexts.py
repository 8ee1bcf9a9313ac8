"""The pages on which an order is filled in, and the one that shows what undoing orders changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from iam.orders.models import Side
from iam.orders.rules import ChangeAsks
from workflows.web.pages.reviewers.order_draft import ChangeShown
from workflows.web.templating import Page

__all__ = ["OrderChangePage", "OrderFormPage", "OrderKindPage", "UndoPage"]

Found = Mapping[Side, Sequence[tuple[str, str, str | None]]]  # code, name, what tells two apart
Hidden = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFormPage(Page):
    """Reference, legal basis and day, and the changes so far."""

    template: ClassVar[str] = "order_form.html"

    changes: Sequence[ChangeShown]
    hidden: Hidden


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderKindPage(Page):
    """What kind of change is decided."""

    template: ClassVar[str] = "order_kind.html"

    kinds: Sequence[Mapping[str, str]]
    hidden: Hidden


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChangePage(Page):
    """To whom it is done and what comes of it; `found` has what searches found, by side."""

    template: ClassVar[str] = "order_change.html"

    shown: ChangeShown
    explained: str
    asked: ChangeAsks
    found: Found
    place: int
    hidden: Hidden


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoPage(Page):
    """What undoing orders brings back, and what stays."""

    template: ClassVar[str] = "reorganise_undo.html"

    ids: str
    orders: Sequence[Mapping[str, object]]
    begun: bool  # all of them were carried out, at least in part, and none is undone
    counts: Sequence[tuple[str, int, str]]  # what, how many, and the address that shows those alone
    chosen: str
    rows: Sequence[Mapping[str, str | None]]
    total: int
    untouched: int  # places that are left out of the rows, since the register had said so without the orders
    untouched_at: str  # the address that lists them
    earlier: str | None
    later: str | None
    downloads: Sequence[tuple[str, str]]  # format and address
    seen: str
    rests: str  # what the list rests on, as the form sends it back
    proposed: Sequence[tuple[int, bool]]  # numbers of proposals, and whether they were made on exactly this list
    may_propose: bool
