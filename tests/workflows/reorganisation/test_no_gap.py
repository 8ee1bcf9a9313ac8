"""New rights approved beforehand begin the day the old ones end: one projection brings both to Keycloak."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from builders.workflows.filed import Submitted, prove
from builders.workflows.office import INESE, REGISTER
from demo.servers import Keycloak
from iam.audit import Door
from iam.grants.models import Account
from iam.keycloak.client import KeycloakClient
from iam.keycloak.projection import ProjectionOutcome, project
from iam.periods import midnight_in_riga
from tests.workflows.reorganisation.office import AT, DAY, JOINED, URL, Office
from tests.workflows.reorganisation.test_told_ahead import complete
from workflows.application import service
from workflows.application.models import PrefilledDraft
from workflows.keycloak import open_door
from workflows.settings import Settings

pytestmark = pytest.mark.keycloak

A, C = "i-4113900001", "i-4213900003"


@pytest.fixture
def door(keycloak: Keycloak, database_url: str) -> Iterator[KeycloakClient]:
    """The worker's door to the real server."""
    settings = Settings.model_validate(
        {
            "database_url": database_url,
            "keycloak_url": keycloak.url,
            "keycloak_client_secret": keycloak.secrets.service_secret,
        }
    )
    with open_door(settings) as opened:
        yield opened


def test_from_the_mail_to_the_new_right_without_an_hour_between(office: Office, door: KeycloakClient) -> None:
    anna = office.account("Anna Bezpārtraukuma")
    office.give(anna, A, "learners", "staff")
    _, proposal = office.approved(JOINED)
    office.tell(proposal)
    assert shown(office, door, anna) == {f"{A}:learners:edit", f"{A}:staff:edit"}
    approve_what_was_filled_in(office)
    assert shown(office, door, anna) == {f"{A}:learners:edit", f"{A}:staff:edit"}, "not before the day"
    office.now = midnight_in_riga(DAY) - timedelta(seconds=1)
    assert shown(office, door, anna) == {f"{A}:learners:edit", f"{A}:staff:edit"}, "the last day is included"
    office.now = midnight_in_riga(DAY)
    office.carry_out(proposal)
    assert shown(office, door, anna) == {f"{C}:learners:edit", f"{C}:staff:edit"}, "one projection shows both"
    eve = DAY - timedelta(days=1)
    held = office.held_on_days([eve, DAY])
    assert {place for _, place, _, _ in held[eve]} == {A}
    assert {place for _, place, _, _ in held[DAY]} == {C}
    assert office.mails("rights_ended") == [], "nobody is told of an end they know"


def shown(office: Office, door: KeycloakClient, account: Account) -> set[str]:
    """Bring the account to Keycloak, now, and read there what its token would say."""
    with office.sessions.begin() as session:
        assert project(session, door, account.id, office.now).kind is not ProjectionOutcome.NOT_NEEDED
        known = session.get_one(Account, account.id).keycloak_id
    assert known is not None
    user = door.read(known)
    assert user is not None
    return set(user.grants)


def approve_what_was_filled_in(office: Office) -> None:
    """Complete the application, sign it and approve it, as the people concerned and a reviewer do."""
    with office.sessions.begin() as session:
        application = session.scalars(select(PrefilledDraft)).one().application
        for step, given in complete(session, application.answers).items():
            assert service.save_group(session, application, step, given, at=AT)
        sent = service.submit(session, application, base_url=URL, door=Door.WEB, at=AT)
        submitted = Submitted(application.id, application.reference, sent.token, {})
        prove(session, submitted, base_url=URL, at=AT)
    with office.sessions.begin() as session:
        service.approve(
            session,
            submitted.id,
            seen=application.version,
            by=INESE,
            signatory=REGISTER,
            keep_address="",
            base_url=URL,
            at=AT,
        )
