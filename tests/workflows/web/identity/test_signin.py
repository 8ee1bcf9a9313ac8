"""Staff sign in at Keycloak: what is believed, what is not, and how a session ends.

Most of these stories play Keycloak's part with a key of our own, to say what the real one never says; the last ones
are played with the real one.
"""

import json
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from playwright.sync_api import Browser
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office
from demo.servers import KeycloakAdmin
from iam.audit import Actor, ActorKind, Door
from tests.workflows.web.conftest import SignIn, session_of
from tests.workflows.web.reading import token_in
from tests.workflows.web.site import Site
from workflows import staff
from workflows.application.models import Application
from workflows.application.states import State
from workflows.settings import Settings
from workflows.staff import Role
from workflows.web.identity import sessions as _sessions
from workflows.web.identity.models import LoginAttempt, WebSession
from workflows.web.identity.oidc import IdToken, OidcError, Realm

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
KEY = RSAKey.generate_key(2048, {"kid": "ours", "use": "sig", "alg": "RS256"})
ISSUER = "http://127.0.0.1:9/realms/viis"


def claims(**changes: object) -> dict[str, object]:
    """Say what a good ID token says, with `changes`; None leaves a claim out."""
    good: dict[str, object] = {
        "iss": ISSUER,
        "aud": "viis-staff",
        "azp": "viis-staff",
        "sub": "f:1",
        "sid": "kc-session",
        "preferred_username": "Inese.Kalna",
        "nonce": "the nonce",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 300,
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def realm(settings: Settings, token: str) -> Realm:
    """Stand in for Keycloak: shows our key and hands out `token` for any code."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/certs"):
            return httpx.Response(200, json={"keys": [KEY.as_dict(private=False)]})
        assert parse_qs(request.content.decode())["code_verifier"] == ["the verifier"]
        return httpx.Response(200, json={"id_token": token, "refresh_token": "r", "access_token": "a"})

    return Realm(settings, transport=httpx.MockTransport(answer))


def signed(said: Mapping[str, object]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "ours"}, dict(said), KEY)


def redeem(settings: Settings, token: str) -> IdToken:
    one = realm(settings, token)
    try:
        return one.redeem("code", verifier="the verifier", nonce="the nonce", at=NOW)
    finally:
        one.close()


@pytest.fixture
def plain() -> Settings:
    return Settings.model_validate({"database_url": "postgresql://nowhere/viis", "keycloak_url": "http://127.0.0.1:9"})


def test_a_good_token_says_who_it_is(plain: Settings) -> None:
    assert redeem(plain, signed(claims())) == IdToken("f:1", "kc-session", "inese.kalna", "r")


@pytest.mark.parametrize(
    ("what", "token"),
    [
        ("another login's nonce", signed(claims(nonce="another"))),
        ("no nonce", signed(claims(nonce=None))),
        ("another issuer", signed(claims(iss="http://127.0.0.1:9/realms/master"))),
        ("another audience", signed(claims(aud="viis"))),
        ("made for another client", signed(claims(azp="viis"))),
        ("over", signed(claims(exp=int(NOW.timestamp()) - 60))),
        ("without an end", signed(claims(exp=None))),
        ("without a session", signed(claims(sid=None))),
        ("signed with another key", jwt.encode({"alg": "RS256", "kid": "ours"}, claims(), RSAKey.generate_key(2048))),
        (
            "signed with the public key as if it were a shared secret",
            jwt.encode(
                {"alg": "HS256", "kid": "ours"}, claims(), OctKey.import_key(json.dumps(KEY.as_dict(private=False)))
            ),
        ),
        ("not signed at all", "eyJhbGciOiJub25lIn0." + signed(claims()).split(".")[1] + "."),
        ("no token", "nonsense"),
    ],
)
def test_a_token_that_is_not_for_this_login_is_not_believed(plain: Settings, what: str, token: str) -> None:
    with pytest.raises(OidcError):
        redeem(plain, token)
    assert what


def test_the_way_to_keycloak_carries_state_nonce_and_the_challenge_only(site: Site) -> None:
    with site.visitor() as visitor:
        answer = visitor.get("/login", params={"then": "/review/x"})
    address = urlsplit(answer.headers["location"])
    query = parse_qs(address.query)
    assert address.path == "/realms/viis/protocol/openid-connect/auth"
    assert query["code_challenge_method"] == ["S256"]
    assert query["response_type"] == ["code"]
    assert len(query["state"][0]) >= 43
    assert len(query["nonce"][0]) >= 43
    assert "code_verifier" not in query


@pytest.mark.parametrize(
    "then", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "x", "/" + "x" * 7_000]
)
def test_the_way_back_is_a_page_of_ours(site: Site, sessions: sessionmaker[Session], then: str) -> None:
    with site.visitor() as visitor:
        visitor.get("/login", params={"then": then})
    with sessions() as session:
        assert session.scalars(select(LoginAttempt.then)).one() == "/"


@pytest.mark.parametrize("then", ["/" + "x" * 60_000, "/review\r\nSet-Cookie: a=b", "/review\0"])
def test_a_way_back_that_is_no_address_begins_no_login(site: Site, sessions: sessionmaker[Session], then: str) -> None:
    with site.visitor() as visitor:
        assert visitor.get("/login", params={"then": then}).status_code == 404
    with sessions() as session:
        assert session.scalars(select(LoginAttempt.then)).all() == []


def test_a_login_begun_in_another_browser_or_used_already_or_too_old_is_refused(
    sessions: sessionmaker[Session], plain: Settings
) -> None:
    one = realm(plain, signed(claims()))
    with sessions.begin() as session:
        address = _sessions.begin(session, one, visit="mine", then="/review", language="lv", at=NOW)
        state = parse_qs(urlsplit(address).query)["state"][0]
    for visit, at in (("theirs", NOW), ("mine", NOW + timedelta(minutes=11))):
        with pytest.raises(_sessions.NotBegunHereError):
            _sessions.finish(sessions, one, state=state, code="c", visit=visit, at=at)
    with sessions.begin() as session:
        spent = session.scalars(select(LoginAttempt)).one()
        spent.nonce, spent.verifier = "the nonce", "the verifier"
    assert _sessions.finish(sessions, one, state=state, code="c", visit="mine", at=NOW)[1] == "/review"
    with pytest.raises(_sessions.NotBegunHereError):
        _sessions.finish(sessions, one, state=state, code="c", visit="mine", at=NOW)
    one.close()


def test_a_login_whose_code_keycloak_does_not_take_is_spent_all_the_same(
    sessions: sessionmaker[Session], plain: Settings
) -> None:
    refusing = Realm(plain, transport=httpx.MockTransport(lambda _: httpx.Response(400)))
    with sessions.begin() as session:
        address = _sessions.begin(session, refusing, visit="mine", then="/review", language="lv", at=NOW)
    state = parse_qs(urlsplit(address).query)["state"][0]
    with pytest.raises(OidcError, match="did not take the code"):
        _sessions.finish(sessions, refusing, state=state, code="c", visit="mine", at=NOW)
    with pytest.raises(_sessions.NotBegunHereError):
        _sessions.finish(sessions, refusing, state=state, code="c", visit="mine", at=NOW)
    refusing.close()


def test_strangers_who_say_that_sessions_end_do_not_make_us_ask_keycloak_each_time(plain: Settings) -> None:
    asked = 0

    def answer(_request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return httpx.Response(200, json={"keys": [KEY.as_dict(private=False)]})

    one = Realm(plain, transport=httpx.MockTransport(answer))
    forged = jwt.encode({"alg": "RS256", "kid": "ours"}, claims(), RSAKey.generate_key(2048))
    for token in ("nonsense", forged) * 10:
        with pytest.raises(OidcError):
            one.ended_session(token, at=NOW)
    assert asked == 1
    with pytest.raises(OidcError):
        one.ended_session(forged, at=NOW + timedelta(seconds=31))
    assert asked == 2, "new keys are looked for, once in half a minute"
    one.close()


def test_an_answer_nobody_asked_for_is_a_page_not_an_error(site: Site) -> None:
    with site.visitor() as visitor:
        answer = visitor.get("/login/return", params={"state": "made up", "code": "made up"})
    assert answer.status_code == 403
    assert "Pieslēgties neizdevās" in answer.text


def test_sessions_end_by_idling_and_by_age(sessions: sessionmaker[Session], sign_in: SignIn) -> None:
    sign_in()
    token = session_of(sessions, "inese.kalna", "Inese Kalna")
    at = datetime.now(UTC)
    with sessions.begin() as session:
        assert _sessions.username_of(session, token, at=at + timedelta(minutes=29)) == "inese.kalna"
    with sessions.begin() as session:
        assert _sessions.username_of(session, token, at=at + timedelta(minutes=58)) == "inese.kalna"
    with sessions.begin() as session:
        assert _sessions.username_of(session, token, at=at + timedelta(minutes=89)) is None
        row = session.scalars(select(WebSession).where(WebSession.seen_at > at + timedelta(minutes=50))).one()
        row.seen_at = at + timedelta(hours=11, minutes=59)
    with sessions.begin() as session:
        assert _sessions.username_of(session, token, at=at + timedelta(hours=12, minutes=1)) is None


def test_the_database_holds_nothing_that_opens_a_session(sessions: sessionmaker[Session], sign_in: SignIn) -> None:
    token = sign_in().cookies["viis-session"]
    with sessions() as session:
        row = session.scalars(select(WebSession)).one()
    assert token not in (row.token_digest, row.subject)
    assert b"refresh" not in row.sealed_refresh


def test_signing_out_ends_the_session_on_our_side_and_needs_a_form(site: Site, sign_in: SignIn) -> None:
    reviewer = sign_in()
    page = reviewer.get("/review").text
    copied = reviewer.cookies["viis-session"]
    assert reviewer.get("/logout").status_code == 303, "an address that is only posted to leads back, and does nothing"
    assert reviewer.get("/review").status_code == 200
    assert reviewer.post("/logout", data={"csrf": "guessed"}).status_code == 403
    assert reviewer.post("/logout", data={"csrf": token_in(page)}).status_code == 303
    with site.visitor() as thief:
        thief.cookies.set("viis-session", copied)
        assert thief.get("/review").headers["location"].startswith("/login")


def test_a_role_taken_away_is_gone_with_the_next_click(sign_in: SignIn, sessions: sessionmaker[Session]) -> None:
    reviewer = sign_in()
    assert reviewer.get("/review").status_code == 200
    with sessions.begin() as session:
        staff.end(session, "inese.kalna", by=Actor(ActorKind.SYSTEM, "test"), door=Door.CLI, at=datetime.now(UTC))
    assert reviewer.get("/review").headers["location"] == "/login?then=/review"


def test_who_left_and_came_back_signs_in_anew(sign_in: SignIn, sessions: sessionmaker[Session]) -> None:
    reviewer = sign_in()
    by = Actor(ActorKind.SYSTEM, "test")
    with sessions.begin() as session:
        at = datetime.now(UTC)
        staff.end(session, "inese.kalna", by=by, door=Door.CLI, at=at)
        roles = [Role.REVIEWER]
        staff.add(session, "inese.kalna", name="Inese Kalna", roles=roles, by=by, door=Door.CLI, at=at)
    assert reviewer.get("/review").status_code == 303, "the session from before opens nothing"


def test_keycloaks_word_that_a_session_ended_ends_ours(settings: Settings, sessions: sessionmaker[Session]) -> None:
    session_of(sessions, "inese.kalna", "Inese Kalna")
    one = realm(settings, "")
    event: dict[str, object] = {"http://schemas.openid.net/event/backchannel-logout": {}}
    good = claims(nonce=None, sid="session of inese.kalna", events=event)
    ended = one.ended_session(signed(good), at=NOW)
    with sessions.begin() as session:
        assert _sessions.end_at_keycloak(session, keycloak_session=ended[0], subject=ended[1]) == 1
    for bad in (claims(events=event), claims(nonce=None), {**good, "iat": int(NOW.timestamp()) - 600}):
        with pytest.raises(OidcError):
            one.ended_session(signed(bad), at=NOW)
    one.close()


def test_an_invented_logout_token_ends_nothing(site: Site, sign_in: SignIn) -> None:
    reviewer = sign_in()
    with site.visitor() as stranger:
        assert stranger.post("/logout/backchannel", data={"logout_token": "made up"}).status_code == 400
    assert reviewer.get("/review").status_code == 200


@pytest.mark.keycloak
@pytest.mark.browser
def test_with_the_real_keycloak_a_reviewer_gets_in_and_out_and_a_teacher_does_not(
    real_site: Site, keycloak_admin: KeycloakAdmin, sessions: sessionmaker[Session], chromium: Browser
) -> None:
    for username, name in (("vita.vanaga", "Vita"), ("skolotajs.parasts", "Skolotājs")):
        if keycloak_admin.find(username) is None:
            keycloak_admin.create_user(
                username, given_name=name, surname="Vanaga", email=f"{username}@izm.test", password="Ceturtdiena-1874"
            )
    with sessions.begin() as session:
        by = Actor(ActorKind.SYSTEM, "test")
        staff.add(
            session,
            "vita.vanaga",
            name="Vita Vanaga",
            roles=[Role.REVIEWER],
            by=by,
            door=Door.CLI,
            at=datetime.now(UTC),
        )
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{real_site.url}/review")
    page.fill("#username", "vita.vanaga")
    page.fill("#password", "Ceturtdiena-1874")
    page.click("#kc-login")
    page.wait_for_url(f"{real_site.url}/review")
    assert page.inner_text("h1") == "Iesniegumi"
    names = {cookie["name"] for cookie in context.cookies(real_site.url)}
    assert names <= {"viis-session", "viis-visit"}, "no token reaches the browser"
    page.click("text=Iziet")
    page.wait_for_url(f"{real_site.url}/")
    page.goto(f"{real_site.url}/review")
    assert "openid-connect/auth" in page.url, "Keycloak's session has ended as well"
    page.fill("#username", "skolotajs.parasts")
    page.fill("#password", "Ceturtdiena-1874")
    page.click("#kc-login")
    page.wait_for_url(re.compile("/login/return"))
    assert page.inner_text("h1") == "Jums šeit nav lapas"
    context.close()


@pytest.mark.keycloak
@pytest.mark.browser
def test_a_session_ended_in_the_real_keycloak_ends_ours_and_costs_nothing_that_was_typed(
    real_site: Site,
    keycloak_admin: KeycloakAdmin,
    sessions: sessionmaker[Session],
    office: Office,
    chromium: Browser,
) -> None:
    reviewer = "liga.berzina"
    if keycloak_admin.find(reviewer) is None:
        keycloak_admin.create_user(
            reviewer, given_name="Līga", surname="Bērziņa", email="liga@izm.test", password="Ceturtdiena-1874"
        )
    with sessions.begin() as session:
        by, at = Actor(ActorKind.SYSTEM, "test"), datetime.now(UTC)
        staff.add(session, reviewer, name="Līga Bērziņa", roles=[Role.REVIEWER], by=by, door=Door.CLI, at=at)
    with ThreadPoolExecutor(1) as aside:  # Playwright holds this thread's event loop
        case = aside.submit(office.submit).result()
        aside.submit(office.prove, case).result()
    context = chromium.new_context()
    page = context.new_page()

    def log_in() -> None:
        page.fill("#username", reviewer)
        page.fill("#password", "Ceturtdiena-1874")
        page.click("#kc-login")

    page.goto(f"{real_site.url}/review/{case.reference}")
    log_in()
    page.eval_on_selector("#decide details", "form => form.open = true")
    page.check("#decide input[value=refuse]")
    page.fill("#reason", "Nav darbinieks.")
    user = keycloak_admin.find(reviewer)
    assert user is not None
    keycloak_admin.send("POST", f"/users/{user['id']}/logout")
    with sessions() as session:
        assert session.scalars(select(WebSession)).all() == [], "Keycloak told us"
    page.click("#decide form[action$=decide] button")
    page.wait_for_url(re.compile("/login/again"))
    assert page.inner_text("h1") == "Jūs vairs neesat pieslēdzies"
    page.click("main .govuk-button")
    log_in()
    page.wait_for_url(f"{real_site.url}/review/{case.reference}")
    assert page.inner_text("#kept strong") == "Vēl nav izdarīts."
    assert page.input_value("#reason") == "Nav darbinieks."
    page.eval_on_selector("#decide details", "form => form.open = true")
    page.check("#decide input[value=refuse]")
    page.click("#decide form[action$=decide] button")
    page.click("main button[value=yes]")
    page.wait_for_selector("form[action='/review/next']")
    with sessions() as session:
        assert session.get_one(Application, case.id).state is State.REFUSED
    context.close()
