"""What the accessibility statement says of pages without JavaScript, in a browser that runs none."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office
from tests.workflows.web.conftest import session_of
from tests.workflows.web.site import Site
from tests.workflows.web.test_browser import PUBLIC, aside

pytestmark = pytest.mark.browser


@pytest.fixture
def page(chromium: Browser, site: Site) -> Iterator[Page]:
    """A page of a browser on a small telephone that runs no scripts."""
    context = chromium.new_context(base_url=site.url, java_script_enabled=False, viewport={"width": 320, "height": 700})
    yield context.new_page()
    context.close()


def test_the_menu_leads_everywhere_on_a_telephone(page: Page) -> None:
    for path in PUBLIC:
        page.goto(path)
        for address in ("/apply", "/track", "/verify", "/my", "/help"):
            expect(page.locator(f"header a[href='{address}']")).to_be_visible()
        for hidden in page.locator("main [hidden]").all():
            assert hidden.evaluate("part => part.dataset.work !== undefined"), "only the calculation needs a script"


def test_a_reviewer_takes_a_case_and_refuses_it(
    page: Page, site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted = office.submit()
    aside(lambda: office.prove(submitted))
    token = session_of(sessions, "inese.kalna", "Inese Kalna")
    page.context.add_cookies([{"name": "viis-session", "value": token, "url": site.url}])
    page.goto("/review")
    page.click(f"a[href='/review/{submitted.reference}']")
    page.click("#decide form[action$=claim] button")
    expect(page.locator(".viis-identity")).to_contain_text("inese.kalna")
    page.click("#decide summary")
    page.check("#decide input[value=refuse]")
    page.click("#decide form[action$=decide] button")
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    page.check("#decide input[value=refuse]")
    page.fill("#reason", "Nav darbinieks.")
    page.click("#decide form[action$=decide] button")
    page.click("main button[value=yes]")
    expect(page.locator(".viis-identity")).to_contain_text("Noraidīts")


def test_a_dead_link_brings_another_with_one_press(page: Page, office: Office) -> None:
    submitted = office.submit()
    page.goto(f"/track/{submitted.reference}?key=aprauta-saite")
    page.click("main form button >> nth=0")
    expect(page.locator("h1")).to_have_text("Ieskatieties savā pastkastē")
