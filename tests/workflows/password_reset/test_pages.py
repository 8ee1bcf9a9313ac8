"""The password pages over HTTP: asking for a link, and what a stranger can learn, guess, forge or break there."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from altcha import Payload, solve_challenge
from altcha.v2 import Challenge
from sqlalchemy import select

from builders.iam.register import BY_REVIEWER
from builders.workflows.policy_numbers import set_numbers
from iam.grants import accounts
from iam.grants.models import Account
from tests.workflows.password_reset.conftest import NEW_PASSWORD, PASSWORD, Office, code_of
from tests.workflows.password_reset.visiting import SEALS, asked, code_in, field, filled, set_to, to_password_page
from tests.workflows.web.reading import text_of
from tests.workflows.web.site import Site
from workflows.password_reset import proof_of_work
from workflows.password_reset.models import ResetRequest
from workflows.password_reset.states import RequestOutcome
from workflows.web.pages.passwords import reset

pytestmark = pytest.mark.keycloak


# --- asking ----------------------------------------------------------------------------------------------------------


def test_from_forgetting_to_the_new_password_without_javascript(
    office: Office, anna: Account, visitor: httpx.Client
) -> None:
    sent = visitor.post("/reset", data=filled(visitor, anna.username))
    assert (sent.status_code, sent.headers["location"]) == (303, "/reset/sent")
    assert "60 minūtes" in text_of(visitor.get("/reset/sent").text)
    office.work()
    code = code_of(office.link_mails(anna)[-1])
    opened = to_password_page(visitor, code.lower().replace("-", " "), name="code")
    assert opened.headers["location"] == "/reset/new/password"
    page = visitor.get("/reset/new/password").text
    assert "vismaz 12 rakstzīm" in text_of(page)
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
        accounts.disable(session, session.get_one(Account, shut.id), origin=BY_REVIEWER, at=datetime.now(UTC))
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


def test_a_code_is_tried_three_times_at_most(visitor: httpx.Client, office: Office) -> None:
    form = filled(visitor, "anna")
    right = form["code"]
    first = visitor.post("/reset", data={**form, "code": right[1:]})
    assert first.status_code == 422
    assert field(first.text, "token") == form["token"]
    visitor.post("/reset", data={**form, "code": right[:-1]})
    third = visitor.post("/reset", data={**form, "code": right + "A"})
    assert field(third.text, "token") != form["token"]
    late = visitor.post("/reset", data=form)
    assert late.status_code == 422
    assert asked(office) == 0


def test_small_letters_are_the_capitals_of_the_picture(visitor: httpx.Client, office: Office) -> None:
    form = filled(visitor, "anna")
    assert visitor.post("/reset", data={**form, "code": form["code"].lower()}).status_code == 303
    assert asked(office) == 1


@pytest.mark.parametrize("path", ["/reset/sent", "/reset/done"])
def test_a_page_that_follows_something_leads_to_the_beginning_when_nothing_was_done(
    visitor: httpx.Client, path: str
) -> None:
    answer = visitor.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/reset")


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


@pytest.fixture
def quick_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calculations of as many steps as ever, each a hundred times quicker."""
    monkeypatch.setattr(proof_of_work, "_ROUNDS", 100)


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


@pytest.mark.usefixtures("quick_steps")
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
    assert f"{office.settings.base_url}/reset/new?lang=lv#" in letter.text
    assert "evil" not in letter.text + letter.html


def test_speaking_is_counted_by_network(visitor: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reset, "_SOUNDS", 2)
    token = field(visitor.get("/reset").text, "token")
    statuses = [visitor.get(f"/reset/code/{token}.wav").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert visitor.get(f"/reset/code/{token}.png").status_code == 200


def test_a_forged_address_does_not_leave_the_network_it_came_from(visitor: httpx.Client, office: Office) -> None:
    with office.sessions.begin() as session:
        set_numbers(session, reset_requests_per_network=2)
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
        set_numbers(session, reset_wrong_per_network=3)
    statuses = [visitor.post("/reset", data=filled(visitor, "anna", code="AAAAAA")).status_code for _ in range(4)]
    assert statuses == [422, 422, 429, 429], "the third wrong one reaches the limit"


def test_wrong_links_count_against_the_network_never_against_a_link(
    office: Office, anna: Account, visitor: httpx.Client
) -> None:
    secret = office.link(anna)
    with office.sessions.begin() as session:
        set_numbers(session, reset_wrong_per_network=3)
    statuses = [to_password_page(visitor, "2345-6789-ABCD-EFGH", name="code").status_code for _ in range(4)]
    assert statuses == [404, 404, 404, 429]
    assert to_password_page(visitor, secret).status_code == 303, "whoever holds a good link is let through"
    assert visitor.get("/reset/new/password").status_code == 200


@pytest.mark.usefixtures("quick_steps")
def test_past_a_limit_the_calculation_lets_in_whom_a_code_no_longer_does(
    visitor: httpx.Client, office: Office, anna: Account
) -> None:
    with office.sessions.begin() as session:
        set_numbers(session, reset_wrong_per_network=1)
    light = worked(visitor)
    visitor.post("/reset", data=filled(visitor, anna.username, code="AAAAAA"))
    answer = visitor.post("/reset", data=filled(visitor, anna.username))
    assert answer.status_code == 429
    assert '<details class="govuk-details" open>' in answer.text
    too_light = visitor.post("/reset", data={**filled(visitor, anna.username), "work": light})
    assert too_light.status_code == 429
    heavy = worked(visitor)
    sent = visitor.post("/reset", data={**filled(visitor, anna.username), "work": heavy})
    assert sent.headers["location"] == "/reset/sent"
    again = visitor.post("/reset", data={**filled(visitor, anna.username), "work": heavy})
    assert again.status_code == 429, "each calculation serves once"
    office.work()
    assert len(office.link_mails(anna)) == 1


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
    ["a" * 254, "anna\r\nBcc: x@y.example", "\N{FULLWIDTH COMMERCIAL AT}nna", "<script>alert(1)</script>", "💥"],
)
def test_strange_names_get_the_usual_answer(visitor: httpx.Client, office: Office, username: str) -> None:
    assert visitor.post("/reset", data=filled(visitor, username)).status_code == 303
    office.work()
    with office.sessions() as session:
        assert session.scalars(select(ResetRequest.outcome)).all() == [RequestOutcome.UNKNOWN]


def test_a_name_longer_than_any_address_is_named_and_asks_for_nobody(visitor: httpx.Client, office: Office) -> None:
    refused = visitor.post("/reset", data=filled(visitor, "a" * 10_000))
    assert refused.status_code == 422
    assert "līdz 254 rakstzīmēm: tagad to ir 10000" in text_of(refused.text)
    with office.sessions() as session:
        assert session.scalars(select(ResetRequest)).all() == []


def test_a_nul_is_no_stack_trace(visitor: httpx.Client) -> None:
    assert visitor.post("/reset", data=filled(visitor, "anna\0")).status_code == 400


def test_a_name_is_shown_back_as_text(visitor: httpx.Client) -> None:
    page = visitor.post("/reset", data=filled(visitor, '"><script>alert(1)</script>', code=""))
    assert "<script>alert" not in page.text


def test_the_codes_have_six_letters(visitor: httpx.Client) -> None:
    assert len(code_in(visitor, visitor.get("/reset").text)) == 6
