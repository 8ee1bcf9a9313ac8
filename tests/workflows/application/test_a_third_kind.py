"""A kind that nobody knew goes from draft to decision without a change to any module: one signer, one form."""

# ruff: noqa: ARG002 - the invented kind needs less than a kind is given

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta

import pytest
from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from builders.workflows.office import INESE, SCHOOL, Office
from demo.pki import person
from demo.signer import sign_edoc
from iam.audit import AuditEntry, Door
from iam.grants import service as grants
from iam.grants.evidence import JudgedDocument, SignedApplication, fingerprint
from iam.grants.kept_evidence import kept
from iam.grants.models import Account, EndCause
from iam.ids import ApplicationId
from iam.periods import riga_day
from iam.visibility import EVERYTHING
from workflows.application import service
from workflows.application.facts import Facts, Place, StatedPerson
from workflows.application.fields import Answers, Checked, Group
from workflows.application.forms import Form, FormKind, RevocationStated, edition_on, make
from workflows.application.kinds import registry
from workflows.application.kinds.kind import Approval, Approved, Presented, Required, Review
from workflows.application.models import Application, Decision
from workflows.application.places import place
from workflows.application.states import Party, State
from workflows.evidence import service as evidence
from workflows.proposals.content import Fact, data
from workflows.signed_forms.states import Standing
from workflows.signed_forms.typesetting import Json


@dataclass(frozen=True, slots=True)
class Leaving:
    """Somebody who leaves gives up every right from a day on."""

    applicant: Place
    leaver: StatedPerson
    last_day: date

    @property
    def people(self) -> Mapping[str, StatedPerson]:
        return {"leaver": self.leaver}

    def masked(self) -> "Leaving":
        return replace(self, leaver=self.leaver.masked())

    def to_json(self) -> dict[str, Json]:
        return {**asdict(self), "last_day": self.last_day.isoformat()}


def leaving(facts: Facts) -> Leaving:
    assert isinstance(facts, Leaving)
    return facts


class Leave:
    """The invented kind."""

    name = "leave"
    groups = ("who", "when")

    def check(
        self, session: Session, group: str, given: Answers, answers: Mapping[str, Answers], *, on: date
    ) -> Checked:
        fields = Group(given)
        if group == "who":
            fields.needed("place", "Choose the institution")
            fields.person(given_name="Enter a name", surname="Enter a surname", position="Enter a position")
        else:
            fields.day("last_day", "Enter the last day", needed=True)
        return fields.checked()

    def review(self, session: Session, answers: Mapping[str, Answers], *, on: date) -> Review:
        found = {name: self.check(session, name, answers.get(name, {}), answers, on=on) for name in self.groups}
        if errors := {name: checked.errors for name, checked in found.items() if not checked}:
            return Review(None, errors)
        who = {name: str(value) for name, value in found["who"].answers.items()}
        applicant = place(session, who.pop("place"), on=on)
        last_day = date.fromisoformat(str(found["when"].answers["last_day"]))
        return Review(Leaving(applicant, StatedPerson(**who), last_day), {})

    def read(self, data: object) -> Leaving:
        return TypeAdapter(Leaving).validate_python(data)

    def documents(self, facts: Facts) -> Sequence[Required]:
        return (
            Required(
                part="leave",
                file_name="atteiksanas",
                person="leaver",
                party="leaver",
                objection="application.signer-not-user",
                readers=frozenset({"leaver", Party.APPLICANT}),
            ),
        )

    def make(self, reference: str, facts: Facts, *, at: datetime) -> Sequence[bytes]:
        stated = leaving(facts)
        who = stated.leaver
        words = (who.name, who.personal_code, who.name, who.personal_code, "", "visas")
        form = RevocationStated(stated.applicant, *words, stated.last_day, "darba attiecības beidzas")
        return [make(Form(FormKind.REVOCATION, reference, form), at=at)]

    def edition(self, on: date) -> str:
        return edition_on(on).name

    def is_wide(self, facts: Facts) -> bool:
        return False

    def presented(
        self, session: Session, facts: Facts, account: Account | None, *, keep_address: str, at: datetime
    ) -> Presented:
        return Presented([Fact(data("Leaves"), data(leaving(facts).leaver.name))], 1)

    def approve(self, session: Session, application: Application, facts: Facts, approval: Approval) -> Approved:
        document = application.document("leave")
        assert document.upload is not None
        assert document.verification_id is not None
        signed = SignedApplication(application.id, JudgedDocument(document.upload.sha256, document.verification_id))
        account = grants.account_of(session, approval.people["leaver"])
        assert account is not None
        for held in grants.current_grants(session, account.id, on=riga_day(approval.at)):
            grants.end(
                session,
                held,
                last_day=leaving(facts).last_day,
                cause=EndCause.EMPLOYMENT_ENDED,
                origin=approval.origin,
                at=approval.at,
                because=signed,
            )
        row = kept(session, signed, approval.at)
        return Approved(evidence_id=row.id, fingerprint=fingerprint(signed), account=account)


