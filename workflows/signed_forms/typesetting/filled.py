"""From the facts of a form to the data its template is given: what every form has, whichever process owns it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iam.periods import RIGA, riga_day
from workflows.signed_forms.typesetting.typesetting import Json, Request, canonical

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from pathlib import Path

__all__ = ["Template", "day"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A form of a process: its typst source, and the sentences people sign.

    `name` is the key of its texts in `texts` (TOML), which `edition` names. `attachment` is the file name of the facts
    in the PDF. The source imports `/signed_forms/typesetting/base.typ`, wherever it lies itself.
    """

    name: str
    source: Path
    attachment: str
    edition: str
    texts: str

    def filled(self, reference: str, *, stated: Mapping[str, Json], shown: Mapping[str, Json], at: datetime) -> Request:
        """Fill it in: `stated` is attached as JSON, `shown` is what the template prints."""
        attached: dict[str, Json] = {
            "form": self.name,
            "edition": self.edition,
            "reference": reference,
            "made_at": at.isoformat(),
            "stated": stated,
        }
        return self._request(attached, {"stated": shown, "reference": reference, "date": day(riga_day(at))}, at)

    def blank(self, *, empty: Mapping[str, Json], at: datetime) -> Request:
        """Leave it to be filled in by hand; the template prints `empty`."""
        attached: dict[str, Json] = {"form": self.name, "edition": self.edition, "blank": True}
        return self._request(attached, {"stated": None, "empty": empty, "reference": "", "date": ""}, at)

    def _request(self, attached: Mapping[str, Json], data: Mapping[str, Json], at: datetime) -> Request:
        local = at.astimezone(RIGA)
        made_at = {"year": local.year, "month": local.month, "day": local.day}
        attachment = {"attachment_name": self.attachment, "attachment": canonical(attached)}
        return Request(self.source, {**data, "made_at": made_at, **attachment}, self.texts, at)


def day(one: date) -> str:
    """Write a day as forms have it."""
    return f"{one:%d.%m.%Y}."
