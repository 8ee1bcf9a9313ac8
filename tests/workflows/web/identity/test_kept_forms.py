"""A form of staff that came too late: not carried out, not lost, and shown again to nobody but whoever typed it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office, Submitted
from iam.audit import Actor, ActorKind, Door
from tests.workflows.web.conftest import SignIn, session_of
from tests.workflows.web.reading import ending, text_of, token_in, version_in
from tests.workflows.web.site import Site
from workflows import staff
from workflows.application.models import Application
from workflows.application.states import State
from workflows.staff import Role
from workflows.web.identity.models import KeptForm

REASON = "Lietotājs iestādē vairs nestrādā; rīkojums Nr. 7 pievienots."
INESE = ("inese.kalna", "Inese Kalna")


@pytest.fixture
def case(office: Office) -> Submitted:
    """An application with both signatures; who may sign is not recorded yet."""
    submitted = office.submit()
    office.prove(submitted)
    return submitted


def refuse(reviewer: httpx.Client, page: str, case: Submitted, reason: str = REASON) -> httpx.Response:
    """Send the form of the page as it was shown."""
    said = {
        "csrf": token_in(page),
        "version": version_in(page),
        "decision": "refuse",
        "reason": reason,
        "confirmed": "yes",
    }
    return reviewer.post(f"/review/{case.reference}/decide", data=said)


def sign_in_again(visitor: httpx.Client, sessions: sessionmaker[Session], username: str, name: str) -> None:
    visitor.cookies.set("viis-session", session_of(sessions, username, name))


def state_of(sessions: sessionmaker[Session], case: Submitted) -> State:
    with sessions() as session:
        return session.get_one(Application, case.id).state


@pytest.mark.parametrize(
    ("fault", "status"), [(RuntimeError("a slip"), 500), (OperationalError("", {}, Exception("away")), 503)]
)
def test_what_a_reviewer_typed_can_be_copied_from_the_page_of_a_failure(
    case: Submitted, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, fault: Exception, status: int
) -> None:
    def fail(*_given: object, **_named: object) -> None:
        raise fault

    reviewer = sign_in()
    page = reviewer.get(f"/review/{case.reference}").text
    monkeypatch.setattr("workflows.web.pages.reviewers.decision_form.text_problems", fail)
    answer = refuse(reviewer, page, case, f"{REASON} <b> 320000-00202, 32000000202")
    assert answer.status_code == status
    told = text_of(answer.text)
    assert f"Jūsu ierakstītais teksts: {REASON} <b> ******-*****, ***********" in told
    assert "pirms aizverat šo lapu" in told
    assert "<b>" not in answer.text
    assert "pirms aizverat" not in text_of(reviewer.get("/no/such/page").text)


def test_what_was_typed_before_the_login_expired_stands_in_the_form_after_signing_in(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session], expire: Callable[[], None]
) -> None:
    reviewer = sign_in()
    page = reviewer.get(f"/review/{case.reference}").text
    expire()
    answer = refuse(reviewer, page, case)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/login/again?then=/review/{case.reference}"
    told = reviewer.get(answer.headers["location"]).text
    assert "Ierakstītais tiek glabāts pusstundu" in told
    assert f'href="/login?then=/review/{case.reference}"' in told
    with sessions() as session:
        kept = session.scalars(select(KeptForm)).one()
    assert REASON.encode() not in kept.sealed, "the database alone does not tell it"
    sign_in_again(reviewer, sessions, *INESE)
    again = reviewer.get(f"/review/{case.reference}").text
    assert f">{REASON}</textarea>" in again
    assert not re.search(r'name="decision"[^>]*checked', again), "a text stands there again, and no decision"
    assert "Vēl nav izdarīts. Kad veidlapu nosūtījāt" in text_of(again)
    assert state_of(sessions, case) is State.IN_REVIEW, "nothing is carried out by itself"
    assert refuse(reviewer, page, case).headers["location"] == f"/review/{case.reference}", (
        "the old token opens nothing"
    )
    assert state_of(sessions, case) is State.IN_REVIEW
    assert refuse(reviewer, again, case).status_code == 303
    assert state_of(sessions, case) is State.REFUSED
    assert "Vēl nav izdarīts" not in reviewer.get(f"/review/{case.reference}").text


def test_what_was_kept_is_gone_after_the_next_attempt_whatever_came_of_it(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session], expire: Callable[[], None]
) -> None:
    reviewer = sign_in()
    page = reviewer.get(f"/review/{case.reference}").text
    expire()
    refuse(reviewer, page, case)
    sign_in_again(reviewer, sessions, *INESE)
    again = reviewer.get(f"/review/{case.reference}").text
    assert refuse(reviewer, again, case, reason=" ").status_code == 422
    later = reviewer.get(f"/review/{case.reference}").text
    assert REASON not in later
    assert "Vēl nav izdarīts" not in later


def test_a_login_in_another_tab_does_not_cost_what_was_typed_in_this_one(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    page = reviewer.get(f"/review/{case.reference}").text
    sign_in_again(reviewer, sessions, *INESE)
    answer = refuse(reviewer, page, case)
    assert answer.headers["location"] == f"/review/{case.reference}"
    assert f">{REASON}</textarea>" in reviewer.get(answer.headers["location"]).text
    assert state_of(sessions, case) is State.IN_REVIEW


def test_another_person_another_browser_and_half_an_hour_later_find_nothing(
    site: Site, case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session], expire: Callable[[], None]
) -> None:
    reviewer = sign_in()
    page = reviewer.get(f"/review/{case.reference}").text
    expire()
    refuse(reviewer, page, case)
    sign_in_again(reviewer, sessions, "valdis.upe", "Valdis Upe")
    assert REASON not in reviewer.get(f"/review/{case.reference}").text
    assert refuse(reviewer, page, case).status_code == 403, "the form was shown to somebody else"
    with site.visitor() as elsewhere:
        sign_in_again(elsewhere, sessions, *INESE)
        assert REASON not in elsewhere.get(f"/review/{case.reference}").text
    sign_in_again(reviewer, sessions, *INESE)
    assert REASON in reviewer.get(f"/review/{case.reference}").text
    with sessions.begin() as session:
        session.execute(update(KeptForm).values(kept_at=datetime.now(UTC) - timedelta(minutes=31)))
    assert REASON not in reviewer.get(f"/review/{case.reference}").text
    reviewer.get("/login")
    with sessions() as session:
        assert session.scalars(select(KeptForm)).all() == []


def test_nobody_can_have_a_form_kept_for_somebody_else(
    site: Site, case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    token = token_in(sign_in().get(f"/review/{case.reference}").text)
    path, said = f"/review/{case.reference}/decide", {"version": "1", "decision": "refuse", "reason": "planted"}
    own, _, mark = token.partition(".")
    with site.visitor() as stranger:
        stranger.get("/verify")
        assert stranger.post(path, data={"csrf": f"{own}.{mark}", **said}).status_code == 403
        assert stranger.post(path, data={"csrf": f"x.{mark.partition('.')[0]}.x", **said}).status_code == 403
        assert stranger.post(path, data={"csrf": "x.ÿ.x", **said}).status_code == 403
    with sessions() as session:
        assert session.scalars(select(KeptForm)).all() == []


def test_ending_a_right_survives_an_expired_login_too(
    case: Submitted, office: Office, sign_in: SignIn, sessions: sessionmaker[Session], expire: Callable[[], None]
) -> None:
    account = office.approve(case)
    reviewer = sign_in()
    path = ending(office, account)
    said = {"csrf": token_in(reviewer.get(path).text), "when": "now", "cause": "izm", "reason": REASON}
    expire()
    assert reviewer.post(path, data=said).headers["location"] == f"/login/again?then={path}"
    sign_in_again(reviewer, sessions, *INESE)
    again = reviewer.get(path).text
    assert f">{REASON}</textarea>" in again
    assert " checked" not in again, "a text is restored, a decision is made anew"
    assert reviewer.post(path, data={**said, "csrf": token_in(again), "confirmed": "yes"}).status_code == 303
    assert "Vēl nav izdarīts" not in reviewer.get(path).text


def test_a_role_taken_away_while_the_page_is_open_decides_nothing(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    page = reviewer.get(f"/review/{case.reference}").text
    by = Actor(ActorKind.SYSTEM, "test")
    with sessions.begin() as session:
        roles = [Role.AUDITOR]
        staff.add(session, "inese.kalna", name="Inese Kalna", roles=roles, by=by, door=Door.CLI, at=datetime.now(UTC))
    answer = refuse(reviewer, page, case)
    assert answer.status_code == 403
    assert "Jūsu loma to neatļauj" in text_of(answer.text)
    assert 'href="/home"' in answer.text
    with sessions.begin() as session:
        staff.end(session, "inese.kalna", by=by, door=Door.CLI, at=datetime.now(UTC))
    assert refuse(reviewer, page, case).headers["location"].startswith("/login")
    assert state_of(sessions, case) is State.IN_REVIEW


def test_a_form_that_was_too_old_and_ones_own_case_each_say_what_they_are(
    site: Site, case: Submitted, sign_in: SignIn
) -> None:
    with site.visitor() as visitor:
        answer = visitor.post("/verify", data={"csrf": "old"})
    assert answer.status_code == 403
    assert "Veidlapa bija novecojusi" in text_of(answer.text)
    assert 'href="/verify">Atvērt lapu no jauna' in answer.text
    party = sign_in("janis.meginatajs2", "Jānis Mēģinātājs")
    page = party.get(f"/review/{case.reference}").text
    said = {"csrf": token_in(page), "version": "99", "decision": "refuse", "reason": "x", "confirmed": "yes"}
    seen = sign_in().get(f"/review/{case.reference}").text
    answer = party.post(f"/review/{case.reference}/decide", data={**said, "version": version_in(seen)})
    assert answer.status_code == 403
    assert "Šajā iesniegumā ir minēts jūsu vārds" in text_of(answer.text)
