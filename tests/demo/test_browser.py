"""The demo's browser sends what a person could, and notices what a page has lost."""

from unittest.mock import MagicMock

import httpx
import pytest

from demo.browser import Browser, Page
from demo.servers import ServerFailed

FORM = b"""<form method="post" action="/end"><input name="reason" value="a"><input type="checkbox" name="all" value="1">
<button name="confirmed" value="yes">End</button><button type="button" name="help" value="1">?</button></form>"""


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    answer = httpx.Response(200, text="<p>done</p>", request=httpx.Request("POST", "http://viis.test/end"))
    monkeypatch.setattr(httpx.Client, "post", MagicMock(return_value=answer))
    return Browser("http://viis.test/")


def sent() -> object:
    return httpx.Client.post.call_args.kwargs["data"]  # type: ignore[attr-defined] # the fixture's


def test_fields_that_are_not_named_stay_as_the_page_has_them(browser: Browser) -> None:
    browser.submit(Page(200, "http://viis.test/", FORM), {})
    assert sent() == {"reason": ["a"]}
    browser.submit(Page(200, "http://viis.test/", FORM), {"reason": "b"})
    assert sent() == {"reason": ["b"]}


def test_a_button_is_pressed_by_its_name_and_value(browser: Browser) -> None:
    browser.submit(Page(200, "http://viis.test/", FORM), {"confirmed": "yes"})
    assert sent() == {"reason": ["a"], "confirmed": ["yes"]}


@pytest.mark.parametrize("fields", [{"confirmed": "no"}, {"help": "1"}, {"lost": "x"}])
def test_what_the_page_does_not_offer_is_an_error(browser: Browser, fields: dict[str, str]) -> None:
    with pytest.raises(ServerFailed, match="has no form with"):
        browser.submit(Page(200, "http://viis.test/", FORM), fields)
