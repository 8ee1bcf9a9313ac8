"""What tests of links ask of them and do with them, below the pages."""

from datetime import UTC, datetime

from sqlalchemy import select

from demo.servers import Keycloak
from demo.servers.relying_party import LoginRefused, RelyingParty
from iam.grants.models import Account
from iam.keycloak.client import KeycloakClient
from tests.workflows.password_reset.conftest import NEW_PASSWORD, Office
from workflows.password_reset import redeeming
from workflows.password_reset.models import ResetLink, ResetRequest
from workflows.password_reset.redeeming import redeem
from workflows.password_reset.rules import read_policy
from workflows.password_reset.service import LinkStatus, check_link
from workflows.password_reset.states import RequestOutcome

__all__ = ["links", "logs_in", "outcomes", "seen", "set_with"]


def outcomes(office: Office) -> list[RequestOutcome | None]:
    with office.sessions() as session:
        return list(session.scalars(select(ResetRequest.outcome).order_by(ResetRequest.id)))


def links(office: Office, account: Account) -> list[ResetLink]:
    with office.sessions() as session:
        query = select(ResetLink).where(ResetLink.account_id == account.id).order_by(ResetLink.id)
        return list(session.scalars(query))


def seen(office: Office, typed: str, at: datetime | None = None) -> LinkStatus:
    with office.sessions() as session:
        return check_link(session, typed, at=at or datetime.now(UTC))


def set_with(
    office: Office,
    typed: str,
    password: str = NEW_PASSWORD,
    *,
    door: KeycloakClient | None = None,
    at: datetime | None = None,
) -> redeeming.Redeemed:
    return redeem(
        office.sessions,
        door or office.door,
        typed,
        password,
        rules=read_policy(office.door.password_policy()),
        base_url=office.settings.base_url,
        incident_contact=office.settings.incident_contact,
        at=at or datetime.now(UTC),
    )


def logs_in(keycloak: Keycloak, account: Account, password: str) -> bool:
    try:
        RelyingParty(keycloak).log_in(account.username, password)
    except LoginRefused:
        return False
    return True
