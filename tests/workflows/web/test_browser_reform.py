"""The reform of 2021 as one play in browsers: planned, approved, followed, restored and refused, and undone."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

import workflows.reorganisation.jobs  # noqa: F401 - declares what is queued
from builders.workflows.policy_numbers import set_numbers
from builders.workflows.restoring import Desk, opened
from demo.before_reform import MAPPING, seed_before_reform
from demo.reform import AGLONA, GULBENE, Holder
from demo.servers import GreenMail
from iam.grants import service as grants
from iam.grants.models import Account, Level
from iam.periods import riga_day
from tests.workflows.web.conftest import session_of
from tests.workflows.web.site import SECRET, Site
from tests.workflows.web.test_browser import aside, check
from tests.workflows.web.test_browser import page as page  # noqa: PLC0414 - a fixture
from workflows.password_reset.codes import Seals
from workflows.settings import Settings
from workflows.staff import Role
from workflows.web.identity.models import WebSession

pytestmark = pytest.mark.browser

SEALS = Seals(SECRET.encode())


@pytest.fixture
def desk(settings: Settings, sessions: sessionmaker[Session], greenmail: GreenMail) -> Desk:
    """The municipalities of before the reform with their people, and the two who lost rights by it."""
    desk = opened(settings, sessions, greenmail)
    with sessions.begin() as session:
        seed_before_reform(session, at=desk.now - timedelta(days=30))
        set_numbers(session, plan_cap_accounts=100)
    return desk


@pytest.fixture
def second(chromium: Browser, site: Site, sessions: sessionmaker[Session]) -> Iterator[Page]:
    """The browser of the second person, who has just signed in."""
    context = chromium.new_context(base_url=site.url, viewport={"width": 1280, "height": 900})
    token = session_of(sessions, "valdis.upe", "Valdis Upe", Role.APPROVER)
    with sessions.begin() as session:
        session.execute(update(WebSession).values(authenticated_at=datetime.now(UTC)))
    context.add_cookies([{"name": "viis-session", "value": token, "url": site.url}])
    yield context.new_page()
    context.close()


@pytest.fixture
def stranger(chromium: Browser, site: Site) -> Iterator[Page]:
    """The browser of somebody who asks for their rights, without JavaScript."""
    context = chromium.new_context(base_url=site.url, java_script_enabled=False)
    yield context.new_page()
    context.close()


def held(sessions: sessionmaker[Session]) -> set[tuple[str, str, str, Level]]:
    """Who holds what today."""
    today = riga_day(datetime.now(UTC))
    with sessions() as session:
        return {
            (account.username, one.scope, one.section, one.level)
            for account in session.scalars(select(Account))
            for one in grants.history(session, account.id)
            if one.holds_on(today)
        }


def ask(stranger: Page, holder: Holder) -> None:
    """Ask for rights at /restore, as somebody who reads the picture."""
    stranger.goto("/restore")
    visit = next(one["value"] for one in stranger.context.cookies() if one["name"] == "viis-visit")
    code = SEALS.open(stranger.input_value("input[name=token]"), visit).text
    given_name, surname = holder.name.split()
    said = {"given_name": given_name, "surname": surname, "username": holder.username, "code": code}
    for name, text in {**said, "description": "Pēc reformas pazuda tiesības"}.items():
        stranger.fill(f"#{name}", text)
    stranger.press("#code", "Enter")
    expect(stranger).to_have_url(re.compile("/restore/sent$"))


def confirm(second: Page, proposal: str, count: int | None = None) -> None:
    """Confirm a proposal as the second person."""
    second.goto(proposal)
    check(second)
    second.check("input[value=confirm]")
    if count is not None:
        second.fill("#count", str(count))
    second.click("#decide-form button:text('Pieņemt')")
    expect(second.locator("#state")).to_contain_text("Apstiprināts")


def counted(page: Page, fate: str) -> int:
    """Return the number on the tile of a kind of change."""
    return int(page.locator(f".viis-tiles div:has(a[href$='fate={fate}']) dd").inner_text())


def propose(page: Page, form: str, reason: str) -> str:
    """Propose what a page shows; return the address of the proposal."""
    page.fill("#reason", reason)
    page.click(f"{form} button")
    page.wait_for_url("**/proposals/*")
    return page.url


def planned(page: Page) -> tuple[str, int]:
    """Load the mapping, and read in the preview how many rights end."""
    page.goto("/reorganise")
    page.set_input_files("#file", MAPPING)
    page.click("#orders-form button:text('Pārbaudīt')")
    page.wait_for_url(re.compile(r"/reorganise/\d+$"))
    return page.url, counted(page, "ends")


def followed(page: Page, order: str, ends: int, work: Callable[[], None]) -> None:
    """See the page follow how far it is, and lead to the undoing, without being loaded again."""
    page.goto(order)
    expect(page.locator("#progress")).to_contain_text(f"0 no {ends}")
    expect(page.locator("#undo a")).to_have_count(0)
    aside(work)
    expect(page.locator("#progress")).to_contain_text(f"{ends} no {ends}")
    expect(page.locator("#order-1")).to_contain_text("izpildīts")
    expect(page.locator("#undo a")).to_be_visible()
    check(page)


def line_of_descent(page: Page, town: str) -> Page:
    """Find a municipality and look at its line."""
    page.goto(f"/institutions?q={town}")
    page.click(f"main a:text('{town} novads')")
    expect(page.locator("main svg")).to_be_visible()
    check(page)
    return page


def restored(page: Page, second: Page, stranger: Page, desk: Desk) -> None:
    """Give back what a fault took at Gulbene: asked for, confirmed by its holder, decided by two."""
    ask(stranger, GULBENE)
    aside(desk.work)
    stranger.goto(f"/restore/confirm?key={desk.key()}")
    stranger.check("input[name=mine]")
    stranger.click("main form button")
    expect(stranger).to_have_url(re.compile("/restore/confirmed$"))
    page.goto("/restorations")
    page.click("main a:text('Rasa')")
    check(page)
    page.click("main form button:text('Ierosināt atjaunot')")
    page.click("main a[href^='/proposals/']")
    page.wait_for_url("**/proposals/*")
    confirm(second, page.url)


@pytest.mark.long
def test_the_reform_is_planned_carried_out_restored_beside_and_undone(
    page: Page, second: Page, stranger: Page, site: Site, desk: Desk, sessions: sessionmaker[Session]
) -> None:
    token = session_of(sessions, "inese.kalna", "Inese Kalna")
    page.context.add_cookies([{"name": "viis-session", "value": token, "url": site.url}])
    before = held(sessions)
    order, ends = planned(page)
    confirm(second, propose(page, "#propose-form", "ATR likums"), ends)
    followed(page, order, ends, desk.work)
    assert len(before - held(sessions)) == ends > 30
    expect(line_of_descent(page, "Carnikavas").locator("main svg")).to_contain_text("Ādažu novads")

    restored(page, second, stranger, desk)
    assert desk.held() == {"learners": Level.EDIT, "staff": Level.EDIT, "reports": Level.VIEW}
    ask(stranger, AGLONA)
    aside(desk.work)
    assert "Aglonas novads. Šīs pašvaldības vairs nav" in desk.letters(AGLONA)[-1].text

    page.goto(order)
    page.click("#undo a")
    check(page)
    assert counted(page, "right_again") == ends
    back = propose(page, "#undo-form", "Reforma pārsūdzēta")
    second.goto(back)
    second.click("main a[href$='/undo']")
    expect(second.locator("main")).to_contain_text("Tieši šis saraksts gaida otro personu")
    check(second)
    confirm(second, back, ends)
    aside(desk.work)
    page.goto(order)
    expect(page.locator("#order-1")).to_contain_text("izpilde atsaukta")
    after = held(sessions)
    restored_beside = {one for one in (*before, *after) if one[0] == GULBENE.username}
    assert after - restored_beside == before - restored_beside, "everything is as before"
    assert desk.held() == {"learners": Level.EDIT, "staff": Level.EDIT, "reports": Level.VIEW}
    expect(line_of_descent(page, "Carnikavas").locator("main table").first).to_contain_text("izpilde atsaukta")
