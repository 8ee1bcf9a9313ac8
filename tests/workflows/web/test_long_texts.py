"""A text that is too long is said by its field's name, with how much it has and may have; what was typed stays."""

import pytest
from sqlalchemy.orm import Session, sessionmaker

from builders.workflows.office import Office
from tests.workflows.web.reading import send, text_of, token_in
from tests.workflows.web.site import Site
from tests.workflows.web.test_apply import HEAD, USER, begin
from tests.workflows.web.test_browser_uploads import ask_more
from workflows.password_reset.models import ResetRequest
from workflows.signed_forms.references import new_reference

LONG = {
    "given_name": ("A" * 201, "Saīsiniet tekstu laukā „Vārds” līdz 200 rakstzīmēm: tagad to ir 201"),
    "surname": ("B" * 202, "Saīsiniet tekstu laukā „Uzvārds” līdz 200 rakstzīmēm: tagad to ir 202"),
    "position": ("direktore " * 30, "Saīsiniet tekstu laukā „Amats” līdz 200 rakstzīmēm: tagad to ir 299"),
    "email": (
        "a" * 300 + "@skola.test",
        "Saīsiniet tekstu laukā „Darba e-pasta adrese” līdz 200 rakstzīmēm: tagad to ir 311",
    ),
}


@pytest.mark.parametrize("group", ["head", "user"])
def test_every_long_text_about_a_person_is_named(site: Site, group: str) -> None:
    with site.visitor() as visitor:
        draft = begin(visitor)
        long = {name: text for name, (text, _) in LONG.items()}
        answer = send(visitor, f"{draft}/{group}", **{**(HEAD if group == "head" else USER), **long})
    assert answer.status_code == 422
    for name, (text, said) in LONG.items():
        assert f'href="#{name}">{said}</a>' in answer.text.replace("\xa0", " ")
        assert text.strip() in answer.text
    assert "Ievadiet e-pasta adresi" not in answer.text, "too long is all that is wrong with it"


def test_a_long_explanation_search_or_username_is_named_too(site: Site) -> None:
    with site.visitor() as visitor:
        draft, locked = begin(visitor), f"/track/{new_reference()}"
        answers = {
            "detail": send(visitor, f"{draft}/why", basis="new", detail="x" * 501),
            "q": visitor.get("/apply", params={"q": "pamatskola " * 20}),
            "username": send(visitor, "/reset", username="u" * 255, code="AAAAAA"),
            "email": send(visitor, f"{locked}/link", shown_at=locked, email="e@" + "x" * 253),
        }
    sayings = {
        "detail": "līdz 500 rakstzīmēm: tagad to ir 501",
        "q": "līdz 200 rakstzīmēm: tagad to ir 220",
        "username": "„Lietotājvārds” līdz 254 rakstzīmēm: tagad to ir 255",
        "email": "līdz 254 rakstzīmēm: tagad to ir 255",
    }
    for name, answer in answers.items():
        assert answer.status_code == 422, name
        assert sayings[name] in text_of(answer.text), name
        assert f'href="#{name}"' in answer.text


def test_a_long_username_asks_for_nobody(site: Site, sessions: sessionmaker[Session]) -> None:
    with site.visitor() as visitor:
        send(visitor, "/reset", username="u" * 255, code="AAAAAA")
    with sessions() as session:
        assert session.query(ResetRequest).count() == 0


def test_a_long_answer_is_named_and_stays(site: Site, office: Office, sessions: sessionmaker[Session]) -> None:
    submitted = office.submit()
    office.prove(submitted)
    ask_more(office, sessions, submitted, site.url)
    address = f"/track/{submitted.reference}"
    with site.visitor() as visitor:
        page = visitor.get(address, params={"key": submitted.token}, follow_redirects=True).text
        long = visitor.post(f"{address}/answer", data={"csrf": token_in(page), "answer": "Jā. " * 1001})
    assert long.status_code == 422
    assert "līdz 4000 rakstzīmēm: tagad to ir 4003" in text_of(long.text)
    assert "Jā. Jā." in long.text
