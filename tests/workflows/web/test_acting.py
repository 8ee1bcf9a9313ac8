"""Two people, two clicks, a case that changed: every act happens once, and whoever comes second is told by whom."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.attachments import photo
from builders.workflows.office import Office, Submitted
from iam.audit import AuditEntry
from iam.grants.models import Account, Grant, GrantPeriod
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import ending, text_of, token_in, version_in
from workflows import clock
from workflows.application.kinds.grant.documents import Part
from workflows.application.models import Application, Decision
from workflows.application.states import Party, State
from workflows.mail import Mail

SIGNATORY = {"capacity": "head", "source": "Rīkojums Nr. 5", "source_kind": "register", "signs_since": "01.09.2020."}


@pytest.fixture
def case(office: Office) -> Submitted:
    """An application with both signatures; who may sign is not recorded yet."""
    submitted = office.submit()
    office.prove(submitted)
    return submitted


def shown(visitor: httpx.Client, case: Submitted) -> dict[str, str]:
    """Open the case and take what its forms carry hidden."""
    page = visitor.get(f"/review/{case.reference}", params={"tab": "signatures"}).text
    return {"csrf": token_in(page), "version": version_in(page)}


def count(sessions: sessionmaker[Session], what: type[object]) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(what)) or 0


def test_of_two_reviewers_deciding_at_once_one_decides_and_the_other_keeps_their_text(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    people = {"inese.kalna": sign_in(), "valdis.upe": sign_in("valdis.upe", "Valdis Upe")}
    forms = {name: shown(visitor, case) for name, visitor in people.items()}
    together = Barrier(len(people), timeout=60)

    def decide(name: str) -> httpx.Response:
        together.wait()
        said = {**forms[name], "decision": "refuse", "confirmed": "yes", "reason": f"Tā lemj {name}."}
        return people[name].post(f"/review/{case.reference}/decide", data=said)

    with ThreadPoolExecutor(len(people)) as pool:
        answers = dict(zip(people, pool.map(decide, people), strict=True))
    assert sorted(answer.status_code for answer in answers.values()) == [303, 409]
    winner = next(name for name, answer in answers.items() if answer.status_code == 303)
    loser = next(name for name in people if name != winner)
    said = text_of(answers[loser].text)
    assert f"{winner} Iesniegums noraidīts" in said, "by whom"
    assert f"Jūsu ierakstītais teksts: Tā lemj {loser}." in said
    assert count(sessions, Decision) == 1
    page = text_of(people[loser].get(f"/review/{case.reference}").text)
    assert f"Tā lemj {loser}." in page, "still there to be copied, though nothing is left to decide"


def test_what_was_typed_on_an_outdated_page_stands_in_the_form_of_the_present_one(
    case: Submitted, sign_in: SignIn
) -> None:
    reviewer, colleague = sign_in(), sign_in("valdis.upe", "Valdis Upe")
    before = shown(reviewer, case)
    for verb in ("claim", "release"):
        assert colleague.post(f"/review/{case.reference}/{verb}", data=shown(colleague, case)).status_code == 303
    said = {**before, "decision": "ask", "reason": "Lūdzu, rīkojumu."}
    answer = reviewer.post(f"/review/{case.reference}/decide", data=said)
    assert answer.status_code == 409
    assert "valdis.upe Iesniegumu pārņēmis izskatītājs" in text_of(answer.text)
    path = f"/review/{case.reference}"
    assert ">Lūdzu, rīkojumu.</textarea>" in reviewer.get(path).text
    assert reviewer.post(f"{path}/claim", data=shown(reviewer, case)).status_code == 303
    assert ">Lūdzu, rīkojumu.</textarea>" in reviewer.get(path).text, "a button pressed first costs nothing typed"


@pytest.mark.parametrize(
    ("verb", "fields"),
    [
        ("claim", {}),
        ("decide", {"decision": "approve", **SIGNATORY}),
        ("decide", {"decision": "refuse", "confirmed": "yes", "reason": "Nav darbinieks."}),
        ("decide", {"decision": "ask", "reason": "Lūdzu, rīkojumu."}),
    ],
)
def test_pressed_twice_is_done_once_and_told_once(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session], verb: str, fields: dict[str, str]
) -> None:
    reviewer = sign_in()
    said, path = {**shown(reviewer, case), **fields}, f"/review/{case.reference}/{verb}"
    assert reviewer.post(path, data=said).status_code == 303
    before = [count(sessions, what) for what in (Decision, Grant, AuditEntry, Mail)]
    again = reviewer.post(path, data=said)
    assert (again.status_code, again.headers["location"]) == (303, f"/review/{case.reference}")
    assert [count(sessions, what) for what in (Decision, Grant, AuditEntry, Mail)] == before
    if fields:
        other = {**said, "decision": "refuse", "confirmed": "yes", "reason": "Kas cits."}
        assert reviewer.post(path, data=other).status_code == 409, "another decision is not the same one again"


def test_both_presses_of_one_button_at_the_same_moment_are_one_approval(
    case: Submitted, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    first = sign_in()
    said = {**shown(first, case), "decision": "approve", **SIGNATORY}
    second = sign_in()  # the same browser has two connections
    second.cookies = first.cookies
    together = Barrier(2, timeout=60)

    def press(visitor: httpx.Client) -> int:
        together.wait()
        return visitor.post(f"/review/{case.reference}/decide", data=said).status_code

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(press, (first, second))) == [303, 303]
    assert (count(sessions, Decision), count(sessions, Grant)) == (1, 2)


def test_a_document_confirmed_twice_is_confirmed_once(
    office: Office, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    submitted = office.submit()
    office.prove(submitted, Part.APPLICATION)
    office.prove(submitted, Part.LETTER, foreign=True)
    reviewer = sign_in()
    upload = str(office.uploads(submitted)[-1].id)
    said = {**shown(reviewer, submitted), "part": "letter", "upload.letter": upload, "how.letter": "Zvanīju skolai"}
    path = f"/review/{submitted.reference}/confirm"
    assert [reviewer.post(path, data=said).status_code for _ in range(2)] == [303, 303]
    assert reviewer.post(path, data={**said, "how.letter": "Citādi"}).status_code == 409
    with sessions() as session:
        tags = session.scalars(select(AuditEntry.tag)).all()
    assert tags.count("application:part_confirmed") == 1


def test_a_right_ended_twice_ends_once(
    case: Submitted, office: Office, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    account = office.approve(case)
    reviewer = sign_in()
    path = ending(office, account)
    for fields in ({"when": "day", "last_day": "31.12.2030."}, {"when": "now"}):
        said = {
            "csrf": token_in(reviewer.get(path).text),
            "cause": "izm",
            "reason": "Vēstule",
            "confirmed": "yes",
        } | fields
        before = count(sessions, GrantPeriod)
        assert [reviewer.post(path, data=said).status_code for _ in range(2)] == [303, 303]
        assert count(sessions, GrantPeriod) == before + 1
    with sessions() as session:
        mails = session.scalars(select(Mail.template).where(Mail.template.like("rights_ended%"))).all()
    assert len(mails) == 4, "two ends, each told to user and head"


def test_a_file_that_came_while_the_page_was_open_is_seen_before_anything_is_decided(
    case: Submitted, office: Office, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    ask = {**shown(reviewer, case), "decision": "ask", "reason": "Lūdzu, rīkojumu."}
    reviewer.post(f"/review/{case.reference}/decide", data=ask)
    before = shown(reviewer, case)
    office.now = clock.now()  # a file from before the question answers nothing
    office.upload(case, photo("PNG"), name="rikojums.png", party=Party.HEAD)
    said = {**before, "decision": "refuse", "confirmed": "yes", "reason": "Nekas nav atsūtīts."}
    early = reviewer.post(f"/review/{case.reference}/decide", data=said)
    assert early.status_code == 409, "handed in, not yet judged"
    assert "Augšupielādēts fails" in text_of(early.text)
    office.work()
    late = reviewer.post(f"/review/{case.reference}/decide", data=said)
    assert late.status_code == 409
    assert "Jūsu ierakstītais teksts: Nekas nav atsūtīts." in text_of(late.text)
    with sessions() as session:
        assert session.get_one(Application, case.id).state is State.IN_REVIEW


def test_too_long_a_text_is_said_at_its_field_and_stays_in_it(
    case: Submitted, office: Office, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    reviewer = sign_in()
    path, long = f"/review/{case.reference}/decide", "ļoti gari " * 1000
    for field, name, most in (("source", "Avots", 300), ("reason", "Pamatojums", 2000)):
        said = {**shown(reviewer, case), "decision": "approve", **SIGNATORY, field: long}
        answer = reviewer.post(path, data=said)
        assert answer.status_code == 422
        assert f'href="#{field}"' in answer.text
        assert f"laukā „{name}” līdz {most} rakstzīmēm: tagad to ir 9999" in text_of(answer.text)
        assert long.strip() in answer.text
    assert count(sessions, Decision) == 0
    how = {**shown(reviewer, case), "part": "letter", "upload.letter": "1", "how.letter": long}
    answer = reviewer.post(f"/review/{case.reference}/confirm", data=how)
    assert answer.status_code == 422
    account = office.approve(case)
    path = ending(office, account)
    said = {"csrf": token_in(reviewer.get(path).text), "when": "now", "cause": "izm", "reason": long}
    assert 'href="#reason"' in reviewer.post(path, data=said).text
    q = "q" * 201
    for answer in (
        reviewer.get("/review", params={"q": q}),
        reviewer.get("/grants", params={"q": q}),
        reviewer.post("/people", data={"csrf": said["csrf"], "q": q}),
    ):
        assert answer.status_code == 422
        assert q in answer.text


def test_a_text_at_the_limit_is_taken_however_the_browser_ends_its_lines(case: Submitted, sign_in: SignIn) -> None:
    reviewer = sign_in()
    lines = "\r\n".join(["x" * 199] * 10)
    assert len(lines.replace("\r\n", "\n")) == 1999
    said = {**shown(reviewer, case), "decision": "refuse", "confirmed": "yes", "reason": lines + "y"}
    assert reviewer.post(f"/review/{case.reference}/decide", data=said).status_code == 303


def test_the_case_shows_how_its_rights_ended_later_and_the_person_their_cases(
    case: Submitted, office: Office, sign_in: SignIn
) -> None:
    account = office.approve(case)
    reviewer = sign_in()
    path = ending(office, account)
    said = {
        "when": "day",
        "last_day": "31.12.2030.",
        "cause": "employment_ended",
        "reason": "Vēstule",
        "confirmed": "yes",
    }
    reviewer.post(path, data={"csrf": token_in(reviewer.get(path).text), **said})
    history = text_of(reviewer.get(f"/review/{case.reference}", params={"tab": "history"}).text)
    ended = "Ar šo iesniegumu piešķirtās tiesības ir izbeigtas: Izglītojamie un piederība, pēdējā diena 31.12.2030."
    assert f"inese.kalna {ended}, beigušās darba attiecības" in history
    person = reviewer.get(f"/people/{account.username}").text
    assert f'href="/review/{case.reference}"' in person
    english = text_of(reviewer.get(f"/review/{case.reference}", params={"tab": "history", "lang": "en"}).text)
    assert "last day 31.12.2030, employment ended" in english


def test_what_is_pending_says_why_and_when_it_is_tried_again(case: Submitted, office: Office, sign_in: SignIn) -> None:
    account = office.approve(case)
    office.work()  # nobody answers where Keycloak should be
    reviewer = sign_in()
    for path in (f"/review/{case.reference}", f"/people/{account.username}"):
        said = text_of(reviewer.get(path).text)
        assert "Vēl nav pabeigts" in said
        assert "Līdz šim 1 mēģinājums" in said
        assert "nākamais" in said
        assert "Keycloak neatbildēja. keycloak.unavailable" in said
        assert "Unavailable" not in said.replace("keycloak.unavailable", "")
    assert "Ņemt nākamo" in reviewer.get(f"/review/{case.reference}").text


def test_the_reviewer_is_asked_whether_the_signed_address_is_taken_over(
    case: Submitted, office: Office, sign_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    office.approve(case)
    with sessions.begin() as session:
        session.scalars(select(Account)).one().email = "bijusi@skola.test"
    again = office.submit(scope={"section.learners": "view"})
    office.prove(again)
    reviewer, path = sign_in(), f"/review/{again.reference}"
    page = reviewer.get(path).text
    assert "bija bijusi@skola.test, būs user@demo.test" in text_of(page)
    said = {**shown(reviewer, again), "decision": "approve"}
    assert reviewer.post(f"{path}/decide", data={**said, "address": "elsewhere"}).status_code == 400
    answer = reviewer.post(f"{path}/decide", data={**said, "address": "keep", "address_reason": " "})
    assert answer.status_code == 422
    assert 'href="#address_reason"' in answer.text
    assert reviewer.post(f"{path}/decide", data={**said, "address": "take"}).status_code == 303
    with sessions() as session:
        assert session.scalars(select(Account.email)).one() == "user@demo.test"
