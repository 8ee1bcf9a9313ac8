"""Restored rights stand in the token of the real Keycloak, and not a moment before the second person has confirmed."""

import pytest
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.restoring import Desk, opened
from demo.reform import GULBENE
from demo.servers import GreenMail, Keycloak, KeycloakAdmin
from tests.iam.keycloak.users import PASSWORD, logged_in
from workflows.settings import Settings

pytestmark = pytest.mark.keycloak


@pytest.fixture
def real(
    database_url: str, sessions: sessionmaker[Session], greenmail: GreenMail, keycloak: Keycloak, base_url: str
) -> Desk:
    settings = Settings.model_validate(
        {
            "database_url": database_url,
            "base_url": base_url,
            "secret_key": "a secret of tests, long enough to sign forms with",
            "keycloak_url": keycloak.url,
            "keycloak_client_secret": keycloak.secrets.service_secret,
            "smtp_host": greenmail.host,
            "smtp_port": greenmail.smtp_port,
        }
    )
    return opened(settings, sessions, greenmail)


def test_restored_rights_stand_in_the_next_token(real: Desk, keycloak: Keycloak, keycloak_admin: KeycloakAdmin) -> None:
    real.work()
    place = next(one.scope for one in real.history())
    viis, tokens = logged_in(keycloak_admin, keycloak, real.account())
    assert tokens.grants == (f"{place}:learners:view",)
    proposal = real.decide(real.confirmed())
    assert proposal is not None
    real.work()
    assert viis.refresh(tokens).grants == (f"{place}:learners:view",)
    real.second(proposal)
    real.work()
    after = viis.log_in(GULBENE.username, PASSWORD)
    assert set(after.grants) == {f"{place}:learners:edit", f"{place}:staff:edit", f"{place}:reports:view"}
