"""Keycloak's login page in our theme, as a person's browser shows it."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.sync_api import Browser, Page

from demo.servers import Keycloak, KeycloakAdmin

pytestmark = [pytest.mark.keycloak, pytest.mark.browser]


@pytest.fixture(params=[320, 1280])
def page(request: pytest.FixtureRequest, chromium: Browser, keycloak: Keycloak) -> Iterator[Page]:
    """The login page of VIIS on a telephone and on a desk, in a Latvian browser."""
    context = chromium.new_context(locale="lv-LV", viewport={"width": request.param, "height": 800})
    opened = context.new_page()
    asked = {
        "client_id": "viis",
        "response_type": "code",
        "scope": "openid",
        "redirect_uri": f"{keycloak.rp_url}/back",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    opened.goto(f"{keycloak.realm_url}/protocol/openid-connect/auth?{query}")
    yield opened
    context.close()


def test_it_can_be_used_by_everybody_and_never_scrolls_sideways(page: Page) -> None:
    assert Axe().run(page).response["violations"] == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.evaluate("innerWidth")


def test_a_mistake_is_said_in_latvian_and_is_just_as_usable(page: Page, keycloak_admin: KeycloakAdmin) -> None:
    keycloak_admin.delete("janis.kludains")
    keycloak_admin.create_user("janis.kludains", given_name="Jānis", surname="Kļūdains", email="janis@skola.example")
    page.fill("#username", "janis.kludains")
    page.fill("#password", "ne-ta-parole-1")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Nepareizs lietotājvārds vai parole.")
    assert Axe().run(page).response["violations"] == []


def test_the_languages_are_links_a_keyboard_reaches(page: Page) -> None:
    page.locator("#viis-languages a").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Sign in to VIIS")
    assert page.evaluate("document.documentElement.lang") == "en"


def test_nothing_of_somebody_elses_brand_is_left(page: Page) -> None:
    assert "Keycloak" not in page.inner_text("body")
    assert page.evaluate("getComputedStyle(document.body).backgroundImage") == "none"
