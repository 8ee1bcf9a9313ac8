"""The people of an application: whom to write to, whom we know, who may sign for it, and who they are in the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from iam.audit import Actor, ActorKind, Origin
from iam.institutions.signatories import entitlements_for, may_sign
from iam.people import service as people
from iam.people.rules import parse_personal_code
from iam.periods import riga_day
from workflows.application.kinds.registry import facts_of, required_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from iam.audit import Door
    from iam.ids import PersonId
    from iam.institutions.signatories import Entitlement
    from iam.people.models import Person
    from workflows.application.facts import StatedFacts
    from workflows.application.models import Application
    from workflows.signed_forms.models import RequiredDocument

__all__ = [
    "all_known",
    "entitled_to_sign",
    "known",
    "of_applicant",
    "parties_of",
    "registered",
    "representing",
    "signed_at",
    "signer_may_sign",
    "signer_of",
]


_Stated = TypeVar("_Stated", "PersonId", "PersonId | None")


def parties_of(application: Application) -> tuple[tuple[str, str], ...]:
    """Say whom to write to, by party and the address stated; who signs two documents gets one mail."""
    stated = facts_of(application).people
    parties = dict.fromkeys(required.party for required in required_of(application))
    return tuple((party, stated[party].email) for party in parties)


def of_applicant(application: Application, door: Door, party: str = "") -> Origin:
    """Return the origin of an act by who holds a link of the application: as a party, or who filled it in."""
    who = f"{application.reference}/{party}" if party else application.reference
    return Origin(Actor(ActorKind.APPLICANT, who), door)


def known(session: Session, facts: StatedFacts, role: str) -> Person | None:
    """Find the person stated in that role by their code, None where the role or the person is not there."""
    stated = facts.people.get(role)
    return None if stated is None else people.find_by_code(session, parse_personal_code(stated.personal_code))


def all_known(session: Session, facts: StatedFacts) -> dict[str, Person]:
    """Find everybody stated by their codes, by role, in one statement; who is not there is left out."""
    codes = {role: parse_personal_code(stated.personal_code) for role, stated in facts.people.items()}
    found = people.find_by_codes(session, set(codes.values()))
    return {role: found[code] for role, code in codes.items() if code in found}


def registered(session: Session, facts: StatedFacts, *, origin: Origin, at: datetime) -> dict[str, Person]:
    """Give everybody named as people we know, by role, registered now unless they are.

    A code is held until the transaction ends. All take them in one order: of two approvals at once, one with A as head
    and B as user and one the other way round, neither must hold what the other waits for.
    """
    found = {
        one.personal_code: people.register(
            session,
            code=parse_personal_code(one.personal_code),
            given_name=one.given_name,
            surname=one.surname,
            origin=origin,
            at=at,
        )
        for one in sorted(facts.people.values(), key=lambda person: person.personal_code)
    }
    return {role: found[one.personal_code] for role, one in facts.people.items()}


def representing(application: Application) -> tuple[RequiredDocument, str] | None:
    """Give the document signed for the applicant, and the role of who is stated to; None where there is none."""
    for required in required_of(application):
        if required.represents:
            return application.document(required.part), required.person
    return None


def signed_at(application: Application) -> datetime | None:
    """Say when it was signed for the applicant; None while it is not."""
    found = representing(application)
    return None if found is None else found[0].signed_at


def signer_of(document: RequiredDocument, stated: _Stated) -> PersonId | _Stated:
    """Give whoever signed: the certificate's holder where we know them, else the person stated.

    The latter is whom a person then took for the signer.
    """
    return document.signer_person_id or stated


def signer_may_sign(session: Session, application: Application, stated: PersonId | None) -> bool:
    """Say whether whoever signed for the applicant is recorded as entitled on the day of the stamp.

    True where nothing has to be signed for the applicant. `stated` is the person stated to sign.
    """
    entitled = () if application.scope_id is None else entitlements_for(session, application.scope_id)
    return entitled_to_sign(application, stated, entitled)


def entitled_to_sign(application: Application, stated: PersonId | None, entitled: Sequence[Entitlement]) -> bool:
    """Say what `signer_may_sign` does, of whom the applicant's scope records as entitled."""
    found = representing(application)
    if found is None:
        return True
    document, _ = found
    if application.scope_id is None or document.signed_at is None:
        return False
    return bool(may_sign(signer_of(document, stated), entitled, on=riga_day(document.signed_at)))
