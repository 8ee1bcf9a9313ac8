"""What tests of pages lean on: the site itself; the browser comes from tests/fixtures_browser.py."""

from collections.abc import Iterator

import pytest

from tests.workflows.web.site import SECRET, Site, running
from workflows.settings import Settings


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(_env_file=None, database_url=database_url, web_port=0, secret_key=SECRET, demo=True)


@pytest.fixture
def site(settings: Settings) -> Iterator[Site]:
    with running(settings) as up:
        yield up
