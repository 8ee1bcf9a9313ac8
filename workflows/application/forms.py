"""Forms under the names they had before there were kinds: programs outside the repository import them."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum

from workflows.application.facts import Place
from workflows.application.kinds.applicant import printed
from workflows.application.kinds.grant import forms as grant
from workflows.application.kinds.grant.stated import Stated
from workflows.application.kinds.revocation import forms as revocation
from workflows.signed_forms.typesetting import Json, NotTypeset, day, typeset

__all__ = ["Form", "FormKind", "NotTypeset", "RevocationStated", "make"]


class FormKind(StrEnum):
    """The three forms."""

    APPLICATION = "application"
    LETTER = "letter"
    REVOCATION = "revocation"


@dataclass(frozen=True, slots=True)
class RevocationStated:
    """An application for revocation as it was stated before it had a kind: in words. `last_day` is inclusive."""

    applicant: Place
    head_name: str
    head_code: str
    user_name: str
    user_code: str
    username: str
    rights: str
    last_day: date
    reason: str


@dataclass(frozen=True, slots=True)
class Form:
    """One form to make: its kind, its application's reference, and what it states."""

    kind: FormKind
    reference: str
    stated: Stated | RevocationStated


def make(form: Form, *, at: datetime) -> bytes:
    """Return the PDF of this form as made at that (aware) moment. Raises NotTypeset."""
    stated = form.stated
    if isinstance(stated, Stated):
        return grant.make(grant.Form(grant.FormKind(form.kind.value), form.reference, stated), at=at)
    shown: dict[str, Json] = {
        "applicant": printed(stated.applicant),
        "head": {"name": stated.head_name, "personal_code": stated.head_code, "position": "", "email": ""},
        "user": {"name": stated.user_name, "personal_code": stated.user_code, "email": ""},
        "username": stated.username,
        "places": [stated.applicant.name],
        "rights": [stated.rights],
        "last_day": day(stated.last_day),
        "reason": stated.reason,
        "detail": "",
        "signature_name": stated.head_name,
    }
    kept = {**asdict(stated), "last_day": stated.last_day.isoformat()}
    return typeset([revocation.template(at).filled(form.reference, stated=kept, shown=shown, at=at)])[0]
