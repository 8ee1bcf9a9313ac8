"""Rights that the reform took, on pages: asked for, confirmed, restored by two or refused; what strangers learn."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from builders.iam.register import BY_REVIEWER
from builders.workflows.policy_numbers import set_numbers
from builders.workflows.restoring import Desk, opened
from demo.reform import AGLONA, GULBENE
from demo.servers import GreenMail
from iam.grants import accounts
from iam.grants import service as grants
from iam.grants.models import EndCause, Level
from iam.periods import riga_day
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of, token_in
from tests.workflows.web.site import SECRET, Site
from tests.workflows.web.test_browser import check, open_everything
from tests.workflows.web.test_words import ENGLISH
from workflows.password_reset.codes import Seals
from workflows.proposals.models import Proposal
from workflows.restoration.states import State
from workflows.settings import Settings
from workflows.staff import Role

SEALS = Seals(SECRET.encode())
WHAT = {"given_name": "Rasa", "surname": "Gulbīte", "description": "Pēc reformas vairs nevaru labot datus"}


@pytest.fixture
def desk(settings: Settings, sessions: sessionmaker[Session], greenmail: GreenMail) -> Desk:
    """The demo's two users, and the staff who decide."""
    return opened(settings, sessions, greenmail)


@pytest.fixture
def approver(sign_in: SignIn, sessions: sessionmaker[Session]) -> httpx.Client:
    """The second person, who has just signed in."""
    visitor = sign_in("valdis.upe", "Valdis Upe", Role.APPROVER)
    with sessions.begin() as session:
        session.execute(
            text("UPDATE web_sessions SET authenticated_at = :at WHERE username = 'valdis.upe'"),
            {"at": datetime.now(UTC)},
        )
    return visitor


def filled(visitor: httpx.Client, username: str, **otherwise: str) -> dict[str, str]:
    """Fill in the form as a person does who reads the picture: here with the key."""
    page = visitor.get("/restore").text
    token = _field(page, "token")
    code = SEALS.open(token, visitor.cookies["viis-visit"]).text
    return {"csrf": token_in(page), "token": token, "username": username, **WHAT, "code": code, **otherwise}


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"the page has no field {name}"
    return found.group(1)


def confirmed(desk: Desk, visitor: httpx.Client) -> httpx.Response:
    """Open the mailed link, tick and confirm."""
    opened_ = visitor.get("/restore/confirm", params={"key": desk.key()})
    assert (opened_.status_code, opened_.headers["location"]) == (303, "/restore/confirm")
    page = visitor.get("/restore/confirm").text
    return visitor.post("/restore/confirm", data={"csrf": token_in(page), "mine": "yes"})


def decide(visitor: httpx.Client, number: int, decision: str, **fields: str) -> httpx.Response:
    page = visitor.get(f"/restorations/{number}").text
    said = {"csrf": token_in(page), "seen": _field(page, "seen"), "decision": decision, **fields}
    return visitor.post(f"/restorations/{number}/decide", data=said)


def test_from_the_page_to_the_rights_by_two_people(
    desk: Desk, site: Site, sign_in: SignIn, approver: httpx.Client, sessions: sessionmaker[Session]
) -> None:
    with site.visitor() as rasa:
        asked = rasa.post("/restore", data=filled(rasa, GULBENE.username))
        assert (asked.status_code, asked.headers["location"]) == (303, "/restore/sent")
        assert "60 minūtes" in text_of(rasa.get("/restore/sent").text)
        desk.work()
        assert confirmed(desk, rasa).headers["location"] == "/restore/confirmed"
        assert "viis-restore" not in rasa.cookies
        assert "gaida izskatītāju" in text_of(rasa.get("/restore/confirmed").text)
    reviewer = sign_in()
    assert "Rasa Gulbīte" in text_of(reviewer.get("/restorations").text)
    page = text_of(reviewer.get("/restorations/1").text)
    for sentence in (
        "Izglītojamie un piederība, Gulbenes novads",
        "labot, līdz 30.06.2021.",
        "labot, no lēmuma dienas",
        "reforma, ierakstīts",
        "Kļūdaina migrācija",
        "Pēc reformas vairs nevaru labot datus",
        GULBENE.email,
    ):
        assert sentence in page, sentence
    assert "Finansējums" not in page, "an application ended it"
    assert decide(reviewer, 1, "restore").headers["location"] == "/restorations/1"
    assert "Gaida otro personu" in text_of(reviewer.get("/restorations/1").text)
    assert desk.held() == {"learners": Level.VIEW}
    with sessions() as session:
        proposal = session.get_one(Proposal, 1)
    shown = text_of(approver.get("/proposals/1").text)
    assert "Atjaunot tiesības pēc reformas" in shown
    assert "bija: labot; ir: skatīt" in shown
    said = {"csrf": token_in(approver.get("/proposals/1").text), "seen": proposal.seen_digest, "decision": "confirm"}
    assert approver.post("/proposals/1/decide", data=said).headers["location"] == "/proposals/1"
    assert desk.held() == {"learners": Level.EDIT, "staff": Level.EDIT, "reports": Level.VIEW}
    ended = text_of(reviewer.get("/restorations/1").text)
    assert "Atjaunotas" in ended
    assert "inese.kalna, valdis.upe" in ended
    assert "Kas atjaunots Izglītojamie un piederība (labot), Gulbenes novads: no " in ended


