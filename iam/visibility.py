"""What may somebody see? Said once as a value, asked of every query as a condition.

A list that is filtered after it was read leaks by its count, its pages and its order. So the condition is part of the
statement, and whoever may see nothing reads nothing.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from iam.grants.models import Account, Grant
from iam.ids import AccountId, InstitutionId, MunicipalityId, PersonId, ScopeId
from iam.institutions.models import InstitutionMunicipality, Scope, Signatory
from iam.institutions.rules import entitlement_of

__all__ = [
    "EVERYTHING",
    "NOTHING",
    "Visibility",
    "scopes_headed_by",
    "sees_account",
    "sees_institution",
    "sees_municipality",
    "sees_person",
    "sees_scope",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visibility:
    """What somebody may see; the kinds add up, and the empty one shows nothing.

    `municipalities` are seen with the institutions that belong to them on the day asked about, `scopes` alone. A
    `person` is seen with their account and all its rights, wherever these are.
    """

    everything: bool = False
    municipalities: frozenset[MunicipalityId] = frozenset()
    scopes: frozenset[ScopeId] = frozenset()
    person: PersonId | None = None


EVERYTHING = Visibility(everything=True)
NOTHING = Visibility()


def sees_institution(
    sees: Visibility,
    institution: InstrumentedAttribute[InstitutionId] | InstrumentedAttribute[InstitutionId | None],
    *,
    on: date,
) -> ColumnElement[bool]:
    """Return the condition that the institution in this column may be seen on the day."""
    if sees.everything:
        return true()
    alone = select(Scope.institution_id).where(Scope.id.in_(sees.scopes))
    return or_(institution.in_(alone), institution.in_(_belonging(sees, on)))


def sees_municipality(sees: Visibility, municipality: InstrumentedAttribute[MunicipalityId]) -> ColumnElement[bool]:
    """Return the condition that the municipality in this column may be seen."""
    if sees.everything:
        return true()
    alone = select(Scope.municipality_id).where(Scope.id.in_(sees.scopes))
    return or_(municipality.in_(sees.municipalities), municipality.in_(alone))


def sees_scope(
    sees: Visibility,
    scope: InstrumentedAttribute[ScopeId] | InstrumentedAttribute[ScopeId | None],
    *,
    on: date,
) -> ColumnElement[bool]:
    """Return the condition that the scope in this column may be seen on the day; the state's needs `everything`."""
    if sees.everything:
        return true()
    of_municipalities = select(Scope.id).where(
        or_(Scope.municipality_id.in_(sees.municipalities), Scope.institution_id.in_(_belonging(sees, on)))
    )
    return or_(scope.in_(sees.scopes), scope.in_(of_municipalities))


def sees_account(sees: Visibility, account: InstrumentedAttribute[AccountId], *, on: date) -> ColumnElement[bool]:
    """Return the condition that the account may be seen: it is one's own, or was ever given a right that is seen."""
    if sees.everything:
        return true()
    own = select(Account.id).where(_is_own(sees))
    given = select(Grant.account_id).where(sees_scope(sees, Grant.scope_id, on=on))
    return or_(account.in_(own), account.in_(given))


def sees_person(sees: Visibility, person: InstrumentedAttribute[PersonId], *, on: date) -> ColumnElement[bool]:
    """Return the condition that the person may be seen: oneself, or one whose account may be."""
    if sees.everything:
        return true()
    of_accounts = select(Account.person_id).where(sees_account(sees, Account.id, on=on))
    return or_(false() if sees.person is None else person == sees.person, person.in_(of_accounts))


def scopes_headed_by(session: Session, person_id: PersonId, *, on: date) -> frozenset[ScopeId]:
    """Return the scopes whose head or acting head the person is on the day, as known now."""
    recorded = select(Signatory).where(Signatory.person_id == person_id, func.upper_inf(Signatory.recorded))
    return frozenset(one.scope_id for one in session.scalars(recorded) if entitlement_of(one).heads_on(on))


def _is_own(sees: Visibility) -> ColumnElement[bool]:
    return false() if sees.person is None else Account.person_id == sees.person


def _belonging(sees: Visibility, on: date) -> Select[InstitutionId]:
    return select(InstitutionMunicipality.institution_id).where(
        InstitutionMunicipality.municipality_id.in_(sees.municipalities),
        InstitutionMunicipality.period.contains(on),
    )
