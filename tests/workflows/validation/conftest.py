"""The same database and settings as tests of pages have."""

from tests.workflows.web.conftest import database_url, settings

__all__ = ["database_url", "settings"]
