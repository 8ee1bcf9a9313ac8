"""What two people decide about an application is what both have read, on whichever day the second one confirms it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from builders.workflows.office import INESE, VALDIS, Office
from iam.audit import Actor, ActorKind, Door
from iam.grants import service as grants
from iam.grants.models import Account
from iam.institutions.models import Capacity, SourceKind
from iam.periods import riga_day
from workflows import staff
from workflows.application import service
from workflows.application.decisions import NewSignatory
from workflows.proposals import service as proposals
from workflows.proposals.content import ProposalContent, on_day
from workflows.proposals.models import Proposal
from workflows.proposals.service import SecondPerson
from workflows.staff import Role

ORDER = NewSignatory(Capacity.HEAD, None, None, "Rīkojums Nr. 5", SourceKind.ORDER)


@pytest.mark.parametrize("starts", [-3, 0, 1, 5])
def test_the_first_day_is_the_one_that_both_have_read_of(office: Office, starts: int) -> None:
    submitted = office.submit(starts=timedelta(days=starts))
    asked = office.today + timedelta(days=starts)
    office.prove(submitted)
    seen = office.case(submitted).version
    with office.sessions.begin() as session:
        for who, role in ((INESE, Role.REVIEWER), (VALDIS, Role.APPROVER)):
            by = Actor(ActorKind.SYSTEM, "test")
            staff.add(session, who.username, name=who.name, roles={role}, by=by, door=Door.CLI, at=office.now)
        proposal = service.approve_or_propose(
            session,
            submitted.id,
            seen=seen,
            by=INESE,
            signatory=ORDER,
            base_url=office.settings.base_url,
            at=office.now,
        )
    assert isinstance(proposal, Proposal)
    (first,) = (one.will for one in ProposalContent.from_json(proposal.shown).facts if one.label.message == "First day")
    assert first.message == "%(day)s, or the day of the confirmation if that is later"
    assert first.params == {"day": on_day(asked)}
    confirmed_at = office.now + timedelta(days=2)
    with office.sessions.begin() as session:
        proposals.confirm(
            session,
            proposal.id,
            seen=proposal.seen_digest,
            by=SecondPerson(VALDIS.username, confirmed_at),
            base_url=office.settings.base_url,
            at=confirmed_at,
        )
    with office.sessions() as session:
        account = session.scalars(select(Account)).one()
        given = {one.since for one in grants.history(session, account.id)}
    assert given == {max(asked, riga_day(confirmed_at))}
