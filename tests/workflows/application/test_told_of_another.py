"""Whoever signs is told of another open application for the same, if that was mailed to their own mailbox."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from builders.workflows.filed import answers, apply_for
from builders.workflows.office import SCHOOL, Office, Submitted
from demo.pki import person
from iam.audit import AuditEntry
from iam.grants.models import EndCause
from iam.grants.tags import GrantTag
from workflows.application import service
from workflows.application.kinds.grant.kind import GRANT
from workflows.application.models import Application

DAY = timedelta(days=1)


def told(office: Office, submitted: Submitted, party: str = "head") -> tuple[str, ...]:
    with office.sessions() as session:
        application = session.get_one(Application, submitted.id)
        return service.tracking_view(session, application, party, at=office.now).duplicates


def elsewhere(office: Office) -> Submitted:
    """Submit one in which the head has another address."""
    filled = answers(person("head"), person("user"), place=SCHOOL, since=office.today)
    with office.sessions.begin() as session:
        changed = {**filled, "head": {**filled["head"], "email": "svess@demo.test"}}
        return apply_for(session, GRANT.name, changed, base_url="https://viis.test", at=office.now)


@pytest.mark.parametrize("party", ["head", "user"])
def test_a_signer_is_told_of_the_other_one(office: Office, party: str) -> None:
    first, second = office.submit(), office.submit()
    assert told(office, first, party) == (second.reference,)
    assert told(office, second, party) == (first.reference,)


def test_whoever_filled_it_in_is_not_told(office: Office) -> None:
    first = office.submit()
    office.submit()
    assert told(office, first, "applicant") == ()


def test_a_mailbox_that_the_other_one_was_not_mailed_to_is_not_told(office: Office) -> None:
    first = elsewhere(office)
    second = office.submit()
    assert told(office, second, "head") == ()
    assert told(office, second, "user") == (first.reference,)


def test_an_application_of_another_kind_is_not_told_of(office: Office) -> None:
    grant, revocation = office.submit(), office.submit_to_end()
    for one in (grant, revocation):
        assert told(office, one) == told(office, one, "user") == ()


def test_all_rights_meet_every_section_and_two_sections_do_not_meet(office: Office) -> None:
    every = office.submit_to_end()
    listed = {"scope": {"which": "listed"}}
    staff = office.submit_to_end(changed={**listed, "sections": {"section.staff": "end"}})
    learners = office.submit_to_end(changed={**listed, "sections": {"section.learners": "end"}})
    assert set(told(office, every)) == {staff.reference, learners.reference}
    assert told(office, staff) == told(office, learners) == (every.reference,)


def test_one_that_is_closed_is_told_of_no_more(office: Office) -> None:
    first, second = office.submit(), office.submit()
    office.prove(second)
    office.approve(second)
    assert told(office, first) == ()
    assert told(office, second) == ()


def test_the_audit_keeps_both_causes_of_a_right_that_ends_by_two(office: Office) -> None:
    account = office.holder()
    later = office.submit_to_end(ends=20 * DAY, changed={"end": {"reason": "duties_changed"}})
    office.prove(later)
    office.approve(later, signatory=None)
    until = office.today + 20 * DAY
    office.later()
    office.end(office.rights(account)[0].id)
    with office.sessions() as session:
        acts = session.scalars(select(AuditEntry).where(AuditEntry.tag == GrantTag.ENDED).order_by(AuditEntry.id)).all()
    *before, last = acts
    assert {one.details["reason"] for one in before} == {"Mainās darba pienākumi"}
    assert all("earlier_cause" not in one.details for one in before)
    assert last.details["cause"] == EndCause.IZM
    assert last.details["earlier_cause"] == EndCause.APPLICATION
    assert last.details["earlier_last_day"] == until.isoformat()
