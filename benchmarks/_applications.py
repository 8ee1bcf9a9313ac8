"""Applications to measure on: submitted through the service, signed by the demo's people, or proven without them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from demo.pki import Person
from iam._base import ApplicationId
from iam.people.rules import invented_code, parse_personal_code
from iam.periods import riga_day
from signing import (
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
from workflows.application import service
from workflows.application.judging import question
from workflows.application.models import Application
from workflows.application.proof import decide
from workflows.application.stated import Stated
from workflows.application.states import Part, Party
from workflows.application.uploads import apply
from workflows.evidence import service as evidence

__all__ = ["FILES", "Submitted", "invented", "prove", "submit"]

FILES = {Part.APPLICATION: "iesniegums.pdf", Part.LETTER: "saistibu-raksts.pdf"}
_SCHOOL = "9013900107"
_SIGNERS = {Part.APPLICATION: Party.HEAD, Part.LETTER: Party.USER}
_SYLLABLES = ("ba", "do", "ga", "ki", "la", "me", "ni", "po", "ru", "sa", "ta", "vi")


@dataclass(frozen=True, slots=True)
class Submitted:
    """An application on its way, with the secret of its link and its forms as they were made."""

    id: ApplicationId
    reference: str
    token: str
    forms: Mapping[Part, bytes]


def invented(number: int) -> Person:
    """Invent a person without a certificate, another one for each number."""
    name = "".join(_SYLLABLES[number // 12**place % 12] for place in range(4))
    return Person(
        key=f"bench{number}",
        given_name="Ance",
        surname=name.capitalize() + "ne",
        code=invented_code(f"bench {number}").written,
        purpose="measured with",
    )


def submit(session: Session, head: Person, user: Person, *, base_url: str, at: datetime) -> Submitted:
    """Fill in every group as simply as it gets, and submit."""
    draft = service.start_draft(session, language="lv", at=at)
    for name, group in _answers(head, user, at).items():
        checked = service.save_group(session, draft.application, name, group, at=at)
        if not checked:
            raise ValueError(str(checked.errors))
    sent = service.submit(session, draft.application, base_url=base_url, at=at)
    forms = {form.part: evidence.read(session, form.sha256) for form in sent.application.forms}
    return Submitted(sent.application.id, sent.application.reference, sent.token, forms)


def prove(session: Session, submitted: Submitted, *, base_url: str, at: datetime) -> None:
    """Let both parts be proven, as if their signatures had been judged: for what is measured after that."""
    application = session.get_one(Application, submitted.id)
    for part in Part:
        content = f"{part} of {submitted.reference}, signed".encode()
        name = f"{part}.edoc"
        received = service.upload(session, application, content, name=name, party=_SIGNERS[part], at=at)
        report = _report(application, part, at)
        case = evidence.open_case(session, received.upload.sha256, name=name, at=at)
        decided = evidence.Decided(case=case, judgement=report, revocation=(), duration_ms=1)
        verification = evidence.record(session, decided)
        outcome = decide(report, question(session, received.upload, report, content, at=at))
        apply(session, received.upload, outcome, verification_id=verification.id, base_url=base_url, at=at)


def _answers(head: Person, user: Person, at: datetime) -> Mapping[str, Mapping[str, str]]:
    return {
        "institution": {"place": _SCHOOL},
        "head": {
            "given_name": head.given_name,
            "surname": head.surname,
            "personal_code": head.code,
            "position": "direktore",
            "email": head.email,
        },
        "user": {
            "head_is_user": "yes" if head.code == user.code else "no",
            "given_name": user.given_name,
            "surname": user.surname,
            "personal_code": user.code,
            "position": "lietvedis",
            "email": user.email,
            "phone": "+371 20000000",
        },
        "scope": {"level": "institution", "section.learners": "edit", "section.staff": "view"},
        "dates": {"since": riga_day(at).isoformat()},
        "why": {"basis": "new"},
    }


def _report(application: Application, part: Part, at: datetime) -> Report:
    stated = Stated.from_json(application.stated or {})
    who = stated.head if part is Part.APPLICATION else stated.user
    signer = Signer(
        common_name=who.name.upper(),
        given_name=who.given_name.upper(),
        surname=who.surname.upper(),
        identity=Identity("PNO", "LV", parse_personal_code(who.personal_code).digits),
        organisation="",
        country="LV",
        certificate_sha256="c" * 64,
        not_before=at - timedelta(days=100),
        not_after=at + timedelta(days=900),
        serial_hex="0a",
        issuer_name="Demo eID ICA",
    )
    signature = SignatureReport(
        id="S1",
        format="XAdES",
        level="LT",
        indication=Indication.TOTAL_PASSED,
        qualification=Qualification.QESIG,
        signer=signer,
        best_signature_time=at,
        stamps=(StampReport(at, qualified=True, authority="Demo TSA", indication=Indication.TOTAL_PASSED),),
        covers_everything=True,
    )
    form = application.form(part)
    return Report(
        file_name=f"{part}.edoc",
        form="ASiC-E",
        judged_at=at,
        trust_state=TrustState.FRESH,
        contents=(Content(FILES[part], form.size, form.sha256, covered_by=("S1",)),),
        signatures=(signature,),
    )
