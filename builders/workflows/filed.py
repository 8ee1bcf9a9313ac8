"""Applications filed as people file them, for tests and benchmarks alike: through the service, as simple as it gets.

Every verb works in the caller's transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from demo.pki import Person
from iam.audit import Door
from iam.ids import ApplicationId
from iam.people.rules import parse_personal_code
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
from workflows.application.kinds.grant.documents import Part
from workflows.application.models import Application
from workflows.application.stated import Stated
from workflows.application.states import Party
from workflows.evidence import service as evidence
from workflows.signed_forms.outcomes import apply
from workflows.signed_forms.proof import decide
from workflows.signed_forms.upload_jobs import question

__all__ = ["FILES", "SCHOOL", "Submitted", "answers", "prove", "submit"]

FILES = {Part.APPLICATION: "iesniegums.pdf", Part.LETTER: "saistibu-raksts.pdf"}
SCHOOL = "9013900107"
_SIGNERS = {Part.APPLICATION: Party.HEAD, Part.LETTER: Party.USER}


@dataclass(frozen=True, slots=True)
class Submitted:
    """An application on its way: its id, number and the forms as they were made."""

    id: ApplicationId
    reference: str
    token: str
    forms: Mapping[Part, bytes]

    def files(self, *parts: Part) -> Sequence[tuple[str, bytes]]:
        """Give the named forms (both when none is named) as files to sign."""
        return [(FILES[part], self.forms[part]) for part in parts or tuple(Part)]


def answers(head: Person, user: Person, *, place: str = SCHOOL, since: date) -> Mapping[str, Mapping[str, str]]:
    """Fill in every group, as simple as it gets."""
    same = head.code == user.code
    return {
        "institution": {"place": place},
        "head": {
            "given_name": head.given_name,
            "surname": head.surname,
            "personal_code": head.code,
            "position": "direktore",
            "email": head.email,
        },
        "user": {
            "head_is_user": "yes" if same else "no",
            "given_name": user.given_name,
            "surname": user.surname,
            "personal_code": user.code,
            "position": "lietvedis",
            "email": user.email,
            "phone": "+371 20000000",
        },
        "scope": {"level": "institution", "section.learners": "edit", "section.staff": "view"},
        "dates": {"since": since.isoformat()},
        "why": {"basis": "new"},
    }


def submit(
    session: Session,
    head: Person,
    user: Person,
    *,
    base_url: str,
    at: datetime,
    since: date | None = None,
    scope: Mapping[str, str] | None = None,
    place: str = SCHOOL,
) -> Submitted:
    """Fill in every group and submit; rights begin today unless said, `scope` changes what is asked for."""
    draft = service.start_draft(session, language="lv", door=Door.WEB, at=at)
    for name, group in answers(head, user, place=place, since=since or riga_day(at)).items():
        changed = {**group, **(scope or {})} if name == "scope" else group
        checked = service.save_group(session, draft.application, name, changed, at=at)
        if not checked:
            raise ValueError(str(checked.errors))
    sent = service.submit(session, draft.application, base_url=base_url, door=Door.WEB, at=at)
    forms = {Part(one.part): evidence.read(session, one.sha256) for one in sent.application.documents}
    return Submitted(sent.application.id, sent.application.reference, sent.token, forms)


def prove(
    session: Session, submitted: Submitted, *parts: Part, base_url: str, at: datetime, foreign: bool = False
) -> None:
    """Let the parts (both when none is named) be proven without cryptography, for what follows after that.

    `foreign` leaves them for a person: the certificates name nobody by a code.
    """
    application = session.get_one(Application, submitted.id)
    for part in parts or tuple(Part):
        content = f"{part} of {submitted.reference}, signed".encode()
        name = f"{part}.edoc"
        received = service.upload(session, application, content, name=name, party=_SIGNERS[part], door=Door.WEB, at=at)
        report = _report(application, part, at, foreign=foreign)
        case = evidence.open_case(session, received.upload.sha256, name=name, at=at)
        decided = evidence.Judged(case=case, judgement=report, revocation=(), duration_ms=1)
        verification = evidence.record(session, decided)
        outcome = decide(report, question(session, received.upload, report, content, at=at))
        apply(session, received.upload, outcome, verification_id=verification.id, base_url=base_url, at=at)


def _report(application: Application, part: Part, at: datetime, *, foreign: bool) -> Report:
    """Say that the right person signed the form well."""
    stated = Stated.from_json(application.stated or {})
    who = stated.head if part is Part.APPLICATION else stated.user
    code = parse_personal_code(who.personal_code)
    signer = Signer(
        common_name=who.name.upper(),
        given_name=who.given_name.upper(),
        surname=who.surname.upper(),
        identity=None if foreign else Identity("PNO", "LV", code.digits),
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
    form = application.document(part)
    return Report(
        file_name=f"{part}.edoc",
        form="ASiC-E",
        judged_at=at,
        trust_state=TrustState.FRESH,
        contents=(Content(FILES[part], form.size, form.sha256, covered_by=("S1",)),),
        signatures=(signature,),
    )
