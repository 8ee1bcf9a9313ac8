"""What only a browser shows: accessibility, width, the keyboard, and that nothing is needed but HTML."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import INESE, VALDIS, Office, Submitted
from iam.grants.models import Account
from iam.ids import ApplicationId
from iam.institutions.models import Capacity, SourceKind
from tests.workflows.web.conftest import session_of
from tests.workflows.web.site import Site
from workflows import clock
from workflows.application import service
from workflows.application.decisions import NewSignatory
from workflows.application.kinds.grant.documents import Part
from workflows.application.models import Application
from workflows.application.states import State
from workflows.proposals.models import Proposal
from workflows.staff import Role
from workflows.web.identity.models import WebSession
from workflows.web.identity.oidc import IdToken
from workflows.web.identity.sessions import open_session

pytestmark = pytest.mark.browser

PUBLIC = [
    "/",
    "/help",
    "/support",
    "/accessibility",
    "/privacy",
    "/cookies",
    "/nowhere",
    "/apply?q=skola",
    "/track",
    "/verify",
    "/login/again",
]


@pytest.fixture
def page(chromium: Browser, site: Site) -> Iterator[Page]:
    """A page of a fresh browser; anything it complains about fails the test."""
    context = chromium.new_context(base_url=site.url, viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    # The browser itself notes the status of pages that are errors on purpose.
    assert [said for said in complaints if "the server responded with a status of" not in said] == []


@pytest.fixture
def proven(office: Office) -> Submitted:
    """An application that waits for a decision, with a file that was objected to."""
    submitted = office.submit()
    aside(lambda: office.hand_in(submitted, b"this is no container", name="nav-konteiners.edoc"))
    aside(lambda: office.prove(submitted))
    return submitted


def aside(do: Callable[[], object]) -> None:
    """Do what starts an event loop in another thread: Playwright runs one in this."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(do).result()


def check(page: Page) -> None:
    """Say what axe objects to, and whether the page scrolls sideways on a small telephone."""
    page.wait_for_load_state("load")  # a click returns as soon as the next page begins to come
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]})
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, f"{page.url} scrolls sideways"
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.parametrize("language", ["lv", "en"])
def test_public_pages_are_accessible_and_fit_a_telephone(page: Page, language: str) -> None:
    for path in PUBLIC:
        page.goto(path + ("&" if "?" in path else "?") + f"lang={language}")
        check(page)


@pytest.mark.long
def test_every_step_of_the_form_is_accessible_with_and_without_errors(
    page: Page,
) -> None:
    page.goto("/apply?q=pamatskola")
    save(page)
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    check(page)
    page.check("input[name=place] >> nth=0")
    save(page)
    for name in ("head", "user", "scope", "dates", "why"):
        page.wait_for_url(f"**/{name}")
        check(page)
        save(page)
        check(page)
        assert page.title().startswith("Kļūda: ")
        answer(page, name)
        save(page)
    check(page)
    page.goto(page.url.removesuffix("/check"))
    check(page)
    page.click("text=Atbilžu pārbaude")
    save(page)
    check(page)
    page.click("main .govuk-button")
    check(page)


@pytest.mark.long
def test_following_and_reviewing_are_accessible(
    page: Page, site: Site, proven: Submitted, sessions: sessionmaker[Session], office: Office
) -> None:
    page.goto(f"/track/{proven.reference}?key={proven.token}")
    open_everything(page)
    check(page)
    page.context.add_cookies(
        [{"name": "viis-session", "value": session_of(sessions, "inese.kalna", "Inese Kalna"), "url": site.url}]
    )
    page.goto("/review")
    open_everything(page)
    check(page)
    for tab in ("data", "signatures", "files", "history"):
        page.goto(f"/review/{proven.reference}?tab={tab}")
        open_everything(page)
        check(page)
    page.click("#decide form[action$=decide] button")
    check(page)
    office.approve(proven)
    aside(office.work)  # nobody answers where Keycloak should be: the pages say what is pending
    for tab in ("data", "history"):
        page.goto(f"/review/{proven.reference}?tab={tab}")
        open_everything(page)
        check(page)
    page.goto("/people/janis.meginatajs")
    open_everything(page)
    check(page)
    page.click("main table a")
    check(page)
    page.click("main form[method=post] button")
    check(page)
    page.goto("/grants?q=9013900107")
    check(page)
    page.goto("/people")
    page.fill("#q", "Mēģinātājs")
    save(page)
    expect(page.locator("main table")).to_contain_text("janis.meginatajs")
    check(page)
    page.goto("/nowhere")
    check(page)


