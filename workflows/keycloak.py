"""How does a process of ours reach Keycloak? One door each, made from the settings; jobs get it as a tool."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

from iam.keycloak.client import KeycloakClient
from workflows.settings import Settings

__all__ = ["open_call_pool", "open_door"]

_CALLS_AT_ONCE = 4


@contextmanager
def open_door(settings: Settings) -> Iterator[KeycloakClient]:
    """Make a process's one door to Keycloak; in a job: `run.tools.use(open_door)`."""
    with KeycloakClient(
        url=settings.keycloak_url,
        realm=settings.keycloak_realm,
        client_id=settings.keycloak_client_id,
        client_secret=settings.keycloak_client_secret.get_secret_value(),
    ) as door:
        yield door


@contextmanager
def open_call_pool(settings: Settings) -> Iterator[Executor]:
    """Make the threads that call Keycloak for many accounts; all jobs of a process share them."""
    del settings
    with ThreadPoolExecutor(_CALLS_AT_ONCE, "keycloak") as pool:
        yield pool
