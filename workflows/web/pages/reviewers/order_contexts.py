"""The pages on which an order is filled in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from iam.orders.models import Side
from iam.orders.rules import ChangeAsks
from workflows.web.pages.reviewers.order_draft import ChangeShown
from workflows.web.templating import Page

__all__ = ["OrderChangePage", "OrderFormPage", "OrderKindPage"]

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
