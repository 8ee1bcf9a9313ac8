"""What of people, institutions and rights may this one read? Every question says who it is for.

Processes that work for nobody in particular ask `iam.grants`, `iam.people` and `iam.institutions` themselves.
"""

from datetime import date

from sqlalchemy import false, or_, select
from sqlalchemy.orm import Session

from iam.grants import repository as _accounts
from iam.grants import service as _grants
from iam.grants.models import BLOCKED_OUTCOMES, Account, GrantPeriod
from iam.grants.rules import HeldGrant
from iam.ids import AccountId, MunicipalityId, ScopeId
from iam.institutions import service as _institutions
from iam.institutions.models import Institution, Municipality
from iam.institutions.service import InstitutionHit, ScopePlace
from iam.people import service as _people
from iam.people.models import Person
from iam.visibility import Visibility, sees_account, sees_institution, sees_municipality, sees_person, sees_scope

__all__ = [
    "account_called",
    "blocked",
    "grants_in_scope",
    "grants_over",
    "history",
    "institutions",
    "municipalities",
    "people",
    "place_is_seen",
]


def account_called(session: Session, username: str, *, sees: Visibility, on: date) -> Account | None:
    """Find the account with this username; None where there is none, or none to be seen."""
    among = None if sees.everything else sees_account(sees, Account.id, on=on)
    return _accounts.account_called(session, username.strip().lower(), among=among)


def blocked(session: Session, *, sees: Visibility, on: date, limit: int = 200) -> list[Account]:
    """List accounts that Keycloak refuses until somebody acts, as far as they may be seen."""
    among = None if sees.everything else sees_account(sees, Account.id, on=on)
    return _accounts.accounts_that_ended_so(session, BLOCKED_OUTCOMES, among=among, limit=limit)


def history(session: Session, account_id: AccountId, *, sees: Visibility, on: date) -> list[HeldGrant]:
    """List what the account ever held, holds and will hold, as far as it may be seen."""
    own = false() if sees.person is None else Account.person_id == sees.person
    of_own = GrantPeriod.account_id.in_(select(Account.id).where(own))
    return _grants.history(session, account_id, among=or_(sees_scope(sees, GrantPeriod.scope_id, on=on), of_own))


def grants_in_scope(
    session: Session, scope_id: ScopeId, *, sees: Visibility, on: date
) -> list[tuple[Account, HeldGrant]]:
    """List who holds what in exactly this scope on the day; nothing of a scope that may not be seen."""
    return _grants.grants_in_scope(session, scope_id, on=on, among=sees_scope(sees, GrantPeriod.scope_id, on=on))


def grants_over(session: Session, place: ScopePlace, *, sees: Visibility, on: date) -> list[tuple[Account, HeldGrant]]:
    """List whose rights reach the place on the day, its own first, then those from above; each names its scope."""
    over = [ScopeId(scope.id) for scope in _institutions.scopes_over(session, place, on=on)]
    return _grants.grants_in_scopes(session, over, on=on, among=sees_scope(sees, GrantPeriod.scope_id, on=on))


def place_is_seen(session: Session, place: ScopePlace, *, sees: Visibility, on: date) -> bool:
    """Return whether the place, one there is, may be seen on the day, though no right was ever given there."""
    if sees.everything:
        return True
    if place.institution_id is not None:
        institution = select(Institution.id).where(Institution.id == place.institution_id)
        return session.scalar(institution.where(sees_institution(sees, Institution.id, on=on))) is not None
    if place.municipality_id is not None:
        municipality = select(Municipality.id).where(Municipality.id == place.municipality_id)
        return session.scalar(municipality.where(sees_municipality(sees, Municipality.id))) is not None
    return False


def people(session: Session, text: str, *, sees: Visibility, on: date, limit: int = 50) -> list[Person]:
    """Find people by words of a name, or by a whole personal code, among those who may be seen."""
    return _people.search(session, text, limit=limit, among=sees_person(sees, Person.id, on=on))


def institutions(session: Session, text: str, *, sees: Visibility, on: date, limit: int = 20) -> list[InstitutionHit]:
    """Find institutions by words of a name or by number, among those that may be seen."""
    return _institutions.search(session, text, limit=limit, among=sees_institution(sees, Institution.id, on=on))


def municipalities(
    session: Session, text: str, *, sees: Visibility, limit: int = 20
) -> list[tuple[MunicipalityId, str, date | None]]:
    """Find municipalities by words of a name, among those that may be seen: id, name, last day of one that ended."""
    return _institutions.search_municipalities(
        session, text, limit=limit, among=sees_municipality(sees, Municipality.id)
    )
