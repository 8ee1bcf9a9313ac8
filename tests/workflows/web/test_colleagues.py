"""Reviewers work on a case together: they hand it over, and write notes that no applicant reads."""

from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office, Submitted
from iam.audit import Actor, ActorKind, AuditEntry, Door
from tests.workflows.web.acting import act
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of, token_in, version_in
from tests.workflows.web.site import Site
from workflows import staff
from workflows.application.models import Application, ApplicationNote
from workflows.staff import Role

SYSTEM = Actor(ActorKind.SYSTEM, "test")
CODE = "320000-12345"
NOTE = "Zvanīju skolai: rīkojums būs rīt.\nDirektore apstiprina."


@pytest.fixture
def case(office: Office) -> Submitted:
    """An application with both signatures."""
    submitted = office.submit()
    office.prove(submitted)
    return submitted


def claimed_by(sessions: sessionmaker[Session], case: Submitted) -> str | None:
    with sessions() as session:
        return session.get_one(Application, case.id).claimed_by


def notes(sessions: sessionmaker[Session]) -> list[tuple[str, str]]:
    with sessions() as session:
        return [(one.by, one.text) for one in session.scalars(select(ApplicationNote).order_by(ApplicationNote.id))]


def offered(page: httpx.Response) -> str:
    return page.text.partition('id="colleague"')[2].partition("</select>")[0]


