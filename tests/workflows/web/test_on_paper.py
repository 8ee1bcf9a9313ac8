"""On paper stands what is read, and nothing that is pressed."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office
from tests.workflows.web.site import Site
from tests.workflows.web.test_browser import aside, sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def paper(chromium: Browser, site: Site, sessions: sessionmaker[Session]) -> Iterator[Page]:
    """A reviewer's page as it is printed."""
    context = chromium.new_context(base_url=site.url)
    page = context.new_page()
    page.emulate_media(media="print")
    sign_in(page, site, sessions)
    yield page
    context.close()


def added(page: Page, selector: str) -> set[str]:
    """Return what the style adds behind such links."""
    return set(
        page.locator(selector).evaluate_all("links => links.map(one => getComputedStyle(one, '::after').content)")
    )


def test_a_persons_rights_are_printed_and_the_ways_to_end_them_are_not(paper: Page, office: Office) -> None:
    case = office.submit()
    aside(lambda: office.prove(case))
    account = office.approve(case)
    paper.goto(f"/people/{account.username}")
    rows = paper.locator("main table tbody tr")
    assert rows.count() == 2, "that could be ended together"
    for row in rows.all():
        expect(row).to_be_visible()
        expect(row.locator("td", has_text="no ")).to_be_visible()
    expect(paper.locator("input[name=right] >> nth=0")).to_be_hidden()
    expect(paper.locator("main .govuk-button")).to_be_hidden()
    expect(paper.locator("footer")).to_be_hidden()
    assert added(paper, "main a") == {"none"}


def test_the_queue_is_printed_without_the_addresses_that_sort_it(paper: Page, office: Office) -> None:
    case = office.submit()
    aside(lambda: office.prove(case))
    paper.goto("/review")
    expect(paper.locator("main table")).to_contain_text(case.reference)
    assert added(paper, "main a") == {"none"}
    expect(paper.locator("header nav")).to_be_hidden()
