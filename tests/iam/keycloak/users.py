"""What Keycloak shows of an account."""

from demo.servers import Keycloak, KeycloakAdmin
from demo.servers.relying_party import RelyingParty, Tokens
from iam.grants.models import Account
from iam.keycloak.client import KeycloakClient, KeycloakUser

PASSWORD = "viens garš teikums 77"


def shown(door: KeycloakClient, account: Account) -> KeycloakUser:
    assert account.keycloak_id is not None
    user = door.read(account.keycloak_id)
    assert user is not None
    return user


def sections_shown(door: KeycloakClient, account: Account) -> set[str]:
    return {value.split(":")[1] for value in shown(door, account).grants}


def logged_in(admin: KeycloakAdmin, keycloak: Keycloak, account: Account) -> tuple[RelyingParty, Tokens]:
    """Set the account's password and log in to VIIS with it."""
    admin.set_password(account.username, PASSWORD)
    viis = RelyingParty(keycloak)
    return viis, viis.log_in(account.username, PASSWORD)