@pytest.fixture(autouse=True)
def leave(monkeypatch: pytest.MonkeyPatch) -> Leave:
    """Make the kind known for one test."""
    monkeypatch.setattr(registry, "_KINDS", dict(registry._KINDS))
    kind = Leave()
    registry.register(kind)
    return kind


def submit(office: Office) -> tuple[ApplicationId, str, bytes]:
    who = person("user")
    answers = {
        "who": {
            "place": SCHOOL,
            "given_name": who.given_name,
            "surname": who.surname,
            "personal_code": who.code,
            "position": "lietvedis",
            "email": who.email,
        },
        "when": {"last_day": office.today.isoformat()},
    }
    with office.sessions.begin() as session:
        draft = service.start_draft(session, kind="leave", language="lv", door=Door.WEB, at=office.now)
        for name, group in answers.items():
            assert service.save_group(session, draft.application, name, group, at=office.now)
        sent = service.submit(session, draft.application, base_url="https://viis.test", door=Door.WEB, at=office.now)
        (document,) = sent.application.documents
        return sent.application.id, sent.application.reference, evidence.read(session, document.sha256)


def test_an_invented_kind_goes_from_draft_to_decision(office: Office) -> None:
    grant = office.submit(starts=timedelta())
    office.prove(grant)
    account = office.approve(grant)
    application_id, reference, form = submit(office)
    assert office.mails(person("user").email).count("application_sign") == 2
    signed = sign_edoc([("atteiksanas.pdf", form)], person=person("user"), pki=office.pki, at=office.now)
    with office.sessions.begin() as session:
        application = session.get_one(Application, application_id)
        service.upload(session, application, signed, name="a.edoc", party="leaver", door=Door.WEB, at=office.now)
    office.work()
    with office.sessions.begin() as session:
        application = session.get_one(Application, application_id)
        seen = service.tracking_view(session, application, "leaver")
        assert (seen.state, [part.standing for part in seen.parts]) == (State.IN_REVIEW, [Standing.PROVEN])
        assert (seen.mine, seen.offered) == (("leave",), ("leave",))
        assert seen.stated.people["leaver"].personal_code.startswith("******")
        case = service.case_view(session, reference, sees=EVERYTHING, own=False, at=office.now)
        assert (case.signatory_open, case.differences) == (False, ())
        claimed = service.claim(session, application_id, seen=case.version, by=INESE, at=office.now)
        done = service.approve(
            session, application_id, seen=claimed.version, by=INESE, base_url="https://viis.test", at=office.now
        )
    assert done is not None
    assert done.id == account.id
    assert {right.until for right in office.rights(account)} == {office.today}
    with office.sessions() as session:
        decided = session.scalars(select(Decision).where(Decision.application_id == application_id)).one()
        assert decided.evidence_id is not None
        approved = select(AuditEntry).where(AuditEntry.tag == "application:approved").order_by(AuditEntry.id.desc())
        entry = session.scalars(approved).first()
        assert entry is not None
        assert entry.evidence is not None


def test_a_stranger_does_not_sign_for_whoever_leaves(office: Office) -> None:
    application_id, _, form = submit(office)
    signed = sign_edoc([("atteiksanas.pdf", form)], person=person("stranger"), pki=office.pki, at=office.now)
    with office.sessions.begin() as session:
        application = session.get_one(Application, application_id)
        service.upload(session, application, signed, name="a.edoc", party="leaver", door=Door.WEB, at=office.now)
    office.work()
    with office.sessions() as session:
        application = session.get_one(Application, application_id)
        (document,) = application.documents
        assert (application.state, document.standing) == (State.AWAITING_SIGNATURES, Standing.OBJECTED)


def test_what_no_kind_is_named_cannot_be_applied_for(office: Office) -> None:
    with office.sessions() as session, pytest.raises(LookupError, match="wish"):
        service.start_draft(session, kind="wish", language="lv", door=Door.WEB, at=office.now)
