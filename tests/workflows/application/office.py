"""The people of these stories: somebody fills in, head and user sign and upload, a worker works, a reviewer decides.

Every act is a transaction of its own, as it is behind the doors. Signatures are real, made with the demo PKI.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from demo.pki import Person, Pki, person
from demo.signer import sign_edoc
from iam._base import ApplicationId
from iam.grants.models import Account
from iam.institutions.models import Capacity, SourceKind
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
from workflows.application.cases import CaseView
from workflows.application.decisions import NewSignatory, Reviewer
from workflows.application.jobs import judge_upload
from workflows.application.judging import question
from workflows.application.models import Application, Upload
from workflows.application.proof import decide
from workflows.application.stated import Stated
from workflows.application.states import Part, Party
from workflows.application.uploads import apply
from workflows.application.views import TrackingView, UploadView
from workflows.evidence import service as evidence
from workflows.jobs import Drained, Tools, drain
from workflows.mail import Mail
from workflows.settings import Settings

INESE = Reviewer("inese.kalna", "Inese Kalna")
VALDIS = Reviewer("valdis.upe", "Valdis Upe")
REGISTER = NewSignatory(Capacity.HEAD, None, None, "Izglītības iestāžu reģistrs", SourceKind.REGISTER)
FILES = {Part.APPLICATION: "iesniegums.pdf", Part.LETTER: "saistibu-raksts.pdf"}
SCHOOL = "9013900107"
_SIGNERS = {Part.APPLICATION: Party.HEAD, Part.LETTER: Party.USER}

__all__ = ["FILES", "INESE", "REGISTER", "SCHOOL", "VALDIS", "Office", "Submitted", "judge_upload"]


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


@dataclass
class Office:
    """The service as people meet it, without its pages."""

    settings: Settings
    sessions: sessionmaker[Session]
    tools: Tools
    pki: Pki
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def submit(
        self,
        head: str = "head",
        user: str = "user",
        *,
        starts: timedelta = timedelta(days=1),
        scope: Mapping[str, str] | None = None,
    ) -> Submitted:
        """Fill in a draft and submit it; `starts` is how far off the first day is, `scope` changes what is asked."""
        said = answers(person(head), person(user), since=riga_day(self.now) + starts)
        with self.sessions.begin() as session:
            draft = service.start_draft(session, language="lv", at=self.now)
            for name, group in said.items():
                changed = {**group, **(scope or {})} if name == "scope" else group
                checked = service.save_group(session, draft.application, name, changed, at=self.now)
                assert checked, checked.errors
            sent = service.submit(session, draft.application, base_url=self.settings.base_url, at=self.now)
            forms = {form.part: evidence.read(session, form.sha256) for form in sent.application.forms}
            return Submitted(sent.application.id, sent.application.reference, sent.token, forms)

    def sign(self, submitted: Submitted, by: str, *parts: Part) -> bytes:
        """Sign forms of the application (both when none is named) into an eDoc."""
        return sign_edoc(submitted.files(*parts), person=person(by), pki=self.pki, at=self.now)

    def upload(
        self, submitted: Submitted, content: bytes, *, name: str = "parakstits.edoc", party: Party = Party.APPLICANT
    ) -> bool:
        """Hand a file in; False when these very bytes were there before."""
        with self.sessions.begin() as session:
            application = session.get_one(Application, submitted.id)
            received = service.upload(session, application, content, name=name, party=party, at=self.now)
            return not received.again

    def work(self) -> Drained:
        """Have a worker do all that is due."""
        return drain(self.settings, tools=self.tools)

    def at_once(self) -> None:
        """Let what waits for its next attempt be due now: nobody sits through the pause."""
        with self.sessions.begin() as session:
            session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'"))

    def hand_in(self, submitted: Submitted, content: bytes, **how: object) -> UploadView:
        """Upload, let the worker judge, and read what the page says of the file."""
        self.upload(submitted, content, **how)  # type: ignore[arg-type]  # passed on
        self.work()
        return self.track(submitted).uploads[-1]

    def hand_in_both(self, submitted: Submitted, head: str = "head", user: str = "user") -> None:
        """Let both people do what is asked of them."""
        if head == user:
            self.upload(submitted, self.sign(submitted, head))
        else:
            self.upload(submitted, self.sign(submitted, head, Part.APPLICATION), party=Party.HEAD)
            self.upload(submitted, self.sign(submitted, user, Part.LETTER), party=Party.USER)
        self.work()

    def prove(self, submitted: Submitted, *parts: Part, foreign: bool = False) -> None:
        """Let the parts (both when none is named) be proven without cryptography, for stories about what follows.

        `foreign` leaves them for a person: the certificates name nobody by a code.
        """
        for part in parts or tuple(Part):
            with self.sessions.begin() as session:
                application = session.get_one(Application, submitted.id)
                content = f"{part} of {submitted.reference}, signed".encode()
                received = service.upload(
                    session, application, content, name=f"{part}.edoc", party=_SIGNERS[part], at=self.now
                )
                report = _report(application, part, self.now, foreign=foreign)
                case = evidence.open_case(session, received.upload.sha256, name=received.upload.name, at=self.now)
                verification = evidence.record(
                    session, evidence.Decided(case=case, judgement=report, revocation=(), duration_ms=1)
                )
                asked = question(session, received.upload, report, content, at=self.now)
                apply(
                    session,
                    received.upload,
                    decide(report, asked),
                    verification_id=verification.id,
                    base_url=self.settings.base_url,
                    at=self.now,
                )
        self.work()

    def track(self, submitted: Submitted, party: Party = Party.APPLICANT) -> TrackingView:
        """Read the tracking page."""
        with self.sessions() as session:
            return service.tracking_view(session, session.get_one(Application, submitted.id), party)

    def case(self, submitted: Submitted, by: Reviewer = INESE) -> CaseView:
        """Read the reviewer's page."""
        with self.sessions() as session:
            application = session.get_one(Application, submitted.id)
            own = service.concerns(session, application, by)
            return service.case_view(session, submitted.reference, by=by, own=own, at=self.now)

    def approve(
        self, submitted: Submitted, *, by: Reviewer = INESE, signatory: NewSignatory | None = REGISTER
    ) -> Account:
        """Approve what the reviewer has just read."""
        seen = self.case(submitted, by).version
        with self.sessions.begin() as session:
            return service.approve(
                session,
                submitted.id,
                seen=seen,
                by=by,
                signatory=signatory,
                base_url=self.settings.base_url,
                at=self.now,
            )

    def mails(self, to: str) -> list[str]:
        """Name the mails queued to an address, oldest first."""
        with self.sessions() as session:
            return list(session.scalars(select(Mail.template).where(Mail.to_address == to).order_by(Mail.id)))

    def uploads(self, submitted: Submitted) -> list[Upload]:
        """Read the uploads' rows."""
        with self.sessions() as session:
            return list(session.scalars(select(Upload).where(Upload.application_id == submitted.id)))


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
    form = application.form(part)
    return Report(
        file_name=f"{part}.edoc",
        form="ASiC-E",
        judged_at=at,
        trust_state=TrustState.FRESH,
        contents=(Content(FILES[part], form.size, form.sha256, covered_by=("S1",)),),
        signatures=(signature,),
    )


def codes(upload: UploadView) -> list[str]:
    """List the codes of everything found about an upload."""
    return [reason.code for finding in upload.findings for reason in finding.reasons]
