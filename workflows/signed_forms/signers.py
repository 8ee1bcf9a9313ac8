"""Did the person who must sign a document sign it? Pure: a signature and the people known in, objections out.

Each is a policy of `signing`: it composes with the others, and says of an objection whether a person may settle it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, assert_never

from iam.institutions.signatories import SigningRight, may_sign
from iam.people.rules import NameMatch, compare_names
from iam.periods import riga_day
from signing.model import Identity, Message
from signing.policies.policy import Objection
from signing.policies.requirements import SignedBy

if TYPE_CHECKING:
    from datetime import date

    from iam.institutions.signatories import Entitlement
    from signing.model import Report, SignatureReport

__all__ = ["Entitled", "KnownPerson", "Named", "Recorded", "Signer", "name_of"]

# A certificate that says too little: what signing says of it, said of a form.
_IN_WORDS_OF_FORMS = {
    "signer.no-identity": "application.signer-without-code",
    "signer.code-without-country": "application.signer-code-without-country",
}


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person: the name as stated, and every code they ever had."""

    name: str
    identities: tuple[Identity, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """Somebody recorded as entitled to sign for the institution: the name, every code they ever had, and the facts."""

    name: str
    identities: tuple[Identity, ...]
    entitlement: Entitlement


@dataclass(frozen=True, slots=True)
class Named:
    """This person must sign; `otherwise` is the code of the objection to anybody else's signature."""

    person: KnownPerson
    otherwise: str

    def objections(self, signature: SignatureReport, report: Report) -> tuple[Objection, ...]:
        """Object unless the certificate names the person; for a person to settle where it says too little."""
        otherwise = Message.of(self.otherwise, name=name_of(signature))
        return _signed_by(self.person.identities, signature, report, otherwise)

    def notes(self, signature: SignatureReport, report: Report) -> tuple[Message, ...]:
        """Note what a person may want to look at beside a signature without objections."""
        del report
        return _name_note(signature, self.person.name)


@dataclass(frozen=True, slots=True)
class Entitled:
    """Whoever may sign on the day of the stamp must sign; where nobody ever was recorded, the person stated."""

    recorded: tuple[Recorded, ...]
    stated: Named

    def objections(self, signature: SignatureReport, report: Report) -> tuple[Objection, ...]:
        """Object unless somebody entitled on the day signed, or, where nobody is recorded, the person stated."""
        day = _day(signature, report)
        otherwise = Message.of("application.signer-not-entitled", name=name_of(signature), day=day.isoformat())
        match self._right(signature, day):
            case SigningRight.ENTITLED:
                return ()
            case SigningRight.OTHERS_ENTITLED:
                others = (one for one in self.recorded if one.entitlement.holds_on(day))
                known = tuple(identity for one in others for identity in one.identities)
                return _signed_by(known, signature, report, otherwise)
            case SigningRight.ON_OTHER_DAYS:
                return (Objection(otherwise),)
            case SigningRight.NOBODY_RECORDED:
                return self.stated.objections(signature, report)
            case right:
                assert_never(right)

    def notes(self, signature: SignatureReport, report: Report) -> tuple[Message, ...]:
        """Note a name that differs, and that the right to sign is to be confirmed where nobody is recorded."""
        signer = self._signer(signature)
        if signer is not None and self._right(signature, _day(signature, report)) is SigningRight.ENTITLED:
            return _name_note(signature, signer.name)
        return (Message.of("application.signatory-unconfirmed"), *self.stated.notes(signature, report))

    def _right(self, signature: SignatureReport, day: date) -> SigningRight:
        signer = self._signer(signature)
        facts = [one.entitlement for one in self.recorded]
        return may_sign(None if signer is None else signer.entitlement.person_id, facts, on=day)

    def _signer(self, signature: SignatureReport) -> Recorded | None:
        identity = signature.signer.identity if signature.signer else None
        return next((one for one in self.recorded if identity in one.identities), None)


Signer: TypeAlias = Named | Entitled


def _signed_by(
    identities: tuple[Identity, ...], signature: SignatureReport, report: Report, otherwise: Message
) -> tuple[Objection, ...]:
    return tuple(
        Objection(
            Message.of(code, name=name_of(signature))
            if (code := _IN_WORDS_OF_FORMS.get(objection.message.code)) is not None
            else otherwise,
            for_person=objection.for_person,
        )
        for objection in SignedBy(*identities).objections(signature, report)
    )


def _day(signature: SignatureReport, report: Report) -> date:
    return riga_day(signature.stamped_at or signature.best_signature_time or report.judged_at)


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
