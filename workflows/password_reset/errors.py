"""What can go wrong about a lost password that is no verdict on a link.

ResetError
├── PasswordRefused      carries every objection
├── KeycloakAway         nothing can be changed just now; the link lives on
├── LinkBusy             another attempt is setting a password with it at this moment
└── NotForThem           staff asked for an account that cannot have a new password

None of them knows HTTP.
"""

from workflows.password_reset.rules import PasswordFault

__all__ = ["KeycloakAway", "LinkBusy", "NotForThem", "PasswordRefused", "ResetError"]


class ResetError(Exception):
    """Everything below."""


class PasswordRefused(ResetError):
    """The password is not good enough; the link lives on."""

    def __init__(self, objections: tuple[PasswordFault, ...]) -> None:
        super().__init__(", ".join(objection.code for objection in objections))
        self.objections = objections


class KeycloakAway(ResetError):
    """Keycloak cannot be reached; the link lives on."""


class LinkBusy(ResetError):
    """Another attempt has the link in hand; it ends within seconds."""


class NotForThem(ResetError):
    """The account is shut or not yet in Keycloak: no reset revives it."""
