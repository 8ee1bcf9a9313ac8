"""The switch of the language is a button of the form: Enter still sends the form, and no script is needed."""

import pytest
from playwright.sync_api import Browser

from tests.workflows.web.site import Site

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [False, True])
def test_enter_sends_the_form_and_the_switch_keeps_what_is_typed(
    chromium: Browser, site: Site, *, scripts: bool
) -> None:
    context = chromium.new_context(base_url=site.url, java_script_enabled=scripts)
    page = context.new_page()
    page.goto("/track?lang=lv")
    page.fill("#reference", "3HXM-97QA")
    page.click("button[lang=en]")
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.input_value("#reference") == "3HXM-97QA"
    page.press("#reference", "Enter")
    assert page.locator("#reference-error").is_visible(), "the form was sent"
    assert page.locator("html").get_attribute("lang") == "en"
    page.fill("#reference", "3HXM-97QA-KD6C")
    page.click("button[lang=lv]")
    assert page.locator("html").get_attribute("lang") == "lv"
    assert page.input_value("#reference") == "3HXM-97QA-KD6C"
    page.goto("/apply?lang=lv")
    page.fill("#q", "pamatskola")
    page.press("#q", "Enter")
    assert page.locator("input[name=place]").count() > 0
    assert page.locator("html").get_attribute("lang") == "lv"
    context.close()
