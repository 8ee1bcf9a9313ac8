"""Which real servers does the service need, and how are they started and stopped?

Postgres, Keycloak and GreenMail are context managers: entering starts the real server on a free port and returns when
it answers, leaving stops it. `make run`, `make journey` and the tests use the same three.
"""

from demo.servers.folders import cache_dir, state_dir
from demo.servers.greenmail import GreenMail, Letter
from demo.servers.keycloak import Keycloak
from demo.servers.keycloak_admin import KeycloakAdmin
from demo.servers.postgres import Postgres
from demo.servers.process import ManagedProcess, ProgramMissing, ServerError, ServerFailed, free_port
from demo.servers.relying_party import LoginRefused, RelyingParty, Tokens

__all__ = [
    "GreenMail",
    "Keycloak",
    "KeycloakAdmin",
    "Letter",
    "LoginRefused",
    "ManagedProcess",
    "Postgres",
    "ProgramMissing",
    "RelyingParty",
    "ServerError",
    "ServerFailed",
    "Tokens",
    "cache_dir",
    "free_port",
    "state_dir",
]
