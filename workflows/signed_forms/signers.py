"""Is whoever signed the person a part asks for? Pure: a signature and the people of the application in, an answer out.

Who may sign for the institution is judged on the day of the stamp: whoever is recorded for that day; where nobody ever
was, the head the form names, with a note that the right to sign is to be confirmed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from iam.institutions.signatories import SigningRight, may_sign
from iam.people.rules import NameMatch, compare_names
from iam.periods import riga_day
from signing.model import Identity, Message
from workflows.application.states import Part

if TYPE_CHECKING:
    from iam.institutions.signatories import Entitlement
    from signing.model import Report, SignatureReport
    from workflows.signed_forms.proof import Question

__all__ = ["Fits", "Known", "Misfit", "Recorded", "name_of", "signer_of"]


@dataclass(frozen=True, slots=True)
class Known:
    """A person of the application: the name as stated, and every code they ever had."""

    name: str
    identities: tuple[Identity, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """Somebody recorded as entitled to sign for the institution: the name, every code they ever had, and the facts."""

    name: str
    identities: tuple[Identity, ...]
    entitlement: Entitlement


@dataclass(frozen=True, slots=True)
class Fits:
    """The signer is the one asked for."""

    notes: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Misfit:
    """The signer is not, or says too little of who they are (`nameless`)."""

    reason: Message
    nameless: bool = False


def signer_of(signature: SignatureReport, part: Part, question: Question, report: Report) -> Fits | Misfit:
    """Say whether the signer is the one the part asks for: the user, or whoever may sign for the institution."""
    match part:
        case Part.LETTER:
            return _named(signature, question.user, Message.of("application.signer-not-user", name=name_of(signature)))
        case Part.APPLICATION:
            return _entitled(signature, question, report)


def _entitled(signature: SignatureReport, question: Question, report: Report) -> Fits | Misfit:
    day = riga_day(signature.stamped_at or signature.best_signature_time or report.judged_at)
    identity = signature.signer.identity if signature.signer else None
    signer = next((one for one in question.recorded if identity in one.identities), None)
    not_entitled = Message.of("application.signer-not-entitled", name=name_of(signature), day=day.isoformat())
    facts = [one.entitlement for one in question.recorded]
    match may_sign(None if signer is None else signer.entitlement.person_id, facts, on=day):
        case SigningRight.ENTITLED:
            return Fits(() if signer is None else _name_note(signature, signer.name))
        case SigningRight.OTHERS_ENTITLED:
            others = (one for one in question.recorded if one.entitlement.holds_on(day))
            return _misfit(signature, tuple(identity for one in others for identity in one.identities), not_entitled)
        case SigningRight.ON_OTHER_DAYS:
            return Misfit(not_entitled)
        case SigningRight.NOBODY_RECORDED:
            found = _named(signature, question.head, Message.of("application.signer-not-head", name=name_of(signature)))
            if isinstance(found, Fits):
                return Fits((Message.of("application.signatory-unconfirmed"), *found.notes))
            return found
        case right:
            assert_never(right)


def _named(signature: SignatureReport, person: Known, otherwise: Message) -> Fits | Misfit:
    identity = signature.signer.identity if signature.signer else None
    if identity is not None and identity in person.identities:
        return Fits(_name_note(signature, person.name))
    return _misfit(signature, person.identities, otherwise)


def _misfit(signature: SignatureReport, wanted: tuple[Identity, ...], otherwise: Message) -> Misfit:
    identity = signature.signer.identity if signature.signer else None
    if identity is None:
        return Misfit(Message.of("application.signer-without-code", name=name_of(signature)), nameless=True)
    same_digits = any((identity.kind, identity.digits) == (one.kind, one.digits) for one in wanted)
    if not identity.country and same_digits:
        # Certificates before 2017 say no country: the digits agree, and no country is guessed.
        return Misfit(Message.of("application.signer-code-without-country", name=name_of(signature)), nameless=True)
    return Misfit(otherwise)


def _name_note(signature: SignatureReport, stated: str) -> tuple[Message, ...]:
    certified = name_of(signature)
    if compare_names(stated, certified) is NameMatch.DIFFERENT:
        return (Message.of("application.name-differs", stated=stated, certified=certified),)
    return ()


def name_of(signature: SignatureReport) -> str:
    """Give the signer's name as the certificate writes it; "" where nobody is named."""
    if signature.signer is None:
        return ""
    full = f"{signature.signer.given_name} {signature.signer.surname}".strip()
    return full or signature.signer.common_name
