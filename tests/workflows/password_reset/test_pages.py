"""The password pages over HTTP: what a stranger can learn, guess, forge or break."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from altcha import Payload, solve_challenge
from altcha.v2 import Challenge
from sqlalchemy import select, text

from demo.parts import free_port
from iam.audit import Actor, ActorKind, Door
from iam.grants import accounts
from iam.grants.models import Account
from tests.workflows.password_reset.conftest import NEW_PASSWORD, PASSWORD, SECRET, Office, code_of, secret_of
from tests.workflows.web.site import Site, running
from workflows import staff as members
from workflows.password_reset.codes import LENGTH, Seals
from workflows.password_reset.models import ResetRequest
from workflows.password_reset.states import Outcome
from workflows.staff import Role
from workflows.web import _sessions
from workflows.web._oidc import IdToken
from workflows.web.pages import reset

pytestmark = pytest.mark.keycloak

SEALS = Seals(SECRET.encode())


@pytest.fixture
def site(office: Office) -> Iterator[Site]:
    with running(office.settings.model_copy(update={"web_port": 0})) as up:
        yield up


@pytest.fixture
def visitor(site: Site) -> Iterator[httpx.Client]:
    with site.visitor() as browser:
        yield browser


def signed_in(office: Office, username: str, role: Role) -> str:
    """Open a session for a member of staff and return its token."""
    at = datetime.now(UTC)
    with office.sessions.begin() as session:
        by = Actor(ActorKind.SYSTEM, "test")
        members.add(session, username, name=username.title(), roles=[role], by=by, door=Door.CLI, at=at)
        identity = IdToken(f"subject of {username}", f"session of {username}", username, "refresh")
        return _sessions.open_session(session, identity, at=at)


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"the page has no field {name}"
    return found.group(1)


def code_in(visitor: httpx.Client, page: str) -> str:
    """Read the picture as a person would: here with the key."""
    return SEALS.open(field(page, "token"), visitor.cookies["viis-visit"]).text


def filled(visitor: httpx.Client, username: str, **otherwise: str) -> dict[str, str]:
    page = visitor.get("/reset").text
    form = {"csrf": field(page, "csrf"), "token": field(page, "token"), "username": username}
    return {**form, "code": code_in(visitor, page), **otherwise}


def asked(office: Office) -> int:
    with office.sessions() as session:
        return len(session.scalars(select(ResetRequest.id)).all())


def to_password_page(visitor: httpx.Client, typed: str, name: str = "secret") -> httpx.Response:
    page = visitor.get("/reset/new").text
    return visitor.post("/reset/new", data={"csrf": field(page, "csrf"), name: typed})


def set_to(visitor: httpx.Client, password: str, **more: str) -> httpx.Response:
    page = visitor.get("/reset/new/password").text
    return visitor.post("/reset/new/password", data={"csrf": field(page, "csrf"), "password": password, **more})


# --- asking ----------------------------------------------------------------------------------------------------------


def test_from_forgetting_to_the_new_password_without_javascript(
    office: Office, anna: Account, visitor: httpx.Client
) -> None:
    sent = visitor.post("/reset", data=filled(visitor, anna.username))
    assert (sent.status_code, sent.headers["location"]) == (303, "/reset/sent")
    assert "60 minūtes" in visitor.get("/reset/sent").text
    office.work()
    code = code_of(office.link_mails(anna)[-1])
    opened = to_password_page(visitor, code.lower().replace("-", " "), name="code")
    assert opened.headers["location"] == "/reset/new/password"
    page = visitor.get("/reset/new/password").text
    assert "vismaz 12 rakstzīm" in page
    assert code not in page
    refused = set_to(visitor, "parole123456", again="parole123456")
    assert refused.status_code == 422
    assert "bieži lietot" in refused.text
    assert "parole123456" not in refused.text
    assert set_to(visitor, NEW_PASSWORD, again="something else").status_code == 422
    done = set_to(visitor, NEW_PASSWORD, again=NEW_PASSWORD)
    assert (done.status_code, done.headers["location"]) == (303, "/reset/done")
    assert "viis-reset" not in visitor.cookies
    assert "viis-session" not in visitor.cookies
    assert to_password_page(visitor, code, name="code").status_code == 410


def test_known_unknown_shut_and_mailless_get_the_same_answer(
    office: Office, hire: Callable[..., Account], site: Site
) -> None:
    known, shut, mailless = hire(password=PASSWORD), hire(), hire()
    with office.sessions.begin() as session:
        accounts.disable(session, session.get_one(Account, shut.id))
        session.get_one(Account, mailless.id).email = "nowhere@ x"
    answers = []
    for username in (known.username, "nobody.atall", shut.username, mailless.username, known.email):
        with site.visitor() as fresh:
            sent = fresh.post("/reset", data=filled(fresh, username))
            page = fresh.get("/reset/sent")
            answers.append(
                (
                    sent.status_code,
                    sent.content,
                    sorted(
                        (name, value) for name, value in sent.headers.items() if name not in {"date", "x-request-id"}
                    ),
                    sorted(fresh.cookies.keys()),
                    page.status_code,
                    page.content,
                )
            )
    assert all(answer == answers[0] for answer in answers)


def test_a_form_without_the_code_or_the_name_is_sent_back(visitor: httpx.Client, office: Office) -> None:
    missing = visitor.post("/reset", data=filled(visitor, "anna", code=""))
    assert missing.status_code == 422
    assert 'value="anna"' in missing.text
    assert visitor.post("/reset", data=filled(visitor, "  ")).status_code == 422
    assert asked(office) == 0


def test_a_code_is_matched_exactly_three_times_at_most(visitor: httpx.Client, office: Office) -> None:
    form = filled(visitor, "anna")
    right = form["code"]
    first = visitor.post("/reset", data={**form, "code": right.lower()})
    assert first.status_code == 422
    assert field(first.text, "token") == form["token"]
    visitor.post("/reset", data={**form, "code": right[:-1]})
    third = visitor.post("/reset", data={**form, "code": right + "A"})
    assert field(third.text, "token") != form["token"]
    late = visitor.post("/reset", data=form)
    assert late.status_code == 422
    assert asked(office) == 0


def test_a_code_is_used_once(visitor: httpx.Client, office: Office) -> None:
    form = filled(visitor, "anna")
    assert visitor.post("/reset", data=form).status_code == 303
    assert visitor.post("/reset", data=form).status_code == 422
    assert asked(office) == 1


def test_a_code_solved_elsewhere_is_worth_nothing_here(site: Site, visitor: httpx.Client, office: Office) -> None:
    with site.visitor() as other:
        theirs = filled(other, "anna")
    ours = filled(visitor, "anna")
    replayed = visitor.post("/reset", data={**ours, "token": theirs["token"], "code": theirs["code"]})
    assert replayed.status_code == 422
    assert visitor.get(f"/reset/code/{theirs['token']}.png").status_code == 404
    assert asked(office) == 0


def test_a_code_ends_after_ten_minutes(visitor: httpx.Client, office: Office) -> None:
    form = filled(visitor, "anna")
    visit = visitor.cookies["viis-visit"]
    old = SEALS.seal("ABCDEH", visit, until=datetime.now(UTC) - timedelta(seconds=1))
    assert visitor.post("/reset", data={**form, "token": old, "code": "ABCDEH"}).status_code == 422
    assert visitor.get(f"/reset/code/{old}.wav").status_code == 404
    ends = SEALS.open(form["token"], visit).until - datetime.now(UTC)
    assert timedelta(minutes=9) < ends <= timedelta(minutes=10)
    assert asked(office) == 0


def test_another_code_keeps_the_name(visitor: httpx.Client) -> None:
    form = filled(visitor, "anna.liepa")
    page = visitor.post("/reset", data={**form, "again": "1"})
    assert page.status_code == 200
    assert 'value="anna.liepa"' in page.text
    assert field(page.text, "token") != form["token"]


def test_picture_and_sound_are_there_and_always_the_same(visitor: httpx.Client) -> None:
    token = field(visitor.get("/reset").text, "token")
    picture = visitor.get(f"/reset/code/{token}.png")
    assert picture.headers["content-type"] == "image/png"
    assert picture.content == visitor.get(f"/reset/code/{token}.png").content
    sound = visitor.get(f"/reset/code/{token}.wav")
    assert sound.headers["content-type"] == "audio/wav"
    assert (
        sound.content
        == visitor.get(f"/reset/code/{token}.wav").content
        != visitor.get(f"/reset/code/{token}.wav?lang=en").content
    )
    assert visitor.get("/reset/code/nonsense.png").status_code == 404
    assert visitor.get(f"/reset/code/{token[:-2]}AA.png").status_code == 404


# --- the way without a code ------------------------------------------------------------------------------------------


def worked(visitor: httpx.Client) -> str:
    challenge = Challenge.from_dict(visitor.get("/reset/work").json())
    solution = solve_challenge(challenge)
    assert solution is not None
    return Payload(challenge, solution).to_base64()


def test_work_replaces_the_code_once(visitor: httpx.Client, office: Office) -> None:
    form = filled(visitor, "anna", code="")
    solution = worked(visitor)
    assert visitor.post("/reset", data={**form, "work": solution}).status_code == 303
    assert visitor.post("/reset", data={**form, "work": solution}).status_code == 422
    assert asked(office) == 1


def test_work_done_for_another_visit_is_worth_nothing(site: Site, visitor: httpx.Client, office: Office) -> None:
    with site.visitor() as other:
        other.get("/reset")
        theirs = worked(other)
    assert visitor.post("/reset", data=filled(visitor, "anna", code="", work=theirs)).status_code == 422
    assert asked(office) == 0


@pytest.mark.parametrize(
    "forged",
    [
        "x",
        "A" * 100_000,  # refused as a form, before anybody reads it
        base64.b64encode(b"[]").decode(),
        base64.b64encode(b'{"challenge": {"parameters": {}}, "solution": {}}').decode(),
        base64.b64encode(b'{"challenge": null, "solution": 7}').decode(),
        base64.b64encode(b"[" * 2000).decode(),
    ],
)
def test_forged_work_is_refused_calmly(visitor: httpx.Client, office: Office, forged: str) -> None:
    assert visitor.post("/reset", data=filled(visitor, "anna", code="", work=forged)).status_code in {400, 422}
    assert asked(office) == 0


def test_easier_work_than_asked_for_is_refused(visitor: httpx.Client, office: Office) -> None:
    form = filled(visitor, "anna", code="")
    payload = json.loads(base64.b64decode(worked(visitor)))
    payload["challenge"]["parameters"]["cost"] = 1
    easier = base64.b64encode(json.dumps(payload).encode()).decode()
    assert visitor.post("/reset", data={**form, "work": easier}).status_code == 422
    assert asked(office) == 0


# --- forging and flooding --------------------------------------------------------------------------------------------


def test_a_forged_host_changes_no_link(office: Office, anna: Account, visitor: httpx.Client) -> None:
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    form = filled(visitor, anna.username)
    sent = visitor.post("/reset", data=form, headers=forged)
    assert sent.headers["location"] == "/reset/sent"
    office.work()
    letter = office.link_mails(anna)[-1]
    assert f"{office.settings.base_url}/reset/new#" in letter.text
    assert "evil" not in letter.text + letter.html


def test_speaking_is_counted_by_network(visitor: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reset, "_SOUNDS", 2)
    token = field(visitor.get("/reset").text, "token")
    statuses = [visitor.get(f"/reset/code/{token}.wav").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert visitor.get(f"/reset/code/{token}.png").status_code == 200


def test_a_forged_address_does_not_leave_the_network_it_came_from(visitor: httpx.Client, office: Office) -> None:
    with office.sessions.begin() as session:
        session.execute(text("UPDATE reset_policies SET requests_per_network = 2"))
    statuses = [
        visitor.post(
            "/reset",
            data=filled(visitor, "anna"),
            headers={"X-Forwarded-For": f"198.51.100.{number}", "Forwarded": f"for=203.0.113.{number}"},
        ).status_code
        for number in range(3)
    ]
    assert statuses == [303, 303, 429]
    assert asked(office) == 2


def test_wrong_codes_count_against_the_network(visitor: httpx.Client, office: Office) -> None:
    with office.sessions.begin() as session:
        session.execute(text("UPDATE reset_policies SET wrong_per_network = 3"))
    statuses = [visitor.post("/reset", data=filled(visitor, "anna", code="AAAAAA")).status_code for _ in range(4)]
    assert statuses == [422, 422, 422, 429]


def test_wrong_links_count_against_the_network_never_against_a_link(
    office: Office, anna: Account, visitor: httpx.Client
) -> None:
    secret = office.link(anna)
    with office.sessions.begin() as session:
        session.execute(text("UPDATE reset_policies SET wrong_per_network = 3"))
    statuses = [to_password_page(visitor, "2345-6789-ABCD-EFGH", name="code").status_code for _ in range(4)]
    assert statuses == [404, 404, 404, 429]
    with office.sessions.begin() as session:
        session.execute(text("DELETE FROM reset_rates"))  # seen from elsewhere
    assert to_password_page(visitor, secret).status_code == 303


@pytest.mark.parametrize("path", ["/reset", "/reset/new", "/reset/new/password"])
def test_a_form_from_another_site_is_refused(path: str, office: Office, anna: Account, visitor: httpx.Client) -> None:
    secret = office.link(anna)
    to_password_page(visitor, secret)
    form = {"username": anna.username, "secret": secret, "password": NEW_PASSWORD}
    assert visitor.post(path, data=form).status_code == 403
    with_token = {**form, "csrf": field(visitor.get("/reset").text, "csrf")}
    assert visitor.post(path, data=with_token, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert to_password_page(visitor, secret).status_code == 303  # nothing was spent


@pytest.mark.parametrize(
    "username",
    ["a" * 10_000, "anna\r\nBcc: x@y.example", "\N{FULLWIDTH COMMERCIAL AT}nna", "<script>alert(1)</script>", "💥"],
)
def test_strange_names_get_the_usual_answer(visitor: httpx.Client, office: Office, username: str) -> None:
    assert visitor.post("/reset", data=filled(visitor, username)).status_code == 303
    office.work()
    with office.sessions() as session:
        assert session.scalars(select(ResetRequest.outcome)).all() == [Outcome.UNKNOWN]


def test_a_nul_is_no_stack_trace(visitor: httpx.Client) -> None:
    assert visitor.post("/reset", data=filled(visitor, "anna\0")).status_code == 400


def test_a_name_is_shown_back_as_text(visitor: httpx.Client) -> None:
    page = visitor.post("/reset", data=filled(visitor, '"><script>alert(1)</script>', code=""))
    assert "<script>alert" not in page.text


# --- the link --------------------------------------------------------------------------------------------------------


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
    for page in (replaced, unknown, expired):
        assert "Pieprasīt jaunu saiti" in page.text


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


# --- staff -----------------------------------------------------------------------------------------------------------


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
            accounts.disable(session, session.get_one(Account, anna.id))
        assert staff.post(address, data={"csrf": field(page, "csrf")}).status_code == 422
        staff.cookies.delete("viis-session")
        late = staff.post(address, data={"csrf": field(page, "csrf")})
        assert late.headers["location"] == f"/login/again?then={address}", "an expired login leads back"
    reader = signed_in(office, "karlis.auditors", Role.AUDITOR)
    with site.visitor() as auditor:
        auditor.cookies.set("viis-session", reader)
        assert auditor.get(address).status_code == 403


def test_the_codes_have_six_letters(visitor: httpx.Client) -> None:
    assert len(code_in(visitor, visitor.get("/reset").text)) == LENGTH
