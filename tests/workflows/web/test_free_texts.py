"""Texts people write for others: no personal code in them, the length a browser counts, kept when a login expires."""

import ast
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

import workflows.web
from builders.workflows.office import INESE, Office, Submitted
from tests.workflows.web.acting import act
from tests.workflows.web.conftest import SignIn, session_of
from tests.workflows.web.reading import text_of, token_in
from tests.workflows.web.site import Site
from tests.workflows.web.test_review import state_of
from tests.workflows.web.test_track import link
from workflows.application import service
from workflows.application.models import Application
from workflows.application.states import Party, State
from workflows.proposals.models import Proposal
from workflows.staff import Role
from workflows.web.identity.models import KeptForm

CODE = "320000-00202"
REFUSED = "Izdzēsiet personas kodu"
ORDER = {"capacity": "head", "source": "Rīkojums Nr. 5", "source_kind": "order", "signs_since": "01.09.2020."}
WEB = Path(workflows.web.__file__).parent


@pytest.fixture
def case(office: Office) -> Submitted:
    submitted = office.submit()
    office.prove(submitted)
    return submitted


def test_every_long_text_that_is_asked_for_is_looked_at() -> None:
    """A new field cannot forget it; those of a kind of application are checked by its rules."""
    asked = {
        name
        for page in (WEB / "templates").rglob("*.html")
        for name in re.findall(r'long_text\("(\w+)"', page.read_text(encoding="utf-8"))
    }
    checked = {
        keyword.arg
        for module in (WEB / "pages").rglob("*.py")
        for call in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "text_problems"
        for keyword in call.keywords
    }
    assert len(asked) >= 4
    assert asked - checked == set()


@pytest.mark.parametrize(
    ("verb", "fields"),
    [
        ("decide", {"decision": "refuse", "reason": f"Kods {CODE} nav īstais"}),
        ("decide", {"decision": "refuse", "confirmed": "yes", "reason": f"Kods {CODE} nav īstais"}),
        ("decide", {"decision": "ask", "reason": CODE}),
        ("decide", {"decision": "approve", **ORDER, "source": f"Izraksts par {CODE}"}),
        ("confirm", {"part": "letter", "upload.letter": "1", "how.letter": f"Piezvanīju, kods {CODE}"}),
    ],
)
def test_a_code_in_a_text_for_others_is_refused_at_its_field(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session], verb: str, fields: dict[str, str]
) -> None:
    answer = act(sign_in(), case, verb, **fields)
    assert answer.status_code == 422
    shown = text_of(answer.text)
    assert REFUSED in shown
    assert state_of(sessions, case) is State.IN_REVIEW
    assert verb == "confirm" or CODE in answer.text, "what was typed is kept, where its field is shown"


def test_a_code_in_the_reason_of_an_end_is_refused(case: Submitted, office: Office, sign_in: SignIn) -> None:
    account = office.approve(case)
    right = office.rights(account)[0].id
    reviewer, path = sign_in(), f"/people/{account.username}/end/{right}"
    said = {"csrf": token_in(reviewer.get(path).text), "when": "now", "cause": "izm", "reason": f"vēstule par {CODE}"}
    answer = reviewer.post(path, data={**said, "confirmed": "yes"})
    assert answer.status_code == 422
    assert REFUSED in text_of(answer.text)
    assert office.rights(account)[0].end_cause is None


def asked_for_more(office: Office, case: Submitted) -> None:
    with office.sessions.begin() as session:
        service.ask_more(
            session,
            case.id,
            seen=session.get_one(Application, case.id).version,
            reason="Kurš rīkojums?",
            by=INESE,
            base_url=office.settings.base_url,
            at=office.now,
        )


