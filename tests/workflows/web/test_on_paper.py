"""On paper stands what is read, and nothing that is pressed."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office
from demo.before_reform import MAPPING, seed_before_reform
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


def test_what_an_order_says_is_printed_though_it_is_folded_and_what_is_pressed_is_not(
    paper: Page, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        seed_before_reform(session, at=datetime.now(UTC) - timedelta(days=30))
    paper.emulate_media(media="screen")
    paper.goto("/reorganise")
    paper.set_input_files("#file", MAPPING)
    paper.click("#orders-form button:text('Pārbaudīt')")
    paper.wait_for_url(re.compile(r"/reorganise/\d+$"))
    said = paper.locator("main details.viis-on-paper")
    folded = tall(said)
    paper.emulate_media(media="print")
    rows = said.locator("tbody tr").count()
    assert rows > 10
    assert tall(said) > folded + rows * 15, "each change has a line"
    for pressed in ("#propose", "details.viis-acts", "#undo section"):
        expect(paper.locator(f"main {pressed}")).to_be_hidden()


def tall(part: Locator) -> float:
    """Return the height of a part of a page, in pixels."""
    box = part.bounding_box()
    assert box is not None
    return box["height"]
