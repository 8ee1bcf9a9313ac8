"""Two who record orders in one second: the second is judged by what the first recorded, in words of their language."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import httpx
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, sessionmaker

from builders.iam.register import BY_REVIEWER
from builders.workflows.office import Office
from iam.orders import service as orders
from iam.orders.models import ChangeKind, Order
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of, token_in
from tests.workflows.web.test_order_form import Form
from tests.workflows.web.test_reorganise import HEAD, OTHER, SCHOOL
from workflows.reorganisation.checking import read_and_checked

CLOSED = f"1,Domes lēmums,2026-12-30,closed,{SCHOOL},,,"
FIRST_AND_SECOND = {
    "the same number": (CLOSED, f"1,Cits lēmums,2026-12-30,closed,{OTHER},,,"),
    "the school ends twice": (CLOSED, f"2,Cits lēmums,2026-12-31,closed,{SCHOOL},,,"),
    "joined to what ends": (CLOSED, f"2,Cits lēmums,2026-12-31,joined,{OTHER},{SCHOOL},,"),
    "joined to each other": (
        f"1,Domes lēmums,2026-12-30,joined,{SCHOOL},{OTHER},,",
        f"2,Cits lēmums,2026-12-30,joined,{OTHER},{SCHOOL},,",
    ),
    "a name for what ends": (CLOSED, f"2,Cits lēmums,2026-12-31,renamed,{SCHOOL},,Cits nosaukums,"),
    "two with one number": (
        f"1,Domes lēmums,2026-12-30,transformed,{SCHOOL},9013900299=Jaunā skola,,",
        f"2,Cits lēmums,2026-12-30,transformed,{OTHER},9013900299=Cita skola,,",
    ),
}


def beside(office: Office, first: str, post: Callable[[], httpx.Response]) -> httpx.Response:
    """Send the second while the first is recorded and not committed yet; it waits for that."""
    with ThreadPoolExecutor() as threads, office.sessions() as session:
        said = read_and_checked(session, f"{HEAD}\n{first}\n".encode(), to_record=True).orders
        orders.draft(session, said, origin=BY_REVIEWER, at=office.now)
        answer = threads.submit(post)
        waiting = text(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        while not session.scalar(waiting) and not answer.done():
            sleep(0.01)
        session.commit()
        return answer.result()


@pytest.mark.parametrize("language", ["lv", "en"])
@pytest.mark.parametrize("case", FIRST_AND_SECOND)
def test_lines_sent_second_are_judged_by_what_the_first_recorded(
    office: Office, sign_in: SignIn, sessions: sessionmaker[Session], case: str, language: str
) -> None:
    first, second = FIRST_AND_SECOND[case]
    reviewer = sign_in()
    token = token_in(reviewer.get("/reorganise", params={"lang": language}).text)
    said = {"csrf": token, "lines": f"{HEAD}\n{second}"}
    answer = beside(office, first, lambda: reviewer.post("/reorganise", params={"lang": language}, data=said))
    shown = text_of(answer.text)
    assert answer.status_code == 422
    assert ("2. rinda:" in shown) is (language == "lv"), shown
    assert ("Line 2:" in shown) is (language == "en"), shown
    assert second in answer.text, "nothing typed is lost"
    with sessions() as session:
        assert session.scalar(select(func.count(Order.id))) == 1


def test_what_nothing_contradicts_is_recorded_after_the_first(office: Office, sign_in: SignIn) -> None:
    reviewer = sign_in()
    token = token_in(reviewer.get("/reorganise").text)
    said = {"csrf": token, "lines": f"{HEAD}\n2,Cits lēmums,2026-12-31,closed,{OTHER},,,"}
    assert beside(office, CLOSED, lambda: reviewer.post("/reorganise", data=said)).status_code == 303


@pytest.mark.parametrize(
    ("number", "field", "words"),
    [("1", "reference", "jau ir reģistrēts"), ("2", "change-1", "Ezerpils 1. vidusskola")],
    ids=["the same number", "the school ends twice"],
)
def test_a_form_sent_second_says_it_at_its_fields(
    office: Office, sign_in: SignIn, number: str, field: str, words: str
) -> None:
    form = Form.opened(sign_in()).press(
        "add", reference=number, legal_basis="Cits lēmums", effective=f"{office.today:%d.%m.%Y}."
    )
    form = form.press("kind", chosen=ChangeKind.CLOSED).named("source", SCHOOL).press("save")
    sent = {**form.fields(), "do": "check"}
    answer = beside(office, CLOSED, lambda: form.visitor.post("/reorganise/new", data=sent))
    shown = Form(form.visitor, answer)
    assert words in shown.problems()[field]
    assert shown.fields()["reference"] == number
