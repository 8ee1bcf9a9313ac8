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


def reach(page: Page, selector: str) -> None:
    """Press Tab until the focus is on such an element."""
    for _ in range(60):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{selector} cannot be reached with the keyboard on {page.url}")


def write(page: Page, **fields: str) -> None:
    for name, text in fields.items():
        reach(page, f"#{name}")
        page.keyboard.type(text)


def test_an_application_is_filled_in_and_sent_with_the_keyboard_alone(page: Page, office: Office) -> None:
    page.goto("/")
    reach(page, "main a[href='/apply']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/apply")
    reach(page, "main a[href='/apply?kind=grant']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/apply?kind=grant")
    write(page, q="9013900107")
    page.keyboard.press("Enter")
    page.wait_for_url("**/apply?q=*")
    reach(page, "input[name=place]")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/head")
    write(page, given_name="Ilze", surname="Paraudziņa", personal_code="320000-00101", position="direktore")
    write(page, email="ilze@skola.test")
    page.keyboard.press("Enter")
    page.wait_for_url("**/user")
    reach(page, "input[name=head_is_user]")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/scope")
    reach(page, "input[name=level]")
    page.keyboard.press("Space")
    reach(page, "input[name='section.learners']")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/dates")
    write(page, since=f"{office.today:%d.%m.%Y}.")
    page.keyboard.press("Enter")
    page.wait_for_url("**/why")
    reach(page, "input[name=basis]")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/check")
    reach(page, "main form button")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Dokumenti sagatavoti parakstīšanai")


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
