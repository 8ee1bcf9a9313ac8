"""The switch of the language is a button of the form: Enter still sends the form, and no script is needed."""

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office
from tests.workflows.web.site import Site
from tests.workflows.web.test_browser import aside, sign_in
from workflows.application.kinds.grant.documents import Part

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
    page.goto("/apply?kind=grant&lang=lv")
    page.fill("#q", "pamatskola")
    page.press("#q", "Enter")
    page.locator("input[name=place]").first.wait_for()
    assert page.locator("html").get_attribute("lang") == "lv"
    context.close()


@pytest.mark.parametrize("scripts", [False, True])
def test_what_is_typed_into_every_form_of_a_case_goes_along(
    chromium: Browser, site: Site, office: Office, sessions: sessionmaker[Session], *, scripts: bool
) -> None:
    case = office.submit()
    aside(lambda: office.prove(case, Part.APPLICATION))
    aside(lambda: office.prove(case, Part.LETTER, foreign=True))
    context = chromium.new_context(base_url=site.url, java_script_enabled=scripts)
    page = context.new_page()
    sign_in(page, site, sessions)
    page.goto(f"/review/{case.reference}?tab=signatures&lang=lv")
    page.fill("[name='how.letter']", "Zvanīju uz skolu.")
    page.click("#decide summary")
    page.check("#decide input[value=ask]")
    page.fill("#reason", "Kas ir Jānis?")
    page.click("button[lang=en]")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#reason")).to_be_visible()
    expect(page.locator("#reason")).to_have_value("Kas ir Jānis?")
    expect(page.locator("#decide input[value=ask]")).not_to_be_checked()
    # Without a script the switch is a button of one form.
    expect(page.locator("[name='how.letter']")).to_have_value("Zvanīju uz skolu." if scripts else "")
    context.close()


def test_a_search_being_typed_goes_along_beside_what_was_chosen(chromium: Browser, site: Site) -> None:
    context = chromium.new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/apply?q=pamatskola&lang=lv")
    page.locator("input[name=place]").nth(1).check()
    page.fill("#q", "vidusskola")
    page.click("button[lang=en]")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#q")).to_have_value("vidusskola")
    expect(page.locator("input[name=place]").nth(1)).to_be_checked()
    context.close()
