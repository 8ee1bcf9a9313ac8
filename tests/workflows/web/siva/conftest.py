"""The frame of every story about a client of SiVa: an open door, a client, and a worker that answers."""

from collections.abc import Iterator

import httpx
import pytest

from builders.workflows.office import Office
from tests.workflows.web.site import Site
from tests.workflows.web.siva.asking import at_work
from workflows.settings import Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """As the demonstration has it: nobody needs a token."""
    return settings.model_copy(update={"validate_open": True})


@pytest.fixture
def worker(office: Office) -> Iterator[None]:
    """A worker that does what is due, as long as the test lasts."""
    with at_work(office):
        yield


@pytest.fixture
def client(site: Site) -> Iterator[httpx.Client]:
    """SiVa's client, more or less."""
    with site.visitor() as made:
        yield made
