"""Which real servers stand around the service, and how are they started and stopped?

Postgres, Keycloak and GreenMail are context managers: entering starts the real server on a free port and returns when
it answers, leaving stops it. `make run`, `make journey` and the tests use the same three.
"""

from demo.servers.folders import cache_dir, state_dir
from demo.servers.greenmail import GreenMail, Letter
from demo.servers.keycloak import Keycloak
from demo.servers.keycloak_admin import KeycloakAdmin
from demo.servers.postgres import Postgres
from demo.servers.process import Part, PartError, PartFailed, PartMissing, free_port
from demo.servers.relying_party import LoginRefused, RelyingParty, Tokens

__all__ = [
    "GreenMail",
    "Keycloak",
    "KeycloakAdmin",
    "Letter",
    "LoginRefused",
    "Part",
    "PartError",
    "PartFailed",
    "PartMissing",
    "Postgres",
    "RelyingParty",
    "Tokens",
    "cache_dir",
    "free_port",
    "state_dir",
]
