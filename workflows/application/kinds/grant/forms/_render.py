"""From what an application states to the data of its form's template."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from iam.grants.models import Level
from iam.institutions.models import ScopeKind
from iam.periods import riga_day
from workflows.application.kinds.grant.forms._editions import Edition, edition_on
from workflows.application.kinds.grant.stated import Basis, ScopeLevel, Stated
from workflows.signed_forms.typesetting import Json, NotTypeset, Request, Template, day, fillable, typeset

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from workflows.application.facts import Place

__all__ = ["Form", "FormKind", "NotTypeset", "RevocationStated", "blank", "make", "make_all"]

_FOLDER = Path(__file__).parent


class FormKind(StrEnum):
    """The three forms; the value is the template's name and the key of its texts."""

    APPLICATION = "application"
    LETTER = "letter"
    REVOCATION = "revocation"


@dataclass(frozen=True, slots=True)
class RevocationStated:
    """What an application for revocation states; `rights` and `reason` in words, `last_day` inclusive."""

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


_ATTACHMENT = {
    FormKind.APPLICATION: "iesniegums.json",
    FormKind.LETTER: "saistibu-raksts.json",
    FormKind.REVOCATION: "anulesana.json",
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
_CODE_LABELS = {
    ScopeKind.INSTITUTION: "Reģistra numurs",
    ScopeKind.MUNICIPALITY: "Pašvaldības numurs",
    ScopeKind.STATE: "Numurs",
}


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
    stated = form.stated
    kept: dict[str, Json]
    if isinstance(stated, RevocationStated):
        kept = {**asdict(stated), "last_day": stated.last_day.isoformat()}
        shown = _revocation(stated)
    else:
        kept = stated.to_json()
        shown = _grant(stated, form.kind)
    return _template(form.kind, texts).filled(form.reference, stated=kept, shown=shown, at=at)


def _grant(stated: Stated, kind: FormKind) -> dict[str, Json]:
    signer = stated.user if kind is FormKind.LETTER else stated.head
    return {
        "applicant": _place(stated.applicant),
        "head": {**asdict(stated.head), "name": stated.head.name},
        "user": {**asdict(stated.user), "name": stated.user.name},
        "same_person": stated.head_is_user,
        "level_name": _LEVELS[stated.level],
        "scope": [_place(place) for place in stated.scope],
        "sections": [{"name": wish.name, "edit": wish.level is Level.EDIT} for wish in stated.sections],
        "basis_name": _BASES[stated.basis],
        "basis_detail": stated.basis_detail,
        "basis_detail_label": _DETAIL_LABELS.get(stated.basis, "Paskaidrojums"),
        "since": day(stated.since),
        "until": day(stated.until) if stated.until else "bez termiņa",
        "signature_name": f"{signer.name}, {signer.position}",
    }


def _revocation(stated: RevocationStated) -> dict[str, Json]:
    return {
        "applicant": _place(stated.applicant),
        "head": {"name": stated.head_name, "personal_code": stated.head_code},
        "user": {"name": stated.user_name, "personal_code": stated.user_code},
        "username": stated.username,
        "rights": stated.rights,
        "last_day": day(stated.last_day),
        "reason": stated.reason,
        "signature_name": stated.head_name,
    }


def _place(place: Place) -> dict[str, Json]:
    return {**asdict(place), "code_label": _CODE_LABELS[place.kind]}


def _empty(sections: Sequence[tuple[str, str]]) -> dict[str, Json]:
    person: dict[str, Json] = dict.fromkeys(("name", "personal_code", "position", "email", "phone"), "")
    return {
        "applicant": {"name": "", "code": "", "municipality": "", "code_label": "Reģistra numurs"},
        "head": person,
        "user": person,
        "same_person": False,
        "scope": [],
        "sections": [{"name": name, "edit": False} for _, name in sections],
        **dict.fromkeys(
            ("level_name", "basis_name", "basis_detail", "since", "until", "username", "rights", "last_day", "reason"),
            "",
        ),
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
