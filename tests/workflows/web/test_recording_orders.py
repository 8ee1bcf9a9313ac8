"""Orders recorded from a file on a page: what is at fault is shown to be mended, what is not opens with its plan."""

import gc
import re

import pytest
from sqlalchemy.orm import Session, sessionmaker

from builders.iam.rights import given, opened
from iam.institutions import service as institutions
from tests.workflows.web.conftest import SignIn
from tests.workflows.web.reading import text_of, token_in
from workflows.reorganisation import foreseen
from workflows.staff import Role

SCHOOL = "9013900107"
HEAD = "reference,legal_basis,effective,change,sources,targets,new_name,new_code"
JOINED = f"1,Domes lēmums,2026-12-30,joined,{SCHOOL},9013900114,,"


@pytest.mark.parametrize(
    ("content", "said", "kept"),
    [
        (b"PK\x03\x04 xl/workbook.xml \x00\xff", ".xlsx", ""),
        (f"{HEAD}\n1,Domes lēmums,2026-09-01,closed,1,,,\n".encode("cp1257"), "2.", "Domes l\ufffdmums"),
        (f"{HEAD}\n1,Domes lēmums,2026-09-01,closed,1,,,\n".encode("utf-16"), "2.", "Domes lēmums"),
    ],
)
def test_a_file_at_fault_is_shown_to_be_mended_if_it_is_text(
    sign_in: SignIn, content: bytes, said: str, kept: str
) -> None:
    reviewer = sign_in("inese.kalna", "Inese Kalna", Role.REVIEWER)
    token = token_in(reviewer.get("/reorganise").text)
    answer = reviewer.post("/reorganise", data={"csrf": token, "lines": ""}, files={"file": ("orders", content)})
    assert said in text_of(answer.text)
    (field,) = re.findall(r'<textarea[^>]*name="lines"[^>]*>(.*?)</textarea>', answer.text, re.DOTALL)
    assert kept in field
    assert bool(field) == bool(kept)


def test_the_page_of_orders_just_recorded_finds_their_plan_and_never_an_old_one(
    sign_in: SignIn, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[foreseen.Foreseen] = []
    planned = foreseen._planned

    def counted(*given: object) -> foreseen.Foreseen:
        made.append(planned(*given))  # type: ignore[arg-type]  # as it is called
        return made[-1]

    monkeypatch.setattr(foreseen, "_LARGE", 0)
    monkeypatch.setattr(foreseen, "_REMEMBERED", foreseen._Remembered())
    monkeypatch.setattr(foreseen, "_planned", counted)
    reviewer = sign_in()
    address = reviewer.post(
        "/reorganise", data={"csrf": token_in(reviewer.get("/reorganise").text), "lines": f"{HEAD}\n{JOINED}\n"}
    ).headers["location"]
    assert len(made) == 1
    assert made[0].digest in reviewer.get(address).text
    assert len(made) == 1
    with sessions.begin() as session:
        another = opened(session, "Zane Mežs", email="zane.mezs@alda.example")
        given(session, another, institutions.scope_of_institution(session, SCHOOL).id)
    assert made[0].digest not in reviewer.get(address).text
    assert len(made) == 2


def test_planning_leaves_the_collector_of_cycles_as_it_was(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        for before in (gc.enable, gc.disable):
            before()
            was = gc.isenabled()
            with pytest.raises(AttributeError):
                foreseen._planned(session, [None])  # type: ignore[list-item]  # an order that is none
            foreseen._planned(session, [])
            assert gc.isenabled() is was
    gc.enable()
