"""The one browser of a test session: Debian's Chromium, driven by Playwright, which downloads nothing."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what needs the browser last: from its start to the session's end Playwright holds this thread's event loop.

    Whoever runs a loop of their own (a worker drained, a PDF signed) could not, after it. Where tests run two at a time
    (`make test`), those of a file stay together, but for these: they are long, and the last. The longest of them come
    first, or one process would wait at the end for the other.
    """
    items.sort(key=lambda item: (_needs_browser(item), item.get_closest_marker("long") is None))
    for item in items:
        together = item.nodeid if _needs_browser(item) else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(together))


def _needs_browser(item: pytest.Item) -> bool:
    return "chromium" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A running browser; a test opens its own context or page in it. There can be only one Playwright a session."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        pytest.fail("Chromium is needed for these tests: install it (apt-get install chromium).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_QUIET))
        yield browser
        browser.close()