def test_a_case_handed_over_is_the_colleagues_and_its_history_says_so(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    inese, valdis = sign_in(), sign_in("valdis.upe", "Valdis Upe")
    assert act(inese, case, "hand-over", colleague="valdis.upe").status_code == 303
    assert claimed_by(sessions, case) == "valdis.upe"
    assert case.reference in valdis.get("/review", params={"who": "mine"}).text
    assert case.reference not in inese.get("/review", params={"who": "mine"}).text
    history = text_of(valdis.get(f"/review/{case.reference}", params={"tab": "history"}).text)
    assert "inese.kalna Nodots kolēģim" in history
    assert "valdis.upe" in history.partition("Nodots kolēģim")[2]
    assert act(inese, case, "hand-over", colleague="valdis.upe").status_code == 409, "it is not hers any more"
    assert act(valdis, case, "hand-over", colleague="inese.kalna").status_code == 303, "and back"


def test_a_case_for_which_something_was_asked_is_taken_on_and_handed_over_too(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    inese, valdis = sign_in(), sign_in("valdis.upe", "Valdis Upe")
    assert act(inese, case, "decide", decision="ask", reason="Lūdzu, rīkojumu.").status_code == 303
    assert act(inese, case, "release").status_code == 303, "nobody has it"
    assert act(valdis, case, "claim").status_code == 303
    assert act(valdis, case, "hand-over", colleague="inese.kalna").status_code == 303
    assert claimed_by(sessions, case) == "inese.kalna"


@pytest.mark.parametrize(
    "colleague", ["", "nobody.here", "inese.kalna", "gone.person", "only.reads", "valdis.upe' OR 1=1"]
)
def test_a_case_is_handed_over_to_another_reviewer_alone(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session], colleague: str
) -> None:
    now = datetime.now(UTC)
    with sessions.begin() as session:
        staff.add(session, "gone.person", name="G. P.", roles={Role.REVIEWER}, by=SYSTEM, door=Door.CLI, at=now)
        staff.end(session, "gone.person", by=SYSTEM, door=Door.CLI, at=now)
        staff.add(session, "only.reads", name="O. R.", roles={Role.AUDITOR}, by=SYSTEM, door=Door.CLI, at=now)
    inese = sign_in()
    sign_in("valdis.upe", "Valdis Upe")
    answer = act(inese, case, "hand-over", colleague=colleague)
    assert answer.status_code == 422
    assert "Izvēlieties kolēģi" in text_of(answer.text)
    assert "valdis.upe" in offered(answer)
    for nobody in ("gone.person", "only.reads", "inese.kalna"):
        assert nobody not in offered(answer)
    assert claimed_by(sessions, case) is None


def test_nobody_named_in_the_application_is_given_it(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    inese = sign_in()
    sign_in("janis.meginatajs", "Jānis Mēģinātājs")
    answer = act(inese, case, "hand-over", colleague="janis.meginatajs")
    assert (answer.status_code, claimed_by(sessions, case)) == (422, None)


def test_a_page_that_is_outdated_hands_nothing_over_and_twice_the_same_is_once(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    inese, valdis = sign_in(), sign_in("valdis.upe", "Valdis Upe")
    sign_in("dace.ozola", "Dace Ozola")
    page = inese.get(f"/review/{case.reference}").text
    before = {"csrf": token_in(page), "version": version_in(page), "colleague": "dace.ozola"}
    assert act(valdis, case, "claim").status_code == 303
    assert inese.post(f"/review/{case.reference}/hand-over", data=before).status_code == 409
    assert claimed_by(sessions, case) == "valdis.upe"
    page = valdis.get(f"/review/{case.reference}").text
    form = {"csrf": token_in(page), "version": version_in(page), "colleague": "dace.ozola"}
    answers = [valdis.post(f"/review/{case.reference}/hand-over", data=form).status_code for _ in range(2)]
    assert answers == [303, 303]
    assert claimed_by(sessions, case) == "dace.ozola"


def test_a_note_is_read_by_staff_and_by_no_applicant(
    site: Site, case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    inese = sign_in()
    valdis = sign_in("valdis.upe", "Valdis Upe", Role.APPROVER)
    page = inese.get(f"/review/{case.reference}", params={"tab": "notes"})
    assert "Neviens vēl nav" in text_of(page.text)
    version = version_in(inese.get(f"/review/{case.reference}").text)
    assert act(inese, case, "note", note=NOTE).status_code == 303
    assert act(inese, case, "note", note=NOTE).status_code == 303, "sent twice"
    assert act(valdis, case, "note", note="Redzēju.").status_code == 303
    assert [by for by, _ in notes(sessions)] == ["inese.kalna", "valdis.upe"]
    assert version_in(inese.get(f"/review/{case.reference}").text) == version, "a decision is not held up"
    read = text_of(valdis.get(f"/review/{case.reference}", params={"tab": "notes"}).text)
    assert "Zvanīju skolai" in read
    assert "Piezīmes (2)" in read
    with site.visitor() as applicant:
        told = applicant.get(f"/track/{case.reference}", params={"key": case.token}).text
    assert "Zvanīju" not in told
    assert "piezīm" not in text_of(told).lower()
    with sessions() as session:
        kept = [entry for entry in session.scalars(select(AuditEntry)) if entry.tag == "application:noted"]
        assert len(kept) == 2
        assert "Zvanīju" not in str([entry.details for entry in kept])


@pytest.mark.parametrize(
    ("said", "what"),
    [("", "Uzrakstiet piezīmi"), ("  \n ", "Uzrakstiet piezīmi"), (f"Viņa {CODE}", "personas kodu"), ("x" * 2001, "")],
)
def test_a_note_that_cannot_be_kept_stays_in_its_field(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session], said: str, what: str
) -> None:
    answer = act(sign_in(), case, "note", note=said)
    assert answer.status_code == 422
    assert what in text_of(answer.text)
    assert said.strip() in answer.text
    assert notes(sessions) == []


def test_a_party_of_the_case_neither_reads_nor_writes_notes(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    assert act(sign_in(), case, "note", note=NOTE).status_code == 303
    party = sign_in("janis.meginatajs", "Jānis Mēģinātājs")
    shown = party.get(f"/review/{case.reference}", params={"tab": "notes"})
    assert "Zvanīju" not in shown.text
    assert 'name="note"' not in shown.text
    assert act(party, case, "note", note="Mans.").status_code == 403
    assert len(notes(sessions)) == 1
