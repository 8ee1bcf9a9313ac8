"""Doors to the session's Keycloak."""

from demo.servers import Keycloak
from iam.keycloak.client import KeycloakClient

__all__ = ["open_door"]


def open_door(keycloak: Keycloak, *, url: str | None = None, secret: str | None = None) -> KeycloakClient:
    """Open one as the service does; another address or secret is one it must not get through."""
    return KeycloakClient(
        url=url or keycloak.url,
        realm="viis",
        client_id="viis-service",
        client_secret=secret or keycloak.secrets.service_secret,
    )
