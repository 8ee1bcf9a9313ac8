"""Reports on signed forms made by hand, for what they prove: no cryptography hides the decision."""

from datetime import UTC, date, datetime, timedelta

from iam.ids import PersonId
from iam.institutions.models import Capacity
from iam.institutions.signatories import Entitlement
from signing.model import (
    Content,
    Identity,
    Indication,
    Qualification,
    Report,
    SignatureReport,
    Signer,
    StampReport,
    TrustState,
)
from workflows.application.kinds.grant.documents import Part
from workflows.signed_forms.proof import NeedsPerson, Objected, OurForm, Pending, Proven, Question
from workflows.signed_forms.signers import Entitled, KnownPerson, Named, Recorded
from workflows.signed_forms.signers import Signer as MustSign

SIGNED = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)

APPLICATION = OurForm(Part.APPLICATION, "a" * 64, 40_000)

LETTER = OurForm(Part.LETTER, "b" * 64, 30_000)

HEAD = KnownPerson("Ilze Ābeltiņa", (Identity("PNO", "LV", "32000000011"),))

USER = KnownPerson("Jānis Ķirķītis", (Identity("PNO", "LV", "32000000022"), Identity("PNO", "LV", "01018000029")))

ACTING = KnownPerson("Zane Ozola", (Identity("PNO", "LV", "32000000033"),))


def recorded_as_head(person: KnownPerson, since: date | None, until: date | None) -> Recorded:
    return Recorded(person.name, person.identities, Entitlement(PersonId(7), Capacity.HEAD, since, until))


def must_sign(*recorded: Recorded, user: KnownPerson = USER) -> dict[str, MustSign]:
    """Ask for whoever may sign on the application, else the head; for the user on the letter."""
    return {
        Part.APPLICATION: Entitled(recorded, Named(HEAD, "grant.signer-not-head")),
        Part.LETTER: Named(user, "grant.signer-not-user"),
    }


QUESTION = Question(forms=(APPLICATION, LETTER), signers=must_sign())


def signer(person: KnownPerson, identity: Identity | None = None) -> Signer:
    given, surname = person.name.split()
    return Signer(
        common_name=person.name.upper(),
        given_name=given.upper(),
        surname=surname.upper(),
        identity=identity or person.identities[0],
        organisation="",
        country="LV",
        certificate_sha256="c" * 64,
        not_before=SIGNED - timedelta(days=100),
        not_after=SIGNED + timedelta(days=900),
        serial_hex="0a",
        issuer_name="Demo eID ICA",
    )


def stamp(*, qualified: bool = True, time: datetime = SIGNED) -> StampReport:
    return StampReport(time, qualified, "Demo TSA", Indication.TOTAL_PASSED)


def signature(person: KnownPerson, name: str = "S1") -> SignatureReport:
    return SignatureReport(
        id=name,
        format="XAdES",
        level="LT",
        indication=Indication.TOTAL_PASSED,
        qualification=Qualification.QESIG,
        signer=signer(person),
        best_signature_time=SIGNED,
        stamps=(stamp(),),
        covers_everything=True,
    )


def report(*signatures: SignatureReport, holds: tuple[str, ...] = (APPLICATION.sha256,)) -> Report:
    names = tuple(one.id for one in signatures)
    contents = tuple(Content(f"{n}.pdf", 1, digest, covered_by=names) for n, digest in enumerate(holds))
    return Report(
        file_name="file.edoc",
        form="ASiC-E",
        judged_at=SIGNED + timedelta(hours=1),
        trust_state=TrustState.FRESH,
        contents=contents,
        signatures=signatures,
    )


def codes(finding: object) -> list[str]:
    assert isinstance(finding, (Objected, Pending, NeedsPerson)), finding
    return [reason.code for reason in finding.reasons]


def notes(finding: object) -> list[str]:
    assert isinstance(finding, Proven), finding
    return [note.code for note in finding.notes]
