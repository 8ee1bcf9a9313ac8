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
from workflows.application.fields import Answers
from workflows.application.kinds.grant.documents import Part
from workflows.application.kinds.grant.kind import GRANT
from workflows.application.kinds.kind import Required
from workflows.application.kinds.registry import facts_of, required_of
from workflows.application.kinds.revocation.kind import REVOCATION
from workflows.application.models import Application
from workflows.evidence import service as evidence
from workflows.signed_forms.outcomes import apply
from workflows.signed_forms.proof import decide
from workflows.signed_forms.upload_jobs import question

__all__ = ["FILES", "SCHOOL", "Submitted", "answers", "answers_to_end", "apply_for", "prove", "submit", "submit_to_end"]

FILES: Mapping[str, str] = {Part.APPLICATION: "iesniegums.pdf", Part.LETTER: "saistibu-raksts.pdf"}
SCHOOL = "9013900107"


@dataclass(frozen=True, slots=True)
class Submitted:
    """An application on its way: its id, number and the forms as they were made."""

    id: ApplicationId
    reference: str
    token: str
    forms: Mapping[str, bytes]

    def files(self, *parts: str) -> Sequence[tuple[str, bytes]]:
        """Give the named forms (all when none is named) as files to sign."""
        return [(FILES.get(part, f"{part}.pdf"), self.forms[part]) for part in parts or tuple(self.forms)]


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
    filled = dict(answers(head, user, place=place, since=since or riga_day(at)))
    filled["scope"] = {**filled["scope"], **(scope or {})}
    return apply_for(session, GRANT.name, filled, base_url=base_url, at=at)


def answers_to_end(head: Person, user: Person, *, place: str = SCHOOL, last_day: date) -> Mapping[str, Answers]:
    """Fill in every step of an application that ends all rights of the user at the place."""
    return {
        "institution": {"place": place},
        "head": answers(head, user, since=last_day)["head"],
        "user": {"given_name": user.given_name, "surname": user.surname, "personal_code": user.code},
        "scope": {"which": "all"},
        "end": {"last_day": last_day.isoformat(), "reason": "employment_ended"},
    }


def submit_to_end(
    session: Session,
    head: Person,
    user: Person,
    *,
    base_url: str,
    at: datetime,
    last_day: date | None = None,
    place: str = SCHOOL,
    changed: Mapping[str, Answers] | None = None,
) -> Submitted:
    """Apply for the end of rights, today unless said; `changed` answers stand in for those of their step."""
    filled = answers_to_end(head, user, place=place, last_day=last_day or riga_day(at))
    steps = {**filled, **{step: {**filled.get(step, {}), **said} for step, said in (changed or {}).items()}}
    return apply_for(session, REVOCATION.name, steps, base_url=base_url, at=at)


def apply_for(session: Session, kind: str, filled: Mapping[str, Answers], *, base_url: str, at: datetime) -> Submitted:
    """Fill in a draft of the kind, step by step, and submit it."""
    draft = service.start_draft(session, kind=kind, language="lv", door=Door.WEB, at=at)
    for step, group in filled.items():
        checked = service.save_group(session, draft.application, step, group, at=at)
        if not checked:
            raise ValueError(str(checked.errors))
    sent = service.submit(session, draft.application, base_url=base_url, door=Door.WEB, at=at)
    forms = {one.part: evidence.read(session, one.sha256) for one in sent.application.documents}
    return Submitted(sent.application.id, sent.application.reference, sent.token, forms)


def prove(
    session: Session, submitted: Submitted, *parts: str, base_url: str, at: datetime, foreign: bool = False
) -> None:
    """Let the parts (all when none is named) be proven without cryptography, for what follows after that.

    `foreign` leaves them for a person: the certificates name nobody by a code.
    """
    application = session.get_one(Application, submitted.id)
    required = {one.part: one for one in required_of(application)}
    for part in parts or tuple(required):
        content = f"{part} of {submitted.reference}, signed".encode()
        name = f"{part}.edoc"
        received = service.upload(
            session, application, content, name=name, party=required[part].party, door=Door.WEB, at=at
        )
        report = _report(application, required[part], at, foreign=foreign)
        case = evidence.open_case(session, received.upload.sha256, name=name, at=at)
        decided = evidence.Judged(case=case, judgement=report, revocation=(), duration_ms=1)
        verification = evidence.record(session, decided)
        outcome = decide(report, question(session, received.upload, report, content, at=at))
        apply(session, received.upload, outcome, verification_id=verification.id, base_url=base_url, at=at)


def _report(application: Application, required: Required, at: datetime, *, foreign: bool) -> Report:
    """Say that the right person signed the form well."""
    part, who = required.part, facts_of(application).people[required.person]
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
        contents=(Content(FILES.get(part, f"{part}.pdf"), form.size, form.sha256, covered_by=("S1",)),),
        signatures=(signature,),
    )
