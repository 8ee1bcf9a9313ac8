"""Name a place as the register calls it on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iam.institutions import service as institutions
from iam.institutions.models import ScopeKind
from workflows.application.facts import Place
from workflows.signed_forms.typesetting import replaced

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

__all__ = ["STATE", "place"]


STATE = Place(ScopeKind.STATE, "", "Izglītības un zinātnes ministrija", "")
"""The whole state, for which the ministry applies."""


def place(session: Session, code: str, *, on: date) -> Place:
    """Name the place a code means (`i-…`, a bare register number, `m-…`, `s`), as called on the day; raises Unknown."""
    scope = institutions.scope_by_code(session, code)
    # As forms print it: look-alikes that no font has are replaced.
    name = replaced(institutions.scope_name(session, scope, on=on))
    match scope.kind:
        case ScopeKind.INSTITUTION if scope.institution is not None:
            number = scope.institution.reg_no
            opened = scope.institution.opened
            day = on if opened is None else max(on, opened)
            town = institutions.municipality_name_of(session, scope.institution.id, on=day)
            return Place(scope.kind, number, name, town)
        case ScopeKind.MUNICIPALITY:
            return Place(scope.kind, str(scope.municipality_id), name, name)
        case _:
            return STATE
