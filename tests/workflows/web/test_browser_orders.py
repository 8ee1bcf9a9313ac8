"""Orders in a browser: filled in by keyboard, accessible at every step, and followed while they are carried out."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

import workflows.reorganisation.jobs  # noqa: F401 - declares what is queued
from builders.iam.rights import given, opened
from builders.workflows.office import Office
from iam.institutions import service as institutions
from tests.workflows.web.conftest import session_of
from tests.workflows.web.site import Site
from tests.workflows.web.test_browser import aside, check
from tests.workflows.web.test_browser import page as page  # noqa: PLC0414 - a fixture
from workflows.staff import Role
from workflows.web.identity.models import WebSession

pytestmark = pytest.mark.browser

SCHOOLS = ("9013900107", "9013900114", "9019900121")


@pytest.fixture
def reviewer(page: Page, site: Site, sessions: sessionmaker[Session]) -> Page:
    """The browser of a reviewer who is signed in."""
    token = session_of(sessions, "inese.kalna", "Inese Kalna")
    page.context.add_cookies([{"name": "viis-session", "value": token, "url": site.url}])
    return page


def press(page: Page, button: str) -> None:
    """Press a button of the form with the keyboard, and wait for the page it leads to."""
    found = page.locator(f"main button[value='{button}'], nav button[value='{button}']").first
    found.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.mark.long
@pytest.mark.parametrize("language", ["lv", "en"])
def test_every_step_of_an_order_is_accessible_with_and_without_errors(
    reviewer: Page, office: Office, language: str
) -> None:
    page = reviewer
    page.goto(f"/reorganise?lang={language}")
    check(page)
    page.click("a[href='/reorganise/new']")
    check(page)
    press(page, "check")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    check(page)
    page.fill("#reference", "1-3/7")
    page.fill("#legal_basis", "Domes lēmums")
    page.fill("#effective", f"{office.today:%d.%m.%Y}")
    press(page, "add")
    check(page)
    press(page, "kind")
    check(page)
    page.check("input[value=transformed]")
    press(page, "kind")
    check(page)
    press(page, "save")
    check(page)
    page.fill("#source_q", "Krasta")
    with page.expect_navigation():
        page.press("#source_q", "Enter")  # what Enter presses is the search
    check(page)
    press(page, "add-source+i-9013900114")
    page.click("summary >> nth=0")
    page.fill("#found_number", "9013900999")
    page.fill("#found_name", "Ezerpils Ezera vidusskola")
    press(page, "found")
    check(page)
    press(page, "save")
    check(page)
    press(page, "check")
    page.wait_for_url(re.compile(r"/reorganise/\d+$"))
    check(page)


def test_a_plan_of_several_places_is_accessible_with_its_drawing_and_gaps(
    reviewer: Page, office: Office, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        for school in SCHOOLS:
            scope = institutions.scope_of_institution(session, school).id
            given(session, opened(session, f"Anna {school}"), scope, since=office.today - timedelta(days=9))
    page = reviewer
    page.goto("/reorganise")
    lines = [f"7,Domes lēmums,{office.today},likvidācija,{'|'.join(SCHOOLS)},,,"]
    page.fill("#lines", "\n".join(["reference,legal_basis,effective,change,sources,targets,new_name,new_code", *lines]))
    page.click("#orders-form button:text('Pārbaudīt')")
    page.wait_for_url(re.compile(r"/reorganise/\d+$"))
    expect(page.locator("svg.viis-bars rect")).to_have_count(len(SCHOOLS))
    expect(page.locator("#gaps a[href^='/people/']")).to_have_count(len(SCHOOLS))
    for part in page.locator("main details").all():
        part.evaluate("part => part.open = true")
    check(page)
    page.goto(page.url + "?lang=en&fate=ends")
    check(page)


def test_a_page_follows_by_itself_how_far_an_order_is(
    reviewer: Page,
    site: Site,
    office: Office,
    sessions: sessionmaker[Session],
    chromium: Browser,
) -> None:
    page = reviewer
    with sessions.begin() as session:
        scope = institutions.scope_of_institution(session, SCHOOLS[0]).id
        given(session, opened(session, "Anna Kalna"), scope, since=office.today - timedelta(days=9))
    page.goto("/reorganise")
    lines = f"7,Domes lēmums,{office.today},likvidācija,{SCHOOLS[0]},,,"
    page.fill("#lines", f"reference,legal_basis,effective,change,sources,targets,new_name,new_code\n{lines}")
    page.click("#orders-form button:text('Pārbaudīt')")
    page.wait_for_url(re.compile(r"/reorganise/\d+$"))
    order = page.url
    page.fill("#reason", "Domes lēmums")
    page.click("#propose-form button")
    page.wait_for_url("**/proposals/*")
    second = chromium.new_context(base_url=site.url)
    token = session_of(sessions, "valdis.upe", "Valdis Upe", Role.APPROVER)
    with sessions.begin() as session:
        session.execute(update(WebSession).values(authenticated_at=datetime.now(UTC)))
    second.add_cookies([{"name": "viis-session", "value": token, "url": site.url}])
    proposal = second.new_page()
    proposal.goto(page.url)
    check(proposal)
    proposal.check("input[value=confirm]")
    check(proposal)
    proposal.fill("#count", "1")
    proposal.click("#decide-form button:text('Pieņemt')")
    proposal.wait_for_load_state("load")
    second.close()
    page.goto(order)
    expect(page.locator("#progress")).to_contain_text("0 no 1")
    aside(office.work)
    expect(page.locator("#progress")).to_contain_text("1 no 1")
    expect(page.locator("#order-1")).to_contain_text("izpildīts")


def test_an_order_is_filled_in_without_scripts_on_a_telephone(
    chromium: Browser, site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    context = chromium.new_context(base_url=site.url, java_script_enabled=False, viewport={"width": 320, "height": 700})
    token = session_of(sessions, "inese.kalna", "Inese Kalna")
    context.add_cookies([{"name": "viis-session", "value": token, "url": site.url}])
    page = context.new_page()
    page.goto("/reorganise/new")
    page.fill("#reference", "1-3/7")
    page.fill("#legal_basis", "Domes lēmums")
    page.fill("#effective", f"{office.today:%d.%m.%Y}")
    page.click("button[value=add]")
    page.check("input[value=closed]")
    page.click("button[value=kind]")
    page.fill("#source_q", "Krasta")
    page.click("button[value=find-source]")
    page.click("button[value^='add-source']")
    page.click("text=English")
    expect(page.locator("h1")).to_have_text("Closed")
    page.click("button[value=save]")
    page.click("button[value=check]")
    expect(page.locator("h1")).to_have_text("Order 1-3/7")
    context.close()