@pytest.mark.parametrize("language", ["lv", "en"])
def test_proposals_are_accessible_and_decided_with_the_keyboard_alone(
    page: Page, site: Site, proven: Submitted, sessions: sessionmaker[Session], office: Office, language: str
) -> None:
    order = NewSignatory(Capacity.HEAD, None, None, "Rīkojums Nr. 5", SourceKind.ORDER)
    with sessions.begin() as session:
        seen = session.get_one(Application, proven.id).version
        proposal = service.approve_or_propose(
            session, proven.id, seen=seen, by=INESE, signatory=order, base_url=site.url, at=office.now
        )
        assert isinstance(proposal, Proposal)
        number = proposal.id

    def sign_in(username: str, name: str, *roles: Role) -> None:
        token = session_of(sessions, username, name, *roles)
        page.context.add_cookies([{"name": "viis-session", "value": token, "url": site.url}])

    def fresh() -> None:
        with sessions.begin() as session:
            session.execute(update(WebSession).values(authenticated_at=datetime.now(UTC)))

    sign_in("inese.kalna", "Inese Kalna", Role.REVIEWER)
    for path in ("/proposals", f"/proposals/{number}", f"/review/{proven.reference}"):
        page.goto(f"{path}?lang={language}")
        check(page)
    sign_in("valdis.upe", "Valdis Upe", Role.APPROVER)
    page.goto(f"/proposals/{number}")
    check(page)
    assert page.locator("input[value=confirm]").count() == 0
    fresh()
    page.goto(f"/proposals/{number}")
    page.click("form[action$=decide] button")
    check(page)
    page.focus("#decision")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/proposals/{number}")
    with sessions() as session:
        assert session.get_one(Application, proven.id).state is State.APPROVED
    check(page)


@pytest.mark.parametrize("language", ["lv", "en"])
def test_a_form_that_came_too_late_is_shown_again_on_an_accessible_page(
    page: Page, site: Site, proven: Submitted, sessions: sessionmaker[Session], office: Office, language: str
) -> None:
    sign_in(page, site, sessions)
    page.goto(f"/review/{proven.reference}?lang={language}")
    page.click("#decide summary")
    page.check("#decide input[value=refuse]")
    page.fill("#reason", "Nav darbinieks.\n" + "x" * 120)
    sign_in(page, site, sessions)  # in another tab, so that this one's form is of an earlier login
    page.click("#decide form[action$=decide] button")
    expect(page.locator("#kept")).to_be_visible()
    expect(page.locator("#reason")).to_have_value("Nav darbinieks.\n" + "x" * 120)
    expect(page.locator("#decide input[value=refuse]")).not_to_be_checked()
    check(page)
    page.check("#decide input[value=refuse]")
    office.approve(proven, by=VALDIS)
    page.click("#decide form[action$=decide] button")
    check(page)
    page.click("main button[value=yes]")
    expect(page.locator("main")).to_contain_text("valdis.upe")
    expect(page.locator("main")).to_contain_text("Nav darbinieks.")
    check(page)
    page.click("main .govuk-button")
    expect(page.locator("#kept")).to_contain_text("Nav darbinieks.")
    check(page)


def test_the_way_back_from_a_late_form_does_not_break(
    page: Page, site: Site, proven: Submitted, sessions: sessionmaker[Session]
) -> None:
    sign_in(page, site, sessions)
    page.goto(f"/review/{proven.reference}")
    page.click("#decide summary")
    page.check("#decide input[value=refuse]")
    page.fill("#reason", "Nav darbinieks.")
    sign_in(page, site, sessions)
    page.click("#decide form[action$=decide] button")
    expect(page.locator("#kept")).to_be_visible()
    page.goto("/people")
    page.go_back()
    expect(page.locator("#reason")).to_have_value("Nav darbinieks.")