def test_whoever_exists_or_not_gets_the_same_answer(desk: Desk, site: Site, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        shut = grants.account_called(session, AGLONA.username)
        assert shut is not None
        accounts.disable(session, shut, origin=BY_REVIEWER, at=desk.now)
    answers = []
    for username in (GULBENE.username, "nobody.atall", AGLONA.username, GULBENE.email):
        with site.visitor() as fresh:
            sent = fresh.post("/restore", data=filled(fresh, username))
            page = fresh.get("/restore/sent")
            headers = sorted(one for one in sent.headers.items() if one[0] not in {"date", "x-request-id"})
            answers.append(
                (sent.status_code, sent.content, headers, sorted(fresh.cookies.keys()), page.status_code, page.content)
            )
    assert all(answer == answers[0] for answer in answers)
    desk.work()
    assert [template for _, template in desk.mails()] == ["restoration_link"]


def test_nothing_that_depends_on_the_person_is_done_before_the_answer(
    desk: Desk, site: Site, sessions: sessionmaker[Session]
) -> None:
    """The page writes a row and queues a job: the same statements whoever is named, so no time tells them apart."""
    with site.visitor() as visitor:
        for username in (GULBENE.username, "nobody.atall"):
            visitor.post("/restore", data=filled(visitor, username))
    with sessions() as session:
        rows = session.execute(text("SELECT state, account_id, settled_at FROM restoration_requests ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [("asked", None, None)] * 2
    assert desk.mails() == []


def test_what_is_missing_or_wrong_is_said_and_what_was_typed_stays(site: Site) -> None:
    with site.visitor() as visitor:
        empty = visitor.post("/restore", data=filled(visitor, "", given_name="", surname="", description=""))
        assert empty.status_code == 422
        for name in ("given_name", "surname", "username", "description"):
            assert f'href="#{name}"' in empty.text
        coded = visitor.post("/restore", data=filled(visitor, "rasa", description="Mans kods ir 320000-04141"))
        assert 'href="#description">Izlaidiet personas kodu' in coded.text or "personas kod" in text_of(coded.text)
        wrong = visitor.post("/restore", data=filled(visitor, "rasa.gulbite", code="AAAAAA"))
        assert wrong.status_code == 422
        assert 'value="rasa.gulbite"' in wrong.text
        assert WHAT["description"] in wrong.text
        long = visitor.post("/restore", data=filled(visitor, "rasa", given_name="A" * 201))
        assert "„Vārds” līdz 200 rakstzīmēm" in text_of(long.text)


def test_a_link_is_confirmed_by_a_person_who_ticks_and_by_no_program(desk: Desk, site: Site) -> None:
    request = desk.ask()
    desk.work()
    with site.visitor() as visitor:
        visitor.get("/restore/confirm", params={"key": desk.key()})
        page = visitor.get("/restore/confirm").text
        assert desk.key() not in page
        unticked = visitor.post("/restore/confirm", data={"csrf": token_in(page)})
        assert unticked.status_code == 422
        assert desk.request(request).state is State.MAILED
        assert confirmed(desk, visitor).headers["location"] == "/restore/confirmed"
        again = visitor.get("/restore/confirm", params={"key": desk.key()}, follow_redirects=True)
        assert again.status_code == 410
        assert "jau ir apstiprināts" in text_of(again.text)
        assert visitor.get("/restore/confirm", params={"key": "x" * 43}).status_code == 404


@pytest.mark.parametrize("path", ["/restore/sent", "/restore/confirm", "/restore/confirmed"])
def test_a_page_that_follows_something_leads_to_the_beginning_when_nothing_was_done(site: Site, path: str) -> None:
    with site.visitor() as visitor:
        answer = visitor.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/restore")


def test_a_refusal_is_confirmed_on_a_page_that_shows_what_the_user_reads(desk: Desk, sign_in: SignIn) -> None:
    number = desk.confirmed(name="Kāds Cits")
    reviewer = sign_in()
    assert "nav konta turētāja vārds" in text_of(reviewer.get(f"/restorations/{number}").text)
    assert decide(reviewer, number, "refuse").status_code == 422
    asked = decide(reviewer, number, "refuse", reason="Persona vairs nestrādā novadā")
    assert "Vai noraidīt šo lūgumu?" in text_of(asked.text)
    assert "saistību raksts" in text_of(asked.text)
    assert desk.request(number).state is State.IN_REVIEW
    back = decide(reviewer, number, "refuse", reason="Persona vairs nestrādā novadā", confirmed="back")
    assert "Persona vairs nestrādā novadā" in back.text
    done = decide(reviewer, number, "refuse", reason="Persona vairs nestrādā novadā", confirmed="yes")
    assert done.headers["location"] == f"/restorations/{number}"
    assert "Persona vairs nestrādā novadā" in text_of(reviewer.get(f"/restorations/{number}").text)
    desk.work()
    assert "Persona vairs nestrādā novadā" in desk.letters()[-1].text


def test_a_page_from_before_a_change_decides_nothing_and_says_so(
    desk: Desk, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    number = desk.confirmed()
    reviewer = sign_in()
    page = reviewer.get(f"/restorations/{number}").text
    (held,) = (one for one in desk.history() if one.section == "learners" and one.until is None)
    with sessions.begin() as session:
        yesterday = riga_day(desk.now) - timedelta(days=1)
        grants.end(session, held, last_day=yesterday, cause=EndCause.IZM, origin=BY_REVIEWER, at=desk.now)
    said = {"csrf": token_in(page), "seen": _field(page, "seen"), "decision": "restore"}
    late = reviewer.post(f"/restorations/{number}/decide", data=said)
    assert late.status_code == 409
    assert "pa to laiku ir mainījies" in text_of(late.text)
    assert "Pēc reformas par šo sadaļu ir lemts no jauna" in text_of(late.text)
    assert decide(reviewer, number, "restore").status_code == 303


def test_the_same_click_twice_is_one_decision_and_a_colleagues_comes_too_late(desk: Desk, sign_in: SignIn) -> None:
    number = desk.confirmed()
    inese, zane = sign_in(), sign_in("zane.kalna", "Zane Siliņa")
    pages = {who: who.get(f"/restorations/{number}").text for who in (inese, zane)}

    def click(who: httpx.Client) -> httpx.Response:
        said = {"csrf": token_in(pages[who]), "seen": _field(pages[who], "seen"), "decision": "restore"}
        return who.post(f"/restorations/{number}/decide", data=said)

    assert [click(inese).status_code, click(inese).status_code] == [303, 303]
    late = click(zane)
    assert late.status_code == 409
    assert "jau gaida otro personu" in text_of(late.text)


def test_one_click_restores_where_the_policy_asks_for_one_person(
    desk: Desk, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        set_numbers(session, four_eyes_wide_scope=0)
    number = desk.confirmed()
    reviewer = sign_in()
    assert decide(reviewer, number, "restore").status_code == 303
    assert desk.held()["learners"] is Level.EDIT
    assert decide_again(reviewer, number).status_code in {303, 409}


def decide_again(visitor: httpx.Client, number: int) -> httpx.Response:
    page = visitor.get("/restorations").text
    return visitor.post(
        f"/restorations/{number}/decide", data={"csrf": token_in(page), "seen": "x", "decision": "restore"}
    )


def test_nobody_decides_on_their_own_rights_on_pages(desk: Desk, sign_in: SignIn) -> None:
    number = desk.confirmed()
    namesake = sign_in("cita.darbiniece", "Rasa Gulbīte")
    page = namesake.get(f"/restorations/{number}").text
    assert "Ierosināt atjaunot" not in page
    assert "Tas attiecas uz jums" in text_of(page)
    said = {"csrf": token_in(page), "seen": "x", "decision": "restore"}
    assert namesake.post(f"/restorations/{number}/decide", data=said).status_code == 403


def test_what_was_proposed_and_cannot_be_confirmed_any_more_is_proposed_anew(
    desk: Desk, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    number = desk.confirmed()
    reviewer = sign_in()
    assert decide(reviewer, number, "restore").status_code == 303
    assert "Ierosināt atjaunot" not in reviewer.get(f"/restorations/{number}").text
    with sessions.begin() as session:
        (held,) = (one for one in desk.history() if one.section == "learners" and one.until is None)
        yesterday = riga_day(desk.now) - timedelta(days=1)
        grants.end(session, held, last_day=yesterday, cause=EndCause.IZM, origin=BY_REVIEWER, at=desk.now)
    assert "Ierosināt atjaunot" in reviewer.get(f"/restorations/{number}").text
    assert decide(reviewer, number, "restore").status_code == 303
    with sessions() as session:
        states = session.scalars(select(Proposal.state).order_by(Proposal.id)).all()
    assert states == ["outdated", "proposed"]


def test_past_the_limit_of_a_network_only_work_counts(site: Site, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        set_numbers(session, reset_requests_per_network=1)
    with site.visitor() as visitor:
        assert visitor.post("/restore", data=filled(visitor, "nobody.atall")).status_code == 303
        late = visitor.post("/restore", data=filled(visitor, "nobody.atall"))
        assert late.status_code == 429
        assert WHAT["description"] in late.text
        assert visitor.post("/reset", data={"csrf": token_in(late.text), "username": "x"}).status_code == 429


def test_no_page_for_staff_has_english_words(desk: Desk, sign_in: SignIn) -> None:
    number = desk.confirmed(name="Kāds Cits")
    reviewer = sign_in()
    pages = [reviewer.get(path).text for path in ("/restorations", f"/restorations/{number}")]
    pages.append(decide(reviewer, number, "refuse", reason="Persona vairs nestrādā novadā").text)
    for page in pages:
        assert ENGLISH.search(text_of(page)) is None


def test_a_request_nobody_confirmed_is_no_page(desk: Desk, sign_in: SignIn) -> None:
    number = desk.ask()
    desk.work()
    reviewer = sign_in()
    assert reviewer.get(f"/restorations/{number}").status_code == 404
    assert reviewer.get("/restorations/99999").status_code == 404


@pytest.mark.browser
@pytest.mark.parametrize("language", ["lv", "en"])
def test_every_page_is_accessible_and_fits_a_telephone(
    desk: Desk, site: Site, sign_in: SignIn, chromium: Browser, language: str
) -> None:
    context = chromium.new_context(base_url=site.url)
    page = context.new_page()
    page.goto(f"/restore?lang={language}")
    open_everything(page)
    check(page)
    page.locator("#restore-form > button").first.press("Enter")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    check(page)
    for name, typed in (*WHAT.items(), ("username", GULBENE.username)):
        page.fill(f"#{name}", typed)
    token = page.locator("input[name=token]").get_attribute("value") or ""
    visit = next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "viis-visit")
    page.fill("#code", SEALS.open(token, visit).text)
    page.press("#code", "Enter")
    page.wait_for_url("**/restore/sent")
    check(page)
    desk.work()
    page.goto(f"/restore/confirm?key={desk.key()}&lang={language}")
    assert desk.key() not in page.url + page.content()
    check(page)
    page.press("#mine", "Space")
    page.press("#mine", "Enter")
    page.wait_for_url("**/restore/confirmed")
    check(page)
    page.goto(f"/restore/confirm?key={desk.key()}")
    check(page)
    token_ = sign_in().cookies["viis-session"]
    context.add_cookies([{"name": "viis-session", "value": token_, "url": site.url}])
    page.goto("/restorations")
    check(page)
    page.get_by_role("link", name="Rasa Gulbīte").click()
    check(page)
    page.fill("#reason", "Persona vairs nestrādā novadā")
    page.locator("button[value=refuse]").click()
    check(page)
    page.locator("button[value=back]").click()
    page.locator("button[value=restore]").click()
    page.wait_for_url("**/restorations/1")
    check(page)
    context.close()
