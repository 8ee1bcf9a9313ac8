"""Words of the audit for what is written to Keycloak."""

from iam.audit import AuditTag

__all__ = ["KeycloakTag"]


class KeycloakTag(AuditTag):
    """What the projection did."""

    PROJECTED = "keycloak:projected"
    BLOCKED = "keycloak:blocked"  # a person has to act: e-mail or username of another account
