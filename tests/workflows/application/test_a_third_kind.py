"""A kind that nobody knew goes from draft to decision without a change to any module: one signer, one form."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from builders.workflows.office import INESE, Office
from demo.pki import person
from demo.signer import sign_edoc
from iam.audit import AuditEntry, Door
from iam.visibility import EVERYTHING
from tests.workflows.leaving.applying import submit
from tests.workflows.leaving.kind import known_leave
from workflows.application import service
from workflows.application.models import Application, Decision
from workflows.application.states import State
from workflows.signed_forms.states import Standing


@pytest.fixture(autouse=True)
def _known() -> Iterator[None]:
    """Make the kind known for one test."""
    with known_leave():
        yield


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
        seen = service.tracking_view(session, application, "leaver", at=office.now)
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
