"""Where somebody begins who signs in: each role at what it may do, each holder of an account at their rights."""

import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office
from demo.pki import person
from iam.grants.models import Account
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of, token_in
from tests.workflows.web.site import Site
from workflows import clock
from workflows.staff import Role
from workflows.web.identity import sessions as _sessions
from workflows.web.identity.oidc import IdToken

_WORDS = {
    Role.REVIEWER: ("Izskatītājs", "Reviewer"),
    Role.APPROVER: ("Apstiprinātājs", "Approver"),
    Role.CONSULTANT: ("Konsultants", "Consultant"),
    Role.AUDITOR: ("Revidents", "Auditor"),
    Role.ADMINISTRATOR: ("Pārvaldnieks", "Administrator"),
}


@pytest.fixture
def holder(office: Office) -> Account:
    """Somebody whose application was approved; another one of theirs waits."""
    submitted = office.submit()
    office.prove(submitted)
    account = office.approve(submitted)
    with office.sessions.begin() as session:
        session.get_one(Account, account.id).keycloak_id = f"subject of {account.username}"
    return account


def returned(visitor: httpx.Client, username: str, then: str, monkeypatch: pytest.MonkeyPatch) -> httpx.Response:
    """Come back from Keycloak as somebody."""
    identity = IdToken(f"subject of {username}", f"kc of {username}", username, "refresh")
    monkeypatch.setattr(_sessions, "finish", lambda *_a, **_k: (identity, then))
    return visitor.get("/login/return?state=a&code=b")


@pytest.mark.parametrize("role", list(Role))
def test_each_role_has_a_page_that_says_what_it_may_do(role: Role, sign_in: SignIn) -> None:
    """The menu is not empty, and each address it leads to opens."""
    visitor = sign_in("ilze.loma", "Ilze Loma", role)
    for language, word in zip(("lv", "en"), _WORDS[role], strict=True):
        page = visitor.get("/home", params={"lang": language})
        assert page.status_code == 200
        assert word in text_of(page.text)
        main = page.text.partition("<main")[2].partition("</main>")[0]
        links = [part.partition('"')[0] for part in main.split('href="')[1:]]
        assert links, "leads somewhere"
        assert [visitor.get(link).status_code for link in links] == [200] * len(links)
        menu = page.text.partition("<nav")[2].partition("</nav>")[0]
        assert set(re.findall(r'href="([^"]+)"', menu)) - {"/home"} <= set(links), "nothing of the menu is left out"
    refused = visitor.post("/review/next", data={"csrf": token_in(visitor.get("/track").text)})
    if role is not Role.REVIEWER:
        assert refused.status_code == 403
        assert 'href="/home"' in refused.text


def test_whoever_asked_for_no_page_begins_at_their_own(
    site: Site, holder: Account, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    begins = {Role.REVIEWER: "/review", Role.AUDITOR: "/review", Role.CONSULTANT: "/home", Role.ADMINISTRATOR: "/home"}
    for role, page in begins.items():
        username = f"ilze.{role.value}"
        sign_in(username, "Ilze", role)
        with site.visitor() as visitor:
            assert returned(visitor, username, "/", monkeypatch).headers["location"] == page
            assert returned(visitor, username, "/people", monkeypatch).headers["location"] == "/people"
    with site.visitor() as visitor:
        assert returned(visitor, holder.username, "/", monkeypatch).headers["location"] == "/my"
        assert visitor.get("/my").status_code == 200


def test_the_holder_of_an_account_reads_what_they_hold_and_what_waits(
    site: Site, office: Office, holder: Account, sessions: sessionmaker[Session]
) -> None:
    waiting = office.submit(starts=timedelta(days=2))
    other = office.submit("head-user", "head-user")
    with sessions.begin() as session:
        identity = IdToken(f"subject of {holder.username}", "kc", holder.username, "refresh")
        token = _sessions.open_session(session, identity, at=clock.now())
    right, _ = office.rights(holder)
    office.end(right.id, last_day=None)
    with site.visitor() as visitor:
        assert visitor.get("/my").headers["location"] == "/login?then=/my"
        visitor.cookies.set("viis-session", token)
        page = visitor.get("/my")
        text = text_of(page.text)
        for said in (
            "Manas tiesības",
            holder.username,
            "Ezerpils 1. vidusskola",
            "sāksies vēlāk",
            "Kas jums bija agrāk",
            "izbeigusi ministrija",
            waiting.reference,
            "parakstīts iesniegums un saistību raksts",
        ):
            assert said in text, said
        assert other.reference not in text
        assert str(person("user").code) not in text
        for link in ("/reset", "/apply", "/support"):
            assert f'href="{link}"' in page.text
        english = text_of(visitor.get("/my?lang=en").text)
        assert "My rights" in english
        assert "begins later" in english
        assert "until further notice" in english
        assert visitor.get("/home").status_code == 403, "nobody's staff"
        assert visitor.post("/session/extend", data={"csrf": token_in(page.text)}).status_code == 204


def test_after_a_new_password_people_are_led_to_their_rights_and_not_to_keycloak(
    site: Site, holder: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site.visitor() as visitor:
        assert visitor.get("/reset/done").headers["location"] == "/reset", "nobody has set one here"
        visitor.cookies.set("viis-reset-step", "done")
        page = visitor.get("/reset/done")
        assert page.status_code == 200
        main = page.text.partition("<main")[2].partition("</main>")[0]
        assert re.findall(r'href="([^"]+)"', main) == ["/login"]
        assert "/realms/" not in page.text
        assert returned(visitor, holder.username, "/", monkeypatch).headers["location"] == "/my"


def test_who_has_neither_role_nor_account_is_told_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with site.visitor() as visitor:
        answer = returned(visitor, "nobody.atall", "/", monkeypatch)
        assert answer.status_code == 403
        assert "Jums šeit nav lapas" in text_of(answer.text)
