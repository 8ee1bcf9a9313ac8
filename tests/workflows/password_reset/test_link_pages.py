"""The password pages over HTTP: what a link does, what it does not, and what staff see of it."""

from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import select, text

from builders.iam.register import BY_REVIEWER
from demo.servers import free_port
from iam.audit import Actor, ActorKind, Door
from iam.grants import accounts
from iam.grants.models import Account
from tests.workflows.password_reset.conftest import NEW_PASSWORD, Office, secret_of
from tests.workflows.password_reset.visiting import field, set_to, to_password_page
from tests.workflows.web.site import Site, running
from workflows import staff as members
from workflows.password_reset.models import ResetRequest
from workflows.staff import Role
from workflows.web.identity import sessions as _sessions
from workflows.web.identity.oidc import IdToken

pytestmark = pytest.mark.keycloak


def signed_in(office: Office, username: str, role: Role) -> str:
    """Open a session for a member of staff and return its token."""
    at = datetime.now(UTC)
    with office.sessions.begin() as session:
        by = Actor(ActorKind.SYSTEM, "test")
        members.add(session, username, name=username.title(), roles=[role], by=by, door=Door.CLI, at=at)
        identity = IdToken(f"subject of {username}", f"session of {username}", username, "refresh")
        return _sessions.open_session(session, identity, at=at)


def test_opening_a_link_in_any_way_spends_nothing(office: Office, anna: Account, site: Site) -> None:
    secret = office.link(anna)
    with site.visitor() as scanner:
        for method in ("HEAD", "GET", "OPTIONS"):
            scanner.request(method, f"/reset/new#{secret}", headers={"Sec-Purpose": "prefetch"})
        # Some scanners send forms they find.
        assert to_password_page(scanner, secret).status_code == 303
        assert scanner.get("/reset/new/password").status_code == 200
        assert set_to(scanner, "").status_code == 422
    with site.visitor() as person:
        assert to_password_page(person, secret).status_code == 303
        assert set_to(person, NEW_PASSWORD).status_code == 303


def test_the_secret_stands_in_no_address_page_or_referrer(office: Office, anna: Account, visitor: httpx.Client) -> None:
    secret = office.link(anna)
    opened = to_password_page(visitor, secret)
    assert secret not in opened.headers["location"] + opened.text
    cookie = next(line for line in opened.headers.get_list("set-cookie") if line.startswith("viis-reset"))
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    page = visitor.get("/reset/new/password")
    assert secret not in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"


def test_dead_links_say_honestly_why(office: Office, anna: Account, visitor: httpx.Client) -> None:
    first, second = office.link(anna), office.link(anna)
    replaced = to_password_page(visitor, first)
    assert (replaced.status_code, "jaunāka saite" in replaced.text) == (410, True)
    unknown = to_password_page(visitor, "x" * 43)
    assert (unknown.status_code, "Šādas saites nav" in unknown.text) == (404, True)
    with office.sessions.begin() as session:
        session.execute(
            text(
                "UPDATE reset_links SET made_at = made_at - interval '1 hour', expires_at = now() WHERE state = 'live'"
            )
        )
    expired = to_password_page(visitor, second)
    assert (expired.status_code, "novecoj" in expired.text) == (410, True)
    assert "Pieprasīt jaunu saiti" in unknown.text
    for page in (replaced, expired):
        assert 'action="/reset/again"' in page.text
        assert anna.email not in page.text


def test_one_press_on_a_dead_link_sends_a_new_one_to_the_same_mailbox(
    office: Office, anna: Account, visitor: httpx.Client
) -> None:
    first = office.link(anna)
    second = office.link(anna)
    before = len(office.link_mails(anna))
    dead = to_password_page(visitor, first)
    sent = visitor.post("/reset/again", data={"csrf": field(dead.text, "csrf")})
    assert sent.headers["location"] == "/reset/sent"
    assert visitor.get("/reset/sent").status_code == 200
    office.work()
    assert len(office.link_mails(anna)) == before + 1
    assert "jaunāka saite" in to_password_page(visitor, second).text
    with office.sessions() as session:
        asked = session.scalars(select(ResetRequest).order_by(ResetRequest.id.desc())).first()
        assert asked is not None
        assert (asked.account_id, asked.started_by) == (anna.id, None)
    again = to_password_page(visitor, second)
    visitor.post("/reset/again", data={"csrf": field(again.text, "csrf")})
    office.work()
    assert len(office.link_mails(anna)) == before + 1, "the account's limit of the hour holds"


def test_who_holds_no_dead_link_asks_as_everybody_does(visitor: httpx.Client) -> None:
    asked = visitor.post("/reset/again", data={"csrf": field(visitor.get("/reset").text, "csrf")})
    assert asked.headers["location"] == "/reset"


def test_with_keycloak_away_the_page_says_so_and_the_link_lives(office: Office, anna: Account) -> None:
    secret = office.link(anna)
    away = office.settings.model_copy(update={"web_port": 0, "keycloak_url": f"http://127.0.0.1:{free_port()}"})
    with running(away) as site, site.visitor() as visitor:
        assert to_password_page(visitor, secret).status_code == 303
        page = visitor.get("/reset/new/password")
        assert page.status_code == 503
        assert "saite paliek derīga" in page.text
        csrf = field(page.text, "csrf")
        answer = visitor.post("/reset/new/password", data={"csrf": csrf, "password": NEW_PASSWORD})
        assert answer.status_code == 503
    with running(office.settings.model_copy(update={"web_port": 0})) as site, site.visitor() as visitor:
        assert to_password_page(visitor, secret).status_code == 303
        assert set_to(visitor, NEW_PASSWORD).status_code == 303


def test_staff_start_a_reset_and_see_what_became_of_it_but_no_link(
    office: Office, anna: Account, site: Site, visitor: httpx.Client
) -> None:
    address = f"/people/{anna.username}/password"
    assert visitor.get(address).status_code == 303  # to the login
    token = signed_in(office, "inese.kalna", Role.REVIEWER)
    with site.visitor() as staff:
        staff.cookies.set("viis-session", token)
        page = staff.get(address).text
        started = staff.post(address, data={"csrf": field(page, "csrf")})
        assert started.status_code == 303
        office.work()
        secret = secret_of(office.link_mails(anna)[-1])
        page = staff.get(address).text
        assert "inese.kalna" in page
        assert secret not in page
        with office.sessions.begin() as session:
            accounts.disable(session, session.get_one(Account, anna.id), origin=BY_REVIEWER, at=datetime.now(UTC))
        assert staff.post(address, data={"csrf": field(page, "csrf")}).status_code == 422
        staff.cookies.delete("viis-session")
        late = staff.post(address, data={"csrf": field(page, "csrf")})
        assert late.headers["location"] == f"/login/again?then={address}", "an expired login leads back"
    reader = signed_in(office, "karlis.auditors", Role.AUDITOR)
    with site.visitor() as auditor:
        auditor.cookies.set("viis-session", reader)
        assert auditor.get(address).status_code == 403
