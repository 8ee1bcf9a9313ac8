"""From what an application states to the data of its form's template."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from iam.grants.models import Level
from iam.periods import riga_day
from workflows.application.kinds.applicant import printed
from workflows.application.kinds.grant.forms._editions import Edition, edition_on
from workflows.application.kinds.grant.stated import Basis, ScopeLevel, Stated
from workflows.signed_forms.typesetting import Json, NotTypeset, Request, Template, day, fillable, typeset

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

__all__ = ["Form", "FormKind", "NotTypeset", "blank", "make", "make_all"]

_FOLDER = Path(__file__).parent


class FormKind(StrEnum):
    """The two forms; the value is the template's name and the key of its texts."""

    APPLICATION = "application"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Form:
    """One form to make: its kind, its application's reference, and what it states."""

    kind: FormKind
    reference: str
    stated: Stated


_ATTACHMENT = {
    FormKind.APPLICATION: "iesniegums.json",
    FormKind.LETTER: "saistibu-raksts.json",
}
# The forms are in Latvian only. These words are part of the signed text, so they stand outside the catalogue.
_LEVELS = {
    ScopeLevel.INSTITUTION: "Iestādes līmenis",
    ScopeLevel.MUNICIPALITY: "Pašvaldības līmenis",
    ScopeLevel.MINISTRY: "Ministrijas līmenis",
    ScopeLevel.SUBORDINATE: "Ministrijas padotības iestādes līmenis",
}
_BASES = {
    Basis.NEW: "Jauns lietotājs",
    Basis.CHANGED_SCOPE: "Mainās tiesību apjoms",
    Basis.REORGANISATION: "Iestādes reorganizācija",
    Basis.REFORM: "Administratīvi teritoriālā reforma",
    Basis.REPLACES: "Aizstāj citu lietotāju",
}
_DETAIL_LABELS = {Basis.REPLACES: "Aizstājamais lietotājs"}


def make(form: Form, *, at: datetime) -> bytes:
    """Return the PDF of this form as made at that (aware) moment; the same arguments give the same bytes.

    Raises NotTypeset.
    """
    return make_all((form,), at=at)[0]


def make_all(forms: Sequence[Form], *, at: datetime) -> tuple[bytes, ...]:
    """Make several at once, in their order, in a fraction of the time. Raises NotTypeset."""
    texts = edition_on(riga_day(at))
    return typeset([_filled(form, texts, at) for form in forms])


def blank(kind: FormKind, sections: Sequence[tuple[str, str]], *, at: datetime) -> bytes:
    """Return the form to be filled in by hand or on a screen; `sections` are (code, Latvian name) of the catalogue."""
    texts = edition_on(riga_day(at))
    return fillable(typeset([_template(kind, texts).blank(empty=_empty(sections), at=at)])[0])


def _filled(form: Form, texts: Edition, at: datetime) -> Request:
    shown = _grant(form.stated, form.kind)
    return _template(form.kind, texts).filled(form.reference, stated=form.stated.to_json(), shown=shown, at=at)


def _grant(stated: Stated, kind: FormKind) -> dict[str, Json]:
    signer = stated.user if kind is FormKind.LETTER else stated.head
    return {
        "applicant": printed(stated.applicant),
        "head": {**asdict(stated.head), "name": stated.head.name},
        "user": {**asdict(stated.user), "name": stated.user.name},
        "same_person": stated.head_is_user,
        "level_name": _LEVELS[stated.level],
        "scope": [printed(place) for place in stated.scope],
        "sections": [{"name": wish.name, "edit": wish.level is Level.EDIT} for wish in stated.sections],
        "basis_name": _BASES[stated.basis],
        "basis_detail": stated.basis_detail,
        "basis_detail_label": _DETAIL_LABELS.get(stated.basis, "Paskaidrojums"),
        "since": day(stated.since),
        "until": day(stated.until) if stated.until else "bez termiņa",
        "signature_name": f"{signer.name}, {signer.position}",
    }


def _empty(sections: Sequence[tuple[str, str]]) -> dict[str, Json]:
    person: dict[str, Json] = dict.fromkeys(("name", "personal_code", "position", "email", "phone"), "")
    return {
        "applicant": {"name": "", "code": "", "municipality": "", "code_label": "Reģistra numurs"},
        "head": person,
        "user": person,
        "same_person": False,
        "scope": [],
        "sections": [{"name": name, "edit": False} for _, name in sections],
        **dict.fromkeys(("level_name", "basis_name", "basis_detail", "since", "until"), ""),
        "levels": list(_LEVELS.values()),
        "bases": list(_BASES.values()),
        "basis_detail_label": "Ko aizstāj; paskaidrojums",
        "signature_name": "",
    }


def _template(kind: FormKind, texts: Edition) -> Template:
    return Template(
        name=kind.value,
        source=_FOLDER / f"{kind.value}.typ",
        attachment=_ATTACHMENT[kind],
        edition=texts.name,
        texts=texts.source,
    )
