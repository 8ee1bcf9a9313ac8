"""What the templates of those who hold an account are given, by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from iam.grants.models import Account
from workflows.web.templating import Page

__all__ = ["MyRightsPage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MyRightsPage(Page):
    """What the reader holds, and what of theirs is not decided yet."""

    template: ClassVar[str] = "my_rights.html"

    account: Account
    rows: Sequence[Mapping[str, object]]  # held now or later, the present ones first
    over: Sequence[Mapping[str, object]]
    pending: bool
    waiting: Sequence[Mapping[str, object]]  # applications not decided yet
    system: str  # where VIIS itself is opened; empty where that is not said