def test_a_reviewer_decides_with_the_keyboard_alone(
    page: Page, site: Site, proven: Submitted, sessions: sessionmaker[Session]
) -> None:
    sign_in(page, site, sessions)
    page.goto("/review")
    tab_to(page, f"a[href='/review/{proven.reference}']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/review/{proven.reference}")
    tab_to(page, "#decide form[action$=claim] button")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    expect(page.locator(".viis-identity")).to_contain_text("inese.kalna")
    tab_to(page, "#decide summary")
    page.keyboard.press("Enter")
    tab_to(page, "#decide input[name=decision]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowUp")  # radios go round: the last one refuses
    expect(page.locator("#decide input[value=refuse]")).to_be_checked()
    tab_to(page, "#reason")
    page.keyboard.type("Nav darbinieks.")
    tab_to(page, "#decide form[action$=decide] button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/decide")
    tab_to(page, "main button[value=yes]")
    page.keyboard.press("Enter")
    expect(page.locator(".viis-identity")).to_contain_text("Noraidīts")
    tab_to(page, "form[action='/review/next'] button")


def test_the_keyboard_alone_is_enough(page: Page) -> None:
    page.goto("/apply?kind=grant")
    page.keyboard.press("Tab")
    expect(page.locator(".govuk-skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "q":
            break
    page.keyboard.type("pamatskola")
    page.keyboard.press("Enter")
    page.wait_for_url("**/apply?q=pamatskola")
    page.locator("#q").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator("#place")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/head")
    page.locator("#given_name").focus()
    for text in ("Ilze", "Paraudziņa", "320000-00101", "direktore", "ilze@skola.test"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/user")


def test_without_javascript_the_whole_of_it_works(
    chromium: Browser, site: Site, office: Office, tmp_path: Path
) -> None:
    context = chromium.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/apply?q=9013900107")
    page.check("input[name=place]")
    save(page)
    for name in ("head", "user", "scope", "dates", "why"):
        answer(page, name)
        save(page)
    save(page)
    page.click("main .govuk-button")
    assert page.inner_text("h1") == "Gaida parakstus"
    reference = page.url.rpartition("/")[2]
    forms: dict[str, bytes] = {
        part: context.request.get(f"/track/{reference}/{part.value}.pdf").body() for part in Part
    }
    for part, who in ((Part.APPLICATION, "head"), (Part.LETTER, "user")):
        file = tmp_path / f"{part}.edoc"
        file.write_bytes(office.sign(Submitted(ApplicationId(0), reference, "", forms), who, part))
        page.set_input_files("#file", file)
        page.click("form[enctype] button")
        aside(office.work)
        page.goto(f"/track/{reference}")
    assert page.inner_text("h1") == "Izskatīšanā"
    context.close()


def test_without_javascript_a_verdict_appears_by_itself_too(chromium: Browser, site: Site, office: Office) -> None:
    submitted = office.submit("head-user", "head-user")
    context = chromium.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/track/{submitted.reference}?key={submitted.token}")
    signed = office.sign(submitted, "head-user")
    page.set_input_files("#file", {"name": "abi.edoc", "mimeType": "application/octet-stream", "buffer": signed})
    page.click("form[enctype] button")
    expect(page.locator("main")).to_contain_text("Tiek pārbaudīts")
    expect(page.locator("main a", has_text="Pārlādēt šo lapu")).to_have_count(1)
    aside(office.work)
    expect(page.locator("h1")).to_have_text("Izskatīšanā", timeout=10_000)
    context.close()


def test_a_verdict_appears_by_itself(page: Page, office: Office) -> None:
    submitted = office.submit("head-user", "head-user")
    page.goto(f"/track/{submitted.reference}?key={submitted.token}")
    page.set_input_files(
        "#file",
        {"name": "abi.edoc", "mimeType": "application/octet-stream", "buffer": office.sign(submitted, "head-user")},
    )
    page.click("form[enctype] button")
    expect(page.locator("main")).to_contain_text("Tiek pārbaudīts")
    aside(office.work)
    assert office.track(submitted).state is State.IN_REVIEW
    expect(page.locator("h1")).to_have_text("Izskatīšanā", timeout=10_000)
    expect(page).to_have_title(re.compile("^Izskatīšanā .* IZM$"))
    expect(page.locator("#uploading")).to_have_count(0)
    expect(page.locator("#announce")).to_have_text("Izskatīšanā")


def test_two_minutes_before_the_session_ends_it_can_be_kept_with_one_press(
    page: Page, site: Site, sessions: sessionmaker[Session]
) -> None:
    token = session_of(sessions, "inese.kalna", "Inese Kalna")
    page.context.add_cookies([{"name": "viis-session", "value": token, "url": site.url}])
    page.clock.install()
    page.goto("/review")
    expect(page.locator(".viis-idle")).to_be_hidden()
    page.clock.fast_forward("28:01")
    expect(page.locator(".viis-idle")).to_be_visible()
    expect(page.locator(".viis-idle button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".viis-idle")).to_be_hidden()


def test_typing_keeps_the_session_and_the_end_clears_the_page_and_leads_back(
    page: Page, site: Site, proven: Submitted, sessions: sessionmaker[Session]
) -> None:
    sign_in(page, site, sessions)
    page.clock.install()
    page.goto(f"/review/{proven.reference}")
    page.click("#decide summary")
    page.clock.fast_forward("27:00")
    with page.expect_response("**/session/extend"):
        page.locator("main textarea").first.fill("Es rakstu", force=True)
    page.clock.fast_forward("27:00")
    expect(page.locator(".viis-idle")).to_be_hidden()
    page.clock.fast_forward("03:01")
    page.wait_for_url("**/login/again?idle=1*")
    assert proven.reference not in page.inner_text("body")
    assert page.get_attribute("main .govuk-button", "href") == f"/login?then=/review/{proven.reference}"
    check(page)


@pytest.mark.parametrize("language", ["lv", "en"])
def test_the_page_of_ones_own_rights_those_of_roles_and_the_end_of_rights_are_accessible(
    page: Page, site: Site, proven: Submitted, sessions: sessionmaker[Session], office: Office, language: str
) -> None:
    account = office.approve(proven)
    with sessions.begin() as session:
        identity = IdToken(f"subject of {account.username}", "kc", account.username, "refresh")
        session.get_one(Account, account.id).keycloak_id = identity.subject
        token = open_session(session, identity, at=clock.now())
    page.context.add_cookies([{"name": "viis-session", "value": token, "url": site.url}])
    page.goto(f"/my?lang={language}")
    open_everything(page)
    check(page)
    for role in (Role.ADMINISTRATOR, Role.CONSULTANT, Role.REVIEWER):
        token = session_of(sessions, f"ilze.{role}", "Ilze Loma", role)
        page.context.add_cookies([{"name": "viis-session", "value": token, "url": site.url}])
        page.goto("/home")
        check(page)
    page.goto(f"/people/{account.username}")
    check(page)
    for box in page.locator("input[name=right]").all():
        box.check()
    page.click("main form button")
    check(page)
    page.check("input[name=when][value=now]")
    page.check("input[name=cause] >> nth=0")
    page.fill("textarea", "Rīkojums Nr. 7")
    page.click("main .govuk-button")
    check(page)
    page.click("main .govuk-button--warning")
    page.wait_for_url(f"**/people/{account.username}")
    check(page)


def sign_in(page: Page, site: Site, sessions: sessionmaker[Session]) -> None:
    """Put a new session of a reviewer into the browser."""
    token = session_of(sessions, "inese.kalna", "Inese Kalna")
    page.context.add_cookies([{"name": "viis-session", "value": token, "url": site.url}])


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus; whoever cannot get there fails."""
    for _ in range(80):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{selector} cannot be reached")


def save(page: Page) -> None:
    """Press the one button of the form."""
    page.locator("main form[method=post] button").first.click()


def open_everything(page: Page) -> None:
    """Open what is folded, so that axe reads it too."""
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")


def answer(page: Page, name: str) -> None:
    """Answer one group as simply as it gets."""
    match name:
        case "head":
            fill(page, "Ilze", "Paraudziņa", "320000-00101", "direktore", "ilze@skola.test")
        case "user":
            page.check("#head_is_user-2")
            fill(page, "Jānis", "Mēģinātājs", "320000-00202", "lietvedis", "janis@skola.test")
        case "scope":
            page.check("#level")
            page.check("[name='section.learners'] >> nth=2")
        case "dates":
            page.fill("#since", f"{datetime.now(UTC) + timedelta(days=1):%d.%m.%Y}")
        case _:
            page.check("#basis")


def fill(page: Page, *texts: str) -> None:
    """Fill in a person."""
    for field, text in zip(("given_name", "surname", "personal_code", "position", "email"), texts, strict=True):
        page.fill(f"#{field}", text)
