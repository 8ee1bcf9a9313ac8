"""What only a browser shows: the secret leaves the address, the work replaces the code, and both fit a telephone."""

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.sync_api import Browser, BrowserContext, Page, expect

from iam.grants.models import Account
from tests.workflows.password_reset.conftest import NEW_PASSWORD, SECRET, Office, secret_of
from tests.workflows.web.site import Site, running
from workflows.password_reset.codes import Seals

pytestmark = [pytest.mark.browser, pytest.mark.keycloak]

SEALS = Seals(SECRET.encode())


@pytest.fixture
def site(office: Office) -> Iterator[Site]:
    with running(office.settings.model_copy(update={"web_port": 0})) as up:
        yield up


@pytest.fixture
def telephone(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Open pages as a small telephone does, with and without JavaScript; whatever the browser complains of fails."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def opened(*, script: bool = True) -> Page:
        context = chromium.new_context(
            base_url=site.url, viewport={"width": 320, "height": 700}, java_script_enabled=script
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [said for said in complaints if "the server responded with a status of" not in said] == []


def check(page: Page) -> None:
    """Say what axe objects to, and whether the page scrolls sideways."""
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]})
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, f"{page.url} scrolls sideways"


def read_picture(page: Page) -> str:
    """Read the code as a person would: here with the key."""
    token = page.locator("input[name=token]").get_attribute("value") or ""
    visit = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "viis-visit")
    return SEALS.open(token, visit).text


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("lv", ("Nevarat kodu", "Turpināt bez koda", "Gatavs.", "Atjaunot paroli", "Rādīt paroli", "Iestatīt paroli")),
        ("en", ("Can neither", "Continue without", "Done.", "Reset the", "Show the password", "Set the password")),
    ],
)
def test_without_reading_or_hearing_a_password_is_set(
    office: Office, anna: Account, telephone: Callable[..., Page], site: Site, language: str, names: tuple[str, ...]
) -> None:
    page = telephone()
    page.goto(f"/reset?lang={language}")
    check(page)
    fold, work, done, ask, show, choose = names
    page.fill("#username", anna.username)
    page.get_by_text(fold).click()
    page.get_by_role("button", name=work).click()
    page.get_by_text(done).wait_for(timeout=60_000)
    check(page)
    page.get_by_role("button", name=ask).click()
    page.wait_for_url("**/reset/sent")
    check(page)
    office.work()
    secret = secret_of(office.link_mails(anna)[-1])

    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.url} {request.headers.get('referer', '')}"))
    page.goto(f"{site.url}/reset/new#{secret}")
    page.wait_for_url("**/reset/new/password")
    check(page)
    assert not [one for one in asked if secret in one.split("#")[0] or secret in one.split(" ")[1]]
    assert secret not in page.content() + page.evaluate("document.cookie")
    page.fill("#password", "viis")
    page.get_by_role("button", name=show).click()
    assert page.locator("#password").get_attribute("type") == "text"
    page.get_by_role("button", name=choose).click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    check(page)
    page.fill("#password", NEW_PASSWORD)
    page.get_by_role("button", name=choose).click()
    page.wait_for_url("**/reset/done")
    check(page)
    page.goto(f"{site.url}/reset")
    page.goto(f"{site.url}/reset/new#{secret}")
    page.locator("main form[action='/reset/again'] button").wait_for()
    check(page)


def test_with_the_picture_and_without_javascript(
    office: Office, anna: Account, telephone: Callable[..., Page], site: Site
) -> None:
    page = telephone(script=False)
    page.goto("/reset")
    page.fill("#username", anna.username)
    page.get_by_text("Nevarat kodu").click()
    expect(page.get_by_text("viis@izm.gov.lv").first).to_be_visible()
    expect(page.get_by_role("button", name="Turpināt bez koda")).to_have_count(0)
    page.fill("#code", read_picture(page))
    page.get_by_role("button", name="Atjaunot paroli").click()
    page.wait_for_url("**/reset/sent")
    office.work()
    letter = office.link_mails(anna)[-1]
    page.goto(f"{site.url}/reset/new#{secret_of(letter)}")  # nothing happens by itself
    code = re.search(r"[2-9A-Z]{4}(?:-[2-9A-Z]{4}){3}", letter.text)
    assert code
    page.fill("#code", code.group().replace("-", " "))
    page.get_by_role("button", name="Turpināt").click()
    page.wait_for_url("**/reset/new/password")
    page.fill("#password", NEW_PASSWORD)
    page.fill("#again", NEW_PASSWORD)
    page.get_by_role("button", name="Iestatīt paroli").click()
    page.wait_for_url("**/reset/done")


def test_the_sound_can_be_played(telephone: Callable[..., Page]) -> None:
    page = telephone()
    page.goto("/reset")
    seconds = page.evaluate(
        """() => new Promise((resolve, reject) => {
            const sound = document.querySelector("audio");
            sound.addEventListener("loadedmetadata", () => resolve(sound.duration));
            sound.addEventListener("error", () => reject(new Error("not playable")));
            sound.load(); sound.preload = "metadata";
        })"""
    )
    assert 6 <= seconds <= 14
