"""What an approval gives: two people we know from now on, and rights that rest on what the two have signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iam.grants.evidence import JudgedDocument, SignedPair
from iam.institutions import service as institutions
from iam.institutions.signatories import entitlements_for, may_sign
from iam.people import service as people
from iam.people.rules import parse_personal_code
from iam.periods import riga_day
from workflows.application.errors import NotNow
from workflows.application.states import Part
from workflows.application.submission import scope_code_of
from workflows.rights import giving
from workflows.rights.giving import Gift

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from iam.audit import Origin
    from iam.grants.models import Account
    from iam.ids import EvidenceId, PersonId
    from iam.people.models import Person
    from workflows.application.models import Application
    from workflows.application.stated import Stated
    from workflows.signed_forms.models import RequiredDocument

__all__ = ["give", "pair_of", "people_of", "signer_may_sign"]


def people_of(session: Session, stated: Stated, *, origin: Origin, at: datetime) -> tuple[Person, Person]:
    """Give head and user as people we know, registered now unless they are.

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
        for one in sorted((stated.head, stated.user), key=lambda person: person.personal_code)
    }
    return found[stated.head.personal_code], found[stated.user.personal_code]


def signer_may_sign(session: Session, application: Application, head: PersonId | None) -> bool:
    """Say whether whoever signed the application is recorded as entitled on the day of the stamp.

    The signer is the certificate's holder where we know them, else the head, whom then a person took for the signer.
    """
    signed = application.document(Part.APPLICATION)
    if application.scope_id is None or signed.signed_at is None:
        return False
    signer = signed.signer_person_id or head
    return bool(may_sign(signer, entitlements_for(session, application.scope_id), on=riga_day(signed.signed_at)))


def pair_of(application: Application) -> SignedPair:
    """Give the two judged documents as evidence. Raises NotNow when a part has none."""
    return SignedPair(
        application.id, _judged(application.document(Part.APPLICATION)), _judged(application.document(Part.LETTER))
    )


def give(
    session: Session, stated: Stated, *, to: Account, because: SignedPair, origin: Origin, at: datetime
) -> EvidenceId:
    """Give every right asked for and return the evidence they all rest on.

    What was held of the same section in the same place, at whatever level, ends as replaced on the day before. Raises
    NotNow when the days asked for are over, a place had closed by the first of them, or nothing was asked for.
    """
    since = max(stated.since, riga_day(at))  # what is past was not held, whatever the form asked for
    if stated.until is not None and stated.until < since:
        raise NotNow("the last day asked for is over")
    gifts = []
    for place in stated.scope:
        scope = institutions.scope_by_code(session, scope_code_of(place))
        if scope.institution is not None and scope.institution.closed and scope.institution.closed < since:
            raise NotNow(f"{place.name} closed on {scope.institution.closed}")
        gifts += [
            Gift(
                section=wish.code,
                level=wish.level,
                to=to.id,
                at_scope=scope.id,
                since=since,
                until=stated.until,
                because=because,
            )
            for wish in stated.sections
        ]
    if not gifts:
        raise NotNow("the application asks for nothing")
    return giving.give(session, gifts, origin=origin, at=at)[0].evidence_id


def _judged(form: RequiredDocument) -> JudgedDocument:
    if form.upload is None or form.verification_id is None:
        raise NotNow("a part has no judged document")
    return JudgedDocument(form.upload.sha256, form.verification_id)
