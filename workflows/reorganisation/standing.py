"""Has anything changed that plans rest on? Told by one cheap question to the database, without reading the facts."""

import secrets
from collections.abc import Collection
from typing import TypeAlias

from sqlalchemy import BigInteger, ScalarSelect, Text, cast, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from iam.grants.models import Account, GrantPeriod, Section
from iam.institutions.models import (
    Institution,
    InstitutionMunicipality,
    InstitutionName,
    MunicipalityName,
    Scope,
    Signatory,
)
from iam.orders.models import Order
from iam.people.models import Person
from workflows.application import places_named

__all__ = ["Standing", "standing"]

Standing: TypeAlias = tuple[object, ...]
"""Equal at two moments: what plans rest on is the same. It compares within this process only."""

# Of each row what may change or come to be: rights and evidence are written once, beside their periods.
_ROWS: tuple[tuple[InstrumentedAttribute[object], ...], ...] = (
    (GrantPeriod.id, GrantPeriod.recorded),
    (Account.id, Account.username),
    (Section.id, Section.code),
    (Person.id, Person.given_name, Person.surname),
    (Signatory.id, Signatory.scope_id, Signatory.person_id, Signatory.period, Signatory.recorded),
    (Scope.id, Scope.institution_id, Scope.municipality_id),
    (Institution.id, Institution.reg_no),
    (Order.id, Order.state),
    (InstitutionName.institution_id, InstitutionName.name, InstitutionName.period),
    (MunicipalityName.municipality_id, MunicipalityName.name, MunicipalityName.period),
    (
        InstitutionMunicipality.institution_id,
        InstitutionMunicipality.municipality_id,
        InstitutionMunicipality.period,
    ),
)
_SEED = secrets.randbits(62)  # nobody can choose names whose sums meet


def standing(session: Session, places: Collection[str]) -> Standing:
    """Say how everything stands that a plan about these places may rest on; some 20 ms for 15,000 rights."""
    open_ones = places_named.open_naming(session, places)
    return (*session.execute(_QUESTION).one(), *open_ones)


def _sum(columns: tuple[InstrumentedAttribute[object], ...]) -> ScalarSelect[str]:
    """Count the rows of a table and add up their hashes, whatever order they lie in."""
    hashed = func.hash_record_extended(func.row(*columns), cast(literal(_SEED), BigInteger))
    return select(func.concat(func.count(), " ", cast(func.sum(hashed), Text))).scalar_subquery()


_QUESTION = select(*(_sum(columns) for columns in _ROWS))
