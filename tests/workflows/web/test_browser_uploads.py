"""What a browser does about a file before it is sent, and what it leaves alone while one is judged."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import INESE, Office, Submitted
from tests.workflows.web.site import Site
from tests.workflows.web.test_browser import aside, check
from workflows.application import service
from workflows.application.models import Application

pytestmark = pytest.mark.browser

MIB = 1024 * 1024


@pytest.fixture
def page(chromium: Browser, site: Site) -> Iterator[Page]:
    """A page of a fresh browser."""
    context = chromium.new_context(base_url=site.url, viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def choose(page: Page, folder: Path, size: int) -> None:
    """Choose a file of so many bytes."""
    file = folder / ("skenets.pdf" if size > MIB else "mazs.pdf")
    file.write_bytes(b"0" * size)
    page.set_input_files("#file", file)


@pytest.mark.parametrize(("language", "said"), [("lv", "tajā ir 25,5"), ("en", "has 25.5")])
@pytest.mark.parametrize("where", ["track", "verify"])
def test_a_file_over_the_limit_is_refused_before_it_is_sent(
    page: Page, office: Office, tmp_path: Path, where: str, language: str, said: str
) -> None:
    submitted = office.submit()
    page.goto(f"/verify?lang={language}")
    if where == "track":
        page.goto(f"/track/{submitted.reference}?key={submitted.token}&lang={language}")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    choose(page, tmp_path, 25 * MIB + MIB // 2)
    expect(page.locator("#file-large")).to_contain_text("skenets.pdf")
    expect(page.locator("#file-large")).to_contain_text(said)
    expect(page.locator("#file")).to_have_accessible_description(re.compile("skenets.pdf"))
    check(page)
    page.click("form[enctype] button")
    expect(page.locator("#file")).to_be_focused()
    assert sent == []
    choose(page, tmp_path, 1000)
    expect(page.locator("#file-large")).to_have_count(0)
    expect(page.locator(".govuk-form-group--error")).to_have_count(0)
    page.wait_for_timeout(1100)  # the button takes no second click within a second
    with page.expect_request(lambda request: request.method == "POST"):
        page.click("form[enctype] button")


def test_files_that_are_too_large_together_are_refused_before_they_are_sent(
    page: Page, site: Site, office: Office, sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    submitted = office.submit()
    aside(lambda: office.prove(submitted))
    ask_more(office, sessions, submitted, site.url)
    page.goto(f"/track/{submitted.reference}?key={submitted.token}")
    files = [tmp_path / name for name in ("a.pdf", "b.pdf")]
    for file in files:
        file.write_bytes(b"0" * 15 * MIB)
    page.set_input_files("#file", files)
    expect(page.locator("#file-large")).to_contain_text("Faili kopā ir pārāk lieli: pieņemam ne vairāk kā 25")
    check(page)
    page.set_input_files("#file", files[:1])
    expect(page.locator("#file-large")).to_have_count(0)


def test_an_answer_being_written_is_left_alone_while_a_file_is_judged(
    page: Page, site: Site, office: Office, sessions: sessionmaker[Session]
) -> None:
    submitted = office.submit()
    aside(lambda: office.prove(submitted))
    ask_more(office, sessions, submitted, site.url)
    aside(lambda: office.upload(submitted, b"this is no container", name="nav-konteiners.edoc"))
    page.goto(f"/track/{submitted.reference}?key={submitted.token}")
    expect(page.locator("#standing")).to_have_attribute("data-progress", re.compile(".*"))
    page.fill("#answer", "Rakstu atbildi")
    aside(office.work)
    expect(page.locator("#standing")).not_to_have_attribute("data-progress", re.compile(".*"), timeout=10_000)
    expect(page.locator("#answer")).to_have_value("Rakstu atbildi")


def ask_more(office: Office, sessions: sessionmaker[Session], submitted: Submitted, base_url: str) -> None:
    """Ask the applicants for something."""
    with sessions.begin() as session:
        seen = session.get_one(Application, submitted.id).version
        service.ask_more(
            session, submitted.id, seen=seen, reason="Kas ir Jānis?", by=INESE, base_url=base_url, at=office.now
        )
