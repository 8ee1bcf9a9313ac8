"""Which page does the head sign?

The form is a PDF/A-3a, PDF/UA-1 file with what it states attached as JSON. The same facts, edition and time give the
same bytes: a signed file is compared with ours byte for byte.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from iam.periods import riga_day
from workflows.application.kinds.applicant import named_with_number, printed
from workflows.application.kinds.revocation.stated import Reason, Stated
from workflows.signed_forms.typesetting import Editions, Json, Template, day, fillable, typeset

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = ["ALL_RIGHTS", "EDITIONS", "REASONS", "blank", "make", "template"]

EDITIONS = Editions(__name__)

# The form is in Latvian only. These words are part of the signed text, so they stand outside the catalogue.
ALL_RIGHTS = "Visas tiesības"
REASONS = {
    Reason.EMPLOYMENT_ENDED: "Darba attiecības beidzas",
    Reason.DUTIES_CHANGED: "Mainās darba pienākumi",
    Reason.REORGANISATION: "Iestādes reorganizācija",
    Reason.OTHER: "Cits iemesls",
}
"""What reasons are called in what the head signs."""


def make(reference: str, stated: Stated, *, at: datetime) -> bytes:
    """Return the PDF as made at that (aware) moment. Raises NotTypeset."""
    request = template(at).filled(reference, stated=stated.to_json(), shown=_shown(stated), at=at)
    return typeset([request])[0]


def blank(*, at: datetime) -> bytes:
    """Return the form to be filled in by hand or on a screen."""
    return fillable(typeset([template(at).blank(empty=_empty(), at=at)])[0])


def template(at: datetime) -> Template:
    """Give the form in the edition that is made at the moment."""
    edition = EDITIONS.on(riga_day(at))
    return Template(
        name="revocation",
        source=Path(__file__).parent / "revocation.typ",
        attachment="anulesana.json",
        edition=edition,
        texts=EDITIONS.source(edition),
    )


def _shown(stated: Stated) -> Mapping[str, Json]:
    return {
        "applicant": printed(stated.applicant),
        "head": {**asdict(stated.head), "name": stated.head.name},
        "user": {**asdict(stated.user), "name": stated.user.name},
        "username": stated.username,
        "places": [named_with_number(one) for one in stated.scope],
        "rights": [one.name for one in stated.sections] or [ALL_RIGHTS],
        "last_day": day(stated.last_day),
        "reason": REASONS[stated.reason],
        "detail": stated.reason_detail,
        "signature_name": f"{stated.head.name}, {stated.head.position}",
    }


def _empty() -> Mapping[str, Json]:
    person: dict[str, Json] = dict.fromkeys(("name", "personal_code", "position", "email"), "")
    return {
        "applicant": {"name": "", "code": "", "municipality": "", "code_label": "Reģistra numurs"},
        "head": person,
        "user": person,
        "places": [],
        "rights": [],
        "reasons": list(REASONS.values()),
        **dict.fromkeys(("username", "last_day", "reason", "detail", "signature_name"), ""),
    }