def test_an_answer_holds_no_code_and_as_many_letters_as_the_browser_counts(
    site: Site, office: Office, case: Submitted, sessions: sessionmaker[Session]
) -> None:
    asked_for_more(office, case)
    longest = "rinda\r\n" * (service.LONGEST_ANSWER // 6)
    with site.visitor() as head:
        page = head.get(link(sessions, office, case, Party.HEAD), follow_redirects=True).text

        def answer(words: str) -> httpx.Response:
            return head.post(f"/track/{case.reference}/answer", data={"csrf": token_in(page), "answer": words})

        refused = answer(f"Rīkojums ir Nr. 7, kods {CODE}")
        assert refused.status_code == 422
        assert REFUSED in text_of(refused.text)
        assert answer(longest + "1234567").status_code == 422
        assert state_of(sessions, case) is State.MORE_REQUESTED
        assert answer(longest).status_code == 303
    assert state_of(sessions, case) is State.IN_REVIEW


def test_an_answer_is_text_to_whoever_reads_it(
    site: Site, office: Office, case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    asked_for_more(office, case)
    hostile = "<script>alert(1)</script> \"'><img src=x onerror=alert(1)> {{ 7*7 }} %(x)s \u202egnp.exe"
    with site.visitor() as head:
        page = head.get(link(sessions, office, case, Party.HEAD), follow_redirects=True).text
        head.post(f"/track/{case.reference}/answer", data={"csrf": token_in(page), "answer": hostile})
        own = head.get(f"/track/{case.reference}").text
    shown = sign_in().get(f"/review/{case.reference}", params={"tab": "history"}).text
    for html in (own, shown):
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "&lt;script&gt;alert(1)" in html
        assert "{{ 7*7 }}" in html


def test_what_was_typed_on_the_page_of_a_name_stands_there_again_after_the_login(
    case: Submitted,
    office: Office,
    sign_in: SignIn,
    sessions: sessionmaker[Session],
    expire: Callable[[], None],
) -> None:
    account = office.approve(case)
    reviewer, path = sign_in(), f"/people/{account.username}/name"
    said = {"csrf": token_in(reviewer.get(path).text), "given_name": "Anna", "surname": "Kalna", "reason": "Vēstule"}
    expire()
    assert reviewer.post(path, data=said).headers["location"] == f"/login/again?then={path}"
    reviewer.cookies.set("viis-session", session_of(sessions, "inese.kalna", "Inese Kalna"))
    again = reviewer.get(path).text
    assert 'value="Kalna"' in again
    assert ">Vēstule</textarea>" in again
    assert "Vēl nav izdarīts" in text_of(again)
    assert reviewer.post(path, data={**said, "csrf": token_in(again)}).status_code == 303
    assert "Vēl nav izdarīts" not in text_of(reviewer.get(path).text)
    with sessions() as session:
        assert session.scalars(select(KeptForm)).all() == []


@pytest.mark.parametrize(("verb", "field", "who"), [
    ("decide", "reason", ("valdis.upe", "Valdis Upe", Role.APPROVER)),
    ("withdraw", "withdraw_reason", ("inese.kalna", "Inese Kalna", Role.REVIEWER)),
])  # fmt: skip
def test_what_was_typed_about_a_proposal_stands_there_again_but_never_the_decision(
    case: Submitted,
    sign_in: SignIn,
    sessions: sessionmaker[Session],
    expire: Callable[[], None],
    verb: str,
    field: str,
    who: tuple[str, str, Role],
) -> None:
    act(sign_in(), case, "decide", decision="approve", **ORDER)
    with sessions() as session:
        proposal = session.scalars(select(Proposal)).one()
    second, path = sign_in(*who), f"/proposals/{proposal.id}"
    page = second.get(path).text
    said = {"csrf": token_in(page), "seen": proposal.seen_digest, "decision": "refuse", "count": "2", field: "Nē, jo"}
    expire()
    assert second.post(f"{path}/{verb}", data=said).headers["location"] == f"/login/again?then={path}"
    second.cookies.set("viis-session", session_of(sessions, *who))
    again = second.get(path).text
    assert ">Nē, jo</textarea>" in again
    assert not re.search(r'name="decision"[^>]*checked', again)
    assert 'value="2"' not in again
    with sessions() as session:
        assert session.get_one(Proposal, proposal.id).ended_at is None
    done = second.post(f"{path}/{verb}", data={**said, "csrf": token_in(again)})
    assert done.status_code == 303
    with sessions() as session:
        assert session.get_one(Proposal, proposal.id).ended_at is not None
        assert session.scalars(select(KeptForm)).all() == []


@pytest.mark.parametrize("verb", ["decide", "withdraw"])
def test_a_code_in_the_reason_about_a_proposal_is_refused(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session], verb: str
) -> None:
    act(sign_in(), case, "decide", decision="approve", **ORDER)
    with sessions() as session:
        proposal = session.scalars(select(Proposal)).one()
    visitor = sign_in("valdis.upe", "Valdis Upe", Role.APPROVER) if verb == "decide" else sign_in()
    page = visitor.get(f"/proposals/{proposal.id}").text
    said = {"csrf": token_in(page), "decision": "refuse", "reason": CODE, "withdraw_reason": CODE}
    answer = visitor.post(f"/proposals/{proposal.id}/{verb}", data=said)
    assert answer.status_code == 422
    assert REFUSED in text_of(answer.text)
    with sessions() as session:
        assert session.get_one(Proposal, proposal.id).ended_at is None
